use std::sync::{Arc, OnceLock};

use crate::base::{Key, Part};
use crate::compute::{Computations, Failure};
use crate::router::{File, Found, View};
use crate::runnable::scene::{Scene, path, tree};
use crate::runnable::views::outputs;
use crate::script::be_worker;
use crate::source::memory::MemoryTree;
use crate::worker::{Launch, Workers, tests::kind};

#[test]
#[ignore = "what the workers of the tests run"]
fn entry() {
    if let Some(kind) = kind() {
        be_worker(&kind);
    }
}

pub(in crate::runnable) fn workers() -> Arc<Workers> {
    static WORKERS: OnceLock<Arc<Workers>> = OnceLock::new();
    let launch = || Launch::of_test("runnable::hook::tests::entry");
    WORKERS
        .get_or_init(|| Arc::new(Workers::new(launch())))
        .clone()
}

fn scene(files: &[(&str, &str)]) -> Scene {
    Scene::with(tree(files), "src", workers())
}

/// The file that a hook computes, of which the view knows by its name.
fn computed(scene: &Scene, name: &str) -> Result<String, Failure> {
    let table = outputs(&path("src"));
    let Found::File(File::Node { key, part, .. }) = table.lookup(scene, &path(name)).unwrap()
    else {
        panic!("no hook computes `{name}`");
    };
    assert!(key.computation.name().starts_with("hook") && part == Part::MAIN);
    let output = scene.runnable.run(&key, scene)?;
    Ok(String::from_utf8(output.parts[0].1.to_vec()).unwrap())
}

/// What a hook of this text computes.
fn gives(text: &str) -> Result<String, Failure> {
    computed(&scene(&[("src/a.txt.hook.ts", text)]), "a.txt")
}

fn fails(text: &str) -> String {
    match gives(text) {
        Ok(text) => panic!("it gives {text:?}"),
        Err(failure) => failure.to_string(),
    }
}

#[test]
fn a_hook_gives_a_string_or_bytes() {
    for (text, given) in [
        ("export default 'text';", "text"),
        ("export default () => 'of a function';", "of a function"),
        (
            "export default async () => { await null; return 'later'; }",
            "later",
        ),
        ("export default Promise.resolve('promised');", "promised"),
        (
            "export default () => new Promise((resolve) => setTimeout(resolve, 5, 'a timer'));",
            "a timer",
        ),
        ("export default new Uint8Array([104, 105]);", "hi"),
        (
            "export default () => new Uint8Array([0, 104, 105]).subarray(1);",
            "hi",
        ),
        (
            "export default () => new Uint8Array([104, 105]).buffer;",
            "hi",
        ),
        ("export default () => new Uint16Array([0x6968]);", "hi"),
        (
            "export default () => new Response('of a response', { status: 201 });",
            "of a response",
        ),
        (
            "export default async () => new Response(new Blob(['a', new TextEncoder().encode('b')]));",
            "ab",
        ),
        ("export default '';", ""),
        ("export default () => '\\ud800!';", "\u{fffd}!"),
        (
            "setInterval(() => {}, 1); export default 'and ends';",
            "and ends",
        ),
        ("export default process.env.NODE_ENV;", "development"),
    ] {
        assert_eq!(gives(text).unwrap(), given, "{text}");
    }
}

#[test]
fn anything_else_is_an_error_that_says_what_was_given() {
    let texts = [
        "export default 5;",
        "export default () => {};",
        "export default () => null;",
        "export default () => ({ a: 1 });",
        "export const other = 1;",
        "export default () => new Promise(() => {});",
        "await new Promise(() => {}); export default 1;",
        "process.exit(3); export default 'x';",
        "export default () => { throw 'text'; }",
        "export default () => Promise.reject({ code: 1 });",
        "export default () => new Response('none', { status: 404, statusText: 'Not Found' });",
        "export default () => Response.redirect('http://a/b');",
    ];
    let all: Vec<String> = texts.iter().map(|text| fails(text)).collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    error[hook]: the hook gives the number `5`, and not a string, bytes or a Response in `/a.txt.hook.ts`
    error[hook]: the hook gives nothing (`undefined`), and not a string, bytes or a Response in `/a.txt.hook.ts`
    error[hook]: the hook gives `null`, and not a string, bytes or a Response in `/a.txt.hook.ts`
    error[hook]: the hook gives `{ a: 1 }`, and not a string, bytes or a Response in `/a.txt.hook.ts`
    error[hook]: the hook has no default export in `/a.txt.hook.ts`
    error[hook]: the hook waits for a promise that is never settled in `/a.txt.hook.ts`
      hint: nothing is left that could settle it: no timer, no other promise
    error[hook]: the hook waits for a promise that is never settled in `/a.txt.hook.ts`
      hint: nothing is left that could settle it: no timer, no other promise
    error[hook]: the hook calls `process.exit`, and a hook has no process in `/a.txt.hook.ts`
      hint: return what the file holds, or throw an error
    error[hook]: uncaught 'text' in `/a.txt.hook.ts`
    error[hook]: uncaught { code: 1 } in `/a.txt.hook.ts`
    error[hook]: the hook gives a Response with the status 404 Not Found: none in `/a.txt.hook.ts`
    error[hook]: the hook gives a Response with the status 302, and a file leads nowhere else in `/a.txt.hook.ts`
    ");
}

#[test]
fn an_error_is_told_with_its_place_in_the_source() {
    let files = [
        (
            "src/feed.xml.hook.ts",
            "import { title } from './lib/title';\n\nexport default (): string => title(undefined);\n",
        ),
        (
            "src/lib/title.ts",
            "type A = string | undefined;\nexport function title(a: A): string {\n  return a!.toUpperCase();\n}\n",
        ),
    ];
    let failure = computed(&scene(&files), "feed.xml").unwrap_err();
    assert!(matches!(failure, Failure::Diagnostics(_)));
    insta::assert_snapshot!(failure, @r"
    error[hook]: TypeError: cannot read property 'toUpperCase' of undefined in `/lib/title.ts:3:10`
      2 | export function title(a: A): string {
      3 |   return a!.toUpperCase();
        |          ^
      4 | }
      at title (/lib/title.ts:3:10)
      at default (/feed.xml.hook.ts:3:36)
    ");

    // A module that does not compile is told as it is everywhere.
    let files = [
        (
            "src/feed.xml.hook.ts",
            "import './broken'; export default 'x';",
        ),
        ("src/broken.ts", "export const = 1;"),
    ];
    let failure = computed(&scene(&files), "feed.xml")
        .unwrap_err()
        .to_string();
    assert!(
        failure.starts_with("error[syntax]: ") && failure.contains("`/broken.ts:1:14`"),
        "{failure}"
    );
    let files = [(
        "src/feed.xml.hook.ts",
        "import './none'; export default 'x';",
    )];
    let failure = computed(&scene(&files), "feed.xml")
        .unwrap_err()
        .to_string();
    assert!(
        failure.starts_with("error[unresolved-import]: "),
        "{failure}"
    );
    // What is thrown by code that has no source is told where the source calls it.
    let failure =
        fails("import fs from 'node:fs';\nexport default () => fs.readFileSync('/etc/passwd');");
    assert!(
        failure.contains("is not provided") && failure.contains(" in `/a.txt.hook.ts:2:"),
        "{failure}"
    );
    // Later, and nobody waits for it.
    let failure = fails(
        "Promise.reject(new Error('lost')); export default () => new Promise((r) => setTimeout(r, 1, 'x'));",
    );
    assert!(
        failure.starts_with("error[hook]: Error: lost in `/a.txt.hook.ts:1:"),
        "{failure}"
    );
}

const TREE: [(&str, &str); 12] = [
    ("package.json", "{}"),
    ("src/posts/b.md", "# B"),
    ("src/posts/a.md", "# A"),
    ("src/posts/deep/c.md", "# C"),
    ("src/posts/.draft.md", "secret"),
    ("src/posts/link.md", "-> a.md"),
    ("src/posts/out.md", "-> ../../../etc/passwd"),
    ("src/posts/escaping", "-> ../.."),
    ("src/.env", "VITE_NAME=value\nSECRET=1\n"),
    ("src/data.json", "{ \"a\": [1] }"),
    ("src/broken.json", "{ a }"),
    ("src/mod.ts", "export const a: number = 1;"),
];

fn asked(expression: &str) -> String {
    let hook = format!(
        "const tried = (f: () => unknown) => {{ try {{ return f(); }} catch (e: any) {{ return `${{e.name}} ${{e.code ?? ''}}: ${{e.message}}`; }} }};\n\
         export default async (c: any) => JSON.stringify(await ({expression}));"
    );
    let mut files = TREE.to_vec();
    files.push(("src/posts/index.txt.hook.ts", &hook));
    computed(&scene(&files), "posts/index.txt").unwrap()
}

#[test]
fn the_context_answers() {
    for (expression, answer) in [
        (
            "[c.path, c.params, c.props]",
            r#"["/posts/index.txt",{},{}]"#,
        ),
        (
            "c.env",
            r#"{"DEV":true,"MODE":"development","PROD":false,"SSR":true,"VITE_NAME":"value","BASE_URL":"/"}"#,
        ),
        (
            "[c.readText('a.md'), c.readText('./a.md'), c.readText('/posts/a.md'), c.readText('../posts/deep/../a.md')]",
            r##"["# A","# A","# A","# A"]"##,
        ),
        ("[...c.read('a.md')]", "[35,32,65]"),
        (
            "[c.json('/data.json'), await c.json('../data.json')]",
            r#"[{"a":[1]},{"a":[1]}]"#,
        ),
        ("c.readText('link.md')", r##""# A""##),
        (
            "['a.md', 'none.md', 'deep', 'out.md', '.draft.md', '../../package.json', '/~@/mod.ts', '/~@/none', 'escaping'].map((p) => c.exists(p))",
            "[true,false,true,false,false,false,true,false,false]",
        ),
        (
            "c.list('.')",
            r#"[{"name":"a.md","kind":"file"},{"name":"b.md","kind":"file"},{"name":"deep","kind":"dir"},{"name":"escaping","kind":"symlink"},{"name":"index.txt.hook.ts","kind":"file"},{"name":"link.md","kind":"symlink"},{"name":"out.md","kind":"symlink"}]"#,
        ),
        (
            "c.list('/').map((e) => e.name)",
            r#"["broken.json","data.json","mod.ts","posts"]"#,
        ),
        (
            "c.glob('*.md')",
            r#"["/posts/a.md","/posts/b.md","/posts/link.md"]"#,
        ),
        (
            "c.glob('/posts/**/*.md')",
            r#"["/posts/a.md","/posts/b.md","/posts/deep/c.md","/posts/link.md"]"#,
        ),
        (
            "c.glob('../{data,broken}.json')",
            r#"["/broken.json","/data.json"]"#,
        ),
        (
            "[c.glob('../../*.json'), c.glob('.*'), c.glob('none/*')]",
            "[[],[],[]]",
        ),
        (
            "c.readText('/~@/mod.ts').includes('export const a = 1')",
            "true",
        ),
        (
            "c.list('/~@/posts').map((e) => e.name).includes('index.txt')",
            "true",
        ),
    ] {
        assert_eq!(asked(expression), answer, "{expression}");
    }
}

#[test]
fn what_it_may_not_read_is_an_error_that_it_may_catch() {
    let paths = [
        "none.md",
        "deep",
        "deep/none/x",
        "a.md/x",
        "../../package.json",
        "../../../etc/passwd",
        "/../package.json",
        "out.md",
        "escaping/package.json",
        ".draft.md",
        "/.env",
        "/~@/../../package.json",
        "/~@/none",
        "/~@/posts",
        "/~@/.env",
        "/~@/~hookfs/status.json",
        "",
    ];
    let all: Vec<String> = paths
        .iter()
        .map(|path| asked(&format!("tried(() => c.readText({path:?}))")))
        .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    "Error ENOENT: no such file `none.md`"
    "Error EISDIR: `deep` is a folder"
    "Error ENOENT: no such file `deep/none/x`"
    "Error ENOENT: no such file `a.md/x`"
    "Error EACCES: `../../package.json` lies outside the tree"
    "Error EACCES: `../../../etc/passwd` lies outside the tree"
    "Error EACCES: `/../package.json` lies outside the tree"
    "Error EACCES: `out.md` leads out of the tree"
    "Error EACCES: `escaping/package.json` leads out of the tree"
    "Error EACCES: `.draft.md` is hidden"
    "Error EACCES: `/.env` is hidden"
    "Error EACCES: `/~@/../../package.json` lies outside the tree"
    "Error ENOENT: no such file `/~@/none`"
    "Error EISDIR: `/~@/posts` is a folder"
    "Error ENOENT: no such file `/~@/.env`"
    "Error ENOENT: no such file `/~@/~hookfs/status.json`"
    "Error EISDIR: `` is a folder"
    "#);
    let others = [
        "c.json('/broken.json')",
        "c.read(5)",
        "c.list('none')",
        "c.list('a.md')",
        "c.list('..')",
        "c.list('../..')",
        "c.read('a\\0b')",
    ];
    let all: Vec<String> = others
        .iter()
        .map(|other| asked(&format!("tried(() => {other})")))
        .collect();
    let starts = [
        r#""SyntaxError : `/broken.json` is not valid JSON: "#,
        r#""TypeError : a path is a string, and this one is the number `5`""#,
        r#""Error ENOENT: no such folder `none`""#,
        r#""Error ENOTDIR: `a.md` is no folder""#,
        r#"[{"name":"broken.json""#,
        r#""Error EACCES: `../..` lies outside the tree""#,
        r#""Error EACCES: `a"#,
    ];
    for (told, start) in all.iter().zip(starts) {
        assert!(told.starts_with(start), "{told}\n{start}");
    }
}

#[test]
fn what_it_has_asked_for_is_known() {
    let hook = "import { a } from './lib/a';\nexport default async (c: any) => {\n  const later = c.exists('/switch') ? (await import('./lib/later')).default : 0;\n  return JSON.stringify([a, later, c.list('/posts').length, c.glob('/**/*.md'), c.exists('/none')]);\n};\n";
    let files = [
        ("src/a.txt.hook.ts", hook),
        ("src/lib/a.ts", "export { a } from './b';"),
        ("src/lib/b.ts", "export const a = 1;"),
        ("src/lib/later.ts", "export default 2;"),
        ("src/posts/a.md", ""),
        ("src/other/x.ts", "export default 1;"),
    ];
    let reaches = |edit: &dyn Fn(&MemoryTree)| {
        let scene = scene(&files);
        computed(&scene, "a.txt").unwrap();
        assert!(scene.is_as_asked());
        edit(&scene.tree);
        !scene.is_as_asked()
    };
    assert!(reaches(
        &|tree| tree.write("src/lib/b.ts", "export const a = 2;")
    ));
    assert!(reaches(&|tree| tree.write("src/none", "")));
    assert!(reaches(&|tree| tree.write("src/switch", "")));
    assert!(reaches(&|tree| tree.write("src/posts/b.txt", "")));
    assert!(reaches(&|tree| tree.write("src/other/b.md", "")));
    assert!(!reaches(
        &|tree| tree.write("src/lib/later.ts", "export default 3;")
    ));
    assert!(!reaches(&|tree| tree.write("src/posts/a.md", "changed")));
    assert!(!reaches(
        &|tree| tree.write("src/other/x.ts", "export default 2;")
    ));
}

#[test]
fn hooks_have_names_that_are_listed_and_found() {
    let scene = scene(&[
        ("src/feed.xml.hook.ts", "export default 'hook'"),
        ("src/data.json", "{}"),
        ("src/data.json.hook.js", "export default 'hook'"),
        ("src/style.css", "a { b: c }"),
        ("src/style.css.hook.ts", "export default 'hook'"),
        ("src/useCart.hook.ts", ""),
        ("src/dir.d/x", ""),
        ("src/dir.d.hook.ts", ""),
        ("src/index.html", ""),
        ("src/public/robots.txt", ""),
        ("src/robots.txt.hook.tsx", ""),
        ("src/node_modules/p/a.txt.hook.js", ""),
    ]);
    let table = outputs(&path("src"));
    let found = |name: &str| match table.lookup(&scene, &path(name)).unwrap() {
        Found::File(File::Node { key, .. }) => key.to_string(),
        Found::File(File::Copy(path)) => format!("copy {path}"),
        Found::Directory { .. } => "directory".to_owned(),
        other => format!("{other:?}"),
    };
    let names = [
        "feed.xml",
        "data.json",
        "style.css",
        "useCart",
        "dir.d",
        "robots.txt",
        "feed.xml.hook.ts",
        "node_modules/p/a.txt",
    ];
    insta::assert_snapshot!(names.map(|name| format!("{name}: {}", found(name))).join("\n"), @r"
    feed.xml: hook:/src/feed.xml.hook.ts
    data.json: hook:/src/data.json.hook.js
    style.css: style:/src/style.css
    useCart: Absent
    dir.d: directory
    robots.txt: hook:/src/robots.txt.hook.tsx
    feed.xml.hook.ts: module:/src/feed.xml.hook.ts
    node_modules/p/a.txt: Absent
    ");
    let listed = table.list(&scene, &path("")).unwrap();
    let names: Vec<String> = listed
        .iter()
        .map(|one| String::from_utf8_lossy(&one.name).into_owned())
        .collect();
    for name in &names {
        assert_ne!(found(name), "Absent", "{name}");
    }
    for name in ["feed.xml", "data.json", "robots.txt", "feed.xml.hook.ts.js"] {
        assert_eq!(names.iter().filter(|one| *one == name).count(), 1, "{name}");
    }
    assert!(!names.contains(&"useCart".to_owned()), "{names:?}");
    let layout = crate::runnable::Layout::new(path("src"));
    let key = Key::new(super::HOOK, path("src/a/feed.xml.hook.ts"));
    assert_eq!(layout.output_of(&key), path("a/feed.xml"));
}

/// What a hook changes is its own.
const POLLUTION: &str = "
    for (const name of ['map', 'push', 'filter', Symbol.iterator]) Array.prototype[name] = () => { throw new Error(String(name)); };
    Object.prototype.then = (f) => f('polluted');
    Object.prototype.get = Object.prototype.value = 1;
    Promise.prototype.then = Promise.resolve = () => {};
    JSON.parse = JSON.stringify = String.prototype.toWellFormed = Reflect.apply = Function.prototype.call = () => 'polluted';
    globalThis.Uint8Array = globalThis.Promise = globalThis.Error = globalThis.console = null;
    export default (context) => 'as ever';
";

#[test]
fn what_one_hook_does_to_its_world_reaches_no_other() {
    // It may fail, by its own doing; it gives nothing that it did not mean.
    match gives(POLLUTION) {
        Ok(text) => assert_eq!(text, "as ever"),
        Err(failure) => assert!(matches!(failure, Failure::Diagnostics(_)), "{failure}"),
    }
    for _ in 0..3 {
        assert_eq!(
            gives("export default [1].map((n) => JSON.stringify({ n })).join();").unwrap(),
            r#"{"n":1}"#
        );
    }
}

#[test]
fn a_hook_that_wants_too_much_is_ended() {
    let told = |text: &str| match gives(text).unwrap_err() {
        Failure::Limit(told) | Failure::Diagnostics(told) => told[0].clone(),
        other => panic!("{text}: {other}"),
    };
    // Processor time, in what can't be interrupted from inside either.
    std::thread::scope(|scope| {
        let endless = [
            "export default () => [].indexOf.call({ length: 2 ** 53 - 1 }, 1);",
            "export default { get then() { while (true); } };",
        ];
        let running = endless.map(|text| scope.spawn(move || gives(text).unwrap_err()));
        for one in running {
            let failure = one.join().unwrap();
            assert!(matches!(failure, Failure::Limit(_)), "{failure}");
            let text = failure.to_string();
            let start = "error[hook-timeout]: the hook ran longer than 5 s in `/a.txt.hook.ts`";
            assert!(text.starts_with(start), "{text}");
        }
    });
    let memory = [
        "const all = []; while (true) all.push(new Uint8Array(1 << 20).fill(1));",
        "const all = []; while (true) all.push(new Array(1e5).fill(1));",
    ];
    for text in memory {
        let told = told(text);
        assert!(
            ["hook-memory", "hook-timeout"].contains(&&*told.code),
            "{text}: {}",
            told.render(false)
        );
    }
    let stack = told("const deeper = (n) => deeper(n + 1) + 1; export default deeper(0);");
    assert!(
        stack.message.to_lowercase().contains("stack"),
        "{}",
        stack.render(false)
    );
    let text = told("export default 'x'.repeat(2 ** 29).repeat(4);");
    assert!(
        ["hook", "hook-memory"].contains(&&*text.code),
        "{}",
        text.render(false)
    );
    assert_eq!(gives("export default 'well';").unwrap(), "well");
}

#[test]
fn hooks_that_wait_for_one_another_take_no_worker_from_each_other() {
    // Far more than there are workers.
    let mut files = vec![(
        "src/0.txt.hook.ts".to_owned(),
        "export default '0';".to_owned(),
    )];
    for number in 1..12 {
        let before = number - 1;
        let text = format!("export default (c) => c.readText('/~@/{before}.txt') + ' {number}';");
        files.push((format!("src/{number}.txt.hook.ts"), text));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    assert_eq!(
        computed(&scene(&files), "11.txt").unwrap(),
        "0 1 2 3 4 5 6 7 8 9 10 11"
    );
}

fn names(scene: &Scene, folder: &str) -> String {
    let listed = outputs(&path("src")).list(scene, &path(folder)).unwrap();
    let names = listed.iter().map(|one| String::from_utf8_lossy(&one.name));
    let names = names.filter(|name| !name.contains(".hook."));
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_hook_with_parameters_computes_a_file_for_each_path() {
    let posts = "
        export const paths = ({ list }) => list('.').filter((e) => e.name.endsWith('.md')).map((e) => ({ params: { slug: e.name.slice(0, -3) }, props: { file: e.name } }));
        export default ({ path, params, props, readText }) => `${path} ${params.slug} ${readText(props.file)}`;
    ";
    let docs = "
        export const paths = async () => [{ params: { rest: 'a/b' } }, { params: { rest: ['a', 'c', 'd'] } }, { params: { rest: 'e' } }];
        export default ({ path, params }) => `${path} ${params.rest}`;
    ";
    let scene = scene(&[
        ("src/posts/[slug].html.hook.ts", posts),
        ("src/posts/a.md", "A"),
        ("src/posts/b.md", "B"),
        ("src/posts/b.html", "<p>own</p>"),
        ("src/docs/[...rest].html.hook.js", docs),
        ("src/docs/x.md", ""),
    ]);
    assert_eq!(names(&scene, "posts"), "a.html a.md b.html b.md");
    assert_eq!(
        computed(&scene, "posts/a.html").unwrap(),
        "/posts/a.html a A"
    );
    let missing = computed(&scene, "posts/none.html").unwrap_err();
    assert!(matches!(missing, Failure::Missing(_)), "{missing}");
    let table = outputs(&path("src"));
    // What is there in its own right is not the hook's.
    let Found::File(File::Node { key, .. }) = table.lookup(&scene, &path("posts/b.html")).unwrap()
    else {
        panic!("no page");
    };
    assert_eq!(key.computation.name(), "page");
    assert!(matches!(
        table.lookup(&scene, &path("posts/a.xml")).unwrap(),
        Found::Absent
    ));
    assert!(matches!(
        table.lookup(&scene, &path("a.html")).unwrap(),
        Found::Absent
    ));

    assert_eq!(names(&scene, "docs"), "a e.html x.md");
    assert_eq!(names(&scene, "docs/a"), "b.html c");
    assert_eq!(names(&scene, "docs/a/c"), "d.html");
    assert!(matches!(
        table.find(&scene, &path("docs/a/c")).unwrap(),
        Found::Directory { .. }
    ));
    assert!(matches!(
        table.find(&scene, &path("docs/z")).unwrap(),
        Found::Absent
    ));
    assert_eq!(
        computed(&scene, "docs/a/b.html").unwrap(),
        "/docs/a/b.html a/b"
    );
    assert_eq!(
        computed(&scene, "docs/a/c/d.html").unwrap(),
        "/docs/a/c/d.html a,c,d"
    );
    assert_eq!(computed(&scene, "docs/e.html").unwrap(), "/docs/e.html e");
    scene.tree.write("src/posts/c.md", "C");
    assert_eq!(
        names(&scene, "posts"),
        "a.html a.md b.html b.md c.html c.md"
    );
}

#[test]
fn what_paths_gives_is_looked_at() {
    let texts = [
        "export default '';",
        "export const paths = () => ({}); export default '';",
        "export const paths = () => [5]; export default '';",
        "export const paths = () => [{ params: {} }]; export default '';",
        "export const paths = () => [{ params: { slug: 'a/b' } }]; export default '';",
        "export const paths = () => [{ params: { slug: '.' } }]; export default '';",
        "export const paths = () => [{ params: { slug: 'a.v0123456789abcdef' } }]; export default '';",
        "export const paths = () => [{ params: { slug: 'a' } }, { params: { slug: 'a' } }]; export default '';",
        "export const paths = () => { throw new Error('no'); }; export default '';",
    ];
    let mut all = Vec::new();
    for text in texts {
        let scene = scene(&[("src/[slug].html.hook.ts", text), ("src/other.txt", "")]);
        assert_eq!(names(&scene, ""), "other.txt other.txt.js", "{text}");
        all.push(computed(&scene, "a.html").unwrap_err().to_string());
    }
    let starts = [
        "error[hook]: the hook exports no `paths` in `/[slug].html.hook.ts`",
        "error[hook]: `paths` gives `{}`, and not a list",
        "error[hook]: `paths` gives 5, which has no `params`",
        "error[hook]: `paths` gives {\"params\":{}}, whose `params` have no string `slug`",
        "error[hook]: `paths` gives {\"params\":{\"slug\":\"a/b\"}}, and `a/b` has a slash; `[...slug]` spans folders",
        "error[hook]: `paths` gives {\"params\":{\"slug\":\".\"}}, and `..html` is no name of a file",
        "error[hook]: `paths` gives {\"params\":{\"slug\":\"a.v0123456789abcdef\"}}, and `a.v0123456789abcdef.html` is no name of a file",
        "error[hook]: `paths` gives `a.html` twice",
        "error[hook]: Error: no in `/[slug].html.hook.ts:1:",
    ];
    for (told, start) in all.iter().zip(starts) {
        assert!(told.starts_with(start), "{told}\n{start}");
    }
}

#[test]
fn names_that_a_hook_makes_up_lead_nowhere_else() {
    let named = |params: &str| {
        let text =
            format!("export const paths = () => {params}; export default ({{ path }}) => path;");
        scene(&[("src/[...rest].html.hook.ts", &text), ("src/other.txt", "")])
    };
    for name in [
        "'../up'",
        "'a/../b'",
        "'/'",
        "''",
        "'a//b'",
        "'.hidden/a'",
        "'~@/a'",
        "'~root/a'",
        "'node_modules/a'",
        "'a\\0b'",
        "'x'.repeat(300)",
        "{ toString: () => 'a' }",
        "['a', ['b']]",
    ] {
        let scene = named(&format!("[{{ params: {{ rest: {name} }} }}]"));
        assert_eq!(names(&scene, ""), "other.txt other.txt.js", "{name}");
        let told = computed(&scene, "a.html").unwrap_err().to_string();
        assert!(told.starts_with("error[hook]: `paths` gives "), "{told}");
    }
    for many in [
        "Array.from({ length: 1e6 }, (_, n) => ({ params: { rest: `${n}` } }))",
        "[{ params: { rest: 'a' }, props: 'x'.repeat(2 ** 25) }]",
        "[{ params: 'x'.repeat(2 ** 20) }]",
        "new Proxy([], { get: (own, name) => name === 'length' ? 2 ** 32 - 1 : own[name] })",
    ] {
        let failure = computed(&named(many), "a.html").unwrap_err();
        let told = failure.to_string();
        assert!(told.starts_with("error[hook"), "{many}: {told}");
        assert!(told.len() < 10_000, "{many}: {}", told.len());
    }
}

#[test]
fn what_is_wrong_is_told_in_few_words() {
    for text in [
        "throw new Error('x'.repeat(2 ** 22));",
        "const error = new Error('no'); error.stack = '    at a (/a.txt.hook.ts.js:1:1)\\n'.repeat(1e5); throw error;",
        "export default () => new Response('x'.repeat(2 ** 22), { status: 500, statusText: 'y'.repeat(2 ** 20) });",
        "export default () => ({ ['x'.repeat(2 ** 22)]: 1 });",
        "export default () => Promise.reject('x'.repeat(2 ** 22));",
    ] {
        let told = gives(text).unwrap_err().to_string();
        assert!(told.starts_with("error[hook]: "), "{text}: {told}");
        assert!(told.len() < 20_000, "{text}: {}", told.len());
    }
}

#[test]
fn more_than_a_file_may_have_is_an_error() {
    let told = gives("export default new Uint8Array(129 << 20);").unwrap_err();
    let text = told.to_string();
    assert!(
        text.contains("the hook gives more than 128 MiB") || text.contains("memory"),
        "{text}"
    );
    assert_eq!(gives("export default 'well';").unwrap(), "well");
}

#[test]
fn a_hook_that_breaks_its_world_breaks_its_own() {
    for text in [
        "Array.prototype[Symbol.iterator] = () => { throw 'iterated'; }; throw new Error('own');",
        "Object.defineProperty(Object.prototype, 'then', { get() { throw 'then'; } }); export default () => ({});",
        "globalThis.JSON = globalThis.Reflect = globalThis.Uint8Array = globalThis.ArrayBuffer = null; export default new Error('own');",
        "Object.defineProperty(Array.prototype, 0, { set() { throw 'set'; } }); export default ({ list }) => list('/');",
        "Error.prototype.toString = () => { throw 'told'; }; throw new Error('own');",
        "export default { get then() { throw 'then'; } };",
        "export default () => { const error = new Error('own'); Object.defineProperty(error, 'stack', { get() { throw 'stack'; } }); throw error; };",
        "export default () => { throw new Proxy({}, { get() { throw 'got'; }, getPrototypeOf() { throw 'got'; } }); };",
        "for (const name of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[name]; } catch {} export default 5;",
    ] {
        let failure = gives(text).unwrap_err();
        assert!(
            matches!(failure, Failure::Diagnostics(_)),
            "{text}: {failure}"
        );
        assert_eq!(gives("export default 'well';").unwrap(), "well", "{text}");
    }
    let text = "Promise.prototype.then = () => { throw 'then'; }; export default async () => 'a';";
    assert_eq!(gives(text).unwrap(), "a");
}
