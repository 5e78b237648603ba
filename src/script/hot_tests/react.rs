//! Fast Refresh in pages: which modules take their changes upon themselves because of their components.

use super::test;

/// A page with a renderer that says what it is asked for; `component` is a module of components.
const PAGE: &str = "
import { React } from './client/hot/react.ts';
const window = {};
const react = new React(window);
const hook = window.__REACT_DEVTOOLS_GLOBAL_HOOK__;
const names = (families) => [...families].map(({ current }) => current.displayName ?? current.name).sort().join('+');
const renderer = {
  setRefreshHandler() {},
  scheduleRefresh: (root, { updatedFamilies, staleFamilies }) => say(`refresh [${names(updatedFamilies)}] [${names(staleFamilies)}]`),
};
const inject = () => {
  const id = hook.inject(renderer);
  hook.onCommitFiberRoot(id, { current: { memoizedState: { element: 'app' } } }, undefined, false);
};
const named = (name, version) => Object.assign({ [name]: function () {} }[name], { displayName: name + version });
/** Exports a component of each name; `also` gives other exports; signed with `key`. */
const component = (imports, all, { also = {}, key, before = () => undefined } = {}) => {
  const exports = Object.fromEntries(all.map((name) => [name, (state) => state[name]]));
  return {
    imports,
    exports: { ...exports, ...also },
    run(given) {
      const { state, version, context } = given;
      before(given);
      for (const name of all) {
        state[name] = named(name, version);
        if (key !== undefined) context.sign()(state[name], key);
        context.register(state[name], name);
      }
    },
  };
};
";

fn react(text: &str) -> String {
    test(&format!("{PAGE}\n{text}"))
}

#[test]
fn components_are_rendered_anew_where_they_are() {
    let out = react(
        "inject();
         const world = await open({
           main: module(['app:App'], { name: 'main' }),
           app: component(['button:Button', 'words'], ['App']),
           button: component(['words'], ['Button', 'Link'], { key: 'one' }),
           words: module([], { name: 'words' }),
         }, ['main'], react);
         heard();
         await world.edit({ button: component(['words'], ['Button', 'Link'], { key: 'one' }) });
         console.log(heard());
         await world.edit({ button: component(['words'], ['Button', 'Link'], { key: 'two' }) });
         console.log(heard());
         await world.edit({ words: module([], { name: 'words' }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "button2; refresh [Button2+Link2] []; end\n\
         button3; refresh [] [Button3+Link3]; end\n\
         words1 ends; words2; button3; app1; refresh [App1+Button3+Link3] []; end\n"
    );
}

#[test]
fn exports_that_no_component_can_replace_go_to_the_importers() {
    let out = react(
        "inject();
         const app = () => component(['theme:Theme,Provider'], ['App']);
         const theme = (also) => component([], ['Provider'], { also });
         const world = await open({
           main: module(['app:App'], { name: 'main' }),
           app: app(),
           theme: theme({ Theme: () => ({}) }),
         }, ['main'], react);
         heard();
         const context = {};
         await world.edit({ theme: theme({ Theme: () => context }) });
         console.log(heard());
         // Of the same context, nobody has to hear.
         await world.edit({ theme: theme({ Theme: () => context }) });
         console.log(heard());
         // An importer that runs with it has the new one, and runs once.
         await world.edit({ theme: theme({ Theme: () => ({}) }), app: app() });
         console.log(heard());
         await world.edit({ app: component(['theme:Provider'], ['App', 'More']) });
         console.log(heard());",
    );
    let note = "(/theme gives its change on to its importers: Fast Refresh cannot: \"Theme\" is no component, and has changed)";
    assert_eq!(
        out,
        format!(
            "theme2; {note}; app1; refresh [App1+Provider2] []; end\n\
             theme3; refresh [Provider3] []; end\n\
             theme4; app2; refresh [App2+Provider4] []; end\n\
             app3; (/app gives its change on to its importers: Fast Refresh cannot: \"More\" is exported anew); \
             reload: /app has changed, and /main cannot be replaced (/app → /main)\n"
        )
    );
}

#[test]
fn a_module_that_failed_is_refreshed_by_its_next_version() {
    let out = react(
        "inject();
         const world = await open({
           main: module(['app:App'], { name: 'main' }),
           app: component([], ['App']),
         }, ['main'], react);
         heard();
         await world.edit({ app: component([], ['App'], { before() { throw new Error('wrong'); } }) });
         console.log(heard());
         await world.edit({ app: component([], ['App']) });
         console.log(heard());
         await world.edit({ app: component([], ['App'], { also: { more: 1 } }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "app2; /app could not be loaded: wrong; end\n\
         app3; refresh [App3] []; end\n\
         app4; (/app gives its change on to its importers: Fast Refresh cannot: \"more\" is exported anew); \
         reload: /app has changed, and /main cannot be replaced (/app → /main)\n"
    );
}

#[test]
fn without_react_capital_letters_mean_nothing() {
    let out = react(
        "const world = await open({
           main: module(['app:App'], { name: 'main' }),
           app: component([], ['App']),
         }, ['main'], react);
         heard();
         await world.edit({ app: component([], ['App']) });
         console.log(heard());
         inject();
         // Nothing of this module was found by the compiler, and it has no JSX.
         const plain = { exports: { Store: (state) => state.Store }, run({ state }) { state.Store = function Store() {}; } };
         const other = await open({ main: module(['store:Store', 'view.tsx.js:View'], { name: 'main' }), store: plain, 'view.tsx.js': { exports: { View: (state) => state.View }, run({ state }) { state.View = class { get isReactComponent() { return {}; } }; } } }, ['main'], react);
         heard();
         await other.edit({ 'view.tsx.js': { exports: { View: (state) => state.View }, run({ state, version }) { state.View = Object.assign(class { get isReactComponent() { return {}; } }, { displayName: `View${version}` }); } } });
         console.log(heard());
         await other.edit({ store: plain });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "reload: /app has changed, and /main cannot be replaced (/app → /main)\n\
         view.tsx.js2; refresh [] [View2]; end\n\
         reload: /store has changed, and /main cannot be replaced (/store → /main)\n"
    );
}

#[test]
fn who_accepts_explicitly_is_not_overruled() {
    let out = react(
        "inject();
         const app = (more) => component([], ['App'], { also: more, before: ({ hot, version }) => hot.accept(() => say('accepted', version)) });
         const world = await open({
           main: module(['app:App'], { name: 'main' }),
           app: app({ value: 1 }),
         }, ['main'], react);
         heard();
         await world.edit({ app: app({ value: 2 }) });
         console.log(heard());",
    );
    assert_eq!(out, "app2; accepted 1; refresh [App2] []; end\n");
}
