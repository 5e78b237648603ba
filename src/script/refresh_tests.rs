//! Fast Refresh by itself: a renderer that notes what it is asked for, in the place of React's.

use super::scene::printed;

const REFRESH: [(&str, &str); 7] = [
    (
        "/refresh/component.ts",
        include_str!("../client/refresh/component.ts"),
    ),
    (
        "/refresh/signatures.ts",
        include_str!("../client/refresh/signatures.ts"),
    ),
    (
        "/refresh/families.ts",
        include_str!("../client/refresh/families.ts"),
    ),
    (
        "/refresh/roots.ts",
        include_str!("../client/refresh/roots.ts"),
    ),
    (
        "/refresh/devtools.ts",
        include_str!("../client/refresh/devtools.ts"),
    ),
    (
        "/refresh/boundaries.ts",
        include_str!("../client/refresh/boundaries.ts"),
    ),
    (
        "/refresh/refresh.ts",
        include_str!("../client/refresh/refresh.ts"),
    ),
];

/// A window with one renderer, whose roots show what they are told to.
const WINDOW: &str = "
import { Refresh } from './refresh/refresh.ts';

export const HOOK = '__REACT_DEVTOOLS_GLOBAL_HOOK__';
export const said = [];
const name = (family) => family.current.name ?? family.current.displayName ?? String(family.current.$$typeof);
const names = (families) => [...families].map(name).sort().join('+');
export const renderer = (id = 'r', fails = () => false) => ({
  setRefreshHandler(resolve) { this.resolve = resolve; said.push(`${id} handler`); },
  scheduleRefresh(root, { updatedFamilies, staleFamilies }) {
    said.push(`${id} refresh ${root.name} [${names(updatedFamilies)}] [${names(staleFamilies)}]`);
    if (fails(root)) throw new Error(`${id} ${root.name}`);
  },
  scheduleRoot(root, element) {
    said.push(`${id} root ${root.name} ${element}`);
    if (fails(root)) throw new Error(`${id} ${root.name}`);
  },
});
export const root = (name, element) => ({ name, current: { memoizedState: { element } } });
/** Runs that wait for later. */
export const later = [];
export function open(window = {}) {
  const refresh = new Refresh(window, (run) => later.push(run));
  const hook = window[HOOK];
  return { window, refresh, hook };
}
/** With one renderer and one root. */
export function mounted() {
  const { window, refresh, hook } = open();
  const react = renderer();
  const id = hook.inject(react);
  const page = root('page', 'app');
  hook.onScheduleFiberRoot(id, page, 'app');
  hook.onCommitFiberRoot(id, page, undefined, false);
  said.length = 0;
  return { window, refresh, hook, react, id, page };
}
export const memo = (type, compare = null) => ({ $$typeof: Symbol.for('react.memo'), type, compare });
export const forwardRef = (render) => ({ $$typeof: Symbol.for('react.forward_ref'), render });
export const classes = (name) => ({ [name]: class { get isReactComponent() { return {}; } } })[name];
/** What a function is called. */
export const named = (name) => ({ [name]: function () {} })[name];
/** A signed function. */
export function signed(refresh, name, ...rest) {
  const signer = refresh.of('/m').sign();
  const type = signer(named(name), ...rest);
  return Object.assign(type, { rendered: () => signer() });
}
/** What becomes of one component that is replaced by another: `+` keeps its state, `-` does not, nothing: another one. */
export function fate(refresh, older, newer) {
  const module = refresh.of(`/fate${fate.count = (fate.count ?? 0) + 1}`);
  module.register(older, 'C');
  module.register(newer, 'C');
  const update = refresh.perform();
  if (update === null) return '';
  return [...update.updatedFamilies].map(() => '+').concat([...update.staleFamilies].map(() => '-')).join('');
}
";

fn test(text: &str) -> String {
    let imported = REFRESH.map(|(id, text)| {
        let text = REFRESH.iter().fold(text.to_owned(), |text, (id, _)| {
            let name = id.trim_start_matches("/refresh/").trim_end_matches(".ts");
            text.replace(&format!("'./{name}'"), &format!("'{id}'"))
        });
        (id, text)
    });
    let main = format!(
        "import {{ HOOK, classes, fate, forwardRef, later, memo, mounted, named, open, renderer, root, said, signed }} \
         from './window.js';\n{text}"
    );
    let own = [("/window.js", WINDOW), ("/main.js", main.as_str())];
    let files: Vec<(&str, &str)> = imported
        .iter()
        .map(|(id, text)| (*id, text.as_str()))
        .chain(own)
        .collect();
    printed(&files, "/main.js")
}

#[test]
fn new_versions_are_rendered_in_the_place_of_old_ones() {
    let out = test(
        "const { refresh, react, page } = mounted();
         const [one, two] = [named('App'), named('App')];
         const module = refresh.of('/app');
         module.register(one, 'App');
         console.log(refresh.perform(), react.resolve(one));
         module.register(two, 'App');
         module.register(two, 'Other');
         module.register(one, 'App');
         module.register('App', 'App');
         module.register(null, 'App');
         refresh.of('/other').register(named('App'), 'App');
         refresh.perform();
         console.log(said.join('; '));
         const family = react.resolve(one);
         console.log(family === react.resolve(two), family.current === two, react.resolve(named('App')), react.resolve(3));
         console.log(refresh.perform());
         refresh.forget('/app');
         module.register(named('App'), 'App');
         console.log(refresh.perform());",
    );
    assert_eq!(
        out,
        "null undefined\nr handler; r refresh page [App] []\ntrue true undefined undefined\nnull\nnull\n"
    );
}

#[test]
fn state_stays_where_the_hooks_are_the_same() {
    let out = test(
        "const { refresh } = mounted();
         const pairs = {
           'no hooks': [named('A'), named('A')],
           'the same': [signed(refresh, 'A', 'k'), signed(refresh, 'A', 'k')],
           'another key': [signed(refresh, 'A', 'k'), signed(refresh, 'A', 'l')],
           'hooks come': [named('A'), signed(refresh, 'A', 'k')],
           'hooks go': [signed(refresh, 'A', 'k'), named('A')],
           'the new one asks': [signed(refresh, 'A', 'k'), signed(refresh, 'A', 'k', true)],
           'the old one asked': [signed(refresh, 'A', 'k', true), signed(refresh, 'A', 'k')],
           'a class': [classes('A'), classes('A')],
           'to a class': [named('A'), classes('A')],
           'from a class': [classes('A'), named('A')],
         };
         for (const [name, [older, newer]] of Object.entries(pairs)) console.log(name, fate(refresh, older, newer));",
    );
    assert_eq!(
        out,
        "no hooks +\nthe same +\nanother key -\nhooks come -\nhooks go -\nthe new one asks -\nthe old one asked +\n\
         a class -\nto a class -\nfrom a class -\n"
    );
}

#[test]
fn custom_hooks_are_taken_down_when_they_run_first() {
    let out = test(
        "const { refresh } = mounted();
         const hook = (key, ...below) => signed(refresh, 'useIt', key, false, () => below);
         const user = (list, isReset = false) => signed(refresh, 'A', 'k', isReset, list);
         const same = (one, two) => fate(refresh, user(() => one), user(() => two));
         console.log(same([hook('a')], [hook('a')]), same([hook('a')], [hook('b')]), same([hook('a')], []));
         console.log(same([hook('a', hook('b'))], [hook('a', hook('b'))]), same([hook('a', hook('b'))], [hook('a', hook('c'))]));
         // The same calls, otherwise nested.
         console.log(same([hook('a', hook('b'))], [hook('a'), hook('b')]));
         // Of a package: nothing is known of it.
         console.log(same([named('useIt')], [named('useIt')]), same([named('useIt'), hook('a')], [hook('a')]));
         // A variable that changes after the first render.
         let current = hook('a');
         const older = user(() => [current]);
         older.rendered();
         current = hook('b');
         console.log(fate(refresh, older, user(() => [current])));
         // What cannot be known.
         const fails = () => { throw new Error('not there yet'); };
         console.log(fate(refresh, user(fails), user(fails)), same([undefined], [undefined]), fate(refresh, user(() => 7), user(() => 7)));
         console.log(same([signed(refresh, 'useIt', 'a', true)], [signed(refresh, 'useIt', 'a', true)]));",
    );
    assert_eq!(out, "+ - -\n+ -\n-\n+ +\n-\n- - -\n-\n");
}

#[test]
fn hooks_in_a_circle_have_an_end() {
    let out = test(
        "const { refresh } = mounted();
         const circle = (key) => {
           const even = signed(refresh, 'useEven', 'even', false, () => [odd]);
           const odd = signed(refresh, 'useOdd', key, false, () => [even, odd]);
           return [even, odd];
         };
         const user = (...hooks) => signed(refresh, 'A', 'k', false, () => hooks);
         const [one, two, three] = [circle('odd'), circle('odd'), circle('ODD')];
         for (const hook of [one[1], two[0]]) hook.rendered();
         console.log(fate(refresh, user(one[0]), user(two[0])), fate(refresh, user(two[1]), user(one[1])));
         console.log(fate(refresh, user(two[0]), user(three[0])), fate(refresh, user(...one), user(...two)));",
    );
    assert_eq!(out, "+ +\n- +\n");
}

#[test]
fn what_is_wrapped_is_signed_and_registered_within() {
    let out = test(
        "const { refresh, react } = mounted();
         const wrapped = (key, wrap) => {
           const signer = refresh.of('/m').sign();
           return signer(wrap(signer(named('Inner'), key)), key);
         };
         const both = (type) => memo(forwardRef(type));
         for (const [older, newer] of [[memo, memo], [forwardRef, forwardRef], [both, both]]) {
           console.log(fate(refresh, wrapped('k', older), wrapped('k', newer)), fate(refresh, wrapped('k', older), wrapped('l', newer)));
         }
         const [one, two] = [wrapped('k', both), wrapped('k', both)];
         fate(refresh, one, two);
         console.log([one, one.type, one.type.render].map((type) => react.resolve(type).current).every((type, index) =>
           type === [two, two.type, two.type.render][index]));",
    );
    assert_eq!(out, "++ --\n++ --\n+++ ---\ntrue\n");
}

#[test]
fn another_shape_is_another_component() {
    let out = test(
        "const { refresh, react } = mounted();
         const shapes = {
           plain: () => named('A'), memo: () => memo(named('A')), compared: () => memo(named('A'), () => true),
           forwardRef: () => forwardRef(named('A')), both: () => memo(forwardRef(named('A'))), memoOfClass: () => memo(classes('A')),
         };
         for (const [name, make] of Object.entries(shapes)) {
           console.log(name, Object.values(shapes).map((other) => fate(refresh, make(), other()) || '.').join(' '));
         }
         // The next version goes on from the one before it, within too.
         const module = refresh.of('/m');
         const versions = [memo(named('A')), memo(forwardRef(named('A'))), memo(forwardRef(named('A')))];
         for (const version of versions) { module.register(version, 'A'); refresh.perform(); }
         console.log(versions.map((type) => [type, type.type].map((type) => react.resolve(type) !== undefined).join()).join(' '));",
    );
    assert_eq!(
        out,
        "plain + . . . . .\nmemo . ++ . . . .\ncompared . . ++ . . .\nforwardRef . . . ++ . .\nboth . . . . +++ .\n\
         memoOfClass . . . . . +-\nfalse,false true,true true,true\n"
    );
}

#[test]
fn the_older_memo_compares_as_the_newest_does() {
    let out = test(
        "const { refresh } = mounted();
         const module = refresh.of('/m');
         const versions = [1, 2, 3].map((version) => memo(named('A'), (before, after) => `${version} ${before} ${after}`));
         for (const version of versions) { module.register(version, 'A'); refresh.perform(); }
         console.log(versions.map(({ compare }) => compare('a', 'b')).join(', '));",
    );
    assert_eq!(out, "3 a b, 3 a b, 3 a b\n");
}

#[test]
fn renderers_are_known_from_the_beginning() {
    let out = test(
        "// Theirs, with a renderer that is there already, and one that is none in development.
         const told = [];
         const [before, production] = [renderer('before'), { version: '18' }];
         const page = root('early', 'app');
         const theirs = {
           supportsFiber: true, renderers: new Map([[1, before], [2, production]]),
           getFiberRoots: (id) => new Set(id === 1 ? [page] : []),
           inject(injected) { told.push('inject'); return 7; },
           onCommitFiberRoot(...all) { told.push(`commit ${all.length}`); return 'theirs'; },
         };
         const { refresh, hook, window } = open({ [HOOK]: theirs });
         const [late, old] = [renderer('late'), {}];
         console.log(window[HOOK] === theirs, hook.inject(late), said.join('; '));
         const other = root('late', 'app');
         hook.onScheduleFiberRoot(7, other, 'app');
         console.log(hook.onCommitFiberRoot(7, other, 1, false), hook.onCommitFiberRoot(9, root('none', 'app'), 1, false), told.join('; '));
         said.length = 0;
         fate(refresh, named('A'), named('A'));
         console.log(said.join('; '));
         // One that keeps developer tools out.
         const shut = { [HOOK]: { isDisabled: true, inject() { told.push('shut'); } } };
         const own = open(shut).hook;
         console.log(own !== theirs, own.isDisabled, own.supportsFiber, own.inject(renderer()), own.inject(production), told.includes('shut'));",
    );
    assert_eq!(
        out,
        "true 7 before handler; late handler\ntheirs theirs inject; commit 4; commit 4\n\
         before handler; late handler; before refresh early [A] []; late refresh late [A] []\n\
         true undefined true 1 2 false\n"
    );
}

#[test]
fn roots_that_failed_are_tried_again_and_those_that_were_unmounted_are_not() {
    let out = test(
        "const { refresh, hook, id, page } = mounted();
         const edit = () => { said.length = 0; fate(refresh, named('A'), named('A')); console.log(said.slice(1).join('; ')); };
         const show = (root, element, didError) => {
           root.current = { memoizedState: { element } };
           hook.onCommitFiberRoot(id, root, undefined, didError);
         };
         show(page, null, true);
         edit();
         edit();
         hook.onScheduleFiberRoot(id, page, 'other');
         edit();
         show(page, 'other', false);
         edit();
         hook.onScheduleFiberRoot(id, page, null);
         show(page, null, false);
         edit();
         const never = root('never', null);
         hook.onScheduleFiberRoot(id, never, 'first');
         show(never, null, true);
         edit();
         hook.onScheduleFiberRoot(id, never, null);
         show(never, null, true);
         edit();",
    );
    assert_eq!(
        out,
        "r root page app\nr root page app\n\nr refresh page [A] []\n\nr root never first\n\n"
    );
}

#[test]
fn an_error_in_one_root_keeps_no_other_from_its_turn() {
    let out = test(
        "const { refresh, hook } = open();
         const bad = hook.inject(renderer('bad', ({ name }) => name !== 'three'));
         const failed = root('one', null);
         hook.onScheduleFiberRoot(bad, failed, 'app');
         hook.onCommitFiberRoot(bad, failed, undefined, true);
         for (const page of [root('two', 'app'), root('three', 'app')]) hook.onCommitFiberRoot(bad, page, undefined, false);
         said.length = 0;
         try { fate(refresh, named('A'), named('A')); } catch (error) { console.log(error.message); }
         console.log(said.join('; '), refresh.perform());",
    );
    assert_eq!(
        out,
        "bad one\nbad handler; bad root one app; bad refresh two [A] []; bad refresh three [A] [] null\n"
    );
}

#[test]
fn exports_tell_whether_importers_must_run() {
    let out = test(
        "const { refresh } = mounted();
         const theme = {};
         const ran = (exports) => { const outcome = refresh.ran('/m', exports); return outcome.reason ?? outcome; };
         const steps = {
           first: { App: named('App'), theme, size: 3 },
           same: { App: named('App'), theme, size: 3 },
           changed: { App: named('App'), theme: {}, size: 3 },
           number: { App: named('App'), theme, size: 4 },
           more: { App: named('App'), theme, size: 4, More: named('More') },
           less: { App: named('App') },
           memo: { App: memo(named('App')) },
           class: { App: classes('App') },
           'the class': { App: classes('App') },
           members: { App: { One: named('One'), Two: named('Two') } },
           'the members': { App: { One: named('One'), Two: named('Two') } },
           'another member': { App: { One: named('One'), Three: named('Three') } },
           'no member': { App: { One: named('One'), size: 3 } },
           nothing: {},
           'still nothing': {},
         };
         for (const [name, exports] of Object.entries(steps)) {
           if (name === 'same') console.log(refresh.isCandidate('/m'), refresh.isCandidate('/n'));
           console.log(`${name}: ${ran(exports)}`);
         }
         console.log(refresh.isCandidate('/m'));
         // A component that was registered by another name.
         const [one, two] = [named('One'), named('Two')];
         refresh.of('/n').register(one, 'One');
         refresh.ran('/n', { default: one });
         refresh.of('/n').register(two, 'Two');
         console.log(refresh.ran('/n', { default: two }).reason);
         refresh.forget('/n');
         console.log(refresh.ran('/n', { default: two }));
         // What cannot be read equals nothing.
         const odd = () => ({ App: named('App'), get late() { throw new ReferenceError('late'); } });
         refresh.ran('/o', odd());
         console.log(refresh.ran('/o', odd()).reason);",
    );
    assert_eq!(
        out,
        "first: first\ntrue false\nsame: refresh\nchanged: \"theme\" is no component, and has changed\n\
         number: \"theme\" is no component, and has changed\nmore: \"More\" is exported anew\n\
         less: \"theme\" is no longer exported\nmemo: \"App\" is another component than before\n\
         class: \"App\" is another component than before\nthe class: refresh\n\
         members: \"App\" is another component than before\nthe members: refresh\n\
         another member: \"App\" is another component than before\nno member: \"App\" is no component, and has changed\n\
         nothing: it has no exports\nstill nothing: it has no exports\nfalse\n\
         \"default\" is another component than before\nfirst\n\"late\" is no component, and has changed\n"
    );
}

#[test]
fn what_looks_like_a_component() {
    let out = test(
        "const { refresh } = mounted();
         const fail = () => { throw new Error('not to be touched'); };
         const traps = { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail };
         const things = {
           function: named('A'), arrow: { A: () => {} }.A, async: { A: async () => {} }.A, lower: named('a'), umlaut: named('Ä'),
           anonymous: (() => () => {})(), labelled: Object.assign((() => () => {})(), { displayName: 'A' }),
           generator: { A: function* () {} }.A, class: classes('A'), other: class A {}, methods: class A { run() {} }, sub: class A extends Map {},
           memo: memo(named('a')), forwardRef: forwardRef(named('a')), lazy: { $$typeof: Symbol.for('react.lazy') },
           element: { $$typeof: Symbol.for('react.element') }, text: 'A', null: null, empty: {}, list: [named('A')], compound: { A: named('A') },
           proxy: new Proxy(function () {}, traps), object: new Proxy({}, traps),
         };
         const is = [];
         for (const [name, value] of Object.entries(things)) {
           refresh.ran(name, { value });
           if (refresh.isCandidate(name)) is.push(name);
           refresh.of(name).register(value, 'value');
         }
         console.log(is.join());",
    );
    assert_eq!(
        out,
        "function,arrow,async,umlaut,labelled,class,other,memo,forwardRef,compound\n"
    );
}

#[test]
fn one_refresh_for_all_modules_of_an_edit() {
    let out = test(
        "const { refresh } = mounted();
         const run = (module) => refresh.ran(module, { App: named('App') });
         for (const module of ['/a', '/b', '/a', '/b']) run(module);
         console.log(later.length, said.length);
         later.pop()();
         console.log(said.join('; '));
         said.length = 0;
         run('/a');
         refresh.flush();
         console.log(later.length, said.join('; '));
         later.pop()();
         console.log(said.length);
         run('/b');
         run('/c');
         console.log(later.length);",
    );
    assert_eq!(
        out,
        "1 0\nr handler; r refresh page [App+App] []\n1 r handler; r refresh page [App] []\n2\n1\n"
    );
}
