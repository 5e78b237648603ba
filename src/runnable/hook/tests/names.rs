//! The names of the files that hooks compute.

use super::*;
use crate::runnable::hook::HOOK;

#[test]
fn public_files_stand_beside_a_page_that_a_hook_makes() {
    let scene = scene(&[
        ("src/index.html.hook.tsx", "export default 'page'"),
        ("src/public/robots.txt", ""),
        ("src/other/page.html", ""),
        ("src/other/public/no.txt", ""),
    ]);
    let table = outputs(&path("src"));
    let found = |name: &str| table.lookup(&scene, &path(name)).unwrap();
    assert!(
        matches!(found("robots.txt"), Found::File(File::Copy(at)) if at == path("src/public/robots.txt"))
    );
    assert!(matches!(found("other/no.txt"), Found::Absent));
    let listed = table.list(&scene, &path("")).unwrap();
    assert!(listed.iter().any(|entry| *entry.name == *b"robots.txt"));
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
    let key = Key::new(HOOK, path("src/a/feed.xml.hook.ts"));
    assert_eq!(layout.output_of(&key), path("a/feed.xml"));
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
