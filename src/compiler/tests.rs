use super::*;

/// Runs on a thread with the stack that is asked for.
fn deep<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(test)
        .unwrap();
    thread.join().unwrap()
}

pub(super) fn emit(source: &str, language: Language, options: &Options) -> Emitted {
    let emitted = parse(source.as_bytes(), language, "ui/a.tsx")
        .and_then(|parsed| parsed.transform(options))
        .and_then(|transformed| {
            transformed.emit(&mut |request| match &*request.specifier {
                "absent" => Replacement::Throw {
                    message: "cannot find `absent`".to_owned(),
                },
                "fs" => Replacement::Unavailable {
                    message: "`fs` is not in browsers".to_owned(),
                },
                other if other.starts_with("./") => Replacement::Specifier(format!("{other}.js")),
                _ => Replacement::Keep,
            })
        })
        .unwrap_or_else(|faults| panic!("{}", faults[0].render(false)));
    // Whatever comes out is a module.
    if let Err(faults) = parse(emitted.code.as_bytes(), Language::Mjs, "out.mjs") {
        panic!("{}\n{}", faults[0].render(false), emitted.code);
    }
    emitted
}

fn code(source: &str) -> String {
    emit(source, Language::Tsx, &Options::default()).code
}

fn faults(source: &[u8], language: Language) -> String {
    let result = parse(source, language, "a.ts")
        .and_then(|parsed| parsed.transform(&Options::default()).map(|_| ()));
    let faults = result.expect_err("it should not compile");
    let texts: Vec<String> = faults.iter().map(|fault| fault.render(false)).collect();
    texts.join("\n")
}

#[test]
fn types_go_and_jsx_becomes_calls() {
    insta::assert_snapshot!(code("import { A, b } from './a'; import type { T } from './t';\nexport const x = (p: A) => <b.c key=\"k\" {...p}>&nbsp;</b.c>;"), @r#"
    import { jsx as _jsx } from "react/jsx-runtime";
    import { b } from "./a.js";
    export const x = (p)=>_jsx(b.c, {
            ...p,
            children: " "
        }, "k");
    "#);
}

#[test]
fn an_import_that_is_only_assigned_to_stays() {
    let code = code(
        "import { a, b, c, d, e, f, unused, T } from './a'; import * as g from './g'; import h = require('./h');\n\
         function own(unused: T) { unused = 1; }\n\
         a = 1; b += 1; [c, ...{ d }] = own; ({ e, x: f = 1 } = own); for (g of []); for ([h] of []);",
    );
    insta::assert_snapshot!(code, @r#"
    import { a, b, c, d, e, f } from "./a.js";
    import * as g from "./g.js";
    import * as _h from "./h.js";
    const h = "module.exports" in _h ? _h["module.exports"] : _h;
    function own(unused) {
        unused = 1;
    }
    a = 1;
    b += 1;
    [c, ...{ d }] = own;
    ({ e, x: f = 1 } = own);
    for (g of []);
    for ([h] of []);
    "#);
}

#[test]
fn enums_map_back_as_tsc_has_it() {
    insta::assert_snapshot!(code("export enum E { A, B = 'b', C = 'c' as any }"), @r#"
    export var E = function(E) {
        E[E["A"] = 0] = "A";
        E["B"] = "b";
        E[E["C"] = 'c'] = "C";
        return E;
    }({});
    "#);
}

#[test]
fn defines_apply_to_globals_only_and_dead_code_asks_for_nothing() {
    let options = Options {
        defines: vec![
            Define::new("process.env.NODE_ENV", "\"production\""),
            Define::new("import.meta.env", "{\"MODE\":\"production\"}"),
        ],
        ..Options::default()
    };
    let source = "if (process.env.NODE_ENV !== 'production') { var h; import('./dev') } else f();\n\
        export const [m, n] = [import.meta.env.MODE, import.meta.env.X];\n\
        export const f = (process) => process.env.NODE_ENV; process.env.NODE_ENV = 1;";
    let parsed = parse(source.as_bytes(), Language::Js, "a.js").unwrap();
    assert!(parsed.transform(&options).unwrap().requests().is_empty());
    insta::assert_snapshot!(emit(source, Language::Js, &options).code, @r#"
    {
        var h;
        f();
    }export const [m, n] = [
        "production",
        void 0
    ];
    export const f = (process)=>process.env.NODE_ENV;
    process.env.NODE_ENV = 1;
    "#);
}

#[test]
fn what_is_written_to_a_define_goes_to_what_it_stands_for() {
    let options = Options {
        defines: vec![
            Define::new("global", "globalThis"),
            Define::new("process.env", "{\"NODE_ENV\":\"production\"}"),
        ],
        ..Options::default()
    };
    let source =
        "global.a = 1; [global.b] = c; global.d++; global = 2; process.env.X = 3; delete global.e;";
    insta::assert_snapshot!(emit(source, Language::Js, &options).code, @r#"
    globalThis.a = 1;
    [globalThis.b] = c;
    globalThis.d++;
    global = 2;
    ({
        "NODE_ENV": "production"
    }).X = 3;
    delete globalThis.e;
    "#);
}

#[test]
fn an_output_brings_its_helpers() {
    let source = "declare const d: any; export @d class A { @d x = 1 } { using r = d; }";
    for decorators in [
        Decorators::Standard,
        Decorators::Legacy {
            metadata: Some(DecoratorMetadata {
                strict_null_checks: true,
            }),
        },
    ] {
        let options = Options {
            decorators,
            ..Options::default()
        };
        let code = emit(source, Language::Ts, &options).code;
        assert!(!code.contains("@swc/helpers"), "{code}");
        assert!(code.contains("function _ts_dispose_resources"), "{code}");
    }
    assert!(!code("export const a = 1").contains("function"));
}

#[test]
fn what_is_not_found_throws_and_still_links() {
    let code = code(
        "import a from 'absent'; export { b as c } from 'absent'; export * from 'absent'; import { r } from 'fs';\nexport const later = () => [a, r(), import('absent')];",
    );
    assert!(
        code.contains("throw new Error(\"cannot find `absent`\")"),
        "{code}"
    );
    assert!(code.contains("export { __absent_1 as c }"), "{code}");
    assert!(!code.contains("from "), "{code}");
}

#[test]
fn import_and_export_assignments_follow_node() {
    insta::assert_snapshot!(code("import x = require('./x'); import T = require('./t'); export = x; let t: T;"), @r#"
    import * as _x from "./x.js";
    const x = "module.exports" in _x ? _x["module.exports"] : _x;
    let t;
    const _exports = x;
    export { _exports as default, _exports as "module.exports" };
    "#);
}

#[test]
fn members_of_what_is_assigned_to_the_exports_are_exported_as_far_as_the_text_tells() {
    let text = "export = x; const a = 0; namespace x { export const a = 1; export type T = 1; export function f() {} }";
    insta::assert_snapshot!(code(text), @r#"
    const a = 0;
    (function(x) {
        x.a = 1;
        function f() {}
        x.f = f;
    })(x || (x = {}));
    var x;
    const _exports = x;
    const { "a": _a, "f": _f } = _exports;
    export { _exports as default, _exports as "module.exports", _a as a, _f as f };
    "#);
    insta::assert_snapshot!(code("const b = 1; export = { a: 1, b, 'c-d': 2, get e() { return 3 }, default: 4 } as const;"), @r#"
    const b = 1;
    const _exports = {
        a: 1,
        b,
        'c-d': 2,
        get e () {
            return 3;
        },
        default: 4
    };
    const { "a": _a, "b": _b, "c-d": _member } = _exports;
    export { _exports as default, _exports as "module.exports", _a as a, _b as b, _member as "c-d" };
    "#);
    for (text, names) in [
        ("const x = ({ a: 1 }) satisfies object; export = x;", "a"),
        (
            "function x() {} namespace x { export class C {} } namespace x { export enum E {} } export = x;",
            "C E",
        ),
        ("declare namespace x { const a: 1 } export = x;", ""),
        ("let x = { a: 1 }; export = x;", ""),
        ("const x = { a: 1 }; export default x;", ""),
        ("export = f();", ""),
    ] {
        let outline = parse(text.as_bytes(), Language::Ts, "a.ts")
            .unwrap()
            .outline();
        let named: Vec<&str> = outline
            .names
            .iter()
            .map(String::as_str)
            .filter(|name| *name != "default")
            .collect();
        assert_eq!(named.join(" "), names, "{text}");
        assert_eq!(outline.is_open, text.contains("export ="), "{text}");
    }
}

#[test]
fn what_is_deferred_is_imported_as_all_else() {
    let text = "import defer * as a from './a'; export const b = [a.x, import.defer('./b'), import.defer(a.y)];";
    insta::assert_snapshot!(code(text), @r#"
    import * as a from "./a.js";
    export const b = [
        a.x,
        import("./b.js"),
        import(a.y)
    ];
    "#);
}

#[test]
fn faults_say_where_and_what_to_do() {
    assert!(faults(b"let a = <b></b>;", Language::Ts).contains("rename the file to `.tsx`"));
    assert!(
        faults(b"<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n", Language::Ts)
            .contains("merge conflict")
    );
    assert!(faults(b"let \xff", Language::Ts).starts_with("error[encoding]"));
    // What is about types alone is none.
    let text = "class A { override a = 1; override b() {} constructor(override c = 1) {} }";
    assert!(code(text).contains("b() {}"));
    // Modules are strict, whatever a script may do.
    assert!(faults(b"with (a) b", Language::Js).starts_with("error[syntax]"));
    assert!(faults(b"export const a = 1, a = 2", Language::Ts).starts_with("error[syntax]"));
}

#[test]
fn deep_nesting_is_refused_and_never_overflows() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("<a>", "", "</a>"),
        ("1+", "1", ""),
        ("!", "1", ""),
        ("a?b:", "1", ""),
        ("x=>", "1", ""),
        ("`${", "1", "}`"),
    ] {
        for count in [1_000, 100_000] {
            let source = format!("x = {}{middle}{};", open.repeat(count), close.repeat(count));
            let code = deep(move || {
                let result = parse(source.as_bytes(), Language::Tsx, "a.tsx")
                    .and_then(|parsed| parsed.transform(&Options::default()))
                    .and_then(|transformed| transformed.emit(&mut |_| Replacement::Keep));
                result.map_err(|faults| faults[0].code.clone()).map(|_| ())
            });
            match count {
                1_000 => assert_eq!(code, Ok(()), "{open} {count}"),
                _ => assert_eq!(code.unwrap_err(), "too-deep", "{open} {count}"),
            }
        }
    }
}

#[test]
fn json_is_what_json_parse_makes_of_it() {
    insta::assert_snapshot!(json_module(b"{\"a\": 1, \"a\": 2, \"b-c\": 1, \"default\": 3, \"__proto__\": null, \"q\": \"'\"}", "a.json").unwrap(), @r#"
    const json = JSON.parse('{"a": 1, "a": 2, "b-c": 1, "default": 3, "__proto__": null, "q": "\'"}');
    export default json;
    export const { a, q } = json;
    "#);
    insta::assert_snapshot!(json_module(b"[1,]", "a.json").unwrap_err()[0].render(false), @r"
    error[json]: expected value in `/a.json:1:4`
      1 | [1,]
        |    ^
      hint: JSON has no trailing commas
    ");
    assert!(json_module(br#"{"a": "\ud800"}"#, "a.json").is_ok());
}

#[test]
fn the_map_leads_back() {
    let options = Options {
        map_url: Some("a.tsx.js.map".to_owned()),
        ..Options::default()
    };
    let emitted = emit(
        "type T = 1;\nexport const \u{1F600}a = 1;"
            .replace('\u{1F600}', "")
            .as_str(),
        Language::Tsx,
        &options,
    );
    assert!(
        emitted
            .code
            .ends_with("//# sourceMappingURL=a.tsx.js.map\n")
    );
    insta::assert_snapshot!(emitted.map.unwrap(), @r#"{"version":3,"sources":["ui/a.tsx"],"sourcesContent":["type T = 1;\nexport const a = 1;"],"names":[],"mappings":"AACA,OAAO,MAAM,IAAI,EAAE"}"#);
}

#[test]
fn fields_are_assignments_where_typescript_says_so() {
    let options = Options {
        use_define_for_class_fields: false,
        ..Options::default()
    };
    insta::assert_snapshot!(emit("class B { a!: string; b = 1; #p = 2; static c = 3 } export class A extends B { d = 4; constructor(public e: number) { super(); } }", Language::Ts, &options).code, @"
    class B {
        constructor(){
            this.b = 1;
            this.#p = 2;
        }
        #p;
        static{
            this.c = 3;
        }
    }
    export class A extends B {
        constructor(e){
            super(), this.e = e, this.d = 4;
        }
    }
    ");
}

#[test]
fn a_file_says_what_it_is() {
    let form = |source: &str| {
        parse(source.as_bytes(), Language::Js, "a.js")
            .unwrap()
            .form()
    };
    assert_eq!(form("export {}"), Form::Module);
    assert_eq!(form("import.meta.url"), Form::Module);
    assert_eq!(form("await f()"), Form::Module);
    assert_eq!(form("module.exports = 1"), Form::CommonJs);
    assert_eq!(form("const a = require('a')"), Form::CommonJs);
    assert_eq!(form("var exports = {}; exports.a = 1"), Form::Script);
    assert_eq!(
        form("var exports = module.exports = {}; exports.a = 1"),
        Form::CommonJs
    );
    assert_eq!(form("const m = module; m.exports = 1"), Form::CommonJs);
    assert_eq!(form("let module = {}; const m = module"), Form::Script);
    assert_eq!(form("alert(1)"), Form::Script);
    for source in [
        "if (module.hot) module.hot.accept()",
        "const a = module.require('a')",
        "if (require.main === module) f()",
        "console.log(require.resolve('a'))",
    ] {
        assert_eq!(form(source), Form::CommonJs, "{source}");
    }
    assert_eq!(form("all.map((module) => module.hot)"), Form::Script);
    // As browserify wraps a library.
    assert_eq!(
        form(
            "(function (f) { if (typeof exports === 'object') module.exports = f(); else window.a = f() })\
            (function () { var define, module, exports; return { 1: function (require, module, exports) { exports.a = 1 } } })"
        ),
        Form::CommonJs
    );
    assert_eq!(
        form(
            "(() => { var exports = {}; exports.a = f(exports); function g() { exports.b = 1 } })()"
        ),
        Form::Script
    );
}

#[test]
fn names_declared_or_exported_twice_are_told() {
    for source in [
        "let a; let a;",
        "let a; { var a }",
        "function f(a) { let a }",
        "const a = 1; export { a, a as a }",
        "export { nothing }",
        "import a from 'a'; class a {}",
        "try {} catch (e) { let e }",
        "try {} catch ({ a }) { var a }",
        "try {} catch ([a, a]) {}",
        "f((a, a) => 1)",
        "f((a, a) => { })",
        "const o = { a = 1 }",
        "f({ b: { a = 1 } })",
    ] {
        assert!(
            faults(source.as_bytes(), Language::Mjs).starts_with("error[syntax]"),
            "{source}"
        );
    }
    for source in [
        "function f() {} var f2; var f2; function g(a) { var a; function a() {} }",
        "enum E { A } enum E { B = 1 } namespace E { export const c = 1 } export { E }",
        "function f(a: string): void; function f(a: any) { } export default f; interface f {}",
        "class C {} namespace C { export let a = 1 } export { C }; type T = 1; export type { T };",
        "for (let i = 0;;) { let i } switch (1) { case 1: { let a } case 2: let a }",
        "import { T } from 't'; export { T }; let a = function a() { let a }",
        "try {} catch (e) { var e } try {} catch ({ a }) { { let a } }",
        "({ a = 1 } = b); [{ a = 1 }] = b; for ({ a = 1 } of b); f(({ a = 1 }) => a); let { c = 1 } = b; var a: any, b: any",
    ] {
        emit(source, Language::Ts, &Options::default());
    }
}

#[test]
fn what_begins_a_statement_behind_what_fills_it_has_its_parentheses() {
    let source = "1, function () { a() }() ? b : c, 2; void 0, (3, { d: e }.f), g; 'x', false || function () {}(), 4;\n\
                  (0, h.i)(); (0, 1, h.j)(); (k, l), m;";
    insta::assert_snapshot!(code(source), @"
    (function() {
        a();
    })() ? b : c, 2;
    ({
        d: e
    }).f, g;
    false || function() {}(), 4;
    (0, h.i)();
    (0, h.j)();
    k, l, m;
    ");
    let options = Options {
        function_form: true,
        ..Options::default()
    };
    let parsed = parse(source.as_bytes(), Language::Tsx, "a.tsx").unwrap();
    let emitted = parsed
        .transform(&options)
        .unwrap()
        .emit(&mut |_| Replacement::Keep);
    let function = emitted.unwrap().code;
    assert!(
        parse(function.as_bytes(), Language::Mjs, "out.mjs").is_ok(),
        "{function}"
    );
}

#[test]
fn a_decorated_class_sees_its_replacement() {
    let options = Options {
        decorators: Decorators::Legacy {
            metadata: Some(DecoratorMetadata {
                strict_null_checks: true,
            }),
        },
        ..Options::default()
    };
    let code = emit(
        "declare const d: any; @d export class A { constructor(a: string) {} static a = () => ({ A, a: A.a }); b?: A }",
        Language::Ts,
        &options,
    )
    .code;
    insta::assert_snapshot!(&code[code.find("let _A").unwrap()..], @r#"
    let _A;
    export class A {
        static{
            _A = this;
        }
        constructor(a){}
        static a = ()=>({
                A: _A,
                a: _A.a
            });
        b;
    }
    A = _ts_decorate([
        d,
        _ts_metadata("design:paramtypes", [
            String
        ])
    ], A);
    _A = A;
    "#);
}

/// Mutations of real text: whatever the bytes, there is a module or a diagnostic, and never a panic. The fuzz target:
/// `HOOKFS_TEST_ROUNDS=1000000` gives the long form, with other mutations for another number.
#[test]
fn mutated_sources_never_break_the_compiler() {
    const SEEDS: [&str; 4] = [
        "import React, { useState as s } from 'react'; export const A = (p: T<x>) => <div {...p} key=\"a\">{p.a ?? <></>}</div>;",
        "@d export class A<T> extends B { @d() private x?: number = 1; constructor(readonly a = 1) { super(); } get b() { return this.#c } #c; static { } }",
        "enum E { A = 1 << 2, B = A | 4, C = 'x' as any } namespace N.M { export let a = E.A } export * as q from './q'; if (process.env.NODE_ENV) { using x = y }",
        "async function* f() { for await (const a of b) yield* `t${a}`; label: while (1) { break label } } try { } catch { } finally { } /re/u.test(a?.b?.[c])",
    ];
    let rounds = match std::env::var("HOOKFS_TEST_ROUNDS") {
        Ok(text) => text.parse().expect("HOOKFS_TEST_ROUNDS is a number"),
        Err(_) => 1_500,
    };
    let broken = deep(move || {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ rounds as u64;
        let mut next = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below as u64).unwrap()
        };
        let mut broken = Vec::new();
        for round in 0..rounds {
            let mut bytes = SEEDS[round % SEEDS.len()].as_bytes().to_vec();
            for _ in 0..=next(3) {
                let at = next(bytes.len());
                match next(3) {
                    0 => drop(bytes.remove(at)),
                    1 => bytes.insert(at, b"(){}[]<>;:,.=!?@#`'\"/\\$ \nax0"[next(28)]),
                    _ => {
                        let other = SEEDS[next(SEEDS.len())].as_bytes();
                        let from = next(other.len());
                        let to = (from + next(12)).min(other.len());
                        bytes.splice(at..at, other[from..to].iter().copied());
                    }
                }
            }
            broken.extend(check_any(&bytes));
        }
        broken
    });
    assert!(
        broken.is_empty(),
        "{} broken, first:\n{}",
        broken.len(),
        broken[0]
    );
}
