use crate::base::{Key, Part};
use crate::compute::Computations;
use crate::runnable::bundle::Variant;
use crate::runnable::kind::PAGE;
use crate::runnable::scene::{Scene, hidden, path, tree};

/// The page, each hash as `#`.
fn page(scene: &Scene, file: &str) -> String {
    let key = Key::new(PAGE, path(file));
    match scene.runnable.run(&key, scene) {
        Ok(output) => {
            let bytes = output.parts.iter().find(|(part, _)| *part == Part::MAIN);
            hidden(std::str::from_utf8(&bytes.unwrap().1).unwrap())
        }
        Err(failure) => failure.to_string(),
    }
}

const VITE: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <link rel="icon" type="image/svg+xml" href="/vite.svg" />
    <title>%VITE_TITLE% %MODE% 100% %NO%</title>
    <link rel=stylesheet href=./src/a.css>
  </head>
  <body>
    <div id="root"></div>
    <script type="module" src="/src/main.tsx"></script>
  </body>
</html>
"#;

fn app() -> Vec<(&'static str, &'static str)> {
    vec![
        ("index.html", VITE),
        ("package.json", "{}"),
        (".env", "VITE_TITLE=Hello\nSECRET=no\n"),
        ("public/vite.svg", "<svg/>"),
        (
            "src/main.tsx",
            "import { b } from './b'; import 'p'; import('./lazy'); export const a = b;",
        ),
        (
            "src/b.ts",
            "import { a } from './main'; export const b = 1; console.log(() => a);",
        ),
        ("src/lazy.ts", "import './only-lazy'; import './b';"),
        ("src/only-lazy.ts", "export {};"),
        ("src/a.css", "a { background: url(./bg.png) }"),
        ("src/bg.png", "png"),
        ("node_modules/p/package.json", r#"{ "main": "i.js" }"#),
        ("node_modules/p/i.js", "exports.x = require('./y');"),
        ("node_modules/p/y.js", "exports.y = 1;"),
    ]
}

#[test]
fn a_page_starts_no_other_module_than_it_names() {
    let files = [
        ("a.html", "<script type=module src=a.ts></script>"),
        ("b.html", "<script type=module src=a.ts.js></script>"),
        ("a.ts", "1"),
        ("a.ts.js", "2"),
    ];
    let scene = Scene::new(tree(&files), "");
    let told = "the module of `/a.ts` and `/a.ts.js` would have one name";
    let wrong = page(&scene, "a.html");
    assert!(
        wrong.contains("error[unresolved-import]") && wrong.contains(told),
        "{wrong}"
    );
    let right = page(&scene, "b.html");
    assert!(
        right.contains("./a.ts.v#.js") && !right.contains("error["),
        "{right}"
    );
}

#[test]
fn a_page_of_vite_works_mounted_as_a_whole() {
    let scene = Scene::new(tree(&app()), "");
    insta::assert_snapshot!(page(&scene, "index.html"), @r#"
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="UTF-8" />
        <link rel="icon" type="image/svg+xml" href="./vite.v#.svg" /><script>document.currentScript.previousElementSibling.href+=""</script>
        <title>Hello development 100% %NO%</title>
        <link rel=stylesheet href="./src/a.v#.css">
      </head>
      <body>
        <div id="root"></div>
        <script type="importmap">{"imports":{
    "./src/main.tsx.js":"./src/main.tsx.v#.js",
    "./src/b.ts.js":"./src/b.ts.v#.js",
    "./node_modules/p/i.js":"./node_modules/p/i.v#.js",
    "./node_modules/p/i.js.commonjs.js":"./node_modules/p/i.js.commonjs.v#.js",
    "./node_modules/p/y.js.commonjs.js":"./node_modules/p/y.js.commonjs.v#.js",
    "./src/lazy.ts.js":"./src/lazy.ts.v#.js",
    "./src/only-lazy.ts.js":"./src/only-lazy.ts.v#.js"
    }}</script>
    <link rel="modulepreload" href="./src/main.tsx.v#.js">
    <link rel="modulepreload" href="./src/b.ts.v#.js">
    <link rel="modulepreload" href="./node_modules/p/i.v#.js">
    <link rel="modulepreload" href="./node_modules/p/i.js.commonjs.v#.js">
    <link rel="modulepreload" href="./node_modules/p/y.js.commonjs.v#.js">
    <script type="module" src="./src/main.tsx.v#.js"></script>
      </body>
    </html>
    "#);
}

#[test]
fn it_works_as_well_with_the_sources_mounted_alone() {
    let scene = Scene::new(tree(&app()), "src");
    insta::assert_snapshot!(page(&scene, "index.html"), @r#"
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="UTF-8" />
        <link rel="icon" type="image/svg+xml" href="./vite.v#.svg" /><script>document.currentScript.previousElementSibling.href+=""</script>
        <title>Hello development 100% %NO%</title>
        <link rel=stylesheet href="./a.v#.css">
      </head>
      <body>
        <div id="root"></div>
        <script type="importmap">{"imports":{
    "./main.tsx.js":"./main.tsx.v#.js",
    "./b.ts.js":"./b.ts.v#.js",
    "./~root/node_modules/p/i.js":"./~root/node_modules/p/i.v#.js",
    "./~root/node_modules/p/i.js.commonjs.js":"./~root/node_modules/p/i.js.commonjs.v#.js",
    "./~root/node_modules/p/y.js.commonjs.js":"./~root/node_modules/p/y.js.commonjs.v#.js",
    "./lazy.ts.js":"./lazy.ts.v#.js",
    "./only-lazy.ts.js":"./only-lazy.ts.v#.js"
    }}</script>
    <link rel="modulepreload" href="./main.tsx.v#.js">
    <link rel="modulepreload" href="./b.ts.v#.js">
    <link rel="modulepreload" href="./~root/node_modules/p/i.v#.js">
    <link rel="modulepreload" href="./~root/node_modules/p/i.js.commonjs.v#.js">
    <link rel="modulepreload" href="./~root/node_modules/p/y.js.commonjs.v#.js">
    <script type="module" src="./main.tsx.v#.js"></script>
      </body>
    </html>
    "#);
}

#[test]
fn every_url_leads_from_where_the_page_is() {
    let files = [
        (
            "docs/deep/page.html",
            r##"<!doctype html>
<img src="../a.png" srcset="../a.png 1x, /b.png?x=1#y 2x, https://x/c.png 3x, none.png 4x">
<picture><source srcset=../a.png><img src='../&#97;.png' style="background: url('../a.png') /* &amp; */"></picture>
<video src=../a.mp4 poster="../a.png"></video><svg><use href="../s.svg#i"/><use href="#j"/></svg>
<style>@import "../x.css"; @import 'https://y/z.css'; .a { background: url(../a.png), url(data:x) }</style>
<link rel="manifest" href="../m.webmanifest"><link rel="canonical" href="../a.png"><link rel=preload as=fetch href=../a.png>
<meta property="og:image" content="/b.png?x"><meta name=Twitter:Image content=../a.png><meta name="description" content="../a.png"><img vite-ignore src="../a.png">
<link rel="stylesheet" href="../x.scss" media="print"><a href="../a.png">a</a>
<script src="../classic.js"></script><script type="text/babel" src="../a.jsx"></script><script defer src="/docs/m.ts?x"></script><script src="../none.js"></script>
<script type="module" src="../m.ts?t=1"></script><script type="module" src="https://x/y.js"></script>
<script type="module">
  import { m } from '../m';
  const view: string = <b>{m}</b>;
  import('./lazy');
</script>
"##,
        ),
        ("docs/a.png", "a"),
        ("public/b.png", "b"),
        ("index.html", ""),
        ("docs/a.mp4", ""),
        ("docs/s.svg", ""),
        ("docs/m.webmanifest", "{}"),
        ("docs/x.css", "b {}"),
        (
            "docs/x.scss",
            "$c: red; b { i { color: $c; background: url(a.png) } }",
        ),
        ("docs/classic.js", ""),
        ("docs/a.jsx", ""),
        ("docs/m.ts", "export const m = 1;"),
        ("docs/deep/lazy.ts", "export {};"),
        ("node_modules/react/package.json", "{}"),
        (
            "node_modules/react/jsx-dev-runtime.js",
            "export const jsxDEV = 1;",
        ),
    ];
    let scene = Scene::new(tree(&files), "");
    insta::assert_snapshot!(page(&scene, "docs/deep/page.html"), @r##"
    <!doctype html>
    <img src="../a.v#.png" srcset="../a.v#.png 1x, ../../b.v#.png?x=1#y 2x, https://x/c.png 3x, none.png 4x">
    <picture><source srcset="../a.v#.png"><img src='../a.v#.png' style="background: url(&quot;../a.v#.png&quot;) /* &amp; */"></picture>
    <video src="../a.v#.mp4" poster="../a.v#.png"></video><svg><use href="../s.v#.svg#i"/><use href="#j"/></svg>
    <style>@import "../x.v#.css"; @import 'https://y/z.css'; .a { background: url("../a.v#.png"), url(data:x) }</style>
    <link rel="manifest" href="../m.v#.webmanifest"><link rel="canonical" href="../a.png"><link rel=preload as=fetch href=../a.png>
    <meta property="og:image" content="../../b.v#.png?x"><meta name=Twitter:Image content="../a.v#.png"><meta name="description" content="../a.png"><img vite-ignore src="../a.png">
    <style media="print">
    b i {
      color: red;
      background: url("../a.v#.png");
    }
    </style><a href="../a.png">a</a>
    <script src="../classic.js.classic.v#.js"></script><script type="text/babel" src="../a.jsx"></script><script defer src="../m.ts.classic.v#.js?x"></script><script src="../none.js"></script>
    <script type="importmap">{"imports":{
    "../m.ts.js":"../m.ts.v#.js",
    "../../node_modules/react/jsx-dev-runtime.js":"../../node_modules/react/jsx-dev-runtime.v#.js",
    "./lazy.ts.js":"./lazy.ts.v#.js"
    }}</script>
    <link rel="modulepreload" href="../m.ts.v#.js">
    <link rel="modulepreload" href="../../node_modules/react/jsx-dev-runtime.v#.js">
    <script type="module" src="../m.ts.v#.js"></script><script type="module" src="https://x/y.js"></script>
    <script type="module">
    import { jsxDEV as _jsxDEV } from "../../node_modules/react/jsx-dev-runtime.js";
    import { m } from "../m.ts.js";
    const view = _jsxDEV("b", {
        children: m
    }, void 0, false, {
        fileName: "docs/deep/page.html",
        lineNumber: 13,
        columnNumber: 24
    }, this);
    import("./lazy.ts.js");
    </script>
    "##);
}

#[test]
fn an_import_map_and_a_base_of_the_page_count() {
    let map = r#"<base href="/sub/"><script type="importmap">{ "imports": { "x": "https://x/y.js" }, "scopes": {} }</script>
<link rel="modulepreload" href="a.ts"><script type="module" nonce="n" src="a.ts"></script>"#;
    let files = [
        ("d/p.html", map),
        ("sub/a.ts", "import './b'"),
        ("sub/b.ts", ""),
    ];
    let scene = Scene::new(tree(&files), "");
    insta::assert_snapshot!(page(&scene, "d/p.html"), @r#"
    <base href="/sub/"><script type="importmap" nonce="n">{"imports":{"x":"https://x/y.js","./a.ts.js":"./a.ts.v#.js","./b.ts.js":"./b.ts.v#.js"},"scopes":{}}</script>
    <link rel="modulepreload" href="./a.ts.v#.js">
    <link rel="modulepreload" href="./b.ts.v#.js">

    <link rel="modulepreload" href="./a.ts.v#.js"><script type="module" nonce="n" src="./a.ts.v#.js"></script>
    "#);
    let other = r#"<base href="https://x/"><script type="module" src="a.ts"></script>"#;
    let scene = Scene::new(tree(&[("p.html", other), ("a.ts", "")]), "");
    assert_eq!(page(&scene, "p.html"), other);
}

#[test]
fn a_base_makes_urls_absolute() {
    let files = [
        (
            "p.html",
            "<title>%BASE_URL%</title><script type=module src=a.ts></script>",
        ),
        ("a.ts", "export default import.meta.env.BASE_URL"),
    ];
    let mut scene = Scene::new(tree(&files), "");
    assert!(
        scene
            .code("a.ts")
            .contains(r#"new URL("./", import.meta.url).pathname"#)
    );
    scene.runnable.options.base = Some("/app/".into());
    assert!(scene.code("a.ts").contains(r#"export default "/app/""#));
    insta::assert_snapshot!(page(&scene, "p.html"), @r#"
    <title>/app/</title><script type="importmap">{"imports":{
    "/app/a.ts.js":"/app/a.ts.v#.js"
    }}</script>
    <link rel="modulepreload" href="/app/a.ts.v#.js">
    <script type=module src="/app/a.ts.v#.js"></script>
    "#);
}

#[test]
fn what_does_not_compile_is_told_in_the_page() {
    let files = [
        (
            "index.html",
            "<p>as it is</p>\n<script type=module src=/main.ts></script>\n<script type=module src=/no.ts></script>\n<script type=module>let a = ;</script>",
        ),
        ("main.ts", "import './mid'; import('./later')"),
        ("mid.ts", "import '../botton'; import './bad'"),
        ("bad.ts", "let x = <b>'</script>'"),
        ("later.ts", "let y = ;"),
    ];
    let scene = Scene::new(tree(&files), "");
    let page = page(&scene, "index.html");
    let shown = page
        .split("<pre>")
        .skip(1)
        .map(|part| part.split("</pre>").next().unwrap());
    let shown: Vec<&str> = shown.collect();
    insta::assert_snapshot!(shown.join("\n---\n"), @r#"
    <b class="error">error[unresolved-import]:</b> cannot resolve `/no.ts` from `<b class="place">/index.html:3:25</b>`
      2 | &lt;script type=module src=/main.ts&gt;&lt;/script&gt;
      3 | &lt;script type=module src=/no.ts&gt;&lt;/script&gt;
        |                         ^^^^^^
      4 | &lt;script type=module&gt;let a = ;&lt;/script&gt;
      <b class="hint">hint:</b> a leading slash means the source folder, or its `public` folder
    ---
    <b class="error">error[syntax]:</b> expression expected in `<b class="place">/index.html:4:29</b>`
      3 | &lt;script type=module src=/no.ts&gt;&lt;/script&gt;
      4 | &lt;script type=module&gt;let a = ;&lt;/script&gt;
        |                             ^
    ---
    <b class="error">error[unresolved-import]:</b> cannot resolve `../botton` from `<b class="place">/mid.ts:1:8</b>`
      imported by /main.ts
      imported by /index.html
      1 | import &#39;../botton&#39;; import &#39;./bad&#39;
        |        ^^^^^^^^^^^
      <b class="hint">hint:</b> there is no directory `..`
    "#);
    assert!(page.starts_with("<p>as it is</p>\n"));
    // What is imported later says so when it is.
    let later = page
        .split_once(r#""./later.ts.js":"data:text/javascript,"#)
        .map(|(_, rest)| rest.split('"').next().unwrap());
    let later = crate::runnable::requests::unescaped(later.unwrap());
    let later = String::from_utf8(later).unwrap();
    insta::assert_snapshot!(later, @r#"const text = "error[syntax]: expression expected in `/later.ts:1:9`\n  imported by /main.ts\n  imported by /index.html\n  1 | let y = ;\n    |         ^"; console.error(text); throw new Error(text);"#);
}

#[test]
fn templates_that_nobody_fills_are_told() {
    let page = |text: &str| {
        let scene = Scene::new(tree(&[("index.html", text)]), "");
        let key = Key::new(PAGE, path("index.html"));
        super::super::page::faults(&scene, &super::Which::new(Variant::Plain, key))
            .map_err(|failure| failure.to_string())
    };
    let fine = "<!-- <% a %> --><p title='<% b %>'>c</p><script>d('<% e %>')</script><!-- f -->";
    assert!(page(fine).is_ok());
    insta::assert_snapshot!(page(&format!("{fine}\n<!-- g --> <% h %>")).unwrap_err(), @r"
    error[html]: `<%` begins a template, which browsers show as text in `/index.html:2:12`
      1 | <!-- <% a %> --><p title='<% b %>'>c</p><script>d('<% e %>')</script><!-- f -->
      2 | <!-- g --> <% h %>
        |            ^^
      hint: hookfs runs no plugins: let the page be what the template gives
    ");
}

#[test]
fn rooted_urls_of_a_page_in_a_subfolder_lead_from_its_folder_too() {
    let files = [
        (
            "apps/shop/index.html",
            "<link rel=icon href=\"/icon.svg\"><link rel=manifest href=\"/site.webmanifest\"><img src=\"/both.png\">\
             <script type=module src=\"/src/main.ts\"></script>",
        ),
        ("apps/shop/public/icon.svg", "<svg/>"),
        ("apps/shop/site.webmanifest", "{}"),
        ("apps/shop/src/main.ts", "export {};"),
        ("apps/shop/both.png", "own"),
        ("both.png", "of the root"),
        ("package.json", "{}"),
    ];
    let page = page(&Scene::new(tree(&files), ""), "apps/shop/index.html");
    for url in [
        "href=\"./icon.",
        "href=\"./site.",
        "src=\"./src/main.ts.",
        "src=\"../../both.",
    ] {
        assert!(page.contains(url), "{url} in {page}");
    }
}
