//! Pages of `serve` hear of changes: by itself, and beside a daemon.

use std::fs;

use crate::hot::APP;
use crate::support::{Loaded, Served, Tab, Tree, wait_for};

/// Serves a project; its pages are hot.
pub fn serve(tree: &Tree, arguments: &[&str]) -> Served {
    let source = tree.project();
    let all = [&[source.to_str().unwrap(), "--port", "0"], arguments].concat();
    Served::start(&source, &tree.folder().join("state"), &all)
}

/// How a server's files are read.
pub fn of_server(served: &Served) -> impl Fn(&str) -> String {
    |name| {
        let reply = served.get(&format!(
            "/{}",
            if name == "index.html" { "" } else { name }
        ));
        assert_eq!(reply.status, 200, "{name}");
        reply.text()
    }
}

#[test]
fn a_server_is_hot_unless_it_is_told_otherwise() {
    let tree = Tree::new(APP);
    let served = serve(&tree, &[]);
    let loaded = Loaded::page(&of_server(&served));
    assert!(loaded.socket.starts_with("/~hot "), "{}", loaded.socket);
    let token = loaded.socket.split_once(' ').unwrap().1.to_owned();
    let mut tab = Tab::ready(loaded, served.port());
    tree.write("a.ts", "export const a: string = 'served';");
    tab.until_text("/a.ts.js", "served");
    tab.until_now(&of_server(&served));
    // Nobody listens to what it sends: that is no fault.
    tab.send("some:event", &serde_json::json!({ "x": 1 }));
    tree.write("a.ts", "export const a: string = 'onward';");
    tab.until_text("/a.ts.js", "onward");
    wait_for("the log", || {
        served.said().contains("`some:event`").then_some(())
    });
    // Who does not know the token, or comes from elsewhere, is told so.
    let ask = |target: &str, origin: &str| {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: hookfs-hot\r\n\r\n"
        );
        let reply = served.raw(request);
        (reply.status, reply.text())
    };
    let target = format!("/~hot?token={token}");
    assert_eq!(ask("/~hot", "http://localhost").0, 403);
    assert_eq!(ask("/~hot?token=x", "http://localhost").0, 403);
    let (status, text) = ask(&target, "https://evil.example");
    assert!(
        status == 403 && text.contains("--hot-origin https://evil.example"),
        "{text}"
    );
    assert_eq!(ask(&target, "null").0, 403);
    assert_eq!(served.get("/~hot").status, 426);
    tab.say(&serde_json::json!({ "type": "run", "command": "x" }));
    while tab.hear() {}
    served.stop();
    for arguments in [["--no-hot"], ["--production"]] {
        let served = serve(&tree, &arguments);
        let page = of_server(&served)("index.html");
        assert!(
            !page.contains("hookfs-hot") && page.contains("main.ts"),
            "{page}"
        );
        assert_ne!(ask_plain(&served, &target), 101);
        served.stop();
    }
}

fn ask_plain(served: &Served, target: &str) -> u16 {
    served
        .raw(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .status
}

#[test]
fn a_server_beside_a_daemon_relays_and_then_takes_its_place() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let served = serve(&tree, &["--base", "/app/"]);
    let read = |name: &str| {
        let reply = served.get(&format!(
            "/app/{}",
            if name == "index.html" { "" } else { name }
        ));
        assert_eq!(reply.status, 200, "{name}");
        reply.text()
    };
    let loaded = Loaded::page(&read);
    assert!(loaded.socket.starts_with("/app/~hot "), "{}", loaded.socket);
    // The mount's own pages are as they are without `--hot`.
    assert!(!mount.read("index.html").contains("hookfs-hot"));
    let mut tab = Tab::ready(loaded, served.port());
    fs::write(
        mount.root().join("a.ts"),
        "export const a: string = 'relayed';",
    )
    .unwrap();
    tab.until_text("/a.ts.js", "relayed");
    tab.until_now(&read);
    mount.stop();
    // What was behind it has ended.
    while tab.hear() {}
    tree.write("c.ts", "export const c: string = 'alone';");
    let mut tab = Tab::ready(tab.loaded, served.port());
    tab.until_text("/c.ts.js", "alone");
    tree.write("c.ts", "export const c: string = 'still';");
    tab.until_text("/c.ts.js", "still");
    tab.until_now(&read);
    served.stop();
}

#[test]
fn pages_and_server_modules_talk() {
    let tree = Tree::new(APP);
    tree.write(
        "server.ts",
        "import { word } from './word';
         import.meta.hot?.on('score', (data, client) => { client.send('thanks', word); import.meta.hot?.send('best', data); });
         export default { fetch: () => new Response('own') };",
    );
    tree.write("word.ts", "export const word: string = 'one';");
    let served = serve(&tree, &[]);
    let page = || Tab::ready(Loaded::page(&of_server(&served)), served.port());
    let (mut one, mut two) = (page(), page());
    let points = serde_json::json!({ "points": 3 });
    one.send("score", &points);
    one.until("it has two events", |tab| tab.events.len() == 2);
    assert_eq!(
        one.events,
        [
            ("thanks".to_owned(), "one".into()),
            ("best".to_owned(), points.clone())
        ]
    );
    two.until("it has an event", |tab| !tab.events.is_empty());
    assert_eq!(two.events, [("best".to_owned(), points.clone())]);
    tree.write("word.ts", "export const word: string = 'two';");
    two.send("score", &points);
    two.until("it has thanks", |tab| tab.events.len() == 3);
    assert_eq!(two.events[1], ("thanks".to_owned(), "two".into()));
    // A flood is heard to its end, and nothing else suffers.
    for number in 0..2000 {
        two.send("nobody", &number.into());
    }
    two.send("score", &points);
    two.until("it has thanks again", |tab| tab.events.len() == 5);
    tree.write("a.ts", "export const a: string = 'after';");
    two.until_text("/a.ts.js", "after");
    served.stop();
}

#[test]
fn what_open_pages_learn_of_errors_is_told_in_the_terminal_once() {
    let tree = Tree::new(APP);
    tree.write("a.ts", "export const a = ;\n");
    let served = serve(&tree, &[]);
    let count = |text: &str| served.said().matches(text).count();
    let is_told = |what: &str, text: &str, times: usize| {
        wait_for(what, || (count(text) == times).then_some(()));
    };
    // Who loads it need not be a browser.
    let mut one = Tab::ready(Loaded::page(&of_server(&served)), served.port());
    is_told("the error of the start", "error[syntax]", 1);
    assert!(
        served.said().contains("1 | export const a = ;"),
        "{}",
        served.said()
    );
    let mut two = Tab::ready(Loaded::page(&of_server(&served)), served.port());
    tree.write("b.ts", "import './nowhere';\nexport const b = 1;\n");
    for tab in [&mut one, &mut two] {
        tab.until_text("/b.ts.js", "cannot resolve");
    }
    is_told("the error of an edit", "error[unresolved-import]", 1);
    assert!(
        served
            .said()
            .contains("cannot resolve `./nowhere` from `/b.ts:1:8`")
    );
    tree.write(
        "main.ts",
        "import { a } from './a'; import { b } from './b'; console.log(a, b, 'elsewhere');",
    );
    for tab in [&mut one, &mut two] {
        tab.until_text("/main.ts.js", "elsewhere");
    }
    tree.write("b.ts", "export const b: string = 'mended';\n");
    one.until_text("/b.ts.js", "mended");
    is_told("that it is mended", "`/b.ts` is mended", 1);
    tree.write("a.ts", "export const a: string = 'well';\n");
    one.until_text("/a.ts.js", "well");
    is_told("that the other is, too", "`/a.ts` is mended", 1);
    assert_eq!(count("error["), 2, "{}", served.said());
    tree.write("a.ts", "export const a = ;\n");
    is_told("that it is back", "error[syntax]", 2);
    served.stop();
}
