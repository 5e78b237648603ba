use crate::base::{Computation, Key, Part};
use crate::compute::Context;
use crate::router::{File, Found, View};
use crate::runnable::hashed::IN_WORKER;
use crate::runnable::scene::{Scene, hidden, path, tree};
use crate::runnable::views::outputs;

const RUNTIME: &str = "export const jsx = 1, jsxs = 2, jsxDEV = 3, Fragment = 4;";

fn scene(files: &[(&str, &str)]) -> Scene {
    let react = [
        ("node_modules/react/jsx-dev-runtime.js", RUNTIME),
        (
            "node_modules/react/index.js",
            "export const createElement = 1;",
        ),
        ("node_modules/preact/jsx-dev-runtime.js", RUNTIME),
        (
            "src/logo.svg",
            "<svg fill-rule='evenodd'><path d='M0'/></svg>",
        ),
    ];
    let files: Vec<_> = react.iter().chain(files).copied().collect();
    Scene::new(tree(&files), "src")
}

/// The text that stands at a name under `/~@/`.
fn text(scene: &Scene, name: &str) -> String {
    let found = outputs(&path("src")).lookup(scene, &path(name)).unwrap();
    let Found::File(File::Node { key, part, .. }) = found else {
        return format!("{found:?}");
    };
    let text = scene.fetch(&key, part);
    let text = text.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
    hidden(&text.unwrap_or_else(|failure| failure.to_string()))
}

#[test]
fn a_query_makes_a_component_of_an_svg() {
    let scene = scene(&[(
        "src/a.tsx",
        "import One from './logo.svg?react';
         import Two, { ReactComponent as Three } from '/logo.svg?svgr';
         import Four from './logo.svg?component';
         import url from './logo.svg?v=1';
         import text from './logo.svg?react&raw';
         export { default as Five } from './logo.svg?react';
         const six = import('./logo.svg?react');
         const all = import.meta.glob('./*.svg', { query: '?react', import: 'default', eager: true });
         export default [One, Two, Three, Four, url, text, six, all, import.meta.resolve('./logo.svg?react')];",
    )]);
    insta::assert_snapshot!(scene.code("src/a.tsx"), @r#"
    import { "default" as __glob_1_0 } from "./logo.svg.react.js";
    import One from "./logo.svg.react.js";
    import Two, { ReactComponent as Three } from "./logo.svg.react.js";
    import Four from "./logo.svg.react.js";
    import url from "./logo.svg.js";
    import text from "./logo.svg.raw.js";
    export { default as Five } from "./logo.svg.react.js";
    const six = import("./logo.svg.react.js");
    const all = ({
        "./logo.svg": __glob_1_0
    });
    export default [
        One,
        Two,
        Three,
        Four,
        url,
        text,
        six,
        all,
        import.meta.resolve("./logo.svg.react.js")
    ];
    //# sourceMappingURL=a.tsx.js.map
    "#);
    insta::assert_snapshot!(text(&scene, "logo.svg.react.js"), @r#"
    import { jsxDEV as _jsxDEV } from "./~root/node_modules/react/jsx-dev-runtime.js";
    const SvgLogo = (props)=>_jsxDEV("svg", {
            fillRule: "evenodd",
            ...props,
            children: _jsxDEV("path", {
                d: "M0"
            }, void 0, false, {
                fileName: "logo.svg.react.js",
                lineNumber: 1,
                columnNumber: 65
            }, this)
        }, void 0, false, {
            fileName: "logo.svg.react.js",
            lineNumber: 1,
            columnNumber: 28
        }, this);
    export default SvgLogo;
    export { SvgLogo as ReactComponent };
    //# sourceMappingURL=logo.svg.react.js.map
    "#);
    let run = text(&scene, "~run/logo.svg.react.js");
    assert!(
        run.contains("node_modules/react/jsx-dev-runtime.js"),
        "{run}"
    );
    let map = text(&scene, "logo.svg.react.js.map");
    assert!(map.contains("const SvgLogo = (props)"), "{map}");
    let worker = scene.fetch(
        &Key::new(IN_WORKER, path("src/logo.svg.react.js")),
        Part::MAIN,
    );
    let worker = hidden(std::str::from_utf8(&worker.unwrap()).unwrap());
    assert!(
        worker.contains("jsx-dev-runtime.js.in-worker.v#.js"),
        "{worker}"
    );
    assert_eq!(text(&scene, "none.svg.react.js"), "Absent");
    assert_eq!(text(&scene, "a.tsx.react.js"), "Absent");
}

#[test]
fn the_component_has_a_name_beside_the_url() {
    let scene = scene(&[
        (
            "src/a.tsx",
            "import logo, { ReactComponent as Logo } from './logo.svg';\nexport default <Logo src={logo}/>;",
        ),
        (
            "src/b.tsx",
            "import { ReactComponent } from './logo.svg';\nexport { ReactComponent as C } from './logo.svg';\nexport default ReactComponent;",
        ),
        (
            "src/c.tsx",
            "import { C } from './b';\nimport logo from './logo.svg';\nexport default [C, logo];",
        ),
        (
            "src/d.tsx",
            "import { Icon } from './logo.svg';\nimport { Other } from './logo.svg?react';\nimport { ReactComponent } from './logo.svg?url';\nexport default [Icon, Other, ReactComponent];",
        ),
    ]);
    let codes = ["a", "b", "c", "d"].map(|name| scene.code(&format!("src/{name}.tsx")));
    insta::assert_snapshot!(codes.join("\n"), @r#"
    import { jsxDEV as _jsxDEV } from "./~root/node_modules/react/jsx-dev-runtime.js";
    import logo from "./logo.svg.js";
    import { ReactComponent as Logo } from "./logo.svg.react.js";
    export default _jsxDEV(Logo, {
        src: logo
    }, void 0, false, {
        fileName: "a.tsx",
        lineNumber: 2,
        columnNumber: 16
    }, this);
    //# sourceMappingURL=a.tsx.js.map

    import { ReactComponent } from "./logo.svg.react.js";
    export { ReactComponent as C } from "./logo.svg.react.js";
    export default ReactComponent;
    //# sourceMappingURL=b.tsx.js.map

    import { C } from "./b.tsx.js";
    import logo from "./logo.svg.js";
    export default [
        C,
        logo
    ];
    //# sourceMappingURL=c.tsx.js.map

    error[missing-export]: cannot import `Icon` from `./logo.svg` in `/d.tsx:1:10`
      1 | import { Icon } from './logo.svg';
        |          ^^^^
      2 | import { Other } from './logo.svg?react';
      3 | import { ReactComponent } from './logo.svg?url';
      hint: it has a default export: `import Icon from './logo.svg'`
    error[missing-export]: cannot import `Other` from `./logo.svg?react` in `/d.tsx:2:10`
      1 | import { Icon } from './logo.svg';
      2 | import { Other } from './logo.svg?react';
        |          ^^^^^
      3 | import { ReactComponent } from './logo.svg?url';
      hint: it has a default export: `import Other from './logo.svg?react'`
    error[missing-export]: cannot import `ReactComponent` from `./logo.svg?url` in `/d.tsx:3:10`
      2 | import { Other } from './logo.svg?react';
      3 | import { ReactComponent } from './logo.svg?url';
        |          ^^^^^^^^^^^^^^
      4 | export default [Icon, Other, ReactComponent];
      hint: it has a default export: `import ReactComponent from './logo.svg?url'`
    "#);
    // Who wants the URL alone has nothing else.
    let url = text(&scene, "logo.svg.js");
    assert!(!url.contains("react"), "{url}");
}

#[test]
fn it_is_compiled_as_the_project_says() {
    let config = |options: &str| {
        let config = format!(r#"{{ "compilerOptions": {{ {options} }} }}"#);
        let scene = scene(&[("tsconfig.json", &config)]);
        text(&scene, "logo.svg.react.js")
    };
    let preact = config(r#""jsx": "react-jsx", "jsxImportSource": "preact""#);
    assert!(
        preact.contains("node_modules/preact/jsx-dev-runtime.js"),
        "{preact}"
    );
    let classic = config(r#""jsx": "react""#);
    assert!(classic.contains("React.createElement(\"svg\""), "{classic}");
    assert!(classic.contains("node_modules/react/index.js"), "{classic}");
    let factory = config(r#""jsx": "react", "jsxFactory": "h""#);
    assert!(
        factory.contains("node_modules/preact/jsx-dev-runtime.js"),
        "{factory}"
    );
}

#[test]
fn svgs_of_packages_and_of_hooks_are_components_too() {
    let scene = Scene::with(
        tree(&[
            (
                "src/a.tsx",
                "import One from 'icons/one.svg?react';\nimport Two from './two.svg?react';\nexport default [One, Two];",
            ),
            (
                "node_modules/.pnpm/icons@1/node_modules/icons/one.svg",
                "<svg/>",
            ),
            (
                "node_modules/.pnpm/icons@1/node_modules/icons/package.json",
                "{}",
            ),
            ("node_modules/icons", "-> .pnpm/icons@1/node_modules/icons"),
            ("src/node_modules/react/jsx-dev-runtime.js", RUNTIME),
            ("src/two.svg.hook.ts", "export default '<svg id=\"two\"/>';"),
            ("src/link.svg", "-> ../node_modules/icons/one.svg"),
        ]),
        "src",
        crate::runnable::hook::tests::workers(),
    );
    insta::assert_snapshot!(scene.code("src/a.tsx"), @r#"
    import One from "./~root/node_modules/.pnpm/icons@1/node_modules/icons/one.svg.react.js";
    import Two from "./two.svg.react.js";
    export default [
        One,
        Two
    ];
    //# sourceMappingURL=a.tsx.js.map
    "#);
    let one = text(
        &scene,
        "~root/node_modules/.pnpm/icons@1/node_modules/icons/one.svg.react.js",
    );
    assert!(
        one.contains("/node_modules/react/jsx-dev-runtime.js"),
        "{one}"
    );
    let two = text(&scene, "two.svg.react.js");
    assert!(two.contains("id: \"two\""), "{two}");
    let link = outputs(&path("src")).lookup(&scene, &path("link.svg.react.js"));
    let target = b"~root/node_modules/.pnpm/icons@1/node_modules/icons/one.svg.react.js";
    assert!(matches!(link.unwrap(), Found::Link(link) if link == target));
}

#[test]
fn a_broken_svg_is_told_by_its_component() {
    let scene = scene(&[
        ("src/bad.svg", "<svg>\n  <g>\n</svg>\n"),
        (
            "src/a.tsx",
            "import Bad from './bad.svg?react';\nexport default Bad;",
        ),
    ]);
    assert!(!scene.code("src/a.tsx").contains("error"));
    insta::assert_snapshot!(text(&scene, "bad.svg.react.js"), @r"
    error[svg]: `</svg>` stands where `<g>` is open in `/bad.svg:3:1`
      2 |   <g>
      3 | </svg>
        | ^^^^^^
      hint: an SVG is XML: every element is closed, every attribute has a value in quotes; `?url` and `?raw` take the file as it is
    ");
}

#[test]
fn a_component_takes_its_edits_upon_itself() {
    let scene = scene(&[]);
    let piece = Computation::of("hot", "piece module");
    let piece = scene.fetch(&Key::new(piece, path("src/logo.svg.react.js")), Part::MAIN);
    let piece = String::from_utf8(piece.unwrap().to_vec()).unwrap();
    assert!(piece.contains("SvgLogo"), "{piece}");
    insta::assert_snapshot!(piece, @r#"({ requests: ["./~root/node_modules/react/jsx-dev-runtime.js"], imports: [0,"jsxDEV"], exports: ["default","ReactComponent"], indirect: [], stars: [], async: false, run: (0, (function*($_,$_0){"use strict";yield[(()=>$_default),(()=>SvgLogo)];const SvgLogo=props=>(0,$_0.jsxDEV)("svg",{fillRule:"evenodd",...props,children:(0,$_0.jsxDEV)("path",{d:"M0"},void 0,false,{fileName:"logo.svg.react.js",lineNumber:1,columnNumber:65},this)},void 0,false,{fileName:"logo.svg.react.js",lineNumber:1,columnNumber:28},this);const $_default=SvgLogo;$_.register(SvgLogo,"SvgLogo");})) })"#);
}
