//! `hookfs serve`: requests that a module of the source answers.

use std::fs;
use std::io::{Read, Write};

use crate::support::{Loaded, Reply, Served, Tab, Tree, hookfs, wait_for};

const FILES: &str = "
//- /index.html
<!doctype html>
<title>home</title>
//- /about.html
<!doctype html>
<title>about</title>
//- /server.ts
import { greet } from './greet';
import { count } from './state';

const routes: Record<string, (request: Request, url: URL) => Response | Promise<Response>> = {
  '/about': () => new Response('no: the file'),
  '/hello': (request, url) => new Response(greet(url.searchParams.get('name') ?? 'you')),
  '/count': () => new Response(String(count())),
  '/json': () => Response.json({ a: 1 }, { status: 201, headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2']] }),
  '/echo': (request) => new Response(request.body, { headers: { 'x-method': request.method, 'x-sent': request.headers.get('x-sent') ?? '' } }),
  '/length': async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
  '/url': (request) => new Response(request.url),
  '/throws': () => { throw new RangeError('it is thrown'); },
  '/endless': () => { while (true); },
  '/page': () => new Response('<h1>own</h1>', { status: 404, headers: { 'content-type': 'text/html' } }),
  '/slowly': (request) => {
    request.signal.addEventListener('abort', () => console.log('aborted'));
    let left = 3;
    return new Response(new ReadableStream({
      async pull(controller) {
        if (left-- === 0) return controller.close();
        await new Promise((done) => setTimeout(done, 20));
        controller.enqueue(new TextEncoder().encode(`part ${left};`));
      },
    }));
  },
  '/never': (request) => new Promise(() => {
    console.log('waits');
    request.signal.addEventListener('abort', () => console.log('given up'));
  }),
};

export default {
  fetch(request: Request): Response | Promise<Response> {
    const url = new URL(request.url);
    return routes[url.pathname]?.(request, url) ?? new Response('not here', { status: 404 });
  },
};
//- /greet.ts
export const greet = (name: string) => `hello ${name}`;
//- /state.ts
let requests = 0;
export const count = () => ++requests;
//- /other.ts
export default { fetch: () => new Response('the other') };
";

fn serve(tree: &Tree, arguments: &[&str]) -> Served {
    let source = tree.project();
    let all = [&[source.to_str().unwrap(), "--port", "0"], arguments].concat();
    Served::start(&source, &tree.folder().join("state"), &all)
}

#[test]
fn a_module_answers_what_no_file_does() {
    let tree = Tree::new(FILES);
    let served = serve(&tree, &[]);
    assert!(served.get("/about").text().contains("<title>about"));
    let hello = served.get("/hello?name=A%20B");
    assert_eq!((hello.status, hello.text()), (200, "hello A B".to_owned()));
    assert_eq!(hello.header("content-type"), "text/plain;charset=UTF-8");
    assert_eq!(hello.header("content-length"), "9");
    let json = served.get("/json");
    assert_eq!((json.status, json.text()), (201, "{\"a\":1}".to_owned()));
    let cookies = json.headers.iter().filter(|(name, _)| name == "set-cookie");
    assert_eq!(cookies.count(), 2);
    assert_eq!(
        served.get("/url?q=%2f").text(),
        "http://localhost/url?q=%2f"
    );
    // Links to what neither files nor the module have get the page, but for a page of the module's own.
    let link = "Accept: text/html";
    assert!(
        served
            .ask("GET", "/deep/link", &[link])
            .text()
            .contains("<title>home")
    );
    assert_eq!(served.get("/deep/link").text(), "not here");
    let own = served.ask("GET", "/page", &[link]);
    assert_eq!((own.status, own.text()), (404, "<h1>own</h1>".to_owned()));
    assert_eq!(served.ask("POST", "/deep/link", &[link]).status, 404);
    let head = served.ask("HEAD", "/hello", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    // The rules for files and senders hold for its routes too.
    assert_eq!(
        served
            .ask("POST", "/json", &["Origin: https://evil.example"])
            .status,
        403
    );
    assert_eq!(served.get("/json/../hello").status, 400);
    assert_eq!(served.get("/.env").text(), "not here");
}

#[test]
fn bodies_go_both_ways_as_they_come() {
    let tree = Tree::new(FILES);
    let served = serve(&tree, &[]);
    let body: Vec<u8> = (0..3u32 << 20).map(|index| (index % 253) as u8).collect();
    let head = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Sent: yes\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
    };
    let mut sent = served.connect();
    let mut received = sent.try_clone().unwrap();
    let reply = std::thread::scope(|scope| {
        let reading = scope.spawn(move || Reply::read(&mut received, "POST"));
        sent.write_all(head("/echo").as_bytes()).unwrap();
        sent.write_all(&body).unwrap();
        reading.join().unwrap()
    });
    assert_eq!(
        (reply.header("x-method"), reply.header("x-sent")),
        ("POST", "yes")
    );
    assert!(reply.is_whole && reply.body == body);
    let length = served.raw([head("/length").as_bytes(), &body].concat());
    assert_eq!(length.text(), body.len().to_string());
    let parts = served.get("/slowly");
    assert_eq!(parts.text(), "part 2;part 1;part 0;");
    assert_eq!(parts.header("transfer-encoding"), "chunked");
}

#[test]
fn a_client_that_goes_away_ends_the_work() {
    let tree = Tree::new(FILES);
    let served = serve(&tree, &[]);
    let mut stream = served.connect();
    stream
        .write_all(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    wait_for("the request", || {
        served.said().contains("waits").then_some(())
    });
    drop(stream);
    wait_for("the abort", || {
        served.said().contains("given up").then_some(())
    });
    assert_eq!(served.get("/hello").status, 200);
}

#[test]
fn the_request_after_a_save_runs_the_new_code() {
    let tree = Tree::new(FILES);
    let served = serve(&tree, &[]);
    assert_eq!(served.get("/count").text(), "1");
    for round in 0..100 {
        tree.write(
            "greet.ts",
            format!("export const greet = () => 'round {round}';"),
        );
        assert_eq!(served.get("/hello").text(), format!("round {round}"));
    }
    // What was not changed has kept its state.
    assert_eq!(served.get("/count").text(), "2");
    tree.write("greet.ts", "export const = 1;");
    let broken = served.get("/hello");
    assert_eq!(broken.status, 500);
    assert!(
        broken.text().contains("/greet.ts:1:14"),
        "{}",
        broken.text()
    );
    tree.write("greet.ts", "export const greet = () => 'mended';");
    assert_eq!(served.get("/hello").text(), "mended");
    assert_eq!(served.get("/count").text(), "3");
}

#[test]
fn what_it_does_wrong_is_a_500_and_holds_up_no_file() {
    let tree = Tree::new(FILES);
    let served = serve(&tree, &[]);
    let thrown = served.ask("GET", "/throws", &["Accept: text/html"]);
    assert_eq!(thrown.status, 500);
    assert!(thrown.text().contains("it is thrown"), "{}", thrown.text());
    wait_for("the log", || {
        served.said().contains("it is thrown").then_some(())
    });
    std::thread::scope(|scope| {
        let endless = scope.spawn(|| served.get("/endless"));
        for _ in 0..20 {
            assert_eq!(served.get("/about").status, 200);
        }
        let endless = endless.join().unwrap();
        assert_eq!(endless.status, 500);
        assert!(
            endless.text().contains("server-timeout"),
            "{}",
            endless.text()
        );
    });
    // The loop may outlive the patience with it, and what comes until it is ended shares its fate.
    wait_for("another worker", || {
        (served.get("/hello").text() == "hello you").then_some(())
    });
}

#[test]
fn the_module_may_have_another_name_and_may_come_later() {
    let tree = Tree::new(FILES);
    let is_missing = |served: &Served| {
        let reply = served.ask("GET", "/hello", &["Accept: text/plain"]);
        reply.status == 404
    };
    let served = serve(&tree, &["--entry", "other.ts"]);
    assert_eq!(served.get("/hello").text(), "the other");
    served.stop();
    fs::remove_file(tree.path("server.ts")).unwrap();
    let served = serve(&tree, &[]);
    assert!(is_missing(&served));
    assert_eq!(served.ask("POST", "/hello", &[]).status, 405);
    tree.write(
        "server.tsx",
        "export default { fetch: () => new Response('it came') };",
    );
    assert_eq!(served.get("/hello").text(), "it came");
    fs::remove_file(tree.path("server.tsx")).unwrap();
    assert!(is_missing(&served));
    let output = hookfs()
        .arg("serve")
        .arg(tree.project())
        .args(["--entry", "none.ts", "--state"])
        .arg(tree.folder().join("more"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn beside_a_mount_its_modules_come_from_the_daemon() {
    let tree = Tree::new(FILES);
    let mount = tree.mounter("").mount();
    let project = tree.project();
    let arguments = [project.to_str().unwrap(), "--port", "0"];
    let served = Served::start(&project, mount.state(), &arguments);
    for round in 0..20 {
        tree.write(
            "greet.ts",
            format!("export const greet = () => 'round {round}';"),
        );
        assert_eq!(served.get("/hello").text(), format!("round {round}"));
    }
    mount.stop();
    assert_eq!(served.get("/hello").text(), "round 19");
    tree.write("greet.ts", "export const greet = () => 'after';");
    assert_eq!(served.get("/hello").text(), "after");
}

#[test]
fn a_proxy_is_three_lines() {
    let behind = Tree::new(FILES);
    let behind = serve(&behind, &[]);
    let tree = Tree::new(&format!(
        "
//- /server.ts
export default {{
  fetch: (request: Request) => fetch(new URL(new URL(request.url).pathname, 'http://localhost:{}'), request),
}};
",
        behind.port()
    ));
    let served = serve(&tree, &[]);
    assert_eq!(served.get("/hello").text(), "hello you");
    assert_eq!(served.get("/json").status, 201);
    let mut stream = served.connect();
    stream
        .write_all(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\nthere")
        .unwrap();
    assert_eq!(Reply::read(&mut stream, "POST").text(), "there");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
}

#[test]
fn the_sample_of_the_readme_works() {
    let readme = include_str!("../README.md");
    let (_, section) = readme.split_once("### A server of your own").unwrap();
    let (_, sample) = section.split_once("```ts\n").unwrap();
    let (sample, _) = sample.split_once("```").unwrap();
    let tree = Tree::new("//- /store.ts\nexport const find = async (name: string) => [name];\n");
    tree.write("server.ts", sample);
    let served = serve(&tree, &[]);
    assert_eq!(served.get("/api/items?q=one").text(), "[\"one\"]");
    assert_eq!(served.get("/none").status, 404);
}

#[test]
fn pages_of_the_program_say_where_they_hear_of_changes() {
    let tree = Tree::new(
        "
//- /server.ts
const headers = { 'content-type': 'text/html' };
const client = import.meta.env.DEV ? '/~hot/client.ts.js' : '/~bundle/client.ts.js';
const page = `<p>page</p><script type=module src=${client}></script>`;
export default {
  fetch: ({ url }: Request) => new URL(url).pathname === '/text' ? new Response('text') : new Response(page, { headers }),
};
//- /client.ts
import { word } from './word';
console.log(word);
//- /word.ts
export const word = 'first';
//- /style.css
p { color: red }
//- /.hidden/style.css
p { color: red }
",
    );
    let source = tree.project();
    let start = |argument: &str| {
        let arguments = [source.to_str().unwrap(), "--port", "0", argument];
        Served::start(&source, &tree.folder().join("state"), &arguments)
    };
    let served = start("--no-hot");
    let shown = ["accept: text/html"];
    let plain = served.ask("GET", "/", &shown).text();
    assert!(
        plain.ends_with("src=/~hot/client.ts.js></script>"),
        "{plain}"
    );
    served.stop();
    let served = start("--production");
    let built = served.ask("GET", "/", &shown).text();
    assert!(
        built.ends_with("src=/~bundle/client.ts.js></script>"),
        "{built}"
    );
    served.stop();

    let served = start("--host=127.0.0.1");
    let page = served.ask("GET", "/", &shown).text();
    let added = page.strip_prefix(&plain).unwrap();
    assert!(
        added.starts_with("<meta name=\"hookfs-hot\" content=\"/~hot "),
        "{added}"
    );
    // Nobody else is told.
    assert_eq!(served.get("/").text(), plain);
    assert_eq!(served.ask("POST", "/", &shown).text(), plain);
    assert_eq!(
        served
            .ask("GET", "/", &["accept: text/html", "sec-fetch-mode: cors"])
            .text(),
        plain
    );
    assert_eq!(served.ask("GET", "/text", &shown).text(), "text");
    let loaded = Loaded {
        socket: added.split('"').nth(3).unwrap().to_owned(),
        entries: vec!["/client.ts.js".to_owned()],
        styles: [
            ("/style.css", "style.css"),
            ("/.hidden/style.css", ".hidden/none.css"),
            ("é", "é"),
        ]
        .map(|(id, name)| (id.to_owned(), name.to_owned()))
        .into(),
        ..Loaded::default()
    };
    let styles = loaded.styles.clone();
    let mut tab = Tab::ready(loaded, served.port());
    tree.write("word.ts", "export const word = 'second';");
    tab.until_text("/word.ts.js", "second");
    // What it has is taken for what is there, until that changes; what is hidden stays so.
    assert_eq!(tab.loaded.styles, styles);
    tree.write("style.css", "p { color: blue }");
    tab.until("the sheet is another", |tab| tab.loaded.styles != styles);
    let sheet = tab.loaded.styles["/style.css"].clone();
    assert_eq!(
        served.get(&format!("/{sheet}")).text(),
        "p { color: blue }\n"
    );
    assert_eq!(tab.loaded.styles["/.hidden/style.css"], ".hidden/none.css");
    assert!(tab.reloads.is_empty(), "{:?}", tab.reloads);
    served.stop();
}

#[test]
fn an_edit_reaches_every_instance_of_a_module() {
    let tree = Tree::new(
        "
        //- /server.ts
        import { text as one } from './part?1';
        import { text } from './part';
        const later = async () => (await import('./part?2')).text;
        export default { fetch: async () => new Response([one, text, await later()].join()) };
        ",
    );
    let write = |word: &str| {
        let text = format!("export const text = (import.meta.url.split('?')[1] ?? '') + '{word}';");
        tree.write("part.ts", text);
    };
    write("a");
    let served = serve(&tree, &[]);
    assert_eq!(served.get("/any").text(), "1a,a,2a");
    write("b");
    assert_eq!(served.get("/any").text(), "1b,b,2b");
    served.stop();
}
