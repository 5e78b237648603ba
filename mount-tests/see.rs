//! What the daemon tells of its graph and of the latest changes, in the mount and over HTTP.

use serde_json::{Value, json};

use crate::support::{Served, Tree};

const FILES: &str = "
//- /src/index.html
<!doctype html>
<title>home</title>
<script type=\"module\" src=\"./main.ts\"></script>
//- /src/main.ts
import { b } from './b';
export const a: number = b;
//- /src/b.ts
export const b: number = 1;
//- /src/broken.ts
export const = 1;
//- /src/.env
SECRET=1
//- /package.json
{}
";

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The file with this path of `graph.json`.
fn file<'a>(graph: &'a Value, path: &str) -> &'a Value {
    let files = graph["files"].as_array().unwrap();
    let found = files.iter().find(|file| file["path"] == path);
    found.unwrap_or_else(|| panic!("no {path} in {graph}"))
}

fn imports(graph: &Value, path: &str) -> Vec<String> {
    let imports = file(graph, path)["imports"].as_array().unwrap().iter();
    let place = |at: &Value| usize::try_from(at.as_u64().unwrap()).unwrap();
    let mut paths: Vec<String> = imports
        .map(|at| {
            graph["files"][place(at)]["path"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    paths.sort();
    paths
}

#[test]
fn a_report_computes_nothing() {
    let tree = Tree::new("//- /ui/a.ts\nexport const a: number = 1;\n");
    let mount = tree.mounter("").mount();
    for name in ["ui/a.ts", "ui/a.ts.js.map", "~run/ui/a.ts.js"] {
        let report = mount.read(&format!("~graph/{name}.json"));
        assert!(report.contains("never computed"), "{report}");
    }
    // Nor does a listing.
    let listed = std::process::Command::new("ls")
        .arg("-R")
        .arg(mount.output(""))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).contains("a.ts.js.map"));
    assert_eq!(mount.count("computed"), 0);
}

#[test]
fn the_status_is_a_file_that_can_be_copied() {
    let tree = Tree::new("//- /a.ts\nexport const a: number = 1;\n");
    let mount = tree.mounter("").mount();
    // Nothing goes on, so only the memory could differ, which is measured once a second.
    let start = std::time::Instant::now();
    let texts: std::collections::BTreeSet<String> = (0..100)
        .map(|_| mount.read("~hookfs/status.json"))
        .collect();
    let seconds = start.elapsed().as_secs();
    assert!(texts.len() as u64 <= seconds + 2, "{texts:?}");
}

#[test]
fn the_latest_change_is_told_with_what_it_had_computed_anew() {
    let tree = Tree::new(FILES);
    let mount = tree.mounter("src").mount();
    mount.read("main.ts.js");
    mount.read("b.ts.js");
    tree.write("src/b.ts", "export const b: number = 22;\n");
    mount.read("main.ts.js");
    mount.read("b.ts.js");
    let recent = parsed(&mount.read("~hookfs/recent.json"));
    let change = &recent["changes"][0];
    assert_eq!(change["sources"], json!(["/b.ts"]), "{recent}");
    let runs = change["runs"].as_array().unwrap();
    let is_run = |run: &&Value| run["file"] == "/b.ts" && run["computation"] == "module";
    let run = runs
        .iter()
        .find(is_run)
        .unwrap_or_else(|| panic!("{recent}"));
    assert_eq!(run["outcome"], "changed");
    assert!(run["took_micros"].is_u64());
    assert!(runs.iter().all(|run| run["file"] != "/main.ts"), "{recent}");
    assert!(change["number"].as_u64() > Some(0));
    let last = recent["changes"].as_array().unwrap().last().unwrap();
    assert_eq!(last["sources"], json!([]));
    assert!(recent["totals"]["computed"].as_u64() > Some(1));
    // Looking runs nothing.
    let (ran, _) = mount.ran(|| {
        mount.read("~hookfs/recent.json");
        mount.read("~hookfs/graph.json");
    });
    assert_eq!(ran, 0);
}

#[test]
fn the_graph_is_told_as_it_stands() {
    let tree = Tree::new(FILES);
    let mount = tree.mounter("src").mount();
    mount.read("index.html");
    mount.read("main.ts.js");
    mount.read("b.ts.js");
    assert!(std::fs::read(mount.output("broken.ts")).is_err());
    let graph = parsed(&mount.read("~hookfs/graph.json"));
    assert_eq!(file(&graph, "/b.ts")["state"], "fresh");
    assert_eq!(file(&graph, "/broken.ts")["state"], "failed");
    assert_eq!(imports(&graph, "/main.ts"), ["/b.ts"]);
    assert!(imports(&graph, "/index.html").contains(&"/main.ts".to_owned()));
    let nodes = file(&graph, "/b.ts")["nodes"].as_array().unwrap();
    let module = nodes.iter().find(|node| node["computation"] == "module");
    assert_eq!(module.unwrap()["output"], "/b.ts.js");
    let report = parsed(&mount.read("~graph/b.ts.js.json"));
    assert_eq!(report["fresh"], true);
    let name = module.unwrap()["report"].as_str().unwrap();
    assert_eq!(parsed(&mount.read(&format!("~hookfs/{name}"))), report);
    assert_eq!(
        std::fs::read_dir(mount.output("~hookfs/nodes"))
            .unwrap()
            .count(),
        0
    );
    // What is still under way ahead of readers would take the edit up too.
    mount.settled();
    tree.write("src/b.ts", "export const b: number = 3;\n");
    let graph = parsed(&mount.read("~hookfs/graph.json"));
    assert_eq!(file(&graph, "/b.ts")["state"], "stale");
    mount.read("b.ts.js");
    let graph = parsed(&mount.read("~hookfs/graph.json"));
    assert_eq!(file(&graph, "/b.ts")["state"], "fresh");
}

#[test]
fn of_the_graph_only_what_has_changed_is_told_again() {
    let tree = Tree::new(FILES);
    tree.write("src/apart.ts", "export const apart = 1;\n");
    let mount = tree.mounter("src").mount();
    mount.read("apart.ts.js");
    mount.read("main.ts.js");
    mount.read("b.ts.js");
    mount.settled();
    let graph = || parsed(&mount.read("~hookfs/graph.json"));
    let changes = || parsed(&mount.read("~hookfs/graph-changes.json"));
    let whole = graph();
    let none = changes();
    assert_eq!(
        (&none["epoch"], &none["at"]),
        (&whole["epoch"], &whole["at"])
    );
    assert_eq!((&none["files"], &none["gone"]), (&json!([]), &json!([])));
    tree.write(
        "src/b.ts",
        "import { c } from './c';\nexport const b: number = c;\n",
    );
    tree.write("src/c.ts", "export const c = 1;\n");
    mount.read("b.ts.js");
    mount.settled();
    let some = changes();
    assert_eq!(some["from"], whole["at"], "{some}");
    assert!(some["at"].as_u64() > whole["at"].as_u64(), "{some}");
    let files = some["files"].as_array().unwrap();
    let is_told = |path: &str| files.iter().any(|file| file["path"] == path);
    assert!(is_told("/b.ts") && is_told("/c.ts"), "{some}");
    assert!(!is_told("/apart.ts"), "{some}");
    assert_eq!(file(&some, "/b.ts")["imports"], json!(["/c.ts"]));
    assert_eq!(
        file(&some, "/b.ts")["nodes"],
        file(&graph(), "/b.ts")["nodes"]
    );
    assert_eq!(changes(), some);
}

/// What is asked over HTTP, whoever has the state.
fn is_told_over_http(tree: &Tree, served: &Served) {
    served.get("/b.ts.js");
    assert_eq!(served.get("/broken.ts").status, 500);
    let place = tree.folder().to_string_lossy().into_owned();
    for name in ["status", "errors", "recent", "graph"] {
        let reply = served.get(&format!("/~hookfs/{name}.json"));
        assert_eq!(reply.status, 200, "{name}");
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin");
        // Nobody needs to know where on this machine the files are.
        assert!(!reply.text().contains(&place), "{name}: {}", reply.text());
    }
    for (path, kind, text) in [
        (
            "/~hookfs/",
            "text/html; charset=utf-8",
            "Content-Security-Policy",
        ),
        (
            "/~hookfs/panel.js",
            "text/javascript; charset=utf-8",
            "recent.json",
        ),
        (
            "/~hookfs/client.js",
            "text/javascript; charset=utf-8",
            "hookfs.hot",
        ),
        (
            "/~hookfs/panel.css",
            "text/css; charset=utf-8",
            "prefers-color-scheme",
        ),
    ] {
        let reply = served.get(path);
        assert_eq!((reply.status, reply.header("content-type")), (200, kind));
        assert!(reply.text().contains(text), "{path}");
    }
    assert_eq!(served.get("/~hookfs").header("location"), "/~hookfs/");
    let graph = parsed(&served.get("/~hookfs/graph.json").text());
    assert_eq!(file(&graph, "/b.ts")["state"], "fresh");
    let errors = served.get("/~hookfs/errors.json").text();
    assert!(errors.contains("/broken.ts:1:14"), "{errors}");
    let report = parsed(&served.get("/~graph/b.ts.js.json").text());
    assert_eq!(report["fresh"], true);
    for path in [
        "/~graph/.env.json",
        "/~graph/~root/src/.env.json",
        "/~graph/../src/.env.json",
        "/~hookfs/events",
        "/~hookfs/.env",
        "/~hookfs/none.json",
        "/~hookfs/nodes/0123456789abcdef.json",
        "/~hookfs/nodes/.env",
        "/~hookfs/../.env",
    ] {
        let status = served.get(path).status;
        assert!(status == 404 || status == 400, "{path}: {status}");
    }
    for headers in [
        &["Origin: https://evil.example"][..],
        &["Origin: null"],
        &[
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Mode: no-cors",
            "Sec-Fetch-Dest: script",
        ],
    ] {
        for path in ["/~hookfs/errors.json", "/~graph/b.ts.js.json"] {
            assert_eq!(
                served.ask("GET", path, headers).status,
                403,
                "{path} {headers:?}"
            );
        }
    }
}

#[test]
fn the_same_is_told_over_http() {
    let tree = Tree::new(FILES);
    let source = tree.path("src");
    let arguments = [source.to_str().unwrap(), "--port", "0"];
    let served = Served::start(&tree.project(), &tree.folder().join("state"), &arguments);
    is_told_over_http(&tree, &served);
    served.stop();
}

#[test]
fn a_server_beside_a_mount_tells_it_as_well() {
    let tree = Tree::new(FILES);
    let mount = tree.mounter("src").mount();
    let source = tree.path("src");
    let arguments = [source.to_str().unwrap(), "--port", "0"];
    let served = Served::start(&tree.project(), mount.state(), &arguments);
    is_told_over_http(&tree, &served);
    served.stop();
}
