//! Programs of this machine that do harm to what pages hear by, on purpose or not.

use std::io::Write;
use std::net::TcpStream;

use crate::support::{Loaded, Mount, Served, Tab, Tree};

const APP: &str = "
//- /index.html
<!doctype html><script type=module src=main.ts></script>
//- /main.ts
export const main: string = 'm0';
//- /tsconfig.json
{}
";

fn mount(tree: &Tree) -> Mount {
    tree.mounter("").argument("--hot").mount()
}

fn load(mount: &Mount) -> Loaded {
    Loaded::page(&|name| mount.read(name))
}

fn serve(tree: &Tree) -> Served {
    let source = tree.project();
    Served::start(&source, &tree.folder().join("state"), &[".", "--port", "0"])
}

/// The port of a socket's URL.
fn port(loaded: &Loaded) -> u16 {
    let (url, _) = loaded.socket.split_once(' ').unwrap();
    let rest = url.strip_prefix("ws://127.0.0.1:").unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}

/// Has this process hold as many files as it may.
fn have_descriptors() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls are given a structure that is there while they run.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit), 0);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
}

fn begun(port: u16) -> Vec<TcpStream> {
    let begin = |_| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        // It may have been made to leave already.
        let _ = stream.write_all(b"GET /~hot HTTP/1.1\r\nHost: 127");
        stream
    };
    (0..1200).map(begin).collect()
}

#[test]
fn requests_that_are_never_whole_keep_no_page_out() {
    have_descriptors();
    let tree = Tree::new(APP);
    let mount = mount(&tree);
    let begun_there = begun(port(&load(&mount)));
    let mut tab = Tab::ready(load(&mount), 0);
    tree.write("main.ts", "export const main: string = 'm1';");
    tab.until_text("/main.ts.js", "m1");
    drop(begun_there);
    mount.stop();
    let served = serve(&tree);
    let begun_there = begun(served.port());
    let page = served.get("/");
    assert_eq!(page.status, 200);
    let loaded = Loaded::page(&|name| served.get(&format!("/{name}")).text());
    let mut tab = Tab::ready(loaded, served.port());
    tree.write("main.ts", "export const main: string = 'm2';");
    tab.until_text("/main.ts.js", "m2");
    drop(begun_there);
}

#[test]
fn events_that_nobody_hears_fill_no_log() {
    let tree = Tree::new(APP);
    let mount = mount(&tree);
    let mut tab = Tab::ready(load(&mount), 0);
    for number in 0..500 {
        tab.send("again\nwarning: forged", &serde_json::json!(number));
        tab.send(&format!("event-{number}"), &serde_json::json!(number));
    }
    // What is heard after them was said after them.
    tree.write("main.ts", "export const main: string = 'm1';");
    tab.until_text("/main.ts.js", "m1");
    mount.wait_said("more of this kind is not told");
    let said = mount.said();
    let unheard = said.lines().filter(|line| line.contains("a page has sent"));
    assert_eq!(unheard.count(), 32, "{said}");
    assert_eq!(said.matches("`again\\nwarning: forged`").count(), 1);
    assert!(!said.contains("event-499"));
}

#[test]
fn names_that_no_file_has_silence_nobody() {
    let tree = Tree::new(APP);
    let mount = mount(&tree);
    let mut loaded = load(&mount);
    // As if they were modules that it has, and of its own.
    let long = |number: usize| format!("/{}{number}.ts.js", "a".repeat(3000));
    for number in 0..200 {
        loaded.modules.insert(long(number), "0".repeat(16));
    }
    let mut tab = Tab::open(loaded, 0);
    let entries: Vec<String> = (0..1000)
        .map(long)
        .chain(["/index.html".to_owned()])
        .collect();
    tab.say(&serde_json::json!({
        "type": "hello", "page": long(0), "entries": entries, "modules": tab.loaded.modules,
    }));
    tab.until("an answer", |tab| tab.is_ready);
    tree.write("main.ts", "export const main: string = 'm1';");
    tab.until_text("/main.ts.js", "m1");
}
