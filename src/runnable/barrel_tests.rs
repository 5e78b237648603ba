use super::scene::{Scene, path, tree};
use crate::base::{Key, Part};
use crate::compute::Context;

pub(super) const FREE: (&str, &str) = (
    "node_modules/p/package.json",
    r#"{ "name": "p", "type": "module", "main": "index.js", "sideEffects": false }"#,
);

pub(super) fn code(importer: &str, files: &[(&str, &str)]) -> String {
    let mut all = vec![("a.tsx", importer)];
    all.extend(files);
    let code = Scene::new(tree(&all), "").code("a.tsx");
    code.replace("//# sourceMappingURL=a.tsx.js.map\n", "")
        .replace("./node_modules/", "~/")
}

#[test]
fn a_name_is_imported_from_where_it_is_defined() {
    let files = [
        FREE,
        (
            "node_modules/p/index.js",
            "export { default as A, default as AIcon } from './a.js';\nimport { b as local } from './b.js';\n\
            import * as all from './c.js';\nexport { local as b, all };\nexport * as c from './c.js';\nexport * from './d.js';\n\
            export { default } from './a.js';\nexport const own = 1;\n",
        ),
        ("node_modules/p/a.js", "export default class A {}"),
        ("node_modules/p/b.js", "export * from './deep/b.js';"),
        ("node_modules/p/deep/b.js", "export const b = 1;"),
        ("node_modules/p/c.js", "export const c = 1;"),
        ("node_modules/p/d.js", "export let d, e; export default 1;"),
    ];
    insta::assert_snapshot!(code("import { A, AIcon as Icon } from 'p'; A(Icon);", &files), @r#"
    import { default as A, default as Icon } from "~/p/a.js";
    A(Icon);
    "#);
    insta::assert_snapshot!(code("import P, { b, all, c as C, d, own } from 'p'; P(b, all, C, d, own);", &files), @r#"
    import { own } from "~/p/index.js";
    import { default as P } from "~/p/a.js";
    import { b } from "~/p/deep/b.js";
    import * as all from "~/p/c.js";
    import * as C from "~/p/c.js";
    import { d } from "~/p/d.js";
    P(b, all, C, d, own);
    "#);
    insta::assert_snapshot!(code("export { A, A as default, b as 'a b', all, own } from 'p';", &files), @r#"
    export { own } from "~/p/index.js";
    export { default as A, default } from "~/p/a.js";
    export { b as 'a b' } from "~/p/deep/b.js";
    export * as all from "~/p/c.js";
    "#);
    // All of it, or nothing but that it runs: it is loaded.
    insta::assert_snapshot!(code("import * as P from 'p'; import 'p'; export * from 'p'; import A, * as Q from 'p'; A(P, Q);", &files), @r#"
    import * as P from "~/p/index.js";
    import "~/p/index.js";
    export * from "~/p/index.js";
    import * as Q from "~/p/index.js";
    import { default as A } from "~/p/a.js";
    A(P, Q);
    "#);
    // Of what it does not export the file that was asked is told.
    insta::assert_snapshot!(code("import { nothing } from 'p'; nothing();", &files), @r"
    error[missing-export]: cannot import `nothing` from `p` in `/a.tsx:1:10`
      1 | import { nothing } from 'p'; nothing();
        |          ^^^^^^^
      hint: it has a default export: `import nothing from 'p'`
    ");
}

#[test]
fn a_namespace_of_which_members_are_read_is_imported_by_them() {
    let files = [
        FREE,
        (
            "node_modules/p/index.js",
            "export { default as A } from './a.js';\nexport * from './b.js';\nexport * as c from './c.js';\nexport const own = 1;\n",
        ),
        ("node_modules/p/a.js", "export default class A {}"),
        ("node_modules/p/b.js", "export const b = 1, B = 2;"),
        ("node_modules/p/c.js", "export const c = 1;"),
    ];
    insta::assert_snapshot!(code("import * as P from 'p'; export const x = [P.A, P.b?.z, P['c'].c, typeof P.B, new P.A(), P.b(P.b), P.b`x`];", &files), @r#"
    import { default as __member_1 } from "~/p/a.js";
    import { B as __member_2, b as __member_3 } from "~/p/b.js";
    import * as __member_4 from "~/p/c.js";
    export const x = [
        __member_1,
        __member_3?.z,
        __member_4.c,
        typeof __member_2,
        new __member_1(),
        __member_3(__member_3),
        __member_3`x`
    ];
    "#);
    // Whatever else is done with it, it is loaded.
    for text in [
        "P",
        "{ P }",
        "P[name]",
        "P.b = 1",
        "P.b++",
        "delete P.b",
        "[P.b] = [1]",
        "P?.b",
        "P.b + P.own",
        "P.b + P.nothing",
        "P.b + ((P) => P.b)(1)",
        "eval('P') + P.b",
        "function () { for (P.b of []); }",
    ] {
        let code = code(
            &format!("import * as P from 'p'; export const x = ({text}, 1);")
                .replace("({ P }, 1)", "{ P }"),
            &files,
        );
        assert!(
            code.contains(r#"import * as P from "~/p/index.js";"#),
            "{text}\n{code}"
        );
    }
}

/// What `import { x } from 'p'` becomes.
fn asked_of(files: &[(&str, &str)]) -> String {
    let code = code("import { x } from 'p'; x();", files);
    code.lines().next().unwrap().to_owned()
}

#[test]
fn what_is_not_sure_is_asked_of_the_file_that_was_named() {
    let whole = r#"import { x } from "~/p/index.js";"#;
    let package = "node_modules/p/package.json";
    for (files, why) in [
        (
            vec![(package, r#"{ "type": "module", "main": "index.js" }"#)],
            "nothing said of it",
        ),
        (
            vec![(package, r#"{ "type": "module", "sideEffects": true }"#)],
            "it has side effects",
        ),
        (
            vec![(
                package,
                r#"{ "type": "module", "sideEffects": ["*.css", "index.js"] }"#,
            )],
            "this file has",
        ),
        (
            vec![(
                "node_modules/p/index.js",
                "import { x } from './x.js'; const y = x; export { y as x };",
            )],
            "its own",
        ),
        (
            vec![
                ("node_modules/p/x.js", "exports.x = 1;"),
                (package, r#"{ "main": "index.js", "sideEffects": false }"#),
            ],
            "CommonJS",
        ),
        (
            vec![("node_modules/p/x.js", "export { x } from './index.js';")],
            "a circle",
        ),
        (
            vec![("node_modules/p/x.js", "export const y = 1;")],
            "an error",
        ),
        (
            vec![("node_modules/p/x.js", "export const = 1;")],
            "a syntax error",
        ),
        (
            vec![
                (
                    "node_modules/p/index.js",
                    "export * from './x.js'; export * from './y.js';",
                ),
                ("node_modules/p/y.js", "export const x = 2;"),
            ],
            "two of a name",
        ),
        (
            vec![(
                "node_modules/p/index.js",
                "export * from './x.js'; export * from './absent.js';",
            )],
            "who knows what that has",
        ),
        (
            vec![
                (
                    "node_modules/p/index.js",
                    "export * from './x.js'; export * from './y.cjs';",
                ),
                ("node_modules/p/y.cjs", "module.exports = f();"),
            ],
            "nor that",
        ),
        (
            vec![
                ("node_modules/p/index.js", "export * from './y.js';"),
                (
                    "node_modules/p/y.js",
                    "export * from './index.js'; export * from './x.js';",
                ),
            ],
            "stars in a circle",
        ),
        (
            vec![
                (
                    "node_modules/p/index.js",
                    "export { default as x } from './x.json' with { type: 'json' };",
                ),
                ("node_modules/p/x.json", "1"),
            ],
            "no code",
        ),
        (
            vec![("node_modules/p/index.js", "export { x } from 'q';")],
            "not there",
        ),
    ] {
        let mut all = vec![
            FREE,
            ("node_modules/p/index.js", "export { x } from './x.js';"),
            ("node_modules/p/x.js", "export const x = 1;"),
        ];
        all.retain(|(name, _)| files.iter().all(|(other, _)| other != name));
        all.extend(files);
        assert_eq!(asked_of(&all), whole, "{why}");
    }
}

#[test]
fn only_files_without_side_effects_are_left_out() {
    let files = |effects: &'static str| {
        vec![
            ("node_modules/p/package.json", effects),
            ("node_modules/p/index.js", "export { x } from './y.js';"),
            ("node_modules/p/y.js", "export * from './z.js';"),
            ("node_modules/p/z.js", "export { default as x } from 'q';"),
            (
                "node_modules/q/package.json",
                r#"{ "type": "module", "exports": "./q.js" }"#,
            ),
            ("node_modules/q/q.js", "export { default } from './r.js';"),
            ("node_modules/q/r.js", "export default 1;"),
        ]
    };
    insta::assert_snapshot!(asked_of(&files(r#"{ "type": "module", "sideEffects": false }"#)), @r#"import { default as x } from "~/q/q.js";"#);
    insta::assert_snapshot!(asked_of(&files(r#"{ "type": "module", "sideEffects": ["./z.js"] }"#)), @r#"import { x } from "~/p/z.js";"#);
    insta::assert_snapshot!(asked_of(&files(r#"{ "type": "module", "sideEffects": "y.js" }"#)), @r#"import { x } from "~/p/y.js";"#);
    // The same by stars alone.
    let mut stars = files(r#"{ "type": "module", "sideEffects": ["./y.js"] }"#);
    stars[1].1 = "export * from './y.js';";
    stars[3].1 = "export const x = 1;";
    insta::assert_snapshot!(asked_of(&stars), @r#"import { x } from "~/p/y.js";"#);
}

#[test]
fn files_of_the_project_are_left_out_where_its_package_says_so() {
    let barrel = [
        (
            "ui/index.ts",
            "export { Button, Size } from './button';\nexport * from './form';\n",
        ),
        (
            "ui/button.tsx",
            "export const Button = 1;\nexport type Size = 1;\n",
        ),
        ("ui/form.tsx", "export function Form() {}\n"),
    ];
    let importer =
        "import { Button, Size, Form } from './ui'; export const s: Size = Button(Form);";
    let whole = code(importer, &barrel);
    assert!(
        whole.contains(r#"import { Button, Form } from "./ui/index.ts.js";"#),
        "{whole}"
    );
    let mut free = barrel.to_vec();
    free.push(("package.json", r#"{ "sideEffects": false }"#));
    insta::assert_snapshot!(code(importer, &free), @r#"
    import { Button } from "./ui/button.tsx.js";
    import { Form } from "./ui/form.tsx.js";
    export const s = Button(Form);
    "#);
    insta::assert_snapshot!(code("import { Buton, Form } from './ui'; Buton(Form);", &free), @r"
    error[missing-export]: cannot import `Buton` from `./ui` in `/a.tsx:1:10`
      1 | import { Buton, Form } from './ui'; Buton(Form);
        |          ^^^^^
      hint: did you mean `Button`?
    ");
}

#[test]
fn what_is_left_out_is_not_read() {
    let icons: Vec<String> = (0..50)
        .map(|at| format!("node_modules/p/i{at}.js"))
        .collect();
    let index: String = (0..50)
        .map(|at| format!("export {{ default as I{at} }} from './i{at}.js';\n"))
        .collect();
    let mut files = vec![
        FREE,
        ("node_modules/p/index.js", &index),
        ("a.tsx", "import { I7, I8 } from 'p'; I7(I8);"),
    ];
    files.extend(
        icons
            .iter()
            .map(|name| (name.as_str(), "export default 1;")),
    );
    let scene = Scene::new(tree(&files), "");
    let output = scene.module("a.tsx").unwrap();
    let links: Vec<String> = output.links.iter().map(ToString::to_string).collect();
    assert_eq!(
        links,
        [
            "module:/node_modules/p/i7.js",
            "module:/node_modules/p/i8.js"
        ]
    );
    let read: Vec<String> = scene
        .asked
        .take()
        .into_keys()
        .filter(|(kind, _)| *kind == 0)
        .map(|(_, path)| path.to_string())
        .collect();
    let of_package: Vec<&String> = read.iter().filter(|path| path.contains("/i")).collect();
    assert_eq!(
        of_package,
        [
            "/node_modules/p/i7.js",
            "/node_modules/p/i8.js",
            "/node_modules/p/index.js"
        ]
    );
}

#[test]
fn an_importer_depends_on_the_names_that_it_imports() {
    let answer = |index: &str, name: &str| {
        let files = [
            FREE,
            ("node_modules/p/index.js", index),
            ("node_modules/p/a.js", "export const a = 1;"),
        ];
        let scene = Scene::new(tree(&files), "");
        let key = Key::new(
            crate::base::Computation::of("export", name),
            path("node_modules/p/index.js"),
        );
        scene.hash(&key, Part::MAIN).unwrap()
    };
    let before = answer("export { a } from './a.js';", "a");
    assert_eq!(
        answer("export const b = 1;\nexport { a } from './a.js';", "a"),
        before
    );
    assert_ne!(answer("export const a = 1;", "a"), before);
}

#[test]
fn what_its_file_does_not_export_is_asked_of_the_file_that_passes_it_on() {
    let files = [
        FREE,
        (
            "node_modules/p/index.js",
            "export { nope, v } from './leaf/i.ts';\nexport { Shape } from './leaf/i.ts';\n",
        ),
        (
            "node_modules/p/leaf/package.json",
            r#"{ "type": "module" }"#,
        ),
        (
            "node_modules/p/leaf/i.ts",
            "export const v = 1;\nexport interface Shape {}\n",
        ),
    ];
    insta::assert_snapshot!(code("import { nope, v, Shape } from 'p'; f(nope, v, Shape);", &files), @r#"
    import { nope, Shape } from "~/p/index.js";
    import { v } from "~/p/leaf/i.ts.js";
    f(nope, v, Shape);
    "#);
}

#[test]
fn members_take_no_name_of_the_source() {
    let files = [
        FREE,
        ("node_modules/p/index.js", "export { v } from './v.js';"),
        ("node_modules/p/v.js", "export const v = 1;"),
    ];
    let importer =
        "import * as P from 'p'; export function f(__member_1) { return P.v + __member_1 }";
    insta::assert_snapshot!(code(importer, &files), @r#"
    import { v as __member__1 } from "~/p/v.js";
    export function f(__member_1) {
        return __member__1 + __member_1;
    }
    "#);
}
