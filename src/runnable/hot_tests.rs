//! Pages that are hot, and the bundles that they load.

mod changes;

use std::path::Path;

use super::bundle::Variant;
use super::kind::PAGE;
use super::scene::{Scene, assembled, hidden, path, tree};
use super::{Hot, HotContent, HotPiece, HotStyle, Standing, hot_meta, hot_outputs, outputs};
use crate::base::{Key, Part, SourcePath};
use crate::compute::{Computations, Context, Failure, Recipe, Segment};
use crate::router::{File, Found};

fn find(scene: &Scene, hot: bool, name: &str) -> Option<(Key, Part)> {
    let source = scene.runnable.layout.source();
    let table = match hot {
        true => hot_outputs(source),
        false => outputs(source),
    };
    match table.find(scene, &path(name)).unwrap() {
        Found::File(File::Node { key, part, .. }) => Some((key, part)),
        _ => None,
    }
}

/// The text at a name under `/~@/` of a mount whose pages are hot, its hashes hidden.
fn text(scene: &Scene, name: &str) -> String {
    let Some((key, part)) = find(scene, true, name) else {
        return "absent".to_owned();
    };
    let text = hidden(&assembled(scene, &key, part));
    match text.split_once("<meta name=\"hookfs-page\" content=\"") {
        Some((before, after)) => format!("{before}<PAGE>{}", &after[64 + "\">".len()..]),
        None => text,
    }
}

fn pieces(scene: &Scene, hot: &Hot, entry: &str) -> (Standing, Vec<HotPiece>) {
    let entry = hot.entry(scene, entry).unwrap().unwrap();
    let standing = hot.standing(scene, &entry).unwrap();
    let shelves = 0..u32::try_from(standing.shelves.len()).unwrap();
    let all = shelves.flat_map(|number| {
        let shelf = hot.shelf(scene, &entry, &standing, number).unwrap();
        shelf.expect("nothing moves")
    });
    let all = all.collect();
    (standing, all)
}

fn piece(scene: &Scene, hot: &Hot, entry: &str, id: &str) -> HotPiece {
    let (_, all) = pieces(scene, hot, entry);
    let found = all.iter().find(|piece| piece.id == id);
    found
        .unwrap_or_else(|| panic!("{all:?} has no {id}"))
        .clone()
}

const FILES: [(&str, &str); 10] = [
    (
        "src/index.html",
        "<head>\n<link rel=modulepreload href=main.tsx>\n<script type=importmap>{\"imports\":{\"far\":\"https://x.example/far.js\"}}</script>\n\
         <link rel=stylesheet href=page.css>\n</head>\n<script type=module>\n  window.first = import.meta.hot;\n</script>\n<img src=i.png>\n\
         <script type=module src=main.tsx></script>\n<script type=module>\nimport { x } from './lib/x';\nx.y = <b>{far}</b>;\n</script>\n<p>end</p>\n",
    ),
    ("src/page.css", "p { color: red }"),
    ("src/i.png", "png"),
    (
        "src/main.tsx",
        "import './lib/x'; import './s.module.css'; import 'react/jsx-dev-runtime';\nexport const later = () => import('./later');\n\
         new Worker(new URL('./w.ts', import.meta.url), { type: 'module' });\nimport.meta.hot?.accept();\nexport const env = process.env.NODE_ENV;\n",
    ),
    ("src/later.ts", "import './lib/x';"),
    (
        "src/lib/x.ts",
        "import icon from '../i.png'; export const x: any = icon;",
    ),
    ("src/s.module.css", ".a { color: red }"),
    ("src/w.ts", "import.meta.hot; postMessage(1);"),
    (
        "node_modules/react/jsx-dev-runtime.js",
        "export const jsxDEV = 1;",
    ),
    (
        "src/only.html",
        "<link rel=stylesheet href=p.scss><p>no modules</p>",
    ),
];

#[test]
fn a_hot_page_has_one_script_in_the_place_of_its_modules() {
    let scene = Scene::new(tree(&FILES), "src");
    insta::assert_snapshot!(text(&scene, "index.html"), @r#"
    <head>
    <script type="importmap">{"imports":{"far":"https://x.example/far.js"}}</script>
    <PAGE>
    <script type="module" src="./~hot/index.html.v#.js"></script>


    <link rel=stylesheet href="./page.v#.css">
    </head>

    <img src="./i.v#.png">


    <p>end</p>
    "#);
    // The place of what is known only when it is read.
    let (key, part) = find(&scene, true, "index.html").unwrap();
    let recipe = Recipe::decode(&scene.fetch(&key, part).unwrap()).unwrap();
    let slots = recipe
        .segments()
        .iter()
        .filter(|segment| **segment == Segment::Slot);
    assert_eq!(slots.count(), 1);
    // Nothing that native modules are made of is asked for on the way to it.
    let links = scene.runnable.run(&key, &scene).unwrap().links;
    let places = links
        .iter()
        .map(|link| scene.runnable.layout.output_of(&link.key).to_string());
    assert_eq!(
        places.collect::<Vec<_>>(),
        ["/~hot/index.html.js", "/page.css", "/i.png"]
    );
}

#[test]
fn a_page_that_is_not_hot_knows_nothing_of_it() {
    let scene = Scene::new(tree(&FILES), "src");
    let (key, _) = find(&scene, false, "index.html").unwrap();
    assert_eq!(key, Key::new(PAGE, path("src/index.html")));
    let page = assembled(&scene, &key, Part::MAIN);
    assert!(page.contains("src=\"./main.tsx.v"), "{page}");
    assert!(page.contains("x.y = "), "{page}");
    assert!(!page.contains("hot/"), "{page}");
    // Its bundle is the same whether or not others are hot.
    let bundle = text(&scene, "~bundle/main.tsx.js");
    assert!(!bundle.contains("$_.meta.hot"), "{bundle}");
    assert!(
        bundle.contains("\"/later.ts.js\":\"~bundle/later.ts.v#.js\""),
        "{bundle}"
    );
    assert!(
        bundle.contains("\"/~bundle/w.ts.js\":\"~bundle/w.ts.v#.js\""),
        "{bundle}"
    );
}

#[test]
fn a_hot_bundle_starts_all_modules_of_its_page_in_their_order() {
    let scene = Scene::new(tree(&FILES), "src");
    let bundle = text(&scene, "~hot/index.html.js");
    let head = "import v0 from\"./~volume/0/index.html.v#.js\";\nawait CLIENT.add(import.meta.url, \"../\", {\"/~bundle/w.ts.js\":\"~bundle/w.ts.v#.js\"}, [\n";
    assert!(bundle.starts_with(head), "{bundle}");
    let end = "...v0,], [\"/index.html.inline-0.js\",\"/main.tsx.js\",\"/index.html.inline-1.js\"]);\n//# sourceMappingURL=index.html.js.map\n";
    assert!(bundle.ends_with(end), "{bundle}");
    for id in [
        "main.tsx.js",
        "lib/x.ts.js",
        "s.module.css.js",
        "index.html.inline-1.js",
    ] {
        let id = format!("[\"/{id}\",\"");
        assert_eq!(bundle.matches(&id).count(), 1, "{id}: {bundle}");
    }
    assert!(bundle.contains("window.first=$_.meta.hot"), "{bundle}");
    assert!(bundle.contains("\"development\""), "{bundle}");
    // Later imports are asked for by their plain names, workers stay as they are.
    assert!(bundle.contains("$_.import(\"./later.ts.js\")"), "{bundle}");
    assert!(
        bundle.contains("$_.meta.resolve(\"./~bundle/w.ts.js\")"),
        "{bundle}"
    );
    assert!(!text(&scene, "~bundle/w.ts.js").contains("$_.meta.hot"));
    let later = text(&scene, "~hot/later.ts.js");
    assert!(later.contains("import.meta.url, \"../\", {}, ["), "{later}");
    let runtime = crate::script::hot_browser().unwrap().matches('\n').count();
    assert_eq!(mapped(&scene, "~hot/index.html.js", runtime), 6);
    // What packages bring is a file of its own: an edit has the browser read all but that.
    let volume = text(&scene, "~hot/~volume/0/index.html.js");
    let head = "export default [\n[\"/~root/node_modules/react/jsx-dev-runtime.js\",\"";
    assert!(volume.starts_with(head), "{volume}");
    let end = "],\n];\n//# sourceMappingURL=index.html.js.map\n";
    assert!(volume.ends_with(end), "{volume}");
    assert_eq!(mapped(&scene, "~hot/~volume/0/index.html.js", 0), 1);
    for none in ["1/index.html.js", "00/index.html.js", "0/i.png", "x/y.js"] {
        let (name, scene) = (format!("~hot/~volume/{none}"), &scene);
        let found = find(scene, true, &name);
        let is_there = found.is_some_and(|(key, part)| scene.fetch(&key, part).is_ok());
        assert!(!is_there, "{name}");
    }
}

#[test]
fn an_edit_makes_one_volume_of_many_anew() {
    let mut files = vec![(
        "src/index.html".to_owned(),
        "<script type=module src=main.ts></script>".to_owned(),
    )];
    let imports = (0..150).map(|number| format!("import './m/{number}';\n"));
    files.push(("src/main.ts".to_owned(), imports.collect()));
    for number in 0..150 {
        let text = format!("import 'p/{number}.js'; export const value: number = {number};");
        files.push((format!("src/m/{number}.ts"), text));
        let name = format!("node_modules/p/{number}.js");
        files.push((name, format!("export default {number};")));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
    let tree = tree(&files);
    let scene = Scene::new(tree.clone(), "src");
    let all = |scene: &Scene| -> Vec<String> {
        let volume = |number: usize| format!("~hot/~volume/{number}/index.html.js");
        let names = std::iter::once("~hot/index.html.js".to_owned()).chain((0..8).map(volume));
        let read = |name: String| {
            let (key, part) = find(scene, true, &name).unwrap();
            assembled(scene, &key, part)
        };
        names.map(read).collect()
    };
    let before = all(&scene);
    let whole = before.concat();
    for number in 0..150 {
        for id in [
            format!("/m/{number}.ts.js"),
            format!("/~root/node_modules/p/{number}.js"),
        ] {
            assert_eq!(whole.matches(&format!("[\"{id}\",\"")).count(), 1, "{id}");
        }
    }
    assert!(!before[0].contains("[\"/m/"), "{}", before[0]);
    for volume in &before[1..] {
        // A volume holds of the one kind or of the other.
        assert_ne!(
            volume.contains("[\"/m/"),
            volume.contains("[\"/~root/"),
            "{volume}"
        );
        assert!(before[0].matches("import v").count() == 8, "{}", before[0]);
    }
    tree.write(
        "src/m/7.ts",
        "import 'p/7.js'; export const value = 'edited';",
    );
    let after = all(&scene);
    let changed: Vec<usize> = (0..before.len())
        .filter(|&at| before[at] != after[at])
        .collect();
    assert_eq!((changed.len(), changed[0]), (2, 0), "{changed:?}");
    assert!(after[changed[1]].contains("edited"));
}

/// How many pieces of a file its map has; each at its place.
fn mapped(scene: &Scene, name: &str, before: usize) -> usize {
    let file = text(scene, name);
    let lines: Vec<&str> = file.lines().collect();
    let map = text(scene, &format!("{name}.map"));
    let map: serde_json::Value = serde_json::from_str(&map).unwrap();
    let sections = map["sections"].as_array().unwrap();
    for section in sections {
        let line = usize::try_from(section["offset"]["line"].as_u64().unwrap()).unwrap() - before;
        assert!(lines[line].starts_with("({ requests: "), "{}", lines[line]);
    }
    sections.len()
}

#[test]
fn pages_without_modules_are_hot_too() {
    let mut files = FILES.to_vec();
    files.push((
        "src/p.scss",
        "$c: red; p { color: $c; background: url(i.png) }",
    ));
    let scene = Scene::new(tree(&files), "src");
    insta::assert_snapshot!(text(&scene, "only.html"), @r#"
    <style data-hookfs="/p.scss">
    p {
      color: red;
      background: url("./i.v#.png");
    }
    </style><p>no modules</p><PAGE>
    <script type="module" src="./~hot/only.html.v#.js"></script>
    "#);
    let bundle = text(&scene, "~hot/only.html.js");
    assert!(
        bundle.ends_with("{}, [\n], []);\n//# sourceMappingURL=only.html.js.map\n"),
        "{bundle}"
    );
}

#[test]
fn a_hot_page_that_names_a_bundle_starts_its_module() {
    let page = "<script type=module src=~bundle/main.tsx.js></script><script type=module src='~hot/later.ts.js'></script>";
    let mut files = FILES.to_vec();
    files.push(("src/b.html", page));
    let scene = Scene::new(tree(&files), "src");
    assert_eq!(
        text(&scene, "b.html"),
        "<PAGE>\n<script type=\"module\" src=\"./~hot/b.html.v#.js\"></script>\n"
    );
    let bundle = text(&scene, "~hot/b.html.js");
    assert!(
        bundle.contains("], [\"/main.tsx.js\",\"/later.ts.js\"]);"),
        "{bundle}"
    );
}

#[test]
fn what_is_wrong_in_a_page_itself_shows_in_it() {
    let files = [
        (
            "index.html",
            "<script type=module src=none.ts></script><script type=module src=a.ts></script><script type=module>\nconst x = ;\n</script>",
        ),
        ("a.ts", "import './none';"),
        ("node_modules/p.html", ""),
    ];
    let scene = Scene::new(tree(&files), "");
    let page = text(&scene, "index.html");
    assert!(page.contains("cannot resolve `none.ts`"), "{page}");
    // What is wrong in modules, they tell.
    assert!(!page.contains("`./none`"), "{page}");
    let bundle = text(&scene, "~hot/index.html.js");
    let fault = "\"diagnostics\":[{\"code\":\"unresolved-import\",\"message\":\"cannot resolve `./none`\",\"file\":\"/a.ts\",\"line\":1,\"column\":8,\"frame\":";
    assert!(bundle.contains(fault), "{bundle}");
    assert!(
        bundle.contains("\"importers\":[\"/index.html\"]"),
        "{bundle}"
    );
    let inline = "[\"/index.html.inline-0.js\",";
    assert!(
        bundle.contains(inline) && bundle.contains("\"file\":\"/index.html\""),
        "{bundle}"
    );
    assert!(bundle.contains("const x = ;"), "{bundle}");
    let (key, _) = find(&scene, true, "index.html").unwrap();
    let faults = scene.fetch(&super::faults_of(&key).unwrap(), Part::MAIN);
    assert!(faults.unwrap_err().to_string().contains("`none.ts`"));
}

#[test]
fn one_piece_can_be_loaded_as_a_module() {
    let scene = Scene::new(tree(&FILES), "src");
    let module = text(&scene, "~hot/~module/lib/x.ts.js");
    assert!(
        module.starts_with("export default\n({ requests: "),
        "{module}"
    );
    assert!(
        module.ends_with(";\n//# sourceMappingURL=x.ts.js.map\n"),
        "{module}"
    );
    let map: serde_json::Value =
        serde_json::from_str(&text(&scene, "~hot/~module/lib/x.ts.js.map")).unwrap();
    assert_eq!(map["sections"][0]["map"]["sourceRoot"], "../../../lib/");
    assert!(text(&scene, "~hot/~module/index.html.inline-1.js").contains("far"));
    let css = text(&scene, "~hot/~module/s.module.css.js");
    assert!(css.starts_with("export default\n({"), "{css}");
    for name in [
        "lib/x.ts",
        "index.html.js",
        "index.html.inline-01.js",
        "none.js",
        "i.png",
    ] {
        assert_eq!(
            text(&scene, &format!("~hot/~module/{name}")),
            "absent",
            "{name}"
        );
    }
    let missing = find(&scene, true, "~hot/~module/index.html.inline-2.js").unwrap();
    let failure = scene.fetch(&missing.0, missing.1).unwrap_err();
    assert!(matches!(failure, Failure::Missing(_)), "{failure}");
    // Its versions have the names that updates tell.
    let hot = Hot::new(path("src"));
    let piece = piece(&scene, &hot, "/index.html", "/lib/x.ts.js");
    let name = format!("~hot/~module/lib/x.ts.v{}.js", piece.hash);
    match outputs(&path("src")).find(&scene, &path(&name)).unwrap() {
        Found::File(File::Version(version)) => {
            let given = scene.fetch(&version.node, Part::NAME).unwrap();
            assert_eq!(crate::base::ContentHash::of(&given).short(), piece.hash);
            assert_eq!(version.hash, piece.hash);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn pages_that_hooks_make_are_hot_too() {
    let page = "<link rel='stylesheet' href='/p.css'><script type='module' src='/main.ts.js'></script><script>classic()</script>\
        <link rel=modulepreload href=../x.ts.js><script type=module src=https://far.example/x.js></script><script type=module src='../x.ts.js?1'></script>";
    let hook = format!(
        "export const paths = () => [{{ params: {{ slug: 'a b' }} }}];\nexport default ({{ params }}) => new Response({page:?} + params.slug, {{ status: 203, headers: {{ 'X-Y': 'z' }} }});"
    );
    let files = [
        ("src/posts/[slug].html.hook.ts", &*hook),
        ("src/about.html.hook.ts", "export default () => '<p>about';"),
        ("src/main.ts", "import './x';"),
        ("src/x.ts", "export const x = 1;"),
        ("src/p.css", "p { color: red }"),
    ];
    let tree = tree(&files);
    let scene = Scene::with(tree.clone(), "src", super::hook::tests::workers());
    insta::assert_snapshot!(text(&scene, "posts/a b.html"), @r#"
    <link rel='stylesheet' href='../p.v#.css'><PAGE>
    <script type="module" src="../~hot/posts/a%20b.html.v#.js"></script>
    <script>classic()</script><script type=module src=https://far.example/x.js></script>a b
    "#);
    assert_eq!(
        text(&scene, "about.html"),
        "<p>about<PAGE>\n<script type=\"module\" src=\"./~hot/about.html.v#.js\"></script>\n"
    );
    let (key, _) = find(&scene, true, "posts/a b.html").unwrap();
    let place = scene.runnable.layout.output_of(&key);
    assert_eq!(place, path("posts/a b.html"));
    // How a server gives it is as the hook says.
    let part = super::reply_part(&key.computation).unwrap();
    let reply = scene.fetch(&key, part).unwrap();
    assert!(String::from_utf8_lossy(&reply).contains("203"));
    let (plain, _) = find(&scene, false, "posts/a b.html").unwrap();
    assert_eq!(scene.fetch(&plain, part).unwrap(), reply);
    let bundle = text(&scene, "~hot/posts/a b.html.js");
    assert!(
        bundle.ends_with(
            "], [\"/main.ts.js\",\"/x.ts.js\"]);\n//# sourceMappingURL=a%20b.html.js.map\n"
        ),
        "{bundle}"
    );
    assert!(text(&scene, "~hot/posts/a b.html.js.map").starts_with("{\"version\":3"));
    assert_eq!(text(&scene, "~bundle/posts/a b.html.js"), "absent");
    let hot = Hot::new(path("src"));
    let id = "/posts/a%20b.html";
    let (_, all) = pieces(&scene, &hot, id);
    let mut ids: Vec<&str> = all.iter().map(|piece| &*piece.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["/main.ts.js", "/x.ts.js"]);
    let entry = hot.entry(&scene, id).unwrap().unwrap();
    let before = hot.page(&scene, &entry).unwrap().unwrap();
    assert_eq!(before.styles[0].0, "/p.css");
    tree.write("src/p.css", "p { color: blue }");
    tree.write("src/x.ts", "export const x = 2;");
    let now = hot.page(&scene, &entry).unwrap().unwrap();
    assert!(now.text == before.text && now.styles != before.styles);
    tree.write(
        "src/posts/[slug].html.hook.ts",
        hook.replace("classic", "old"),
    );
    let now = hot.page(&scene, &entry).unwrap().unwrap();
    assert_ne!(now.text, before.text);
    tree.write("src/posts/[slug].html.hook.ts", "export default () => { throw new Error('no'); }; export const paths = () => [{ params: { slug: 'a b' } }];");
    assert!(hot.page(&scene, &entry).is_err());
}

#[test]
fn what_is_hidden_from_files_is_hidden_from_pages() {
    let tree = tree(&[
        ("src/main.ts", "export {};"),
        ("src/ui/a.ts", "export {};"),
        ("src/.git/config", "[user]"),
        ("src/.hid/x.ts", "export {};"),
        ("src/.env", "SECRET=1"),
    ]);
    let scene = Scene::new(tree, "src");
    let hot = Hot::new(path("src"));
    for none in [
        "/.git/config.raw.js",
        "/.hid/x.ts.js",
        "/.hid/x.ts.raw.js",
        "/%2ehid/x.ts.js",
        "/.env.raw.js",
        "/./main.ts.js",
        "/ui/../main.ts.js",
        "//main.ts.js",
    ] {
        assert_eq!(hot.entry(&scene, none).unwrap(), None, "{none}");
    }
    for there in ["/main.ts.js", "/ui/a.ts.js"] {
        assert!(hot.entry(&scene, there).unwrap().is_some(), "{there}");
    }
}
