//! What goes wrong: nothing of it is the end.

use super::test;

#[test]
fn what_throws_keeps_what_it_accepted_until_it_runs_again() {
    let out = test(
        "const leaf = (run) => module([], { name: 'leaf', run });
         const world = await open({
           main: module(['app', 'other'], { name: 'main', deps: ['other'] }),
           app: module(['leaf'], { name: 'app', self: true }),
           other: module(['leaf'], { name: 'other' }),
           leaf: leaf(),
         });
         heard();
         await world.edit({ leaf: leaf(() => { throw new Error('wrong'); }) });
         console.log(heard());
         const [one, two] = await Promise.all(['leaf', 'app'].map((name) => world.import(name).catch((error) => error)));
         console.log(one === two, one.message, heard());
         await world.edit({ app: module(['leaf'], { name: 'app' }) });
         console.log(heard());
         await world.edit({ leaf: leaf() });
         console.log(heard());
         await world.edit({ app: module(['leaf'], { name: 'app' }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "other1 ends; app1 ends; leaf1 ends; leaf2; /app could not be loaded: wrong; app1 gets undefined; main1 gets other undefined; end\n\
         true wrong \n\
         /app could not be loaded: wrong; app1 gets undefined; end\n\
         leaf2 ends; leaf3; app2; other1; main1 gets other other1; app1 gets app2; end\n\
         reload: /app has changed, and /main cannot be replaced (/app → /main)\n"
    );
}

#[test]
fn what_does_not_compile_changes_nothing_that_runs() {
    let out = test(
        "const app = () => module(['leaf'], { name: 'app', self: true });
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: app(),
           leaf: module([], { name: 'leaf' }),
         });
         const before = await world.import('app');
         heard();
         await world.edit({ app: { fault: 'cannot be compiled' } });
         console.log(heard(), (await world.import('app')) === before);
         // What was done is undone: that very version runs already.
         await world.edit({ app: { ...app(), hash: 1 } });
         console.log(heard(), (await world.import('app')) === before);
         await world.edit({ app: { fault: 'cannot be compiled' } });
         await world.edit({ leaf: module([], { name: 'leaf' }) });
         console.log(heard(), (await world.import('app')) === before);
         await world.edit({ app: app() });
         console.log(heard());
         await world.edit({ app: { fault: 'cannot be compiled' } });
         await world.edit({ leaf: module([], { name: 'leaf' }) });
         await world.edit({ app: { ...app(), hash: 4 } });
         console.log(heard());",
    );
    assert_eq!(
        out,
        " true\n true\n\
         end true\n\
         app1 ends; leaf1 ends; leaf2; app4; app1 gets app4; end\n\
         end; app4 ends; leaf2 ends; leaf3; app4; app4 gets app4; end\n"
    );
}

#[test]
fn what_was_broken_from_the_start_runs_when_it_is_mended() {
    let out = test(
        "const world = await open({
           main: module(['app', 'good'], { name: 'main', self: true }),
           good: module([], { name: 'good' }),
           app: module(['leaf'], { name: 'app' }),
           leaf: { fault: 'cannot be compiled' },
         }, ['main']);
         console.log(heard());
         await world.edit({ leaf: { fault: 'nor so' } });
         console.log(heard());
         await world.edit({ leaf: module([], { name: 'leaf' }) });
         console.log(heard());
         const linking = await open({
           main: module(['leaf:none'], { name: 'main' }),
           leaf: module([], { name: 'leaf' }),
         });
         console.log(heard());
         await linking.edit({ leaf: module([], { name: 'leaf', exports: { none: 1 } }) });
         console.log(heard());
         const midway = await open({
           main: module(['leaf'], { name: 'main', run: () => { throw new Error('midway'); } }),
           leaf: module([], { name: 'leaf' }),
         });
         console.log(heard());
         await midway.edit({ main: module(['leaf'], { name: 'main' }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "main: cannot be compiled\n\
         \n\
         leaf3; app1; good1; main1; end\n\
         main: \"./leaf\" has no export \"none\" (imported by /main)\n\
         leaf2; main1; end\n\
         leaf1; main1; main: midway\n\
         reload: /main has changed, and /main cannot be replaced\n"
    );
}

#[test]
fn added_and_removed_modules() {
    let out = test(
        "const app = (imports) => module(imports, { name: 'app', self: true });
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: app(['old']),
           old: module([], { name: 'old' }),
         });
         heard();
         await world.edit({ app: { fault: 'cannot resolve new' } });
         await world.edit({ app: app(['new', 'old']), new: module(['deeper'], { name: 'new' }), deeper: module([], { name: 'deeper' }) });
         console.log(heard());
         await world.edit({ app: app(['new']) }, { gone: ['/old'] });
         console.log(heard());
         await world.edit({ app: app(['new', 'old']), old: module([], { name: 'old' }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "app1 ends; deeper1; new1; app3; app1 gets app3; end\n\
         app3 ends; app4; app3 gets app4; end; old1 ends; old1 goes\n\
         app4 ends; old2; app5; app4 gets app5; end\n"
    );
}

#[test]
fn a_change_that_comes_back_to_who_gave_it_on_reloads() {
    let out = test(
        "const world = await open({
           main: module(['a'], { name: 'main' }),
           a: module(['b'], { name: 'a', run: ({ hot }) => hot.accept(() => hot.invalidate('first')) }),
           b: module(['a'], { name: 'b' }),
         });
         heard();
         await world.edit({ a: module(['b'], { name: 'a', run: ({ hot }) => hot.accept(() => hot.invalidate('again')) }) });
         console.log(heard());
         const entry = await open({ main: module([], { name: 'main', run: ({ hot }) => { hot.invalidate(); hot.accept(() => hot.invalidate()); } }) });
         console.log(heard());
         await entry.edit({ main: module([], { name: 'main' }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "a1 ends; b1 ends; b1; a2; (/a gives its change on to its importers: first); reload: /a has changed, and /main cannot be replaced (/a → /main)\n\
         main1; (/main has not changed: it has nothing to give on)\n\
         main1 ends; main2; (/main gives its change on to its importers); reload: /main has changed, and /main has given this change on already\n"
    );
}

#[test]
fn a_change_that_is_given_on_in_a_circle_reaches_those_around_it() {
    let out = test(
        "const given = () => module(['a'], { name: 'b', run: ({ hot }) => hot.accept(() => hot.invalidate()) });
         for (const [deps, self] of [[['a'], false], [[], true]]) {
           const world = await open({
             main: module(['a'], { name: 'main', deps }),
             a: module(['b'], { name: 'a', self }),
             b: given(),
           });
           heard();
           await world.edit({ b: given() });
           console.log(heard());
         }",
    );
    assert_eq!(
        out,
        "a1 ends; b1 ends; b2; a1; (/b gives its change on to its importers); main1 gets a a1; a1 ends; a1; main1 gets a a1; end\n\
         a1 ends; b1 ends; b2; a1; (/b gives its change on to its importers); a1 gets a1; end\n"
    );
}

#[test]
fn a_change_that_an_importer_gives_on_in_a_circle_comes_to_an_end() {
    let out = test(
        "const world = await open({
           main: module(['a'], { name: 'main', deps: ['a'] }),
           a: module(['b'], { name: 'a', run: ({ hot }) => hot.accept('./b', () => hot.invalidate()) }),
           b: module(['a'], { name: 'b' }),
         });
         heard();
         await world.edit({ b: module(['a'], { name: 'b' }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "b1 ends; b2; (/a gives its change on to its importers); reload: /a has changed, and /a has given this change on already (/a → /b → /a)\n"
    );
}

#[test]
fn a_circle_that_cannot_run_again_reloads() {
    let out = test(
        "const world = await open({
           main: module(['a'], { name: 'main' }),
           a: module(['b'], { name: 'a', self: true }),
           b: module(['a'], { name: 'b' }),
         });
         heard();
         await world.edit({ b: module(['a'], { name: 'b', run: () => { throw new Error('wrong'); } }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "a1 ends; b1 ends; b2; /a could not be loaded: wrong; reload: /a is in a circle of imports, and could not run again\n"
    );
}

#[test]
fn packages_are_there_once() {
    let out = test(
        "const [react, sheet] = ['node_modules/react/index.js', 'node_modules/kit/kit.css.js'];
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: module([react, `${sheet}!`], { name: 'app', self: true }),
           [react]: module(['inner.js'], { name: 'react', self: true }),
           'node_modules/react/inner.js': module([], { name: 'inner' }),
           [sheet]: {},
         });
         heard();
         await world.edit({ app: module([], { name: 'app', self: true }) });
         console.log(heard());
         await world.edit({ app: module([react, `${sheet}!`], { name: 'app', self: true }) });
         console.log(heard());
         await world.edit({ [sheet]: {} });
         console.log(heard());
         await world.edit({ [react]: module([], { name: 'react', self: true }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "app1 ends; app2; app1 gets app2; end; /node_modules/kit/kit.css.js is removed\n\
         app2 ends; node_modules/kit/kit.css.js1; app3; app2 gets app3; end\n\
         node_modules/kit/kit.css.js2; end\n\
         reload: /node_modules/react/index.js has changed, which is a package's\n"
    );
}

#[test]
fn what_callbacks_throw_is_told() {
    let out = test(
        "const fail = (text) => () => { throw new Error(text); };
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: { run: ({ hot }) => { hot.accept(fail('accepting')); hot.accept(async () => fail('later')()); hot.dispose(fail('ending')); hot.prune(fail('going')); } },
         });
         heard();
         await world.edit({ app: { run: ({ hot }) => hot.accept() } });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "/app fails: ending; app2; /app fails: accepting; /app fails: later; end\n"
    );
}

#[test]
fn what_could_not_run_does_so_once_what_it_imports_is_mended() {
    let out = test(
        "const leaf = (run) => module([], { name: 'leaf', self: true, run });
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: module(['leaf', 'plain'], { name: 'app', self: true }),
           leaf: leaf(),
           plain: module([], { name: 'plain' }),
         });
         heard();
         await world.edit({ plain: module([], { name: 'plain' }), leaf: leaf(() => { throw new Error('wrong'); }) });
         console.log(heard());
         await world.edit({ leaf: leaf() });
         console.log(heard());
         await world.edit({ leaf: leaf() });
         console.log(heard());
         const app = () => module(['leaf'], { name: 'app', self: true, deps: ['leaf'] });
         const accepting = await open({ main: module(['app'], { name: 'main' }), app: app(), leaf: module([], { name: 'leaf' }) });
         heard();
         await accepting.edit({ app: app(), leaf: module([], { name: 'leaf', run: () => { throw new Error('wrong'); } }) });
         console.log(heard());
         await accepting.edit({ leaf: module([], { name: 'leaf' }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "app1 ends; plain1 ends; leaf1 ends; leaf2; /leaf could not be loaded: wrong; app1 gets undefined; leaf1 gets undefined; end\n\
         leaf2 ends; leaf3; plain2; app1; leaf2 gets leaf3; app1 gets app1; end\n\
         leaf3 ends; leaf4; leaf3 gets leaf4; end\n\
         app1 ends; leaf1 ends; leaf2; /leaf could not be loaded: wrong; app1 gets undefined; app1 gets leaf undefined; end\n\
         leaf2 ends; leaf3; app2; app1 gets app2; end\n"
    );
}

#[test]
fn what_does_not_compile_and_is_gone_is_in_nobodys_way() {
    let out = test(
        "const world = await open({
           main: module(['app', 'old'], { name: 'main', deps: ['old'] }),
           app: module(['plain', 'old'], { name: 'app', self: true }),
           old: module(['plain'], { name: 'old' }),
           plain: module([], { name: 'plain' }),
         });
         heard();
         await world.edit({ old: { fault: 'is no more' } });
         await world.edit({ plain: module([], { name: 'plain' }) });
         console.log(heard());
         await world.edit({ app: module(['plain'], { name: 'app', self: true }) }, { gone: ['/old'] });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "end\n\
         app1 ends; plain1 ends; plain2; app2; app1 gets app2; end\n"
    );
}
