use super::scene::{Scene, path, tree};
use crate::base::{Computation, Key};
use crate::compute::Computations;

/// The text of a node, or its failure.
fn output(scene: &Scene, computation: &'static str, file: &str) -> String {
    let key = Key::new(Computation::new(computation), path(file));
    match scene.runnable.run(&key, scene) {
        Ok(output) => String::from_utf8(output.parts[0].1.to_vec()).unwrap(),
        Err(failure) => failure.to_string(),
    }
}

fn style(files: &[(&str, &str)], file: &str) -> String {
    output(&Scene::new(tree(files), ""), "style", file)
}

#[test]
fn imports_are_inlined_and_urls_placed() {
    let files = [
        (
            "ui/a.css",
            "@import './sub/b.css';\n@import url('c.css') layer(base) print;\n@import 'https://x.org/f.css';\n@import 'pkg/theme.css';\n@import 'pkg';\n.a { background: url(img/x.png) }\n.k { background: url(data:a), url('#id'), url(/logo.svg) }\n",
        ),
        (
            "ui/sub/b.css",
            "@font-face { font-family: F; src: url('./f.woff2?#iefix') format('woff2'), url(\"../../top.woff\") }\n.b { mask: url(gone.svg); content: \"url(x.png)\" }\n",
        ),
        ("ui/c.css", ".c { color: red; .d & { color: blue } }\n"),
        ("ui/img/x.png", ""),
        ("ui/sub/f.woff2", ""),
        ("top.woff", ""),
        ("public/logo.svg", ""),
        (
            "node_modules/pkg/package.json",
            r#"{ "style": "main.css" }"#,
        ),
        (
            "node_modules/pkg/theme.css",
            ".t { background: url(i/t.png) }",
        ),
        ("node_modules/pkg/i/t.png", ""),
        ("node_modules/pkg/main.css", ".m { color: red }"),
    ];
    insta::assert_snapshot!(style(&files, "ui/a.css"), @r###"
    @import url("https://x.org/f.css");
    @font-face { font-family: F; src: url("./sub/f.vaf1349b9f5f9a1a6.woff2?#iefix") format('woff2'), url("../top.vaf1349b9f5f9a1a6.woff") }
    .b { mask: url("./sub/gone.svg"); content: "url(x.png)" }

    @media print {
    @layer base {
    .c { color: red; .d & { color: blue } }
    }
    }


    .t { background: url("../node_modules/pkg/i/t.vaf1349b9f5f9a1a6.png") }

    .m { color: red }

    .a { background: url("./img/x.vaf1349b9f5f9a1a6.png") }
    .k { background: url("data:a"), url("#id"), url("../public/logo.vaf1349b9f5f9a1a6.svg") }
    "###);
    let scene = Scene::new(tree(&files), "");
    insta::assert_snapshot!(output(&scene, "style-module", "ui/sub/b.css"), @r###"
    const css = "@font-face { font-family: F; src: url(\"" + new URL("./f.vaf1349b9f5f9a1a6.woff2?#iefix", import.meta.url).href + "\") format('woff2'), url(\"" + new URL("../../top.vaf1349b9f5f9a1a6.woff", import.meta.url).href + "\") }\n.b { mask: url(\"" + new URL("./gone.svg", import.meta.url).href + "\"); content: \"url(x.png)\" }\n";
    if (typeof document !== "undefined") {
      const id = new URL("./b.css", import.meta.url).href;
      let style = [...document.querySelectorAll("style[data-hookfs]")].find((one) => one.dataset.hookfs === id);
      if (!style) {
        style = document.createElement("style");
        style.dataset.hookfs = id;
        const last = Symbol.for("hookfs.style");
        if (globalThis[last]?.isConnected) globalThis[last].after(style);
        else {
          document.head.append(style);
          setTimeout(() => delete globalThis[last]);
        }
        globalThis[last] = style;
      }
      style.textContent = css;
    }
    export default css;
    "###);
    insta::assert_snapshot!(output(&scene, "inline", "ui/c.css"), @r###"
    export default ".c { color: red; .d & { color: blue } }\n";
    "###);
}

#[test]
fn a_url_that_is_read_for_its_folder_has_no_version() {
    let files = [
        (
            "main.css",
            "@import 'leaflet/dist/leaflet.css'; .a { background: url(./a.png) }",
        ),
        ("a.png", "a"),
        ("node_modules/leaflet/package.json", "{}"),
        (
            "node_modules/leaflet/dist/leaflet.css",
            ".b { background: url(images/layers.png) } .leaflet-default-icon-path { background-image: url(images/marker-icon.png); }",
        ),
        ("node_modules/leaflet/dist/images/layers.png", "l"),
        ("node_modules/leaflet/dist/images/marker-icon.png", "m"),
        ("node_modules/leaflet/dist/images/marker-shadow.png", "s"),
    ];
    let found = style(&files, "main.css");
    for url in [
        "node_modules/leaflet/dist/images/marker-icon.png\"",
        "node_modules/leaflet/dist/images/layers.v",
        "a.v",
    ] {
        assert!(
            found.contains(&format!("url(\"./{url}")),
            "{url} in {found}"
        );
    }
    let scene = Scene::new(tree(&files), "");
    let key = Key::new(Computation::new("style"), path("main.css"));
    let links = scene.runnable.run(&key, &scene).unwrap().links;
    let mut links = links.iter().map(ToString::to_string);
    assert!(links.any(|link| link.ends_with("images/marker-shadow.png")));
}

#[test]
fn css_modules_are_scoped() {
    let files = [
        (
            "a.module.css",
            "@value accent: #0af;\n@value gap from './v.module.css';\n.btn { color: accent; composes: base; composes: shared from './b.module.css'; composes: g from global }\n.base { margin: gap }\n.foo-bar :global(.x) { animation: spin 1s }\n@keyframes spin { to { rotate: 1turn } }\n.delete { grid-area: main }\n",
        ),
        (
            "b.module.css",
            ".shared { composes: deep; color: red }\n.deep { color: blue }\n",
        ),
        ("v.module.css", "@value gap: 4px;\n"),
    ];
    insta::assert_snapshot!(style(&files, "a.module.css"), @r###"
    ._shared_a13ee76c {  color: red }
    ._deep_a13ee76c { color: blue }


    ._btn_183cf881 { color: #0af;   }
    ._base_183cf881 { margin: 4px }
    ._foo-bar_183cf881 .x { animation: _spin_183cf881 1s }
    @keyframes _spin_183cf881 { to { rotate: 1turn } }
    ._delete_183cf881 { grid-area: main }
    "###);
    let scene = Scene::new(tree(&files), "");
    let code = output(&scene, "style-module", "a.module.css");
    insta::assert_snapshot!(code.split_once("const names").unwrap().1, @r###"
     = {
      "accent": "#0af",
      "base": "_base_183cf881",
      "btn": "_btn_183cf881 _base_183cf881 _shared_a13ee76c _deep_a13ee76c g",
      "delete": "_delete_183cf881",
      "foo-bar": "_foo-bar_183cf881",
      "gap": "4px",
      "spin": "_spin_183cf881",
    };
    export default names;
    const name0 = names["accent"];
    const name1 = names["base"];
    const name2 = names["btn"];
    const name3 = names["delete"];
    const name5 = names["gap"];
    const name6 = names["spin"];
    export { name0 as accent, name1 as base, name2 as btn, name3 as delete, name5 as gap, name6 as spin };
    "###);
}

#[test]
fn names_may_begin_with_an_escape() {
    let css =
        ".\\[\\&\\:has\\(\\[x\\=y\\]\\)\\]\\:p-0:has([x=y]) { padding: 0 }\n.\\é { color: red }\n";
    let given = style(&[("a.css", css)], "a.css");
    assert!(
        given.contains("padding: 0") && given.contains("color: red"),
        "{given}"
    );
}

#[test]
fn use_names_what_it_loads_by_the_url_that_is_written() {
    let files = [
        (
            "a.scss",
            "@use '@s/tokens';\n@use \"pkg:@s/other\" ;\n@use 'colors' with ($c: lime);\n@use 'third' /* named */ as t;\n@use './_dir';\n\
             .a { a: tokens.$c; b: other.$c; c: colors.$c; d: t.$c; e: dir.$c }\n",
        ),
        (
            "node_modules/@s/tokens/package.json",
            r#"{ "sass": "src/index.scss" }"#,
        ),
        ("node_modules/@s/tokens/src/index.scss", "$c: red;\n"),
        (
            "node_modules/@s/other/package.json",
            r#"{ "sass": "src/index.scss" }"#,
        ),
        ("node_modules/@s/other/src/index.scss", "$c: blue;\n"),
        (
            "node_modules/third/package.json",
            r#"{ "sass": "src/index.scss" }"#,
        ),
        ("node_modules/third/src/index.scss", "$c: tan;\n"),
        ("lib/palette.scss", "$c: green !default;\n"),
        ("_dir.scss", "$c: navy;\n"),
        (
            "tsconfig.json",
            r#"{ "compilerOptions": { "paths": { "colors": ["./lib/palette.scss"] } } }"#,
        ),
    ];
    insta::assert_snapshot!(style(&files, "a.scss"), @r"
    .a {
      a: red;
      b: blue;
      c: lime;
      d: tan;
      e: navy;
    }
    ");
}

#[test]
fn what_a_partial_of_another_folder_names_is_beside_it() {
    let files = [
        ("a.scss", "@use './nested';\n"),
        (
            "nested/_index.scss",
            "@use 'sass:string';\n@import './plain.css';\n.a { background: url(string.to-lower-case('/OK.PNG')) }\n.b { background: url(./b.png) }\n",
        ),
        ("nested/plain.css", ".plain { color: red }\n"),
        ("nested/b.png", ""),
        ("public/ok.png", ""),
    ];
    insta::assert_snapshot!(style(&files, "a.scss"), @r#"
    .plain { color: red }

    .a {
      background: url("./public/ok.vaf1349b9f5f9a1a6.png");
    }

    .b {
      background: url("./nested/b.vaf1349b9f5f9a1a6.png");
    }
    "#);
}

#[test]
fn sass_is_compiled() {
    let files = [
        (
            "ui/a.scss",
            "@use 'vars' as v;\n@use './tokens.module';\n@use '@/lib/sizes.module' as *;\n@use '@/lib/mixins';\n@use 'pkg/scss/theme';\n@import './parts/part';\n.a { color: v.$c; @include mixins.big; &:hover { width: theme.$w; gap: tokens.$gap; margin: $size } }\n",
        ),
        ("ui/_vars.scss", "$c: red;\n"),
        ("ui/tokens.module.scss", "$gap: 4px;\n"),
        ("lib/_sizes.module.scss", "$size: 5px;\n"),
        ("lib/_mixins.scss", "@mixin big { font-size: 2em }\n"),
        ("ui/parts/_part.scss", ".p { background: url(./p.png) }\n"),
        ("ui/parts/p.png", ""),
        (
            "ui/m.module.scss",
            "$c: blue;\n.m { color: $c; .n & { color: red } }\n:export { main: $c }\n",
        ),
        ("ui/i.sass", ".i\n  color: red\n"),
        (
            "tsconfig.json",
            r#"{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }"#,
        ),
        ("node_modules/pkg/package.json", "{}"),
        ("node_modules/pkg/scss/_theme.scss", "$w: 3px;\n"),
    ];
    insta::assert_snapshot!(style(&files, "ui/a.scss"), @r###"
    .p {
      background: url("./parts/p.vaf1349b9f5f9a1a6.png");
    }

    .a {
      color: red;
      font-size: 2em;
    }
    .a:hover {
      width: 3px;
      gap: 4px;
      margin: 5px;
    }
    "###);
    insta::assert_snapshot!(style(&files, "ui/i.sass"), @r###"
    .i {
      color: red;
    }
    "###);
    let code = output(
        &Scene::new(tree(&files), ""),
        "style-module",
        "ui/m.module.scss",
    );
    insta::assert_snapshot!(code, @r###"
    const css = "._m_07b50d68 {\n  color: blue;\n}\n._n_07b50d68 ._m_07b50d68 {\n  color: red;\n}\n\n\n\n\n";
    if (typeof document !== "undefined") {
      const id = new URL("./m.module.scss", import.meta.url).href;
      let style = [...document.querySelectorAll("style[data-hookfs]")].find((one) => one.dataset.hookfs === id);
      if (!style) {
        style = document.createElement("style");
        style.dataset.hookfs = id;
        const last = Symbol.for("hookfs.style");
        if (globalThis[last]?.isConnected) globalThis[last].after(style);
        else {
          document.head.append(style);
          setTimeout(() => delete globalThis[last]);
        }
        globalThis[last] = style;
      }
      style.textContent = css;
    }
    const names = {
      "m": "_m_07b50d68",
      "main": "blue",
      "n": "_n_07b50d68",
    };
    export default names;
    const name0 = names["m"];
    const name1 = names["main"];
    const name2 = names["n"];
    export { name0 as m, name1 as main, name2 as n };
    "###);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let told = |name: &str, text: &str| style(&[(name, text)], name);
    insta::assert_snapshot!(told("a.css", "a { color: red }\n.b { color: blue;\n"), @r###"
    error[style]: the `{` is not closed in `/a.css:2:4`
      1 | a { color: red }
      2 | .b { color: blue;
        |    ^
    "###);
    insta::assert_snapshot!(told("a.css", "@import './gone.css';\n"), @r###"
    error[unresolved-import]: cannot resolve `./gone.css` from `/a.css:1:10`
      1 | @import './gone.css';
        |          ^^^^^^^^^^
    "###);
    insta::assert_snapshot!(told("a.css", "a { color: red }\n.b { colour blue }\n"), @r###"
    error[style]: `colour` begins neither a declaration nor a rule in `/a.css:2:6`
      1 | a { color: red }
      2 | .b { colour blue }
        |      ^
    "###);
    insta::assert_snapshot!(told("a.scss", ".a {\n  color: $nope;\n}\n"), @r###"
    error[style]: undefined variable in `/a.scss:2:10`
      1 | .a {
      2 |   color: $nope;
        |          ^
      3 | }
    "###);
    insta::assert_snapshot!(told("a.scss", "@use './gone';\n"), @r###"
    error[unresolved-import]: cannot resolve the style sheet that is loaded here from `/a.scss:1:1`
      1 | @use './gone';
        | ^
    "###);
    insta::assert_snapshot!(told("a.less", ".a { }\n"), @r###"
    error[unsupported]: `.less` needs Less, which is not installed in `/a.less`
      hint: run `npm install less`
    "###);
    insta::assert_snapshot!(told("a.css", &"a{".repeat(100_000)), @r###"
    error[style]: the rules are nested too deeply in `/a.css:1:202`
      1 | {a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a
        |                                                             ^
    "###);
}

#[test]
fn every_file_of_a_style_sheet_is_a_dependency() {
    let files = tree(&[
        ("a.scss", "@use 'v';\n.a { color: v.$c }\n"),
        ("_v.scss", "$c: red;\n"),
        (
            "b.css",
            "@import './c.css';\n.b { background: url(x.png) }\n",
        ),
        ("c.css", ".c { color: red }\n"),
    ]);
    let edits: [(&str, &str, &str); 4] = [
        ("a.scss", "_v.scss", "$c: blue;\n"),
        ("a.scss", "v.scss", "$c: green;\n"),
        ("b.css", "c.css", ".c { color: blue }\n"),
        ("b.css", "public/x.png", ""),
    ];
    for (file, edited, content) in edits {
        let before = Scene::new(files.clone(), "");
        let text = output(&before, "style", file);
        files.write(edited, content);
        let now = output(&Scene::new(files.clone(), ""), "style", file);
        assert!(
            now == text || !before.is_as_asked(),
            "{edited} was not asked for"
        );
        if edited != "public/x.png" && edited != "v.scss" {
            assert_ne!(now, text, "{edited}");
        }
    }
}

#[test]
fn variables_come_from_the_files_of_the_mode() {
    let files = [
        (
            ".env",
            "VITE_A=1\nSECRET=x\nVITE_B=${SECRET}y\nVITE_C=root\n",
        ),
        ("src/.env.development", "VITE_C=src\n"),
        (".env.production", "VITE_A=2\n"),
        (
            "src/a.ts",
            "export default [import.meta.env.VITE_A, import.meta.env.VITE_B, import.meta.env.VITE_C, import.meta.env.SECRET];\n",
        ),
        ("src/b.ts", "export default 1;\n"),
    ];
    let scene = Scene::new(tree(&files), "src");
    insta::assert_snapshot!(scene.code("src/a.ts"), @r###"
    export default [
        "1",
        "xy",
        "src",
        void 0
    ];
    //# sourceMappingURL=a.ts.js.map
    "###);
    scene.tree.write("src/.env.local", "VITE_A=3\n");
    assert!(!scene.is_as_asked());
    let other = Scene::new(tree(&files), "src");
    other.code("src/b.ts");
    other.tree.write(".env", "VITE_A=4\n");
    assert!(
        other.is_as_asked(),
        "a module that names no variable depends on none"
    );
}
