//! Which modules run, in which order, and how often.

use super::test;

#[test]
fn each_module_of_a_diamond_runs_once() {
    let out = test(
        "const world = await open({
           main: module(['left', 'right'], { name: 'main' }),
           left: module(['middle'], { name: 'left', self: true }),
           right: module(['middle', 'leaf'], { name: 'right', self: true }),
           middle: module(['leaf'], { name: 'middle' }),
           leaf: module([], { name: 'leaf' }),
           unused: module(['leaf'], { name: 'unused' }),
         });
         console.log(heard());
         await world.edit({ leaf: module([], { name: 'leaf' }), unused: module(['leaf'], { name: 'unused' }) });
         console.log(heard());
         await Promise.all([1, 2, 3].map(() => world.edit({ leaf: module([], { name: 'leaf' }) })));
         console.log(heard());
         await world.import('unused');
         console.log(heard());",
    );
    let update = |from: u32| {
        let to = from + 1;
        format!(
            "right1 ends; left1 ends; middle1 ends; leaf{from} ends; leaf{to}; middle1; left1; right1; left1 gets left1; right1 gets right1; end"
        )
    };
    assert_eq!(
        out,
        format!(
            "leaf1; middle1; left1; right1; main1\n{}\n{}; {}; {}\nunused2\n",
            update(1),
            update(2),
            update(3),
            update(4)
        )
    );
}

#[test]
fn modules_in_a_circle_run_in_the_order_of_the_first_time() {
    let out = test(
        "const sources = () => ({
           c: module(['a'], { name: 'c' }),
           a: module(['b'], { name: 'a' }),
           b: module(['c'], { name: 'b' }),
         });
         const world = await open({
           main: module(['app'], { name: 'main', run: ({ hot }) => hot.on('vite:beforeUpdate', ({ updates }) => say(updates.map((one) => one.isWithinCircularImport))) }),
           app: module(['c', 'a'], { name: 'app', self: true }),
           ...sources(),
         });
         console.log(heard());
         const changed = sources();
         await world.edit({ a: changed.a });
         console.log(heard());
         await world.edit({ c: changed.c, b: changed.b });
         console.log(heard());
         const own = await open({
           main: module(['page'], { name: 'main', run: ({ hot }) => hot.on('vite:beforeUpdate', ({ updates }) => say(updates.map((one) => one.isWithinCircularImport))) }),
           page: module(['routes'], { name: 'page', self: true }),
           routes: module(['page', 'leaf'], { name: 'routes' }),
           leaf: module([], { name: 'leaf' }),
         });
         console.log(heard());
         await own.edit({ page: module(['routes'], { name: 'page', self: true }) });
         console.log(heard());
         await own.edit({ routes: module(['page'], { name: 'routes' }) });
         console.log(heard());",
    );
    // Nobody needs the old order where one of them stays as it is.
    assert_eq!(
        out,
        "b1; a1; c1; app1; main1\n\
         false; app1 ends; c1 ends; a1 ends; b1 ends; b1; a2; c1; app1; app1 gets app1; end\n\
         false; app1 ends; c1 ends; a2 ends; b1 ends; b2; a2; c2; app1; app1 gets app1; end\n\
         leaf1; routes1; page1; main1\n\
         true; page1 ends; routes1 ends; routes1; page2; page1 gets page2; end\n\
         true; page2 ends; routes1 ends; routes2; page2; page2 gets page2; end; leaf1 ends; leaf1 goes\n"
    );
}

#[test]
fn a_circle_that_the_page_starts_is_a_dead_end() {
    let out = test(
        "const world = await open({
           main: module(['app'], { name: 'main' }),
           app: module(['main'], { name: 'app' }),
         });
         heard();
         await world.edit({ app: module(['main'], { name: 'app' }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "reload: /app has changed, and /main cannot be replaced (/app → /main)\n"
    );
}

#[test]
fn what_is_imported_later_is_as_it_is_now() {
    let out = test(
        "const lazy = () => module(['shared'], { name: 'lazy' });
         let load;
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: module([], { name: 'app', self: true, run: (given) => { load = () => given.import('lazy'); } }),
           lazy: lazy(),
           shared: module([], { name: 'shared' }),
         });
         heard();
         // Nobody has it yet.
         await world.edit({ lazy: lazy() });
         console.log(heard());
         const first = await load();
         console.log(heard(), first.value);
         await world.edit({ lazy: lazy() });
         console.log(heard(), first.value);
         const next = load;
         const [second, again] = [await load(), await load()];
         console.log(heard(), second.value, second === again);
         await world.edit({ shared: module([], { name: 'shared' }) });
         console.log(heard(), first.value, (await next()).value);",
    );
    assert_eq!(
        out,
        "\nshared1; lazy2 lazy2\n\
         lazy2 ends; app1 ends; app1; app1 gets app1; end lazy2\n\
         lazy3 lazy3 true\n\
         lazy3 ends; app1 ends; shared1 ends; app1; app1 gets app1; end lazy2 lazy3\n"
    );
}

#[test]
fn an_import_that_is_under_way_gives_what_there_is_at_its_end() {
    let out = test(
        "let open_;
         const gate = new Promise((done) => { open_ = done; });
         const lazy = (run) => ({ async: true, run });
         let app;
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: module([], { name: 'app', self: true, run: (given) => { app = given; } }),
           lazy: lazy(() => gate),
         });
         heard();
         const waiting = app.import('lazy');
         const refused = app.import('none').catch((error) => say(error.message));
         await undefined;
         await undefined;
         console.log(heard());
         await world.edit({ lazy: lazy(() => undefined), none: {} });
         console.log(heard());
         open_();
         console.log((await waiting).value, world.registry.get('/lazy').asyncParents.length);
         await refused;
         console.log(heard());",
    );
    assert_eq!(
        out,
        "lazy1; no module /none\napp1 ends; app1; app1 gets app1; end\nlazy2 0\nlazy2\n"
    );
}

#[test]
fn updates_wait_for_awaits_and_not_for_ever() {
    let out = test(
        "const app = (run) => module([], { name: 'app', self: true, async: true, run });
         const pause = () => new Promise((done) => setTimeout(done, 5));
         const world = await open({
           main: module(['app', 'other'], { name: 'main' }),
           app: app(() => pause()),
           other: module([], { name: 'other', self: true }),
         });
         heard();
         const first = world.edit({ app: app(() => pause().then(() => say('waited'))) });
         const second = world.edit({ other: module([], { name: 'other', self: true }) });
         await Promise.all([first, second]);
         console.log(heard());
         void world.edit({ app: app(() => new Promise(() => undefined)) });
         await pause();
         console.log(heard());
         await world.edit({ app: app(() => undefined) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "app1 ends; app2; waited; app1 gets app2; end; other1 ends; other2; other1 gets other2; end\n\
         app2 ends; app3\n\
         end; app3 ends; app4; app3 gets app4; end\n"
    );
}

#[test]
fn what_was_replaced_while_it_waited_does_not_run_any_more() {
    let out = test(
        "const pause = () => new Promise((done) => setTimeout(done, 5));
         for (const async of [false, true]) {
           let open_;
           const gate = new Promise((done) => { open_ = done; });
           const slow = (wait) => module([], { name: 'slow', async: true, run: () => wait });
           const world = await open({
             main: module(['top'], { name: 'main' }),
             top: module(['between'], { name: 'top', self: true, async }),
             between: module(['slow'], { name: 'between' }),
             slow: slow(),
           });
           heard();
           void world.edit({ slow: slow(gate) });
           await pause();
           await world.edit({ slow: slow() });
           console.log(heard());
           open_();
           await pause();
           console.log(heard(), world.registry.get('/top').status);
         }",
    );
    let update = "top1 ends; between1 ends; slow1 ends; slow2; end; slow2 ends; slow3; between1; top1; top1 gets top1; end";
    assert_eq!(out, format!("{update}\n evaluated\n{update}\n evaluated\n"));
}

#[test]
fn styles_are_boundaries_unless_what_they_export_is_used() {
    let out = test(
        "const sheet = (names, text) => ({ exports: { default: names, big: names.big, text } });
         const plain = (text) => ({ exports: { default: text } });
         const world = await open({
           main: module(['app', 'a.css.js!'], { name: 'main' }),
           app: module(['names.module.css.js:big', 'text.css.js:default'], { name: 'app', self: true }),
           'a.css.js': plain('a'),
           'text.css.js': plain('text'),
           'names.module.css.js': sheet({ big: 'big_1' }),
         });
         heard();
         await world.edit({ 'a.css.js': plain('b') });
         console.log(heard());
         await world.edit({ 'names.module.css.js': sheet({ big: 'big_1' }) });
         console.log(heard());
         await world.edit({ 'names.module.css.js': sheet({ big: 'big_1', small: 'small_1' }) });
         console.log(heard());
         await world.edit({ 'names.module.css.js': sheet({ big: 'big_2', small: 'small_1' }) });
         console.log(heard());
         await world.edit({ 'text.css.js': plain('other') });
         console.log(heard());",
    );
    let on = "(/names.module.css gives its change on to its importers: its exports are others)";
    let text = on.replace("names.module", "text");
    assert_eq!(
        out,
        format!(
            "a.css.js2; end\nnames.module.css.js2; end\n\
             names.module.css.js3; end\n\
             names.module.css.js4; {on}; app1 ends; app1; app1 gets app1; end\n\
             text.css.js2; {text}; app1 ends; app1; app1 gets app1; end\n"
        )
    );
}

#[test]
fn stars_bring_and_take_names() {
    let out = test(
        "const barrel = (...stars) => ({ exports: {}, stars });
         const part = (names) => ({ exports: Object.fromEntries(names.map((name) => [name, name])) });
         const app = (names) => module([`barrel:${names}`], { name: 'app', self: true, run: ({ read }) => say('reads', names.map((name) => read('barrel', name))) });
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: app(['x']),
           barrel: barrel('one', 'two'),
           one: part(['x']),
           two: part(['y']),
         });
         heard();
         const before = await world.import('barrel');
         await world.edit({ one: part(['x', 'z']) });
         console.log(heard(), Object.keys(before).join(), Object.keys(await world.import('barrel')).join());
         await world.edit({ two: part(['y', 'x']) });
         console.log(heard());
         await world.edit({ two: part(['y']), app: app(['x', 'y']) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "app1 ends; one2; barrel1; app1; reads x; app1 gets app1; end x,y x,y,z\n\
         app1 ends; /app could not be loaded: \"./barrel\" has several exports \"x\" (imported by /app); app1 gets undefined; end\n\
         two3; barrel1; app2; reads x,y; app1 gets app2; end\n"
    );
}

#[test]
fn no_chain_of_importers_is_too_long() {
    let out = test(
        "const count = 20000;
         const sources = { main: { imports: ['m0'] } };
         for (let at = 0; at < count; at++) sources[`m${at}`] = { imports: [`m${at + 1}`] };
         sources[`m${count}`] = {};
         sources.m0.run = ({ hot }) => hot.accept(() => say('done'));
         const world = await open(sources);
         const runs = said.splice(0).length;
         await world.edit({ [`m${count}`]: {} });
         console.log(runs, said.length, said[0], said.slice(-2).join());",
    );
    assert_eq!(out, "20002 20003 m200002 done,end\n");
}

#[test]
fn the_circle_of_a_module_that_accepts_itself_runs_with_it() {
    let out = test(
        "const c = (imports) => module(imports, { name: 'c', self: true });
         const world = await open({
           main: module(['c', 'e'], { name: 'main' }),
           c: c(['d']),
           d: module(['c'], { name: 'd' }),
           e: module(['d'], { name: 'e' }),
           new: module(['e'], { name: 'new' }),
         });
         console.log(heard());
         const isWhole = () => world.registry.get('/d').required[0] === world.registry.get('/c');
         await world.edit({ c: c(['d']) });
         console.log(heard(), isWhole());
         // There is no circle any more.
         await world.edit({ c: c([]) });
         console.log(heard());
         // And there it is again, by a module that was not there.
         await world.edit({ c: c(['new']) });
         console.log(heard(), isWhole());",
    );
    assert_eq!(
        out,
        "d1; c1; e1; main1\n\
         c1 ends; d1 ends; d1; c2; c1 gets c2; end true\n\
         c2 ends; c3; c2 gets c3; end\n\
         c3 ends; d1 ends; e1 ends; d1; e1; new1; c4; c3 gets c4; end true\n"
    );
}

#[test]
fn circles_of_later_imports_and_of_what_the_page_has_started() {
    let out = test(
        "let load;
         const c = () => module([], { name: 'c', self: true, run: (given) => { load = () => given.import('page'); } });
         const world = await open({
           main: module(['c', 'store'], { name: 'main' }),
           c: c(),
           page: module(['c'], { name: 'page' }),
           store: module(['main'], { name: 'store', self: true }),
         });
         await load();
         console.log(heard());
         await world.edit({ c: c() });
         console.log(heard());
         await load();
         const page = world.registry.get('/page');
         console.log(heard(), page.required[0] === world.registry.get('/c'));
         await world.edit({ store: module(['main'], { name: 'store', self: true }) });
         console.log(heard());",
    );
    assert_eq!(
        out,
        "c1; store1; main1; page1\n\
         page1 ends; c1 ends; c2; c1 gets c2; end\n\
         page1 true\n\
         store1 ends; store2; store1 gets store2; end\n"
    );
}

#[test]
fn an_edit_reaches_every_instance_of_a_module() {
    let out = test(
        "const part = () => module([], { name: 'part', run: ({ context, hot }) => say(context.meta.url.slice(7), (hot.data.runs = (hot.data.runs ?? 0) + 1)) });
         const app = (imports) => module(imports, { name: 'app', self: true });
         const world = await open({
           main: module(['app'], { name: 'main' }),
           app: app(['part?1', 'part', 'part?2']),
           part: part(),
         });
         console.log(heard());
         await world.edit({ part: part() });
         console.log(heard());
         await world.edit({ app: app(['part?2']) });
         console.log(heard());
         await world.edit({ part: part() });
         console.log(heard());
         await world.edit({ app: app([]) }, { gone: ['/part'] });
         console.log(heard(), world.pieces.has('/part'));",
    );
    assert_eq!(
        out,
        "part1; /part?1 1; part1; /part 1; part1; /part?2 1; app1; main1\n\
         app1 ends; part1 ends; part1 ends; part1 ends; part2; /part?1 2; part2; /part 2; part2; /part?2 2; app1; app1 gets app1; end\n\
         app1 ends; app2; app1 gets app2; end; part2 ends; part2 ends; part2 goes; part2 goes\n\
         app2 ends; part2 ends; part3; /part?2 3; app2; app2 gets app2; end\n\
         app2 ends; app3; app2 gets app3; end; part3 ends; part3 goes false\n"
    );
}
