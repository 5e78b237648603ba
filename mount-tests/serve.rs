//! `hookfs serve`: the outputs over HTTP.

use std::fs;
use std::io::Write;

use crate::support::{Reply, Served, Tree, hookfs};

const FILES: &str = "
//- /index.html
<!doctype html>
<title>home</title>
<script type=\"module\" src=\"./main.tsx\"></script>
//- /about.html
<!doctype html>
<title>about</title>
//- /docs/index.html
<!doctype html>
<title>docs</title>
//- /main.tsx
import { b } from './b';
export const a: number = b;
document.title = 'a';
//- /b.ts
export const b: number = 1;
//- /style.scss
a { b { color: red } }
//- /broken.ts
export const = 1;
//- /feed.xml.hook.ts
export default () => new Response('<feed/>', { status: 203, headers: { 'content-type': 'application/atom+xml', 'x-own': 'yes', 'cache-control': 'max-age=1' } });
//- /text.txt.hook.ts
export default () => new Response('plain');
//- /page.html.hook.ts
export default () => new Response('<title>by a hook</title>');
//- /gone.txt.hook.ts
export default () => new Response('no such thing', { status: 410 });
//- /stuck.txt.hook.ts
export default () => { while (true); };
//- /posts/[slug].html.hook.ts
export const paths = () => [{ params: { slug: 'one' } }];
export default ({ params }) => `<title>${params.slug}</title>`;
//- /.env
SECRET=1
//- /public/robots.txt
User-agent: *
";

fn tree() -> Tree {
    Tree::new(FILES)
}

fn serve(tree: &Tree, arguments: &[&str]) -> Served {
    let source = tree.project();
    let all = [&[source.to_str().unwrap()], arguments].concat();
    Served::start(&tree.project(), &tree.folder().join("state"), &all)
}

#[test]
fn outputs_have_clean_urls_and_their_types() {
    let tree = tree();
    let served = serve(&tree, &["--port", "0"]);
    assert_eq!(
        served.address(),
        format!("http://localhost:{}/", served.port())
    );
    for (path, kind, text) in [
        ("/", "text/html; charset=utf-8", "<title>home"),
        ("/about", "text/html; charset=utf-8", "<title>about"),
        ("/docs/", "text/html; charset=utf-8", "<title>docs"),
        ("/main.tsx", "text/javascript; charset=utf-8", "./b.ts"),
        ("/main.tsx.js", "text/javascript; charset=utf-8", "./b.ts"),
        ("/main.tsx.js.map", "application/json", "sourcesContent"),
        ("/style.scss", "text/css; charset=utf-8", "a b"),
        ("/style.scss.js", "text/javascript; charset=utf-8", "a b"),
        ("/robots.txt", "text/plain; charset=utf-8", "User-agent"),
        ("/feed.xml", "application/atom+xml", "<feed/>"),
        ("/text.txt", "text/plain; charset=utf-8", "plain"),
        ("/page", "text/html; charset=utf-8", "by a hook"),
        ("/posts/one", "text/html; charset=utf-8", "<title>one"),
        ("/~run/b.ts.js", "text/javascript; charset=utf-8", "b"),
    ] {
        let reply = served.get(path);
        assert_eq!(
            reply.status,
            if path == "/feed.xml" { 203 } else { 200 },
            "{path}: {reply:?}"
        );
        assert_eq!(reply.header("content-type"), kind, "{path}");
        assert!(
            reply.is_whole && reply.text().contains(text),
            "{path}: {}",
            reply.text()
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin");
        let again = served.ask(
            "GET",
            path,
            &[&format!("If-None-Match: {}", reply.header("etag"))],
        );
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        let head = served.ask("HEAD", path, &[]);
        assert_eq!(head.status, reply.status);
        let same = |reply: &Reply| {
            reply
                .headers
                .iter()
                .filter(|(name, _)| name != "date")
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(same(&head), same(&reply), "{path}");
    }
    let feed = served.get("/feed.xml");
    assert_eq!(
        (feed.header("x-own"), feed.header("cache-control")),
        ("yes", "max-age=1")
    );
    let docs = served.get("/docs?a=1");
    assert_eq!((docs.status, docs.header("location")), (307, "/docs/?a=1"));
    let part = served.ask("GET", "/robots.txt", &["Range: bytes=0-3"]);
    assert_eq!((part.status, part.text()), (206, "User".to_owned()));
    // Pages name files by the server's root, so that they work at deep links too.
    assert!(served.get("/").text().contains("src=\"/~hot/index.html.v"));
    let deep = served.ask("GET", "/users/5", &["Accept: text/html"]);
    assert_eq!((deep.status, deep.text()), (200, served.get("/").text()));
    assert_eq!(served.get("/users/5").text(), deep.text());
    let fetch = ["Sec-Fetch-Dest: empty", "Accept: */*"];
    assert_eq!(served.ask("GET", "/users/5", &fetch).status, 404);
    served.stop();
}

#[test]
fn a_version_by_its_name_is_for_ever() {
    let tree = tree();
    let served = serve(&tree, &["--port", "0", "--no-hot"]);
    let page = served.get("/").text();
    let start = page.find("/main.tsx.v").expect("a version in the page");
    let name = page[start..].split('"').next().unwrap().to_owned();
    let reply = served.get(&name);
    assert_eq!(
        reply.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    tree.write("main.tsx", "export const a = 'edited';");
    assert_eq!(served.get(&name).body, reply.body);
    let now = served.get("/main.tsx.js");
    assert_eq!(now.header("cache-control"), "no-cache");
    assert!(now.text().contains("edited"));
    let none = name.replace(&name[name.len() - 6..name.len() - 3], "000");
    assert_eq!(served.get(&none).status, 404, "{none}");
}

#[test]
fn an_edit_is_in_the_next_answer() {
    let tree = tree();
    let served = serve(&tree, &["--port", "0"]);
    let mut stream = served.connect();
    for round in 0..200 {
        tree.write("b.ts", format!("export const b: number = {round};"));
        let request = "GET /b.ts HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let text = Reply::read(&mut stream, "GET").text();
        assert!(
            text.contains(&format!("b = {round};")),
            "round {round}: {text}"
        );
    }
    tree.write("new.html", "<title>new</title>");
    assert_eq!(served.get("/new").status, 200);
    fs::remove_file(tree.path("new.html")).unwrap();
    let gone = served.ask("GET", "/new", &["Accept: text/plain"]);
    assert_eq!(gone.status, 404);
}

#[test]
fn what_fails_says_why_and_holds_up_nothing() {
    let tree = tree();
    let served = serve(&tree, &["--port", "0"]);
    let stuck = std::thread::scope(|scope| {
        let stuck: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| served.get("/stuck.txt")))
            .collect();
        for path in ["/", "/about", "/main.tsx"] {
            assert_eq!(served.get(path).status, 200);
        }
        let broken = served.get("/broken.ts.js");
        assert_eq!(broken.status, 500);
        assert!(
            broken.text().contains("/broken.ts:1:14"),
            "{}",
            broken.text()
        );
        assert_eq!(broken.header("content-type"), "text/plain; charset=utf-8");
        let gone = served.ask("GET", "/gone.txt", &["Accept: text/html"]);
        assert_eq!(gone.status, 500);
        assert!(gone.text().contains("the status 410"), "{}", gone.text());
        assert!(gone.text().starts_with("<!doctype html>"));
        stuck
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    for reply in stuck {
        assert_eq!(reply.status, 500);
        assert!(reply.text().contains("hook-timeout"), "{}", reply.text());
    }
    assert!(served.said().contains("hook-timeout"));
    tree.write("broken.ts", "export const c = 1;");
    assert_eq!(served.get("/broken.ts.js").status, 200);
}

#[test]
fn a_large_file_is_one_version_or_breaks_off() {
    let tree = tree();
    let bytes: Vec<u8> = (0..24u32 << 20).map(|index| (index % 251) as u8).collect();
    tree.write("public/large.bin", &bytes);
    let served = serve(&tree, &["--port", "0"]);
    let reply = served.get("/large.bin");
    assert!(reply.is_whole && reply.body == bytes);
    let end = served.ask("GET", "/large.bin", &["Range: bytes=-5"]);
    assert_eq!(
        (end.status, &end.body[..]),
        (206, &bytes[bytes.len() - 5..])
    );
    // It changes while a client has begun to read it.
    let mut stream = served.connect();
    stream
        .write_all(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut first = [0; 1];
    std::io::Read::read_exact(&mut stream, &mut first).unwrap();
    tree.write("public/large.bin", vec![7; bytes.len()]);
    let mut rest = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut rest);
    let whole = [&first[..], &rest].concat();
    let body = whole
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map(|at| &whole[at + 4..])
        .unwrap();
    assert_eq!(body, &bytes[..body.len()]);
    assert!(served.get("/large.bin").body.iter().all(|byte| *byte == 7));
}

/// A port that no other test takes: below those that the system gives out, and no default of anybody's.
fn free_port() -> u16 {
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    let is_free = |port: &u16| {
        let addresses = ["127.0.0.1", "[::1]"];
        let taken = addresses.map(|host| std::net::TcpListener::bind(format!("{host}:{port}")));
        taken.iter().any(Result::is_ok)
            && taken.iter().all(|listener| {
                listener
                    .as_ref()
                    .err()
                    .is_none_or(|cause| cause.kind() != std::io::ErrorKind::AddrInUse)
            })
    };
    (first..first + 1000).find(is_free).expect("a free port")
}

#[test]
fn a_server_comes_back_at_its_port() {
    let tree = tree();
    let port = free_port();
    let served = serve(&tree, &["--port", &port.to_string()]);
    // The last connection is closed by the server: the port has its memory.
    assert_eq!(served.get("/about").status, 200);
    served.stop();
    let again = serve(&tree, &[]);
    assert_eq!(again.port(), port);
    // Another source takes another one, and who asks for a certain port gets it or nothing.
    let other = Tree::new(FILES);
    let beside = serve(&other, &[]);
    assert_ne!(beside.port(), port);
    let output = hookfs()
        .arg("serve")
        .arg(other.project())
        .args(["--port", &port.to_string(), "--state"])
        .arg(other.folder().join("more"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("port {port}")), "{said}");
    again.stop();
    beside.stop();
}

#[test]
fn whoever_holds_the_state_answers() {
    let tree = tree();
    let mount = tree.mounter("").mount();
    let state = mount.state().to_owned();
    let project = tree.project();
    let arguments = [project.to_str().unwrap(), "--port", "0", "--no-hot"];
    let served = Served::start(&project, &state, &arguments);
    assert!(served.get("/").text().contains("src=\"/main.tsx"));
    assert_eq!(served.get("/about").status, 200);
    assert_eq!(served.get("/feed.xml").header("x-own"), "yes");
    assert_eq!(served.get("/broken.ts").status, 500);
    let bytes: Vec<u8> = (0..5u32 << 20).map(|index| (index % 251) as u8).collect();
    tree.write("public/large.bin", &bytes);
    for _ in 0..3 {
        assert!(served.get("/large.bin").body == bytes);
    }
    for round in 0..20 {
        tree.write("b.ts", format!("export const b: number = {round};"));
        assert!(
            served
                .get("/b.ts")
                .text()
                .contains(&format!("b = {round};"))
        );
    }
    mount.stop();
    // This process takes the daemon's place, and answers the commands.
    assert_eq!(served.get("/about").status, 200);
    tree.write("b.ts", "export const b = 'after';");
    assert!(served.get("/b.ts").text().contains("after"));
    let output = hookfs()
        .args(["cat", "--state"])
        .arg(&state)
        .arg(tree.project())
        .arg("b.ts")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("after"));
    served.stop();
}

#[test]
fn requests_under_way_end_before_the_server_does() {
    let tree = tree();
    tree.write(
        "slow.txt.hook.ts",
        "export default async () => { await new Promise((done) => setTimeout(done, 700)); return 'slow'; };",
    );
    let mut served = serve(&tree, &["--port", "0"]);
    let mut stream = served.connect();
    stream
        .write_all(b"GET /slow.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let idle = served.connect();
    // Its answer says that the first request has been taken, too.
    assert_eq!(served.get("/about").status, 200);
    served.signal(libc::SIGINT);
    let reply = Reply::read(&mut stream, "GET");
    // It may not have been read at all before the signal: then nothing comes.
    assert!(
        reply.status == 0 || (reply.is_whole && reply.text() == "slow"),
        "{reply:?}"
    );
    assert!(served.ended().success(), "{}", served.said());
    drop(idle);
}
