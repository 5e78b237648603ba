use crate::router::{File, Found, View};
use crate::runnable::scene::{Scene, path, tree};
use crate::runnable::views::outputs;

const FILES: [(&str, &str); 26] = [
    (
        "src/a.ts",
        "import { posts } from '../.outside/x';\nexport default posts;",
    ),
    (
        "src/main.ts",
        "import { posts } from './.velite';
         import all from '#content';
         import './.velite/a.css';
         import url from './.velite/pic.png';
         const one = import.meta.glob('./.velite/*.json');
         export default [posts, all, url, one, new URL('./.velite/pic.png', import.meta.url)];",
    ),
    (
        "src/package.json",
        r##"{ "imports": { "#content": "./.content/generated/index.mjs" } }"##,
    ),
    (
        "src/.velite/index.js",
        "import { own } from '../own';\nexport { default as posts } from './posts.json';\nexport { own };",
    ),
    ("src/.velite/posts.json", "[1]"),
    ("src/.velite/a.css", "a { background: url(./pic.png) }"),
    ("src/.velite/pic.png", "png"),
    ("src/.velite/notes.txt", "notes"),
    ("src/.velite/page.html", "<p>"),
    ("src/.velite/data.bin", ""),
    ("src/.velite/.env", "SECRET=1"),
    ("src/.velite/.own.ts", ""),
    ("src/.velite/.cache/x.js", ""),
    ("src/.velite/x.txt.hook.ts", "export default 'x';"),
    (
        "src/.content/generated/index.mjs",
        "import x from './post/x.json';\nexport default x;",
    ),
    ("src/.content/generated/post/x.json", "{}"),
    ("src/own.ts", "export const own = 1;"),
    ("src/.tool/settings.json", "{}"),
    ("src/.tool/hooks/x.js", ""),
    ("src/.git/config", ""),
    ("src/.git/hooks/x.js", ""),
    ("src/.GitHub/x.js", ""),
    ("src/.vscode/x.js", ""),
    ("src/.env/x.js", ""),
    ("src/node_modules/p/.own/x.js", ""),
    ("node_modules/.cache/x.js", ""),
];

fn found(scene: &Scene, name: &str) -> String {
    match outputs(&path("src")).lookup(scene, &path(name)).unwrap() {
        Found::File(File::Node { key, .. }) => key.to_string(),
        Found::File(File::Copy(path)) => format!("copy of {path}"),
        Found::Directory { .. } => "directory".to_owned(),
        Found::File(_) => "another file".to_owned(),
        Found::Link(_) => "link".to_owned(),
        Found::Absent => "none".to_owned(),
    }
}

#[test]
fn what_is_imported_from_folders_with_a_dot_is_there() {
    let scene = Scene::new(tree(&FILES), "src");
    let codes = ["main.ts", ".velite/index.js"].map(|name| scene.code(&format!("src/{name}")));
    insta::assert_snapshot!(crate::runnable::scene::hidden(&codes.join("\n")), @r#"
    import { posts } from "./~.velite/index.js";
    import all from "./~.content/generated/index.mjs.js";
    import "./~.velite/a.css.js";
    import url from "./~.velite/pic.png.js";
    const one = ({
        "./.velite/posts.json": ()=>import("./~.velite/posts.json.js")
    });
    export default [
        posts,
        all,
        url,
        one,
        new URL("./~.velite/pic.v#.png", import.meta.url)
    ];
    //# sourceMappingURL=main.ts.js.map

    import { own } from "../own.ts.js";
    export { default as posts } from "./posts.json.js";
    export { own };
    //# sourceMappingURL=index.js.map
    "#);
    let names = [
        "~.velite",
        "~.velite/index.js",
        "~.velite/index.js.map",
        "~.velite/posts.json",
        "~.velite/posts.json.js",
        "~.velite/a.css",
        "~.velite/a.css.js",
        "~.velite/pic.png",
        "~.content/generated/post/x.json.js",
        "~run/~.velite/index.js",
        "~bundle/~.velite/index.js",
        "node_modules/p/~.own/x.js",
    ];
    let given = names.map(|name| format!("{name}: {}", found(&scene, name)));
    insta::assert_snapshot!(given.join("\n"), @r"
    ~.velite: directory
    ~.velite/index.js: module:/src/.velite/index.js
    ~.velite/index.js.map: module:/src/.velite/index.js
    ~.velite/posts.json: copy of /src/.velite/posts.json
    ~.velite/posts.json.js: json:/src/.velite/posts.json
    ~.velite/a.css: style:/src/.velite/a.css
    ~.velite/a.css.js: style-module:/src/.velite/a.css
    ~.velite/pic.png: copy of /src/.velite/pic.png
    ~.content/generated/post/x.json.js: json:/src/.content/generated/post/x.json
    ~run/~.velite/index.js: run:/src/.velite/index.js
    ~bundle/~.velite/index.js: bundle module:/src/.velite/index.js
    node_modules/p/~.own/x.js: module:/src/node_modules/p/.own/x.js
    ");
}

#[test]
fn nothing_else_of_folders_with_a_dot_is_given() {
    let scene = Scene::new(tree(&FILES), "src");
    for name in [
        ".velite",
        ".velite/index.js",
        ".velite/posts.json",
        "~.velite/notes.txt",
        "~.velite/notes.txt.raw.js",
        "~.velite/page.html",
        "~.velite/data.bin",
        "~.velite/.env",
        "~.velite/.env.raw.js",
        "~.velite/~.env",
        "~.velite/.own.ts.js",
        "~.velite/~.cache",
        "~.velite/~.cache/x.js",
        "~.velite/x.txt",
        "~.tool/settings.json",
        "~.tool/settings.json.js",
        "~.tool/settings.json.raw.js",
        "~.git",
        "~.git/config",
        "~.git/config.raw.js",
        "~.git/hooks",
        "~.git/hooks/x.js",
        "~.GitHub/x.js",
        "~.vscode/x.js",
        "~.env/x.js",
        "~.",
        "~..",
        "~../src/own.ts.js",
        "~root/node_modules/~.cache/x.js",
        "~run/~.git/hooks/x.js",
        "~bundle/~.git/hooks/x.js",
    ] {
        assert_eq!(found(&scene, name), "none", "{name}");
    }
    let view = outputs(&path("src"));
    let root = view.list(&scene, &path("")).unwrap();
    assert!(
        !root
            .iter()
            .any(|entry| entry.name.contains(&b'~') || entry.name.starts_with(b"."))
    );
    assert!(view.list(&scene, &path("~.velite")).unwrap().is_empty());
    assert!(view.list(&scene, &path("~.git")).is_err());
    assert!(view.list(&scene, &path("~.none")).is_err());
}

#[test]
fn what_closes_a_folder_is_told() {
    let scene = Scene::new(tree(&FILES), "src");
    scene.tree.write("src/b.ts", "import x from './.git/hooks/x';\nimport s from './.tool/settings.json';\nexport default [x, s];");
    insta::assert_snapshot!(scene.code("src/b.ts"), @r#"
    error[unresolved-import]: cannot resolve `./.git/hooks/x` from `/b.ts:1:15`
      1 | import x from './.git/hooks/x';
        |               ^^^^^^^^^^^^^^^^
      2 | import s from './.tool/settings.json';
      3 | export default [x, s];
      hint: `/src/.git/hooks/x.js` has no output, for its name or that of a folder begins with a dot: README.md says under "What can be imported" which have one
    error[unresolved-import]: cannot resolve `./.tool/settings.json` from `/b.ts:2:15`
      1 | import x from './.git/hooks/x';
      2 | import s from './.tool/settings.json';
        |               ^^^^^^^^^^^^^^^^^^^^^^^
      3 | export default [x, s];
      hint: `/src/.tool/settings.json` has no output, for its name or that of a folder begins with a dot: README.md says under "What can be imported" which have one
    "#);
    // Code beside it makes the JSON a part of the program.
    scene.tree.write("src/.tool/index.ts", "");
    assert_eq!(
        found(&scene, "~.tool/settings.json.js"),
        "json:/src/.tool/settings.json"
    );
}
