use crate::base::{Key, Part};
use crate::compute::{Computations, Context, Failure};
use crate::router::{File, Found, View};
use crate::runnable::hook;
use crate::runnable::scene::{Scene, hidden, path, tree};
use crate::runnable::views::outputs;

const FILES: [(&str, &str); 15] = [
    (
        "src/main.ts",
        "import data from './data.json';
         import { page, type Page } from './routes';
         import './gen.css';
         import names from './a.module.css';
         import logo from './logo.svg';
         import raw from './data.json?raw';
         import one from './given/one.json';
         const late = () => import('./late.mjs');
         export const all: Page[] = [data, page, names, logo, raw, one, late, new URL('./logo.svg', import.meta.url)];",
    ),
    (
        "src/data.json.hook.ts",
        "export default ({ readText }) => JSON.stringify({ text: readText('text.txt').trim() });",
    ),
    ("src/text.txt", "read\n"),
    (
        "src/routes.ts.hook.ts",
        "export default `import { name } from './page';\nexport type Page = any;\nexport const page: string = name;\n`;",
    ),
    ("src/page.ts", "export const name = 'a page';"),
    (
        "src/gen.css.hook.ts",
        "export default '@import \"./more.css\"; a { background: url(logo.svg) }';",
    ),
    ("src/more.css.hook.ts", "export default 'b { color: red }';"),
    (
        "src/a.module.css.hook.ts",
        "export default '.box { color: blue }';",
    ),
    ("src/logo.svg.hook.ts", "export default '<svg/>';"),
    ("src/late.mjs.hook.ts", "export default 'export default 1';"),
    (
        "src/given/[name].json.hook.ts",
        "export const paths = () => [{ params: { name: 'one' } }];
         export default ({ params }) => JSON.stringify(params);",
    ),
    (
        "src/index.html",
        "<link rel=stylesheet href=gen.css><script type=module src=/routes.ts></script><img src=logo.svg>",
    ),
    ("src/plain.js.hook.ts", "export default 'export default 1';"),
    ("src/bad.json.hook.ts", "throw new Error('no data');"),
    ("src/wins.json.hook.ts", "export default '1';"),
];

fn scene(more: &[(&str, &str)]) -> Scene {
    let files: Vec<_> = FILES.iter().chain(more).copied().collect();
    Scene::with(tree(&files), "src", hook::tests::workers())
}

/// What stands at a name under `/~@/`; `None`: nothing.
fn output(scene: &Scene, name: &str) -> Option<Result<String, Failure>> {
    match outputs(&path("src")).lookup(scene, &path(name)).unwrap() {
        Found::File(File::Node { key, part, .. }) => Some(
            scene
                .fetch(&key, part)
                .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()),
        ),
        Found::File(File::Copy(path)) => {
            let bytes = scene.content(&path).unwrap();
            Some(Ok(String::from_utf8(bytes.to_vec()).unwrap()))
        }
        _ => None,
    }
}

fn text(scene: &Scene, name: &str) -> String {
    let output = output(scene, name).unwrap_or_else(|| panic!("no `{name}`"));
    let text = hidden(&output.unwrap_or_else(|failure| failure.to_string()));
    let lines = text.lines().filter(|line| !line.starts_with("//#"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_module_imports_what_hooks_make() {
    let scene = scene(&[]);
    for (name, parts) in [
        (
            "main.ts.js",
            &[
                "from \"./data.json.js\"",
                "from \"./routes.ts.js\"",
                "import \"./gen.css.js\"",
                "from \"./a.module.css.js\"",
                "from \"./logo.svg.js\"",
                "from \"./data.json.raw.js\"",
                "from \"./given/one.json.js\"",
                "import(\"./late.mjs.js\")",
                "new URL(\"./logo.v#.svg\", import.meta.url)",
            ][..],
        ),
        ("data.json.js", &["\"read\"", "export default"]),
        (
            "routes.ts.js",
            &["import { name } from \"./page.ts.js\"", "const page = name"],
        ),
        (
            "gen.css",
            &["@import \"./more.css\"; a { background: url(logo.svg) }"],
        ),
        ("a.module.css.js", &["export default names", "box"]),
        (
            "logo.svg.js",
            &["new URL(\"./logo.v#.svg\", import.meta.url).href"],
        ),
        (
            "data.json.raw.js",
            &["export default \"{\\\"text\\\":\\\"read\\\"}\""],
        ),
        ("given/one.json.js", &["\"one\""]),
        ("late.mjs.js", &["export default 1"]),
        ("~run/data.json.js", &["\"read\""]),
    ] {
        let text = text(&scene, name);
        for part in parts {
            assert!(text.contains(part), "{name}: {part} in {text}");
        }
    }
    let map = text(&scene, "routes.ts.js.map");
    assert!(map.contains("page: string"), "{map}");
    let style = text(&scene, "gen.css.js");
    for part in ["b { color: red }", "./logo.v#.svg", "import.meta.url"] {
        assert!(style.contains(part), "{style}");
    }
    // Which files such a hook gives is asked when one is computed.
    let other = output(&scene, "given/two.json.js").unwrap();
    assert!(matches!(other, Err(Failure::Missing(_))), "{other:?}");
    for absent in ["none.json.js", "plain.js.js", "main.js"] {
        assert!(output(&scene, absent).is_none(), "{absent}");
    }
}

#[test]
fn pages_name_what_hooks_make() {
    let scene = scene(&[]);
    let page = text(&scene, "index.html");
    for part in [
        "href=\"./gen.v#.css\"",
        "src=\"./routes.ts.v#.js\"",
        "src=\"./logo.v#.svg\"",
        "./page.ts.v#.js",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn sources_win_and_what_a_hook_cannot_make_is_told() {
    let more = [
        ("src/wins.json", "2"),
        ("src/a.ts", "import './wins.json';"),
        ("src/b.ts", "import './bad.json';"),
        ("src/c.ts", "import './plain.js';"),
    ];
    let scene = scene(&more);
    assert_eq!(
        text(&scene, "wins.json.js"),
        "export default JSON.parse('2');"
    );
    assert!(text(&scene, "a.ts.js").contains("./wins.json.js"));
    assert!(text(&scene, "b.ts.js").contains("./bad.json.js"));
    let failed = text(&scene, "bad.json.js");
    assert!(
        failed.contains("no data") && failed.contains("/bad.json.hook.ts"),
        "{failed}"
    );
    let plain = text(&scene, "c.ts.js");
    assert!(plain.contains("cannot resolve `./plain.js`"), "{plain}");
}

#[test]
fn listings_show_the_modules_of_what_hooks_make() {
    let scene = scene(&[]);
    let listed = |folder: &str| -> Vec<String> {
        let listed = outputs(&path("src")).list(&scene, &path(folder)).unwrap();
        let names = listed
            .into_iter()
            .map(|one| String::from_utf8(one.name).unwrap());
        names.filter(|name| !name.contains("hook")).collect()
    };
    assert_eq!(listed("given"), ["one.json", "one.json.js"]);
    let all = listed("");
    for name in [
        "data.json.js",
        "routes.ts.js",
        "routes.ts.js.map",
        "gen.css.js",
        "plain.js",
    ] {
        assert!(all.contains(&name.to_owned()), "{name} in {all:?}");
    }
    for name in all {
        let found = outputs(&path("src")).lookup(&scene, &path(&name)).unwrap();
        assert!(!matches!(found, Found::Absent), "{name}");
    }
}

#[test]
fn who_looks_for_what_is_not_there_lists_no_folder_twice() {
    let scene = scene(&[]);
    let key = Key::new(hook::PATTERNS, path("src/given"));
    let names = scene.runnable.run(&key, &scene).unwrap();
    let names: Vec<Vec<u8>> = postcard::from_bytes(&names.parts[0].1).unwrap();
    assert_eq!(names, [b"[name].json.hook.ts".to_vec()]);
    let absent = Key::new(hook::PATTERNS, path("src/none"));
    let none = scene.fetch(&absent, Part::MAIN).unwrap();
    assert_eq!(
        postcard::from_bytes::<Vec<Vec<u8>>>(&none).unwrap(),
        [b""; 0]
    );
}

#[test]
fn a_url_names_the_version_that_stands_there() {
    // Where a copy and a hook have one name, the hook's file stands there; a name in brackets fits a version's name too.
    let scene = scene(&[
        ("src/both.svg", "<svg id=\"source\"/>"),
        (
            "src/both.svg.hook.ts",
            "export default ({ readText }) => readText('both.svg').replace('source', 'hook');",
        ),
        (
            "src/urls.ts",
            "import logo from './both.svg';
             export default [logo, new URL('./both.svg', import.meta.url), new URL('./given/one.json', import.meta.url)];",
        ),
        ("src/urls.css", "a { background: url(both.svg) }"),
        ("src/urls.html", "<img src=both.svg><img src=given/one.json>"),
    ]);
    let outputs = outputs(&path("src"));
    for (from, folder, file) in [
        ("both.svg.js", "", "both"),
        ("urls.ts.js", "", "both"),
        ("urls.ts.js", "given/", "one"),
        ("urls.css", "", "both"),
        ("urls.html", "", "both"),
        ("urls.html", "given/", "one"),
    ] {
        let text = output(&scene, from).unwrap().unwrap();
        let start = format!("{folder}{file}.v");
        let at = text.find(&start).unwrap_or_else(|| panic!("{text}"));
        let end = text[at..].find(['"', '\'', ')', '>', ' ']).unwrap_or(0);
        let name = &text[at..at + end];
        let Found::File(File::Version(version)) = outputs.lookup(&scene, &path(name)).unwrap()
        else {
            panic!("`{name}` is no version: {text}");
        };
        let hash = scene.hash(&version.node, Part::MAIN).unwrap();
        assert_eq!(hash.short(), version.hash, "{name}");
        assert!(hook::is_of_hooks(&version.node.computation), "{name}");
    }
    assert!(text(&scene, "both.svg").contains("hook"));
}
