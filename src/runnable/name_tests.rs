use super::scene::{Scene, path, tree};
use super::{RunnableView, WorkspaceView};
use crate::base::SourcePath;
use crate::router::{File, Found, ListedKind, Version, View};

fn show(view: &dyn View, scene: &Scene, name: &str) -> String {
    match view.lookup(scene, &path(name)).unwrap() {
        Found::Absent => "-".to_owned(),
        Found::Directory { source } => format!(
            "dir {}",
            source.map_or("-".to_owned(), |path| path.to_string())
        ),
        Found::Link(target) => format!("-> {}", String::from_utf8(target).unwrap()),
        Found::File(File::Node { key, part, names }) => format!("{key} {} x{names}", part.0),
        Found::File(File::Copy(path)) => format!("copy {path}"),
        Found::File(File::Version(version)) => {
            let Version {
                file, hash, node, ..
            } = &*version;
            match file {
                File::Node { .. } => format!("{hash} of {node}"),
                File::Copy(path) => format!("{hash} of copy {path} as {node} says"),
                other => format!("{other:?}"),
            }
        }
        Found::File(File::Text(_)) => "text".to_owned(),
    }
}

fn check(view: &dyn View, scene: &Scene, table: &[(&str, &str)]) {
    for (name, want) in table {
        assert_eq!(show(view, scene, name), *want, "{name}");
    }
}

/// All that is listed below a directory can be looked up, as what it is listed as.
fn listed(view: &dyn View, scene: &Scene, directory: &SourcePath, all: &mut Vec<String>) {
    for entry in view.list(scene, directory).unwrap() {
        let child = directory.child(&entry.name);
        let kind = match view.lookup(scene, &child).unwrap() {
            Found::Absent => panic!("{child} is listed and absent"),
            Found::Directory { .. } => ListedKind::Directory,
            Found::Link(_) => ListedKind::Link,
            Found::File(_) => ListedKind::File,
        };
        assert_eq!(kind, entry.kind, "{child}");
        all.push(child.to_string());
        if kind == ListedKind::Directory {
            listed(view, scene, &child, all);
        }
    }
}

#[test]
fn a_name_with_a_hash_is_a_version() {
    let scene = Scene::new(
        tree(&[
            ("index.html", ""),
            ("a.tsx", ""),
            ("b.js", ""),
            ("d.css", ""),
            ("e.svg", ""),
            ("public/robots.txt", ""),
            ("taken.v0123456789abcdef.js", ""),
            ("taken.js", ""),
            ("public/built.v0123456789abcdef.svg", ""),
            ("built.svg", ""),
            ("link.ts", "-> a.tsx"),
            ("LICENSE", ""),
            ("folder/x.ts", ""),
            (".env", ""),
            ("node_modules/x/index.js", ""),
        ]),
        "",
    );
    let view = RunnableView::new(SourcePath::root());
    let own = "0123456789abcdef of";
    let named = |rest: &str| format!("{own} {rest}");
    for (name, want) in [
        ("a.tsx.v0123456789abcdef.js", named("module:/a.tsx")),
        ("a.v0123456789abcdef.tsx", named("module:/a.tsx")),
        (
            "a.tsx.v0123456789abcdee.js",
            "0123456789abcdee of module:/a.tsx".to_owned(),
        ),
        (
            "a.tsx.in-worker.v0123456789abcdef.js",
            named("in-worker:/a.tsx"),
        ),
        ("b.v0123456789abcdef.js", named("module:/b.js")),
        (
            "b.js.commonjs.v0123456789abcdef.js",
            named("commonjs:/b.js"),
        ),
        ("d.v0123456789abcdef.css", named("style:/d.css")),
        ("d.css.v0123456789abcdef.js", named("style-module:/d.css")),
        (
            "e.v0123456789abcdef.svg",
            named("copy /e.svg as copy:/e.svg says"),
        ),
        ("e.svg.raw.v0123456789abcdef.js", named("raw:/e.svg")),
        (
            "robots.v0123456789abcdef.txt",
            named("copy /public/robots.txt as copy:/public/robots.txt says"),
        ),
        (
            "LICENSE.v0123456789abcdef",
            named("copy /LICENSE as copy:/LICENSE says"),
        ),
        (
            "node_modules/x/index.v0123456789abcdef.js",
            named("module:/node_modules/x/index.js"),
        ),
        // A source of that very name counts.
        (
            "taken.v0123456789abcdef.js",
            "module:/taken.v0123456789abcdef.js 0 x1".to_owned(),
        ),
        (
            "built.v0123456789abcdef.svg",
            "copy /public/built.v0123456789abcdef.svg".to_owned(),
        ),
        (
            "taken.v0123456789abcdee.js",
            "0123456789abcdee of module:/taken.js".to_owned(),
        ),
        ("a.tsx.js.v0123456789abcdef.map", "-".to_owned()),
        ("link.ts.v0123456789abcdef.js", "-".to_owned()),
        ("none.v0123456789abcdef.js", "-".to_owned()),
        ("folder.v0123456789abcdef", "-".to_owned()),
        (".v0123456789abcdef.env", "-".to_owned()),
        (".env.v0123456789abcdef", "-".to_owned()),
    ] {
        assert_eq!(show(&view, &scene, name), want, "{name}");
    }
    let mut all = Vec::new();
    listed(&view, &scene, &SourcePath::root(), &mut all);
    assert!(all.iter().all(|name| !name.contains("abcdee")), "{all:?}");

    let view = WorkspaceView::new(path("folder"));
    let name = "node_modules/x/index.v0123456789abcdef.js";
    assert_eq!(
        show(&view, &scene, name),
        named("module:/node_modules/x/index.js")
    );
}

#[test]
fn names_are_those_of_the_design() {
    let scene = Scene::new(
        tree(&[
            ("a.tsx", ""),
            ("b.js", ""),
            ("c.json", ""),
            ("d.css", ""),
            ("e.svg", ""),
            ("f.md", ""),
            ("g.d.ts", ""),
            (".env", ""),
            ("index.html", ""),
            ("public/robots.txt", ""),
            ("public/deep/x.ts", ""),
            ("taken.ts", ""),
            ("taken.ts.js", ""),
            ("built.js", ""),
            ("built.js.map", ""),
            ("node_modules/x/index.js", ""),
            ("node_modules/.pnpm/y/z.js", ""),
            ("node_modules/.pnpm/p@1/node_modules/p/package.json", "{}"),
            ("node_modules/.pnpm/p@1/node_modules/p/lib/a.ts", ""),
            ("node_modules/.pnpm/p@1/node_modules/p/lib/a.css", ""),
            ("node_modules/.pnpm/p@1/node_modules/.bin/p.js", ""),
            ("node_modules/.pnpm/lock.yaml", ""),
            ("node_modules/.store/q/package/package.json", "{}"),
            ("node_modules/.store/q/package/a.txt", ""),
            ("node_modules/.prisma/client/package.json", "{}"),
            ("node_modules/.prisma/client/index.js", ""),
            ("node_modules/.tool/package.json", "{}"),
            ("node_modules/.cache/x.txt", ""),
            ("node_modules/.cache/p/package.json", "{}"),
            ("node_modules/.vite/deps/package.json", "{}"),
            ("node_modules/.vite-temp/a.mjs", ""),
            ("node_modules/.package-lock.json", ""),
            ("dir.tsx/inner.ts", ""),
            ("link.ts", "-> taken.ts"),
            ("away", "-> /etc"),
            ("broken.ts", "-> nothing"),
            ("~own/x.ts", ""),
            ("deep/link.tsx", "-> ../a.tsx"),
        ]),
        "",
    );
    let view = RunnableView::new(SourcePath::root());
    check(
        &view,
        &scene,
        &[
            ("", "dir /"),
            ("a.tsx", "module:/a.tsx 0 x2"),
            ("a.tsx.js", "module:/a.tsx 0 x2"),
            ("a.tsx.js.map", "module:/a.tsx 1 x1"),
            ("a.tsx.map", "-"),
            ("a.js", "-"),
            ("a.tsx.js.js", "-"),
            ("b.js", "module:/b.js 0 x1"),
            ("b.js.map", "module:/b.js 1 x1"),
            ("b.js.js", "-"),
            ("c.json", "copy /c.json"),
            ("c.json.js", "json:/c.json 0 x1"),
            ("c.json.js.map", "-"),
            ("d.css", "style:/d.css 0 x1"),
            ("d.css.js", "style-module:/d.css 0 x1"),
            ("e.svg", "copy /e.svg"),
            ("e.svg.js", "asset:/e.svg 0 x1"),
            ("e.svg.raw.js", "raw:/e.svg 0 x1"),
            ("a.tsx.worker.js", "worker:/a.tsx 0 x1"),
            ("f.md", "copy /f.md"),
            ("f.md.js", "asset:/f.md 0 x1"),
            ("g.d.ts", "-"),
            ("g.d.ts.js", "-"),
            (".env", "-"),
            (".env.js", "-"),
            ("index.html", "page:/index.html 0 x1"),
            ("robots.txt", "copy /public/robots.txt"),
            ("public/robots.txt", "copy /public/robots.txt"),
            ("deep", "dir /deep"),
            ("deep/x.ts", "copy /public/deep/x.ts"),
            ("taken.ts", "module:/taken.ts 0 x2"),
            ("taken.ts.js", "module:/taken.ts.js 0 x1"),
            ("built.js.map", "copy /built.js.map"),
            ("node_modules", "dir /node_modules"),
            ("node_modules/.pnpm", "dir /node_modules/.pnpm"),
            (
                "node_modules/.pnpm/p@1/node_modules/p/lib/a.ts.js",
                "module:/node_modules/.pnpm/p@1/node_modules/p/lib/a.ts 0 x2",
            ),
            (
                "node_modules/.pnpm/p@1/node_modules/p/lib/a.css",
                "style:/node_modules/.pnpm/p@1/node_modules/p/lib/a.css 0 x1",
            ),
            (
                "node_modules/.pnpm/p@1/node_modules/p/lib/a.css.js",
                "style-module:/node_modules/.pnpm/p@1/node_modules/p/lib/a.css 0 x1",
            ),
            ("node_modules/.pnpm/p@1/node_modules/.bin", "-"),
            ("node_modules/.pnpm/lock.yaml", "-"),
            ("node_modules/.pnpm/lock.yaml.raw.js", "-"),
            ("node_modules/.pnpm/y/z.js", "-"),
            (
                "node_modules/.store/q/package/a.txt",
                "copy /node_modules/.store/q/package/a.txt",
            ),
            (
                "node_modules/.prisma/client/index.js",
                "module:/node_modules/.prisma/client/index.js 0 x1",
            ),
            ("node_modules/.tool/package.json", "-"),
            ("node_modules/.cache", "-"),
            ("node_modules/.cache/p/package.json", "-"),
            ("node_modules/.vite", "-"),
            ("node_modules/.vite-temp", "-"),
            ("node_modules/.package-lock.json", "-"),
            (
                "node_modules/x/index.js",
                "module:/node_modules/x/index.js 0 x1",
            ),
            ("dir.tsx", "dir /dir.tsx"),
            ("dir.tsx.js", "-"),
            ("link.ts", "-> taken.ts"),
            ("link.ts.js", "-> taken.ts.js"),
            ("link.ts.js.map", "-> taken.ts.js.map"),
            ("deep/link.tsx.js", "-> ../a.tsx.js"),
            ("away", "-> /etc"),
            ("broken.ts", "-> nothing"),
            ("broken.ts.js", "-"),
        ],
    );
    let mut all = Vec::new();
    listed(&view, &scene, &SourcePath::root(), &mut all);
    insta::assert_snapshot!(all.join(" "), @"/a.tsx /a.tsx.js /a.tsx.js.map /away /b.js /b.js.map /broken.ts /built.js /built.js.map /c.json /c.json.js /d.css /d.css.js /deep /deep/link.tsx /deep/link.tsx.js /deep/link.tsx.js.map /deep/x.ts /dir.tsx /dir.tsx/inner.ts /dir.tsx/inner.ts.js /dir.tsx/inner.ts.js.map /e.svg /e.svg.js /f.md /index.html /link.ts /link.ts.js /link.ts.js.map /public /public/deep /public/deep/x.ts /public/deep/x.ts.js /public/deep/x.ts.js.map /public/robots.txt /public/robots.txt.js /robots.txt /taken.ts /taken.ts.js /taken.ts.js.map");
}

#[test]
fn a_workspace_shows_its_packages_and_nothing_else() {
    let scene = Scene::new(
        tree(&[
            (
                "package.json",
                r#"{ "workspaces": ["packages/*", "!packages/private"] }"#,
            ),
            ("index.html", ""),
            ("public/logo.svg", ""),
            ("public/img/x.png", ""),
            ("secret.txt", ""),
            ("server/key.ts", ""),
            ("app/src/main.ts", ""),
            ("app/src/lib", "-> ../../packages/lib"),
            ("app/src/near", "-> ../src/main.ts"),
            ("app/node_modules/own/index.js", ""),
            ("app/notes.ts", ""),
            ("packages/lib/package.json", "{}"),
            ("packages/lib/index.ts", ""),
            ("packages/lib/.env", ""),
            ("packages/private/package.json", "{}"),
            ("packages/private/x.ts", ""),
            ("packages/loose/x.ts", ""),
            ("node_modules/react/index.js", ""),
            ("node_modules/lib", "-> ../packages/lib"),
            ("node_modules/app", "-> ../app/src"),
            ("node_modules/.env", ""),
        ]),
        "app/src",
    );
    let view = RunnableView::new(path("app/src"));
    check(
        &view,
        &scene,
        &[
            ("main.ts.js", "module:/app/src/main.ts 0 x2"),
            ("lib", "-> ~root/packages/lib"),
            ("near", "-> main.ts"),
            ("index.html", "page:/index.html 0 x1"),
            ("logo.svg", "copy /public/logo.svg"),
            ("logo.svg.js", "asset:/public/logo.svg 0 x1"),
            ("none.svg.js", "-"),
            ("img", "dir /public/img"),
            ("img/x.png", "copy /public/img/x.png"),
            ("secret.txt", "-"),
        ],
    );
    let root = WorkspaceView::new(path("app/src"));
    check(
        &root,
        &scene,
        &[
            ("", "dir -"),
            ("secret.txt", "-"),
            ("package.json", "-"),
            ("index.html", "-"),
            ("server", "dir /server"),
            ("server/key.ts", "-"),
            ("server/key.ts.js", "-"),
            ("app", "dir /app"),
            ("app/notes.ts", "-"),
            ("app/src", "-> ../.."),
            (
                "app/node_modules/own/index.js",
                "module:/app/node_modules/own/index.js 0 x1",
            ),
            ("packages/lib", "dir /packages/lib"),
            (
                "packages/lib/index.ts.js",
                "module:/packages/lib/index.ts 0 x2",
            ),
            ("packages/lib/.env", "-"),
            ("packages/private/x.ts", "-"),
            ("packages/loose/x.ts", "-"),
            ("node_modules", "dir /node_modules"),
            (
                "node_modules/react/index.js",
                "module:/node_modules/react/index.js 0 x1",
            ),
            ("node_modules/lib", "-> ../packages/lib"),
            ("node_modules/app", "-> ../.."),
            ("node_modules/.env", "-"),
        ],
    );
    let mut all = Vec::new();
    listed(&root, &scene, &SourcePath::root(), &mut all);
    insta::assert_snapshot!(all.join(" "), @"/app /packages /packages/lib /packages/lib/index.ts /packages/lib/index.ts.js /packages/lib/index.ts.js.map /packages/lib/package.json /packages/lib/package.json.js");
    all.clear();
    listed(&view, &scene, &SourcePath::root(), &mut all);
    insta::assert_snapshot!(all.join(" "), @"/img /img/x.png /index.html /lib /logo.svg /main.ts /main.ts.js /main.ts.js.map /near");
}

#[test]
fn what_has_a_name_is_found_without_a_listing() {
    // A folder may hold ten thousand files, and each of them be asked for.
    let files = [("a.tsx", ""), ("b.svg", ""), ("sub/c.css", "")];
    let scene = Scene::new(tree(&files), "");
    let view = RunnableView::new(SourcePath::root());
    for name in [
        "a.tsx.js",
        "a.tsx.v0123456789abcdef.js",
        "b.v0123456789abcdef.svg",
        "sub/c.css.v0123456789abcdef.js",
    ] {
        assert_ne!(show(&view, &scene, name), "-", "{name}");
    }
    let asked = scene.asked.take();
    let listings = asked.keys().filter(|(kind, _)| *kind == 2);
    assert_eq!(
        listings.collect::<Vec<_>>(),
        Vec::<&(u8, SourcePath)>::new()
    );
}
