//! A page as a whole: its connection, and what it does with what comes.

use super::test;

fn page(text: &str) -> String {
    test(&format!(
        "import {{ happen, heard as told, link, newest, pause, said as words, shownLinks, shownStyles, sockets, style, until }} from './browser.js';
         import {{ add }} from './client/browser/hot.ts';
         const text = (body, requests = '[]') => `({{ requests: ${{requests}}, imports: [], exports: ['value'], indirect: [], stars: [], async: false, run: function* ($_, $_0) {{ yield [() => 0]; ${{body}} }} }})`;
         const piece = (id, hash, body, requests) => [id, hash, (0, eval)(text(body, requests))];
         const script = 'http://localhost/~hot/index.html.v0123456789abcdef.js';
         globalThis.tell = (word) => words.push(word);
         {text}"
    ))
}

#[test]
fn it_says_what_it_has_and_takes_what_has_changed() {
    let out = page(
        "link('http://localhost/s.v0123456789abcdef.css?x');
         link('http://other/o.css');
         await add(script, '../', { '/~bundle/w.js': '~bundle/w.v1.js' }, [
           piece('/main.ts.js', 'm1', 'tell(\"main\")', '[\"./app.ts.js\"]'),
           piece('/app.ts.js', 'a1', '$_.meta.hot.accept(); $_.meta.hot.send(\"early\", 1); tell(\"app\")'),
         ], ['/main.ts.js']);
         console.log(told());
         const [socket] = sockets;
         socket.happen('open');
         console.log(told());
         await add('http://localhost/~hot/caf%C3%A9.ts.js?t=5', '../', {}, [piece('/café.ts.js', 'c1', ''), piece('/app.ts.js', 'a0', '')], []);
         console.log(told());
         socket.receive({ type: 'ready' });
         socket.receive({ type: 'update', time: 1, changes: [{ id: '/app.ts.js', hash: 'a2', text: text('tell(\"app2\"); $_.meta.hot.on(\"mine\", (data) => tell(data))'), map: '{\"ü\":1}' }] });
         await until('app2');
         await pause();
         socket.receive({ type: 'custom', event: 'mine', data: 'custom' });
         console.log(told());
         await add('http://localhost/~hot/café.ts.js', '../', {}, [], []);
         console.log(told());",
    );
    assert_eq!(
        out,
        "socket ws://localhost/~hot?token=TOKEN hookfs-hot; app; main\n\
         {\"type\":\"hello\",\"page\":\"/index.html\",\"entries\":[\"/index.html\"],\"text\":\"p1\",\"modules\":{\"/main.ts.js\":\"m1\",\"/app.ts.js\":\"a1\"},\"styles\":{\"/s.css\":\"s.v0123456789abcdef.css\"},\"bundles\":{\"/~bundle/w.js\":\"~bundle/w.v1.js\"}}; \
         {\"type\":\"send\",\"event\":\"early\",\"data\":1}\n\
         {\"type\":\"hello\",\"page\":\"/index.html\",\"entries\":[\"/index.html\",\"/café.ts.js\"],\"text\":\"p1\",\"modules\":{\"/main.ts.js\":\"m1\",\"/app.ts.js\":\"a1\",\"/café.ts.js\":\"c1\"},\"styles\":{\"/s.css\":\"s.v0123456789abcdef.css\"},\"bundles\":{\"/~bundle/w.js\":\"~bundle/w.v1.js\"}}\n\
         app2; custom\n\
         {\"type\":\"hello\",\"page\":\"/index.html\",\"entries\":[\"/index.html\",\"/café.ts.js\"],\"text\":\"p1\",\"modules\":{\"/main.ts.js\":\"m1\",\"/app.ts.js\":\"a2\",\"/café.ts.js\":\"c1\"},\"styles\":{\"/s.css\":\"s.v0123456789abcdef.css\"},\"bundles\":{\"/~bundle/w.js\":\"~bundle/w.v1.js\"}}\n"
    );
}

#[test]
fn a_connection_that_is_lost_is_looked_for_while_the_page_is_seen() {
    let out = page(
        "await add(script, '../', {}, [piece('/main.ts.js', 'm1', '$_.meta.hot.on(\"vite:ws:connect\", ({ webSocket }) => tell(\"connect \" + !!webSocket)); $_.meta.hot.on(\"vite:ws:disconnect\", () => tell(\"disconnect\")); globalThis.hot = $_.meta.hot')], ['/main.ts.js']);
         sockets[0].happen('open');
         told();
         sockets[0].happen('close');
         sockets[0].happen('close');
         hot.send('later');
         console.log(told());
         await until('socket');
         console.log(told());
         // A page that nobody sees tries once, and then when something happens.
         document.visibilityState = 'hidden';
         sockets[1].happen('close');
         await pause(200);
         happen('visibilitychange');
         console.log(sockets.length);
         happen('online');
         sockets[2].happen('open');
         told();
         sockets[2].happen('close');
         await until('socket');
         sockets[3].happen('close');
         await pause(300);
         console.log(sockets.length);
         document.visibilityState = 'visible';
         told();
         happen('visibilitychange');
         happen('online');
         console.log(told());
         sockets[3].happen('open');
         sockets[4].happen('open');
         console.log(told());
         for (const [goes, comes] of [['pagehide', 'pageshow'], ['freeze', 'resume']]) {
           happen(goes);
           sockets.at(-1).happen('close');
           console.log(told());
           happen(comes);
           console.log(told(), sockets.length);
         }
         // Firefox closes it before the page hears that it goes.
         sockets.at(-1).happen('open');
         told();
         sockets.at(-1).happen('close');
         happen('pagehide');
         await pause(200);
         console.log(told(), sockets.length);
         happen('pageshow');
         for (let count = 0; count < 300; count++) hot.send('many', count);
         const dropped = words.filter((word) => word.startsWith('warn')).length;
         told();
         sockets.at(-1).happen('open');
         console.log(dropped, words.length, words[1]);",
    );
    let hello = "{\"type\":\"hello\",\"page\":\"/index.html\",\"entries\":[\"/index.html\"],\"text\":\"p1\",\"modules\":{\"/main.ts.js\":\"m1\"},\"styles\":{},\"bundles\":{}}";
    assert_eq!(
        out,
        format!(
            "\n\
             info [hookfs] the connection to the server is lost; it is looked for again; disconnect; socket ws://localhost/~hot?token=TOKEN hookfs-hot\n\
             2\n4\n\
             socket ws://localhost/~hot?token=TOKEN hookfs-hot\n\
             {hello}; connect true\n\
             closed\n\
             socket ws://localhost/~hot?token=TOKEN hookfs-hot 6\n\
             closed\n\
             socket ws://localhost/~hot?token=TOKEN hookfs-hot 7\n\
             \x207\n\
             44 258 {{\"type\":\"send\",\"event\":\"many\",\"data\":44}}\n"
        )
    );
}

#[test]
fn where_the_server_is_may_stand_at_the_end_of_the_page() {
    let out = page(
        "const { querySelector } = document;
         document.querySelector = () => null;
         document.readyState = 'loading';
         await add('http://localhost/~hot/main.ts.js', '../', {}, [piece('/main.ts.js', 'm1', '$_.meta.hot.send(\"early\", 1)')], ['/main.ts.js']);
         console.log(told());
         document.querySelector = querySelector;
         document.readyState = 'interactive';
         happen('DOMContentLoaded');
         sockets[0].happen('open');
         console.log(told());
         // Once it is known, the page need not say it again.
         document.querySelector = () => null;
         sockets[0].happen('close');
         told();
         happen('online');
         console.log(told());",
    );
    assert_eq!(
        out,
        "\n\
         socket ws://localhost/~hot?token=TOKEN hookfs-hot; {\"type\":\"hello\",\"page\":\"/\",\"entries\":[\"/main.ts.js\"],\"modules\":{\"/main.ts.js\":\"m1\"},\"styles\":{},\"bundles\":{}}; \
         {\"type\":\"send\",\"event\":\"early\",\"data\":1}\n\
         info [hookfs] the connection to the server is lost; it is looked for again; socket ws://localhost/~hot?token=TOKEN hookfs-hot\n"
    );
}

#[test]
fn a_reload_is_told_once_and_is_the_last() {
    let out = page(
        "const run = '$_.meta.hot.on(\"vite:beforeFullReload\", ({ type }) => tell(type)); tell(\"main\")';
         await add(script, '../', {}, [piece('/main.ts.js', 'm1', run)], ['/main.ts.js']);
         sockets[0].happen('open');
         told();
         const change = (hash) => sockets[0].receive({ type: 'update', time: 1, changes: [{ id: '/main.ts.js', hash, text: text('tell(\"never\")') }] });
         change('m2');
         change('m3');
         sockets[0].receive({ type: 'reload', reason: 'the page has changed' });
         await until('reload');
         await pause(50);
         console.log(told());
         await add('http://other/~hot/index.html.js', '../', {}, [], []);
         console.log(told(), sessionStorage.getItem('hookfs reload'));
         // The same again, at once, is of no use; what is new is.
         const receive = (reason) => sockets[1].receive({ type: 'reload', reason });
         receive('the page has changed');
         console.log(told());
         receive('something else');
         await until('reload');
         await add('http://another/~hot/index.html.js', '../', {}, [], []);
         told();
         sockets[2].receive({ type: 'ready' });
         sockets[2].receive({ type: 'reload', reason: 'something else' });
         console.log(told());",
    );
    assert_eq!(
        out,
        "info [hookfs] the page is loaded anew: the page has changed; full-reload; reload\n\
         info [hookfs] the page was loaded anew: the page has changed; socket ws://localhost/~hot?token=TOKEN hookfs-hot null\n\
         warn [hookfs] the page is not loaded anew once more, which has not helped: the page has changed; is it kept by a cache?\n\
         info [hookfs] the page is loaded anew: something else\n"
    );
}

/// The page was saved twice, and the second time while it was loaded because of the first.
#[test]
fn a_reload_that_brings_what_is_new_is_followed_by_another() {
    let out = page(
        "const load = async (text, hash) => {
           globalThis.pageText = text;
           await add(`http://page${sockets.length}/~hot/index.html.js`, '../', {}, [piece('/main.ts.js', hash, '')], ['/main.ts.js']);
           sockets.at(-1).happen('open');
           told();
           sockets.at(-1).receive({ type: 'reload', reason: 'it has changed' });
           await pause(50);
           const said = told();
           console.log(text, hash, said.includes('is not loaded anew') ? 'refused' : said.split('; ').at(-1));
         };
         await load('p1', 'm1');
         await load('p2', 'm1');
         await load('p2', 'm2');
         await load('p2', 'm2');
         await load('p2', 'm3');",
    );
    assert_eq!(
        out,
        "p1 m1 reload\np2 m1 reload\np2 m2 reload\n\
         p2 m2 refused\n\
         p2 m3 reload\n"
    );
}

#[test]
fn sheets_are_replaced_without_a_moment_without_any() {
    let out = page(
        "link('http://localhost/style.v0123456789abcdef.css');
         link('http://localhost/other.css');
         style('/page.scss');
         await add(script, '../', {}, [], []);
         const change = (styles) => sockets[0].receive({ type: 'update', time: 1, styles });
         change({ '/style.css': 'style.v1111111111111111.css' });
         await pause();
         console.log(shownLinks());
         const first = newest();
         change({ '/style.css': 'style.v2222222222222222.css' });
         await pause();
         console.log(shownLinks());
         newest().listeners.error();
         first.listeners.load();
         console.log(shownLinks());
         change({ '/page.scss': { text: 'b { color: red }' } });
         await pause();
         console.log(document.querySelectorAll('style')[0].textContent);",
    );
    let at = |name: &str| format!("http://localhost/{name}.css");
    let [old, one, two] = ["0123456789abcdef", "1111111111111111", "2222222222222222"]
        .map(|version| at(&format!("style.v{version}")));
    let other = at("other");
    assert_eq!(
        out,
        format!(
            "{old},{other},{one}\n{old},{other},{one},{two}\n{other},{two}\nb {{ color: red }}\n"
        )
    );
}

#[test]
fn text_that_may_not_be_evaluated_is_loaded_as_a_file() {
    let out = page(
        "await add(script, '../', {}, [piece('/app.ts.js', 'a1', '$_.meta.hot.accept(); tell(\"app\")')], ['/app.ts.js']);
         globalThis.eval = () => { throw new EvalError('no'); };
         sockets[0].receive({ type: 'update', time: 1, changes: [{ id: '/app.ts.js', hash: 'a2', text: '' }] });
         await until('anew');
         console.log(told());",
    );
    // There is no such file here.
    assert!(
        out.contains("app; error [hookfs] /app.ts cannot be read:"),
        "{out}"
    );
    assert!(out.contains("/~hot/~module/app.ts.va2.js"), "{out}");
    assert!(
        out.contains("is loaded anew: /app.ts cannot be read"),
        "{out}"
    );
}

#[test]
fn a_socket_that_is_heard_everywhere_is_looked_for_where_the_page_is_from() {
    let out = page(
        "globalThis.hotPlace = 'ws://0.0.0.0:4900/~hot TOKEN';
         await add(script, '../', {}, [], []);
         console.log(told());",
    );
    assert_eq!(
        out,
        "socket ws://localhost:4900/~hot?token=TOKEN hookfs-hot\n"
    );
}
