//! `import.meta.hot`, call by call.

use super::test;

#[test]
fn a_module_that_accepts_itself_runs_again_alone() {
    let out = test(
        "const world = await open({
           main: module(['app', 'other'], { name: 'main' }),
           app: module([], { name: 'app', self: true, run: ({ hot }) => hot.accept((updated) => say('again', updated.value)) }),
           other: module(['app'], { name: 'other' }),
         });
         const before = (await world.import('app'));
         console.log(heard());
         await world.edit({ app: module([], { name: 'app', self: true }) });
         console.log(heard());
         console.log(before.value, (await world.import('app')).value, (await world.import('app')) === before);
         await world.edit({ app: module([], { name: 'app' }) });
         console.log(heard());
         await world.edit({ app: module([], { name: 'app' }) });
         console.log(heard());",
    );
    // Who no longer accepts does so once more: the instance that was there has said so.
    assert_eq!(
        out,
        "app1; other1; main1\n\
         app1 ends; app2; app1 gets app2; again app2; end\n\
         app1 app2 false\n\
         app2 ends; app3; app2 gets app3; end\n\
         reload: /app has changed, and /main cannot be replaced (/app → /main)\n"
    );
}

#[test]
fn a_module_accepts_what_it_imports() {
    let out = test(
        "const run = ({ hot, read }) => {
           hot.accept(['./a', './b'], (updated) => say('both', updated.map((one) => one?.value).join('|')));
           hot.accept('./a');
           hot.accept('./a', () => say('reads', read('a')));
         };
         const world = await open({
           main: module(['a', 'b', 'c'], { name: 'main', deps: ['a'], run }),
           a: module(['c'], { name: 'a' }),
           b: module([], { name: 'b' }),
           c: module([], { name: 'c', self: false }),
         });
         heard();
         await world.edit({ a: module(['c'], { name: 'a' }) });
         console.log(heard());
         await world.edit({ b: module([], { name: 'b' }), a: module(['c'], { name: 'a' }) });
         console.log(heard());
         await world.edit({ c: module([], { name: 'c' }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "a1 ends; a2; main1 gets a a2; both a2|; reads a1; end\n\
         a2 ends; b1 ends; b2; a3; both |b2; main1 gets a a3; both a3|; reads a1; end\n\
         reload: /c has changed, and /main cannot be replaced (/c → /main)\n"
    );
}

#[test]
fn exports_are_accepted_one_by_one() {
    let out = test(
        "const store = (data) => module([], { name: 'store', exports: { value: 1, other: 2 },
           run: ({ hot }) => { hot.acceptExports('value', (updated) => say('store', updated.value)); hot.acceptExports(['more']); } });
         const world = await open({
           main: module(['store:value', 'effects!', 'user'], { name: 'main' }),
           effects: module(['store!'], { name: 'effects' }),
           user: module(['store:value,other'], { name: 'user', self: true }),
           store: store(),
         });
         console.log(heard());
         await world.edit({ store: store() });
         console.log(heard());
         const whole = await open({
           main: module(['store*'], { name: 'main' }),
           store: store(),
         });
         heard();
         await whole.edit({ store: store() });
         console.log(heard());
         const again = await open({
           main: module(['barrel!'], { name: 'main' }),
           barrel: { stars: ['store'] },
           store: store(),
         });
         heard();
         await again.edit({ store: store() });
         console.log(heard());
         const all = (exports) => module([], { name: 'store', exports, run: ({ hot }) => hot.acceptExports(['value', 'other']) });
         const covered = await open({
           main: module(['store*', 'whole'], { name: 'main' }),
           whole: module(['barrel!'], { name: 'whole' }),
           barrel: { stars: ['store'] },
           store: all({ value: 1, other: 2 }),
         });
         heard();
         await covered.edit({ store: all({ value: 1, other: 2 }) });
         await covered.edit({ store: all({ value: 1, other: 2, third: 3 }) });
         console.log(heard());
         await covered.edit({ store: all({ value: 1 }) });
         console.log(heard());
         const alone = (exports) => module([], { name: 'main', exports, run: ({ hot }) => hot.acceptExports(['value']) });
         const page = await open({ main: alone({ value: 1, other: 2 }) });
         heard();
         await page.edit({ main: alone({ value: 1, other: 2 }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "store1; effects1; user1; main1\n\
         user1 ends; store1 ends; store2; user1; store 1; user1 gets user1; end\n\
         reload: /store has changed, and /main cannot be replaced (/store → /main)\n\
         reload: /store has changed, and /main cannot be replaced (/store → /barrel → /main)\n\
         store1 ends; store2; end; store2 ends; store3; end\n\
         reload: /store has changed, and /main cannot be replaced (/store → /main)\n\
         main1 ends; main2; end\n"
    );
}

#[test]
fn data_and_what_ends_an_instance_stay_with_the_module() {
    let out = test(
        "const app = (run) => module([], { name: 'app', self: true, run });
         let asked;
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: app(({ hot }) => {
             hot.data.count = (hot.data.count ?? 0) + 1;
             asked = hot.data;
             hot.dispose(() => say('never'));
             hot.dispose(async (data) => { await undefined; data.left = 'x'; say('left', data === hot.data, data === asked); });
           }),
         });
         await world.edit({ app: app(({ hot }) => say('has', JSON.stringify(hot.data))) });
         console.log(heard());
         await world.edit({ app: { run: ({ hot }) => say(hot.data === asked) } });
         console.log(heard());",
    );
    // The second one has said nothing new; what ends it is what it had said with `module`.
    assert_eq!(
        out,
        "app1; main1; left true true; app2; has {\"count\":1,\"left\":\"x\"}; app1 gets app2; end\n\
         app2 ends; app3; true; app2 gets app3; end\n"
    );
}

#[test]
fn what_nobody_imports_any_more_goes() {
    let out = test(
        "const app = (imports, run) => module(imports, { name: 'app', self: true, run });
         const a = module(['b', 'shared'], { name: 'a', run: ({ hot }) => { say('a has', JSON.stringify(hot.data)); hot.data.x = 1; } });
         const world = await open({
           main: module(['app', 'shared'], { name: 'main' }),
           app: app(['a', 'c.css!'], ({ hot }) => hot.on('vite:beforePrune', ({ type, paths }) => say(type, paths))),
           a,
           b: module(['a'], { name: 'b' }),
           shared: module([], { name: 'shared' }),
           'c.css': { run: () => undefined },
           'c.css.js': {},
         });
         heard();
         await world.edit({ app: app(['c.css!'], ({ hot }) => hot.on('vite:beforePrune', ({ type, paths }) => say(type, paths))) });
         console.log(heard());
         console.log(world.registry.ids().join());
         await world.edit({ app: app(['a', 'c.css.js!']) }, { gone: ['/c.css'] });
         console.log(heard());
         console.log(world.pieces.has('/c.css'));
         await world.edit({ app: app([]) }, { gone: ['/c.css.js', '/a', '/b'] });
         console.log(heard(), world.registry.ids().join(), [...world.pieces.keys()].join());",
    );
    assert_eq!(
        out,
        "app1 ends; app2; app1 gets app2; end; prune /a,/b; a1 ends; b1 ends; a1 goes; b1 goes\n\
         /main,/shared,/c.css,/app\n\
         app2 ends; b1; a1; a has {}; c.css.js1; app3; app2 gets app3; end\n\
         false\n\
         app3 ends; app4; app3 gets app4; end; a1 ends; b1 ends; a1 goes; b1 goes; /c.css.js is removed /main,/shared,/app /main,/app,/shared\n"
    );
}

#[test]
fn what_nobody_imports_later_any_more_goes() {
    let out = test(
        "const app = (imports, named, run) => module(imports, { name: 'app', self: true, named, run });
         const lazy = (name, imports = []) => module(imports, { name });
         const now = (...names) => ({ import: load }) => names.forEach((name) => void load(name));
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: app([], ['a', 'b'], now('a', 'b')),
           a: lazy('a', ['c']),
           b: lazy('b'),
           c: lazy('c'),
         });
         await world.import('a');
         const edit = async (...given) => {
           said.length = 0;
           await world.edit({ app: app(...given) });
           console.log(heard());
         };
         // Which names it can import is said, whether it has done so yet or not.
         await edit([], ['a']);
         await edit([], undefined);
         await edit(['a'], []);
         await edit([], ['a', 'b']);
         await edit([], ['b']);
         await edit([], ['b'], now('b'));
         await edit([], ['./'], () => undefined);
         console.log(world.registry.ids().join());",
    );
    assert_eq!(
        out,
        "app1 ends; app2; app1 gets app2; end; b1 ends; b1 goes\n\
         app2 ends; app3; app2 gets app3; end\n\
         app3 ends; app4; app3 gets app4; end\n\
         app4 ends; app5; app4 gets app5; end\n\
         app5 ends; app6; app5 gets app6; end; a1 ends; c1 ends; a1 goes; c1 goes\n\
         app6 ends; app7; b1; app6 gets app7; end\n\
         app7 ends; app8; app7 gets app8; end; b1 ends; b1 goes\n\
         /main,/app\n"
    );
}

#[test]
fn events_are_those_of_vite() {
    let out = test(
        "const names = ['beforeUpdate', 'afterUpdate', 'beforePrune', 'invalidate', 'error'];
         const listen = ({ hot }) => {
           for (const name of names) hot.on(`vite:${name}`, async (payload) => { await undefined; say(name, JSON.stringify(payload)); });
           const other = () => say('not any more');
           hot.on('mine', (data) => say('mine', data));
           hot.on('mine', other);
           hot.off('mine', other);
           hot.on('mine', () => { throw new Error('in a listener'); });
           hot.send('to the server', { a: 1 });
         };
         const app = (run) => module(['leaf'], { name: 'app', self: true, run });
         const world = await open({
           main: module(['app'], { name: 'main', run: listen }),
           app: app(),
           leaf: module([], { name: 'leaf' }),
         });
         console.log(heard());
         await world.edit({ leaf: module([], { name: 'leaf' }) });
         console.log(said.splice(0).join('\\n'));
         await world.contexts.notify('mine', 5);
         console.log(heard());
         await world.edit({ leaf: { fault: 'wrong' } });
         console.log(heard());
         await world.edit({}, { styles: { '/s.css': 's.v1.css' } });
         await undefined;
         console.log(said.splice(0).join('\\n'));",
    );
    let updates = |type_: &str, rest: &str| {
        format!(
            "{{\"type\":\"update\",\"updates\":[{{\"type\":\"{type_}-update\",{rest},\"timestamp\":7"
        )
    };
    let js = updates("js", "\"path\":\"/app\",\"acceptedPath\":\"/app\"");
    let js = format!("{js},\"explicitImportRequired\":false,\"isWithinCircularImport\":false}}]}}");
    let css = updates("css", "\"path\":\"/s.css\",\"acceptedPath\":\"/s.css\"");
    assert_eq!(
        out,
        format!(
            "leaf1; app1; main1; send to the server {{\"a\":1}}\n\
             beforeUpdate {js}\napp1 ends\nleaf1 ends\nleaf2\napp1\napp1 gets app1\nend\nafterUpdate {js}\n\
             mine 5; /main fails: in a listener\n\
             error {{\"type\":\"error\",\"err\":{{\"message\":\"wrong\",\"stack\":\"\",\"id\":\"/leaf\",\"plugin\":\"hookfs\"}}}}\n\
             beforeUpdate {css}}}]}}\nsheets /s.css\nafterUpdate {css}}}]}}\n"
        )
    );
}

#[test]
fn events_come_in_the_order_of_vite() {
    let out = test(
        "const names = ['beforeUpdate', 'afterUpdate', 'beforePrune', 'invalidate'];
         const listen = ({ hot }) => names.forEach((name) => hot.on(`vite:${name}`, async ({ updates, paths, path, firstInvalidatedBy }) => {
           await undefined;
           say(name, updates?.map((one) => `${one.path} ${one.firstInvalidatedBy ?? ''}`) ?? paths ?? `${path} ${firstInvalidatedBy}`);
         }));
         const leaf = (imports, run) => module(imports, { name: 'leaf', run });
         const given = ({ hot }) => hot.accept(() => { say('callback'); hot.invalidate(); say('callback is over'); });
         const world = await open({
           main: module(['app'], { name: 'main', run: listen }),
           app: module(['leaf'], { name: 'app', self: true }),
           leaf: leaf(['old', 'older'], given),
           old: module([], { name: 'old' }),
           older: module([], { name: 'older' }),
         });
         heard();
         await world.edit({ leaf: leaf([], given) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "beforeUpdate /leaf ; leaf1 ends; leaf2; callback; (/leaf gives its change on to its importers); callback is over; \
         invalidate /leaf /leaf; afterUpdate /leaf ; beforePrune /old,/older; old1 ends; older1 ends; old1 goes; older1 goes; \
         beforeUpdate /app /leaf; app1 ends; app1; app1 gets app1; end; afterUpdate /app /leaf\n"
    );
}

#[test]
fn an_instance_that_is_replaced_is_not_listened_to() {
    let out = test(
        "let old;
         const app = (run) => module([], { name: 'app', run });
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: app(({ hot }) => { old = hot; hot.accept(); hot.on('mine', () => say('old')); hot.decline(); }),
         });
         await world.edit({ app: app(({ hot }) => hot.on('mine', () => say('new'))) });
         old.accept();
         old.on('mine', () => say('too late'));
         old.dispose(() => say('too late'));
         heard();
         await world.contexts.notify('mine');
         console.log(heard());
         await world.edit({ app: app() });
         console.log(heard());
         try { old.accept(5); } catch (error) { console.log(error.message); }",
    );
    assert_eq!(
        out,
        "new\nreload: /app has changed, and /main cannot be replaced (/app → /main)\n\
         import.meta.hot.accept() takes a function, a specifier or an array of specifiers\n"
    );
}

#[test]
fn a_change_is_given_on() {
    let out = test(
        "const leaf = (run) => module([], { name: 'leaf', run });
         const given = ({ hot }) => {
           hot.accept((updated) => { say('cannot take', updated.value); hot.invalidate('too new'); });
           hot.on('vite:invalidate', ({ path, message, firstInvalidatedBy }) => say('event', path, message, firstInvalidatedBy));
         };
         const world = await open({
           main: module(['app', 'leaf'], { name: 'main', deps: ['leaf'] }),
           app: module(['leaf', 'between'], { name: 'app', self: true }),
           between: module(['leaf'], { name: 'between' }),
           leaf: leaf(given),
         });
         heard();
         await world.edit({ leaf: leaf(given) });
         console.log(heard());
         // The importers that ran with it have the new one already.
         await world.edit({ leaf: leaf(given), app: module(['leaf', 'between'], { name: 'app', self: true }) });
         console.log(heard());
         await world.edit({ leaf: leaf(({ hot }) => { globalThis.later = () => hot.invalidate(); }) });
         heard();
         later();
         await world.edit({});
         console.log(heard());",
    );
    let note = "(/leaf gives its change on to its importers: too new); event /leaf too new /leaf";
    assert_eq!(
        out,
        format!(
            "leaf1 ends; leaf2; cannot take leaf2; {note}; app1 ends; between1 ends; between1; app1; main1 gets leaf leaf2; app1 gets app1; end\n\
             app1 ends; leaf2 ends; leaf3; app2; cannot take leaf3; {note}; app1 gets app2; app2 ends; between1 ends; between1; app2; main1 gets leaf leaf3; app2 gets app2; end\n\
             (/leaf gives its change on to its importers); app2 ends; between1 ends; between1; app2; main1 gets leaf leaf4; app2 gets app2; end\n"
        )
    );
}

#[test]
fn a_change_that_is_given_on_reaches_those_that_accept_it() {
    let out = test(
        "const leaf = () => module([], { name: 'leaf', run: ({ hot }) => hot.accept(() => hot.invalidate()) });
         const world = await open({
           main: module(['leaf'], { name: 'main', deps: ['leaf'] }),
           leaf: leaf(),
         });
         heard();
         await world.edit({ leaf: leaf() });
         console.log(heard());
         await world.edit({ leaf: leaf() });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "leaf1 ends; leaf2; (/leaf gives its change on to its importers); main1 gets leaf leaf2; end\n\
         leaf2 ends; leaf3; (/leaf gives its change on to its importers); main1 gets leaf leaf3; end\n"
    );
}
