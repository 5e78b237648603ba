//! Pages of a mount hear of changes.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::support::{Loaded, Mount, Random, Tab, Tree, hookfs, wait_for};

pub const APP: &str = "
//- /index.html
<!doctype html><link rel=stylesheet href=style.css><script type=module src=main.ts></script>
//- /main.ts
import { a } from './a'; import { b } from './b'; console.log(a, b);
//- /a.ts
export const a: string = 'a0';
//- /b.ts
import { c } from './c'; export const b: string = 'b0' + c;
//- /c.ts
export const c: string = 'c0';
//- /style.css
p { color: red }
//- /tsconfig.json
{}
";

fn mount(tree: &Tree) -> Mount {
    tree.mounter("").argument("--hot").mount()
}

/// What a page of the mount has now.
fn load(mount: &Mount) -> Loaded {
    Loaded::page(&|name| mount.read(name))
}

fn tab(mount: &Mount) -> Tab {
    Tab::ready(load(mount), 0)
}

fn until_now(tab: &mut Tab, mount: &Mount) {
    tab.until_now(&|name| mount.read(name));
}

#[test]
fn every_way_to_save_a_file_reaches_the_page() {
    let tree = Tree::new(APP);
    let mount = mount(&tree);
    assert!(
        mount.said().contains("hear of changes at ws://127.0.0.1:"),
        "{}",
        mount.said()
    );
    let mut tab = tab(&mount);
    // Behind the mount, and through it.
    tree.write("a.ts", "export const a: string = 'behind';");
    tab.until_text("/a.ts.js", "behind");
    fs::write(
        mount.root().join("a.ts"),
        "export const a: string = 'through';",
    )
    .unwrap();
    tab.until_text("/a.ts.js", "through");
    assert_eq!(tab.texts.len(), 1, "{:?}", tab.texts);
    // By another file that takes its place, and by one that is moved away first.
    for root in [tree.project(), mount.root().to_owned()] {
        let side = if root == tree.project() {
            "behind"
        } else {
            "through"
        };
        fs::write(
            root.join(".c.ts.swp"),
            format!("export const c = 'renamed {side}';"),
        )
        .unwrap();
        fs::rename(root.join(".c.ts.swp"), root.join("c.ts")).unwrap();
        tab.until_text("/c.ts.js", &format!("renamed {side}"));
        fs::rename(root.join("c.ts"), root.join("c.ts~")).unwrap();
        fs::write(
            root.join("c.ts"),
            format!("export const c = 'anew {side}';"),
        )
        .unwrap();
        fs::remove_file(root.join("c.ts~")).unwrap();
        tab.until_text("/c.ts.js", &format!("anew {side}"));
    }
    // One that is kept open.
    let mut file = OpenOptions::new()
        .append(true)
        .open(tree.path("b.ts"))
        .unwrap();
    file.write_all(b"\nexport const more = 'kept open';")
        .unwrap();
    tab.until_text("/b.ts.js", "kept open");
    drop(file);
    tree.write("style.css", "p { color: blue }");
    until_now(&mut tab, &mount);
    assert!(tab.reloads.is_empty(), "{:?}", tab.reloads);
    mount.stop();
}

#[test]
fn what_comes_goes_breaks_and_is_mended() {
    let tree = Tree::new(APP);
    let mount = mount(&tree);
    let mut tab = tab(&mount);
    tree.write("a.ts", "export const a = ;");
    tab.until_text("/a.ts.js", "error[syntax]");
    tree.write("a.ts", "export { n as a } from './new';");
    tab.until_text("/a.ts.js", "unresolved-import");
    tree.write("new.ts", "export const n = 'new';");
    tab.until_text("/new.ts.js", "new");
    until_now(&mut tab, &mount);
    tree.write("main.ts", "import { a } from './a'; console.log(a);");
    tab.until("modules are gone", |tab| {
        !tab.loaded.modules.contains_key("/c.ts.js")
    });
    until_now(&mut tab, &mount);
    fs::remove_file(tree.path("new.ts")).unwrap();
    tab.until_text("/a.ts.js", "unresolved-import");
    fs::rename(tree.path("c.ts"), tree.path("new.ts")).unwrap();
    tree.write("a.ts", "export { c as a } from './new';");
    until_now(&mut tab, &mount);
    assert!(tab.reloads.is_empty(), "{:?}", tab.reloads);
    let page = fs::read_to_string(tree.path("index.html")).unwrap();
    tree.write("index.html", format!("{page}<p>more"));
    tab.until("it is to be loaded anew", |tab| !tab.reloads.is_empty());
    assert_eq!(tab.reloads, ["index.html changed"]);
    mount.stop();
}

#[test]
fn a_thousand_saves_are_none_lost_and_none_stale() {
    let tree = Tree::new(APP);
    let mount = mount(&tree);
    let mut tab = tab(&mount);
    let sides = [tree.project(), mount.root().to_owned()];
    let writer = std::thread::spawn(move || {
        let mut random = Random(11);
        let mut slowest = Duration::ZERO;
        for number in 0..1000 {
            let side: &PathBuf = &sides[random.below(2) as usize];
            let (name, text) = match random.below(3) {
                0 => (
                    "a.ts",
                    format!("export const a: string = 'n{number}'; // end"),
                ),
                1 => (
                    "b.ts",
                    format!("import {{ c }} from './c'; export const b = 'n{number}' + c; // end"),
                ),
                _ => (
                    "c.ts",
                    format!("export const c: string = 'n{number}'; // end"),
                ),
            };
            let begun = Instant::now();
            if random.below(4) == 0 {
                fs::write(side.join(".new"), text).unwrap();
                fs::rename(side.join(".new"), side.join(name)).unwrap();
            } else {
                fs::write(side.join(name), text).unwrap();
            }
            slowest = slowest.max(begun.elapsed());
        }
        slowest
    });
    let mut seen = Vec::new();
    while !writer.is_finished() {
        let before = tab.updates;
        until_now(&mut tab, &mount);
        if tab.updates != before {
            seen.extend(tab.texts.values().cloned());
        }
    }
    let slowest = writer.join().unwrap();
    until_now(&mut tab, &mount);
    seen.extend(tab.texts.values().cloned());
    // A machine that stops a program amid a save for so long makes half a file of it.
    if slowest < Duration::from_millis(100) {
        let is_whole = |text: &String| text.contains("\"n");
        assert!(seen.iter().all(is_whole), "{seen:?}");
    }
    for name in ["a", "b", "c"] {
        let source = fs::read_to_string(tree.path(&format!("{name}.ts"))).unwrap();
        let number = source
            .split('\'')
            .find(|part| part.starts_with('n'))
            .unwrap();
        let text = &tab.texts[&format!("/{name}.ts.js")];
        assert!(
            text.contains(&format!("'{number}'")) || text.contains(&format!("\"{number}\"")),
            "{text}"
        );
    }
    mount.stop();
}

/// A port that no other test takes while a daemon is restarted: those take the first that is free from 4900 on.
fn own_port() -> u16 {
    let first = 10_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (first..first + 1000).find(is_free).unwrap()
}

#[test]
fn a_page_outlives_the_daemon_and_gets_what_it_missed() {
    let tree = Tree::new(APP);
    let mount = |argument: &str| tree.mounter("").argument(argument).mount();
    let daemon = mount(&format!("--hot={}", own_port()));
    let mut tab = tab(&daemon);
    let modified = |mount: &Mount| {
        fs::metadata(mount.output("index.html"))
            .unwrap()
            .modified()
            .unwrap()
    };
    let before = modified(&daemon);
    tree.write("a.ts", "export const a: string = 'a1';");
    tab.until_text("/a.ts.js", "a1");
    let page = load(&daemon);
    let changed = modified(&daemon);
    daemon.stop();
    while tab.hear() {}
    tree.write("c.ts", "export const c: string = 'missed';");
    let daemon = mount("--hot");
    // The same port and token: the page finds it.
    let again = load(&daemon);
    assert_eq!((&again.socket, &again.text), (&page.socket, &page.text));
    let mut tab = Tab::ready(tab.loaded, 0);
    assert_eq!(tab.texts.keys().collect::<Vec<_>>(), ["/c.ts.js"]);
    until_now(&mut tab, &daemon);
    assert!(before <= changed && changed <= modified(&daemon));
    // Killed, and taken over.
    drop(daemon.kill());
    tree.write("a.ts", "export const a: string = 'a2';");
    let daemon = mount("--hot");
    let mut tab = Tab::ready(tab.loaded, 0);
    assert_eq!(tab.texts.keys().collect::<Vec<_>>(), ["/a.ts.js"]);
    until_now(&mut tab, &daemon);
    daemon.stop();
}

#[test]
fn tabs_are_independent_and_a_slow_one_catches_up() {
    let tree = Tree::new(APP);
    let mount = mount(&tree);
    let (mut quick, mut slow) = (tab(&mount), tab(&mount));
    let status =
        || serde_json::from_str::<serde_json::Value>(&mount.read("~hookfs/status.json")).unwrap();
    assert_eq!(status()["hot"]["pages"], 2);
    // More than the buffers of a connection take.
    let long = "x".repeat(1 << 20);
    for number in 0..20 {
        tree.write(
            "a.ts",
            format!("export const a: string = '{number} {long}';"),
        );
        quick.until_text("/a.ts.js", &format!("{number} x"));
    }
    slow.until_text("/a.ts.js", "19 x");
    until_now(&mut slow, &mount);
    drop(quick);
    wait_for("the tab to be gone", || {
        (status()["hot"]["pages"] == 1).then_some(())
    });
    mount.stop();
}

#[test]
fn without_a_page_nothing_is_computed() {
    let tree = Tree::new(APP);
    let mount = mount(&tree);
    let loaded = load(&mount);
    let tab = Tab::ready(loaded, 0);
    drop(tab);
    let status =
        || serde_json::from_str::<serde_json::Value>(&mount.read("~hookfs/status.json")).unwrap();
    wait_for("the tab to be gone", || {
        (status()["hot"]["pages"] == 0).then_some(())
    });
    let (ran, ()) = mount.ran(|| {
        for number in 0..20 {
            tree.write("a.ts", format!("export const a: string = 'n{number}';"));
            let told = fs::read_to_string(mount.output("~hookfs/events")).unwrap();
            assert!(!told.is_empty());
        }
    });
    assert_eq!(ran, 0);
    mount.stop();
}

#[test]
fn what_is_built_knows_nothing_of_it() {
    let tree = Tree::new(APP);
    let mount = mount(&tree);
    let token = load(&mount).socket.split_once(' ').unwrap().1.to_owned();
    let target = tree.folder().join("out");
    let built = hookfs()
        .args(["build", "--state"])
        .arg(mount.state())
        .arg(tree.project())
        .arg(&target)
        .output()
        .unwrap();
    assert!(built.status.success(), "{built:?}");
    let page = fs::read_to_string(target.join("index.html")).unwrap();
    assert!(!page.contains("hot") && !page.contains(&token), "{page}");
    assert!(!target.join("~hot").exists());
    // Nor does what is stored, or told of it.
    for entry in fs::read_dir(mount.state()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "hot" && entry.file_type().unwrap().is_file() {
            let bytes = fs::read(entry.path()).unwrap();
            let found = bytes
                .windows(token.len())
                .any(|part| part == token.as_bytes());
            assert!(!found, "the token is in {:?}", entry.path());
        }
    }
    assert!(!mount.read("~hookfs/status.json").contains(&token));
    assert!(!mount.said().contains(&token));
    mount.stop();
}

#[test]
fn pages_for_production_are_not_hot() {
    let tree = Tree::new(APP);
    let run = |arguments: &[&str]| {
        let point = tree.folder().join("mnt");
        fs::create_dir_all(&point).unwrap();
        let output = hookfs()
            .arg("mount")
            .args(arguments)
            .arg(tree.project())
            .arg(point)
            .arg("--state")
            .arg(tree.folder().join("state"))
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (status, text) = run(&["--hot", "--production"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(
        text.contains("pages for production hear of no changes"),
        "{text}"
    );
    let (status, text) = run(&["--daemon", "--hot=nowhere:x"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("an address looks like"), "{text}");
    let (status, text) = run(&["--hot", "--hot-origin", "app.example"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("is no origin"), "{text}");
    let (status, text) = run(&["--hot-origin", "https://app.example"]);
    assert_eq!(status, Some(2), "{text}");
}
