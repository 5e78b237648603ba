use crate::base::{Computation, Key};
use crate::compute::Computations;
use crate::runnable::scene::{Scene, path, tree};

fn output(files: &[(&str, &str)], computation: &'static str, file: &str) -> String {
    let scene = Scene::new(tree(files), "");
    let key = Key::new(Computation::new(computation), path(file));
    match scene.runnable.run(&key, &scene) {
        Ok(output) => String::from_utf8(output.parts[0].1.to_vec()).unwrap(),
        Err(failure) => failure.to_string(),
    }
}

#[test]
fn what_browsers_know_or_drop_stays_as_it_is_written() {
    let text = ".clear { *zoom: 1; filter: progid:DXImageTransform.Microsoft.gradient(startColorstr='#80000000', endColorstr='#80000000'); width: 500; ; }\n\
        .new:has-slotted, ::view-transition-group(x) { color: color-mix(in oklch longer hue, red, blue); if: if(style(--a: b): c) }\n\
        @unknown thing { a: b }\n\
        @media (width >= 40em) and (not (hover)) { .a { inset: 0 } }\n\
        :root { --empty:; --json: { a: [1, 2] } }\n";
    assert_eq!(output(&[("a.css", text)], "style", "a.css"), text);
    let charset = [
        (
            "a.css",
            "@charset \"utf-8\";\n@import './b.css';\n.a { b: c }",
        ),
        ("b.css", "@charset 'x';.b { c: d }"),
    ];
    assert_eq!(
        output(&charset, "style", "a.css"),
        "\n.b { c: d }\n\n.a { b: c }\n"
    );
    let broken = [
        ("node_modules/p/package.json", "{}"),
        ("node_modules/p/a.css", ".a { colour red; b: c"),
        ("a.css", "@import 'p/a.css';\n.b { c: d }\n"),
    ];
    assert_eq!(
        output(&broken, "style", "a.css"),
        ".a { colour red; b: c}\n\n.b { c: d }\n"
    );
}

#[test]
fn names_of_modules_are_local_unless_they_are_global() {
    let module = "@import './base.css';\n\
        :global .g .h, .a { color: red; .b & { color: blue } }\n\
        :global { body { margin: 0 } }\n\
        .c:global(.on) .d { animation: 1s ease spin, global-one 2s }\n\
        @media print { .e > #f { composes: base } }\n\
        .i { composes: j from './j.module.css'; composes: k l from global }\n\
        @container box (width > 1px) { .m { container-name: box } }\n\
        @keyframes spin { from { rotate: 0 } to { rotate: 1turn } }\n\
        @font-face { font-family: F; src: url(f.woff) }\n";
    let files = [
        ("a.module.css", module),
        ("base.css", ".base { order: 1 }\n"),
        (
            "j.module.css",
            ".j { order: 2; composes: i from './a.module.css' }\n",
        ),
    ];
    let hash = |text: String| {
        let parts = ["a.module.css", "j.module.css"]
            .map(|file| crate::base::ContentHash::of(file.as_bytes()).to_hex()[..8].to_owned());
        text.replace(&parts[0], "A").replace(&parts[1], "J")
    };
    insta::assert_snapshot!(hash(output(&files, "style", "a.module.css")), @r###"
    ._j_J { order: 2; }
    ._base_A { order: 1 }

    .g .h, ._a_A { color: red; .b & { color: blue } }
     body { margin: 0 } 
    ._c_A.on ._d_A { animation: 1s ease _spin_A, global-one 2s }
    @media print { ._e_A > #_f_A { } }
    ._i_A {  }
    @container box (width > 1px) { ._m_A { container-name: box } }
    @keyframes _spin_A { from { rotate: 0 } to { rotate: 1turn } }
    @font-face { font-family: F; src: url("./f.woff") }
    "###);
    let code = hash(output(&files, "style-module", "a.module.css"));
    insta::assert_snapshot!(code.split_once("const names = ").unwrap().1.split_once("};").unwrap().0, @r###"
    {
      "a": "_a_A",
      "base": "_base_A",
      "c": "_c_A",
      "d": "_d_A",
      "e": "_e_A",
      "f": "_f_A",
      "i": "_i_A _j_J k l",
      "m": "_m_A",
      "spin": "_spin_A",
    "###);
}

#[test]
fn a_class_that_is_not_there_composes_nothing() {
    let files = [("a.module.css", ".a { color: red }\n.b { composes: a c; }\n")];
    insta::assert_snapshot!(output(&files, "style", "a.module.css"), @r###"
    error[style]: there is no class `c` to compose of in this file in `/a.module.css:2:18`
      1 | .a { color: red }
      2 | .b { composes: a c; }
        |                  ^
    "###);
}

#[test]
fn imports_are_put_in_their_place_once() {
    let files = [
        (
            "a.css",
            "@layer x, y;\n@import 'b.css' layer(x);\n@import './c.css' supports(display: grid) screen;\n@import './b.css' layer(x);\n@import './d.css' print;\n.a { b: c }\n@import './late.css';\n",
        ),
        (
            "b.css",
            "@import './a.css';\n@import './e.css';\n.b { c: d }\n",
        ),
        ("c.css", "@import './e.css';\n.c { d: e }\n"),
        (
            "d.css",
            "@import 'https://x.org/f.css';\n@import '//x.org/g.css' screen;\n",
        ),
        ("e.css", ".e { f: url(./e.png) image-set('e.png' 1x) }\n"),
    ];
    insta::assert_snapshot!(output(&files, "style", "a.css"), @r###"
    @import url("https://x.org/f.css") print;
    @import url("//x.org/g.css") screen;
    @layer x, y;
    @layer x {

    .e { f: url("./e.png") image-set(url("./e.png") 1x) }

    .b { c: d }
    }

    @media screen {
    @supports (display: grid) {
    .e { f: url("./e.png") image-set(url("./e.png") 1x) }

    .c { d: e }
    }
    }


    @media print {


    }

    .a { b: c }
    @import './late.css';
    "###);
}

#[test]
fn what_is_too_large_is_not_begun_with() {
    let text = "a".repeat(65 << 20);
    for (name, computation, code, most) in [
        ("a.css", "style", "style", 16),
        ("a.scss", "style", "style", 16),
        ("a.ts", "module", "too-large", 64),
    ] {
        let told = output(&[(name, &text)], computation, name);
        let start = format!("error[{code}]: the ");
        let end = format!("has more than {most} MiB in `/{name}`");
        assert!(told.starts_with(&start) && told.ends_with(&end), "{told}");
    }
}

#[test]
fn endless_imports_end() {
    let texts: Vec<(String, String)> = (0..40)
        .map(|number| {
            let next = number + 1;
            (
                format!("{number}.css"),
                format!("@import './{next}.css' screen;\n@import './{next}.css' print;\n"),
            )
        })
        .collect();
    let mut files: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    files.push(("40.css", ".a { b: c }"));
    let told = output(&files, "style", "0.css");
    assert!(
        told.starts_with("error[style]: the imports that lead here have no end"),
        "{told}"
    );
}

#[test]
fn what_only_a_tool_knows_is_told() {
    let files = [(
        "src/index.css",
        "@tailwind base;\n.a { @apply p-4; color: red }\n",
    )];
    let css = output(&files, "style", "src/index.css");
    assert!(
        css.starts_with("/* `/src/index.css` has `@tailwind`, which Tailwind turns into CSS"),
        "{css}"
    );
    assert!(
        css.ends_with("*/\n@tailwind base;\n.a { @apply p-4; color: red }\n"),
        "{css}"
    );
    let code = output(&files, "style-module", "src/index.css");
    assert!(
        code.contains("\nconsole.warn(\"`/src/index.css` has `@tailwind`"),
        "{code}"
    );
    let files = [("a.css", "@import \"tailwindcss\";\n")];
    insta::assert_snapshot!(output(&files, "style", "a.css"), @r###"
    error[unresolved-import]: cannot resolve `tailwindcss` from `/a.css:1:10`
      1 | @import "tailwindcss";
        |          ^^^^^^^^^^^
      hint: `/a.css` has `@import "tailwindcss"`, which Tailwind turns into CSS and no browser knows: with `npm install tailwindcss@4` it is compiled here
    "###);
    let files = [("a.styl", "a\n  b c\n")];
    insta::assert_snapshot!(output(&files, "style", "a.styl"), @r###"
    error[unsupported]: `.styl` style sheets are not compiled in `/a.styl`
      hint: let its own tool write CSS, and import that; or write `.css`, `.scss` or `.less`
    "###);
}

#[test]
fn production_takes_fewer_bytes_where_all_is_known() {
    let shortened = |text: &str| {
        let mut scene = Scene::new(tree(&[("a.css", text), ("b.png", "")]), "");
        scene.runnable.options.production = true;
        let key = Key::new(Computation::new("style"), path("a.css"));
        let output = scene.runnable.run(&key, &scene).unwrap();
        String::from_utf8(output.parts[0].1.to_vec()).unwrap()
    };
    assert_eq!(
        shortened(".a {\n  color: red;\n  background: url(b.png);\n}\n"),
        ".a{color:red;background:url(\"./b.vaf1349b9f5f9a1a6.png\")}\n"
    );
    let hack = ".a { *zoom: 1; color: red }\n";
    assert_eq!(shortened(hack), hack);
    // What was written for old browsers stays so, and what was not is not lowered.
    let old = ".a { top: 0; right: 0; bottom: 0; left: 0; background: red; background: oklch(40% 0.2 30); -webkit-user-select: none; user-select: none }\n\
        @media (min-width: 600px) { .a { color: rgba(1, 2, 3, 0.5) } }\n.b { inset: 0; &:hover { color: #01020380 } }\n";
    insta::assert_snapshot!(shortened(old), @".a{background:red;-webkit-user-select:none;user-select:none;background:oklch(40% .2 30);inset:0}@media (min-width:600px){.a{color:rgba(1,2,3,.5)}}.b{inset:0;&:hover{color:rgba(1,2,3,.5)}}");
}
