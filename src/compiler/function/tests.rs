use crate::compiler::{Language, Options, Replacement, function_form, parse};

fn form(text: &str) -> String {
    function_form(text, "a.js").unwrap()
}

#[test]
fn a_module_becomes_a_definition() {
    let text = form(
        "import d, { x as y, \"a b\" as z } from './a.js';
import * as ns from './b.js';
export * from './c.js';
export * as c from './c.js';
export { d as again, ns };
export let count = y;
export default function () { return z(count), import.meta.url; }
for (y of [1]) ({ y } = import('./d.js'));",
    );
    insta::assert_snapshot!(text, @r#"
    ({ requests: ["./a.js","./b.js","./c.js"], imports: [0,"default",0,"x",0,"a b"], exports: ["count","default"], indirect: [["c",2,null],["again",0,"default"],["ns",1,null]], stars: [2], dynamic: ["./d.js"], async: false, run: (0, (function*($_, $_0, $_1, $_2) {
        "use strict";
        const ns = $_.namespace(1);
        const $_default = {
            default: function() {
                return (0, $_0["a b"])(count), $_.meta.url;
            }
        }.default;
        yield [
            (()=>count),
            (()=>$_default)
        ];
        let count = $_0.x;
        for ($_0.x of [
            1
        ])({ y: $_0.x } = $_.import('./d.js'));
    })) })
    "#);
}

#[test]
fn each_request_is_given_its_own_replacement_whatever_those_before_became() {
    let text = "new Worker(new URL('./w', import.meta.url), { type: 'module' }); import('./i');\n\
        import.meta.resolve('./r'); new URL('./u', import.meta.url); f(() => import('./j'));";
    for function_form in [false, true] {
        let options = Options {
            function_form,
            ..Options::default()
        };
        let transformed = parse(text.as_bytes(), Language::Ts, "a.ts").unwrap();
        let emitted = transformed
            .transform(&options)
            .unwrap()
            .emit(&mut |request| {
                let to = format!("{}.js", request.specifier);
                match request.kind.is_url() && function_form {
                    true => Replacement::Resolved(to),
                    false => Replacement::Specifier(to),
                }
            });
        let code = emitted.unwrap().code;
        let all = ["./w.js", "./i.js", "./r.js", "./u.js", "./j.js"];
        let places: Vec<_> = all.iter().map(|one| code.rfind(one)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{code}"
        );
    }
}

#[test]
fn the_heritage_of_a_class_knows_its_name() {
    let text = form(
        "import { A, B } from './a.js'; f(class A extends g(() => A, B) { a = [A, B]; }, class extends A {});",
    );
    insta::assert_snapshot!(text, @r#"
    ({ requests: ["./a.js"], imports: [0,"A",0,"B"], exports: [], indirect: [], stars: [], async: false, run: (0, (function*($_, $_0) {
        "use strict";
        yield [];
        f(class A extends g(()=>A, $_0.B) {
            a = [
                A,
                $_0.B
            ];
        }, class extends $_0.A {
        });
    })) })
    "#);
}

#[test]
fn awaits_are_yielded_at_the_top_level_alone() {
    let text =
        form("const a = await f(); async function f() { await 1; for await (const x of y); }");
    insta::assert_snapshot!(text, @r#"
    ({ requests: [], imports: [], exports: [], indirect: [], stars: [], async: true, run: (0, (function*($_) {
        "use strict";
        yield [];
        const a = yield f();
        async function f() {
            await 1;
            for await (const x of y);
        }
    })) })
    "#);
}

#[test]
fn a_loop_that_awaits_is_written_out() {
    insta::assert_snapshot!(form("outer: for await (const { x } of y) { continue outer; }"), @r#"
    ({ requests: [], imports: [], exports: [], indirect: [], stars: [], async: true, run: (0, (function*($_) {
        "use strict";
        yield [];
        {
            const $_loop1 = $_.iterate(y);
            try {
                outer: while($_loop1.step((yield $_loop1.next()))){
                    const { x } = $_loop1.value;
                    {
                        continue outer;
                    }
                }
            } catch (error) {
                throw $_loop1.fail(error);
            } finally{
                if ($_loop1.close()) {
                    try {
                        $_loop1.closed((yield $_loop1.result));
                    } catch (error) {
                        $_loop1.closing(error);
                    }
                }
            }
        }
    })) })
    "#);
}

#[test]
fn names_that_the_file_has_are_not_taken() {
    let text = form("import { x } from './a.js'; const $_0 = x, $__ = 1;");
    assert!(text.contains("function*($___, $___0)"), "{text}");
    assert!(text.contains("const $_0 = $___0.x"), "{text}");
}

#[test]
fn a_text_is_one_expression_that_begins_on_its_first_line() {
    let text = form("export const a = 1;\n");
    assert!(
        text.starts_with("({ requests: [") && text.ends_with("})\n"),
        "{text}"
    );
}

#[test]
fn who_runs_the_file_is_left_out() {
    let text = form("#!/usr/bin/env node\nexport const a = 1;\n");
    assert!(
        text.starts_with("({ requests") && !text.contains("#!"),
        "{text}"
    );
}

#[test]
fn the_map_leads_to_the_source() {
    let options = Options {
        function_form: true,
        map_url: Some("a.ts.js.map".to_owned()),
        ..Options::default()
    };
    let source = b"const a: number = 1;\nfail(a);\n";
    let transformed = parse(source, Language::Ts, "a.ts")
        .unwrap()
        .transform(&options)
        .unwrap();
    let emitted = transformed.emit(&mut |_| Replacement::Keep).unwrap();
    let line = emitted
        .code
        .lines()
        .position(|line| line.contains("fail(a)"))
        .unwrap();
    assert!(emitted.code.ends_with("//# sourceMappingURL=a.ts.js.map\n"));
    let map: serde_json::Value = serde_json::from_str(&emitted.map.unwrap()).unwrap();
    let mappings = map["mappings"].as_str().unwrap();
    assert!(
        !mappings.split(';').nth(line).unwrap().is_empty(),
        "{mappings}"
    );
}

#[test]
fn what_no_engine_would_take_is_refused() {
    for text in [
        "new import('./a.js')",
        "new import('./a.js').x()",
        "import(...x)",
        "import { eval } from './a.js'",
        "import { x as arguments } from './a.js'",
        "import './a.js' with { type: 'a', type: 'b' }",
        "const x = 1; export { x as '\\uD83D' }",
        "import.m\\u0065ta",
        "export {} null",
    ] {
        assert!(function_form(text, "a.js").is_err(), "{text}");
    }
    for text in [
        "new (import('./a.js'))",
        "export {}\nnull",
        "export {};null",
    ] {
        assert!(function_form(text, "a.js").is_ok(), "{text}");
    }
}

#[test]
fn what_stands_before_the_function_says_how_it_is_linked() {
    let form = |text: &str| function_form(text, "a.js").unwrap();
    let tables = |text: &str| {
        let form = form(text);
        let tables = super::tables(form.as_bytes()).unwrap();
        String::from_utf8(tables.to_vec()).unwrap()
    };
    let one = tables(r#"import { x } from './a\\", run: (0, '; export const y = x;"#);
    assert!(one.ends_with("stars: [], async: false"), "{one}");
    let other = tables(r#"import { x } from './a\\", run: (0, '; export const y = 2 + x;"#);
    assert_eq!(one, other);
    for text in [
        "import { x } from './b'; export const y = x;",
        "import { z as x } from './a'; export const y = x;",
        "import { x } from './a'; export const z = x;",
        "import { x } from './a'; export const y = await x;",
        "import { x } from './a'; export const y = x; export * from './a';",
        "import { x } from './a'; export const y = () => import('./b');",
    ] {
        assert_ne!(
            tables("import { x } from './a'; export const y = x;"),
            tables(text)
        );
    }
    let end = |text: &str| tables(text).split_once("stars: [], ").unwrap().1.to_owned();
    let two = "import(`./a`); import('./b').then(() => import('./a'));";
    assert_eq!(end(two), r#"dynamic: ["./a","./b"], async: false"#);
    let computed = "import('./a'); import(x);";
    assert_eq!(end(computed), "dynamic: null, async: false");
    assert_eq!(super::tables(b"{\"fault\": \", run: (0, \"}"), None);
}
