use super::*;
use crate::compiler::{CommonJs, Define, Language, Options, Replacement, parse};

fn options() -> Options {
    Options {
        defines: vec![Define::new("process.env.NODE_ENV", "\"development\"")],
        ..Options::default()
    }
}

fn exports(source: &str) -> String {
    let exports = parse(source.as_bytes(), Language::Cjs, "a.cjs")
        .and_then(|parsed| parsed.transform_common(&options()))
        .map(|transformed| transformed.exports().cloned().unwrap())
        .unwrap_or_else(|faults| panic!("{}", faults[0].render(false)));
    let reexports = exports.reexports.iter().map(|name| format!("*{name}"));
    let mut all: Vec<String> = exports.names.iter().cloned().chain(reexports).collect();
    if exports.is_open {
        all.push("…".to_owned());
    }
    all.join(" ")
}

/// The body of the compiled file, without what is around every file.
fn code(source: &str) -> String {
    let emitted = parse(source.as_bytes(), Language::Js, "lib/a.js")
        .and_then(|parsed| parsed.transform_common(&options()))
        .and_then(|transformed| {
            transformed.emit(&mut |request| match &*request.specifier {
                "absent" => Replacement::Throw {
                    message: "cannot resolve `absent`".to_owned(),
                },
                "left-out" => Replacement::Empty,
                other if other.ends_with(".json") => Replacement::Value(format!("{other}.js")),
                other => Replacement::Specifier(format!("{other}.commonjs.js")),
            })
        })
        .unwrap_or_else(|faults| panic!("{}", faults[0].render(false)));
    if let Err(faults) = parse(emitted.code.as_bytes(), Language::Mjs, "out.mjs") {
        panic!("{}\n{}", faults[0].render(false), emitted.code);
    }
    let (before, rest) = emitted.code.split_once("export { __commonjs").unwrap();
    let (_, body) = rest.split_once("function __commonjs_body").unwrap();
    let (_, body) = body.split_once('\n').unwrap();
    format!("{before}{}", body.trim_end().trim_end_matches('}'))
}

#[test]
fn names_are_found_where_node_finds_them() {
    for (source, want) in [
        (
            "exports.a = 1; exports['b-c'] = 2; exports.default = 3",
            "a b-c",
        ),
        ("module.exports.a = exports.b = void 0", "a b"),
        (
            "module.exports = { a, b: c, 'd': e, f() {}, get g() {} }",
            "a b d f g",
        ),
        ("exports = module.exports = { a }; exports.b = 1", "a b"),
        ("module.exports = { a, ...require('b'), ...c }", "a *b …"),
        ("module.exports = require('./a')", "*./a"),
        ("var a = require('./a'); module.exports = a", "*./a"),
        ("module.exports = a ? require('b') : require(`c`)", "*b *c"),
        ("module.exports = f(); module.exports.a = 1", "a …"),
        (
            "Object.defineProperty(exports, '__esModule', { value: true })",
            "__esModule …",
        ),
        (
            "Object.defineProperty(exports, 'a', { enumerable: true, get: function () { return b.c; } })",
            "a",
        ),
        (
            "exports.a = 1; names.forEach(function (name) { Object.defineProperty(exports, 'Z_' + name, { value: 1 }); })",
            "a …",
        ),
        (
            "var _a = require('./a'); Object.keys(_a).forEach(function (key) { Object.defineProperty(exports, key, { get: function () { return _a[key]; } }); })",
            "*./a",
        ),
        ("__exportStar(require('a'), exports)", "*a"),
        (
            "tslib_1.__exportStar(require('a'), exports); (0, tslib.__exportStar)(require('b'), exports)",
            "*a *b",
        ),
        ("function __export(m) {} __export(require('a'))", "*a"),
        ("_export(exports, { a: function () {}, b: () => c })", "a b"),
        (
            "var _a = _interopRequireWildcard(require('./a')); Object.keys(_a).forEach(function (key) { if (key === 'default') return; exports[key] = _a[key]; })",
            "*./a …",
        ),
        (
            "0 && (module.exports = { a, b, ...require('c') }); module.exports = __toCommonJS(src)",
            "a b *c …",
        ),
        ("Object.assign(exports, require('a'), { b })", "b *a"),
        (
            "(function (g, f) { typeof exports === 'object' && typeof module !== 'undefined' ? f(exports) : f(g.x = {}) })(this, function (exports) { exports.a = 1 })",
            "a",
        ),
        (
            "(function (f) { module.exports = f() })(() => ({ a: 1 }))",
            "…",
        ),
        ("var free = module; free.exports = f()", "…"),
        ("var a = require('a'); a.b = 1", "…"),
        // What is not this environment's is gone first.
        (
            "if (process.env.NODE_ENV === 'production') { module.exports = require('./p') } else { module.exports = require('./d') }",
            "*./d",
        ),
        (
            "'production' !== process.env.NODE_ENV && (function () { exports.a = 1 })()",
            "a",
        ),
        (
            "exports.a = 1; if (process.env.NODE_ENV === 'production') exports.b = 2",
            "a",
        ),
    ] {
        assert_eq!(exports(source), want, "{source}");
    }
}

#[test]
fn a_body_runs_once_in_a_function() {
    let options = options();
    let emitted = parse(
        b"#!/bin/node\nexports.a = require('./b').c;\nif (x) return;",
        Language::Cjs,
        "lib/a.cjs",
    )
    .and_then(|parsed| parsed.transform_common(&options))
    .and_then(|parsed| {
        parsed.emit(&mut |request| {
            Replacement::Specifier(format!("{}.commonjs.js", request.specifier))
        })
    })
    .unwrap();
    insta::assert_snapshot!(emitted.code, @r#"
    import { commonjs as require_b } from "./b.commonjs.js";
    export { __commonjs as commonjs };
    function __commonjs() {
        if (__commonjs.module === undefined) {
            const module = __commonjs.module = {
                exports: {},
                id: "/lib/a.cjs",
                filename: "/lib/a.cjs",
                loaded: false,
                children: []
            };
            try {
                __commonjs_body.call(module.exports, module.exports, __commonjs_require, module, "/lib/a.cjs", "/lib");
                module.loaded = true;
            } catch (error) {
                __commonjs.module = undefined;
                throw error;
            }
        }
        return __commonjs.module.exports;
    }
    function __commonjs_require(name) {
        const error = new Error("cannot require `" + name + "` from " + "/lib/a.cjs" + ": only names that are written out in the call are known");
        error.code = "MODULE_NOT_FOUND";
        throw error;
    }
    function __commonjs_body(exports, require, module, __filename, __dirname) {
        exports.a = require_b().c;
        if (x) return;
    }
    "#);
}

#[test]
fn what_a_require_finds() {
    insta::assert_snapshot!(code("const a = require('./a'), j = require('./d.json'), again = require('./a'); try { require('absent') } catch {}\nrequire('left-out'); require(name); function f(require) { require('./own') } typeof require; if (process.env.NODE_ENV === 'production') require('./gone');"), @r#"
    function require_d_json() {
        return __value_1;
    }
    function require_absent() {
        const error = new Error("cannot resolve `absent`");
        error.code = 'MODULE_NOT_FOUND';
        throw error;
    }
    function require_left_out() {
        return ({});
    }
    import { commonjs as require_a } from "./a.commonjs.js";
    import __value_1 from "./d.json.js";
        const a = require_a(), j = require_d_json(), again = require_a();
        try {
            require_absent();
        } catch  {}
        require_left_out();
        require(name);
        function f(require) {
            require('./own');
        }
        typeof require;
    "#);
}

#[test]
fn sloppy_code_is_made_strict() {
    insta::assert_snapshot!(code("implicit = 1; implicit++; for (i in o) {} [p, { q, r: s = 1 }] = t; x = 017; y = '\\17'; delete z; var own = 1; own = 2; delete own;\nvar let = 1, static = { let, await: static }; function f(a, a, b) { return arguments.callee } (function () { return arguments.callee })(); this.me = 1;"), @r#"
    globalThis.implicit = 1;
    globalThis.implicit++;
    for(globalThis.i in o){}
    [globalThis.p, { q: globalThis.q, r: globalThis.s = 1 }] = t;
    globalThis.x = 15;
    globalThis.y = "\x0f";
    delete globalThis.z;
    var own = 1;
    own = 2;
    false;
    var _let = 1, _static = {
        let: _let,
        await: _static
    };
    function f(_a, a, b) {
        return f;
    }
    (function callee() {
        return callee;
    })();
    this.me = 1;
    "#);
}

#[test]
fn arguments_that_are_assigned_to_are_a_variable() {
    insta::assert_snapshot!(code("exports.f = function () { arguments = slice(arguments); () => arguments; function g() { return arguments } return { arguments } }"), @r"
    exports.f = function() {
        var _arguments = arguments;
        _arguments = slice(_arguments);
        ()=>_arguments;
        function g() {
            return arguments;
        }
        return {
            arguments: _arguments
        };
    };
    ");
}

#[test]
fn functions_in_blocks_are_variables_around() {
    insta::assert_snapshot!(code("if (x) { f(); function f() {} } f(f); let h; { function h() {} } switch (x) { case 1: function k() {} } k(); function s() { 'use strict'; { function t() {} } } var exports = exports || {};"), @r"
    if (x) {
        var f = function() {};
        f();
    }
    f(f);
    let h;
    {
        function h() {}
    }
    {
        var k = function() {};
        switch(x){
            case 1:
        }
    }
    k();
    function s() {
        'use strict';
        {
            function t() {}
        }
    }
    var exports = exports || {};
    ");
    // What is a parameter elsewhere, or in a loop's own scope; what would clash stays in its block.
    insta::assert_snapshot!(code("function a(cb) {} if (x) { function cb() {} } cb(); l: function m() {} function p(q) { { function q() {} } q(); } for (const k of x) { function g() { return k; } y(() => g()); } { let r; { function r() {} } } r(); { function t() { 1; } function t() { 2; } }"), @r"
    function a(cb) {}
    if (x) {
        var cb = function() {};
    }
    cb();
    function m() {}
    function p(q) {
        {
            function q() {}
        }
        q();
    }
    for (const k of x){
        function g() {
            return k;
        }
        y(()=>g());
    }
    {
        let r;
        {
            function r() {}
        }
    }
    r();
    {
        function t() {
            2;
        }
    }
    ");
    insta::assert_snapshot!(code("'use strict'; { function f() {} }"), @r"
    'use strict';
    {
        function f() {}
    }
    ");
}

#[test]
fn a_with_is_refused_at_its_place() {
    let faults = parse(b"var a;\nwith (a) { b }", Language::Cjs, "a.cjs")
        .and_then(|parsed| parsed.transform_common(&options()).map(|_| ()))
        .unwrap_err();
    insta::assert_snapshot!(faults[0].render(false), @r"
    error[sloppy]: `with` is not allowed in modules in `/a.cjs:2:1`
      1 | var a;
      2 | with (a) { b }
        | ^^^^^^^^^^^^^^
    ");
}

fn importer(source: &str, names: &[&str], is_open: bool, is_node: bool) -> String {
    let target = CommonJs {
        facade: "./c.js".to_owned(),
        body: "./c.js.commonjs.js".to_owned(),
        names: names.iter().map(ToString::to_string).collect(),
        is_open,
        is_node,
    };
    let emitted = parse(source.as_bytes(), Language::Mjs, "a.mjs")
        .and_then(|parsed| parsed.transform(&Options::default()))
        .and_then(|parsed| parsed.emit(&mut |_| Replacement::CommonJs(target.clone())))
        .unwrap();
    assert!(
        parse(emitted.code.as_bytes(), Language::Mjs, "out.mjs").is_ok(),
        "{}",
        emitted.code
    );
    emitted.code
}

#[test]
fn importers_get_what_the_facade_has_from_there() {
    insta::assert_snapshot!(importer("import d, { a, default as e } from 'c'; import * as n from 'c'; export { a as b } from 'c'; export * from 'c'; import 'c'; import('c');", &["a"], false, true), @r#"
    import d, { a, default as e } from "./c.js";
    import * as n from "./c.js";
    export { a as b } from "./c.js";
    export * from "./c.js";
    import "./c.js";
    import("./c.js");
    "#);
}

#[test]
fn importers_read_the_rest_from_the_exports() {
    insta::assert_snapshot!(importer("import d, { a, hidden as h, 'b-c' as bc } from 'c'; export { late, default } from 'c';", &["a"], true, false), @r#"
    var h = __commonjs_1()?.hidden;
    var bc = __commonjs_1()?.["b-c"];
    var __commonjs_3 = __commonjs_2()?.late;
    import d, { a } from "./c.js";
    import { commonjs as __commonjs_1 } from "./c.js.commonjs.js";
    export { default } from "./c.js";
    import { commonjs as __commonjs_2 } from "./c.js.commonjs.js";
    export { __commonjs_3 as late };
    "#);
    let namespace = importer(
        "import * as n from 'c'; export const all = import('c');",
        &[],
        true,
        false,
    );
    assert!(
        namespace.contains("__commonjs_1(), false)")
            && namespace.contains("body.commonjs(), false)"),
        "{namespace}"
    );
}

#[test]
fn under_nodes_rule_the_default_is_the_whole() {
    insta::assert_snapshot!(importer("import d, { a } from 'c';", &["__esModule", "a"], false, true), @r#"
    var d = __commonjs_1();
    import { a } from "./c.js";
    import { commonjs as __commonjs_1 } from "./c.js.commonjs.js";
    "#);
    insta::assert_snapshot!(importer("import d, { a } from 'c';", &["__esModule", "a"], false, false), @r#"import d, { a } from "./c.js";"#);
}

#[test]
fn a_facade_exports_any_name() {
    let names = [
        "__esModule",
        "a",
        "b-c",
        "class",
        "__exports",
        "Object",
        "__export_0",
    ]
    .map(str::to_owned);
    insta::assert_snapshot!(facade("./c.js.commonjs.js", &names), @r#"
    import { commonjs as __commonjs } from "./c.js.commonjs.js";
    const __exports = __commonjs();
    export default __exports?.__esModule && "default" in __exports ? __exports.default : __exports;
    const __read = new Proxy(Object(__exports), { get(exports, name) { try { return exports[name]; } catch {} } });
    export const { a } = __read;
    const __export_0 = __read["b-c"];
    export { __export_0 as "b-c" };
    const __export_1 = __read["class"];
    export { __export_1 as "class" };
    const __export_2 = __read["__exports"];
    export { __export_2 as "__exports" };
    const __export_3 = __read["Object"];
    export { __export_3 as "Object" };
    const __export_4 = __read["__export_0"];
    export { __export_4 as "__export_0" };
    "#);
}

#[test]
fn variables_may_have_the_name_of_the_arguments() {
    for (source, wanted) in [
        (
            "function f(arguments) { return arguments }",
            "function f(_arguments) {\n        return _arguments;",
        ),
        (
            "function g() { var arguments; return () => arguments }",
            "function g() {\n        var _arguments = arguments;\n        var _arguments;\n        return ()=>_arguments;",
        ),
        (
            "function h() { return { arguments } }",
            "arguments: arguments",
        ),
    ] {
        let code = code(source);
        assert!(code.contains(wanted), "{wanted}\n{code}");
    }
}

#[test]
fn a_long_line_costs_no_more_than_its_length() {
    let source = "exports.a=f(1,\"\u{1f600}\");".repeat(20_000);
    let options = Options {
        map_url: Some("a.cjs.map".to_owned()),
        ..options()
    };
    let emitted = parse(source.as_bytes(), Language::Cjs, "a.cjs")
        .and_then(|parsed| parsed.transform_common(&options))
        .and_then(|parsed| parsed.emit(&mut |_| Replacement::Keep))
        .unwrap();
    assert!(emitted.map.unwrap().contains("mappings"));
}

#[test]
fn names_that_are_made_meet_none() {
    let text = "var require_b = 1, _let = 2, let = 3; require('./b'); require('./a/x'); require('./c/x'); \
        (function () { return [require_b, _let, let, arguments.callee]; })();";
    insta::assert_snapshot!(code(text), @r#"
    import { commonjs as require_b } from "./b.commonjs.js";
    import { commonjs as require_x } from "./a/x.commonjs.js";
    import { commonjs as require_x_2 } from "./c/x.commonjs.js";
        var require_b1 = 1, _let = 2, __let = 3;
        require_b();
        require_x();
        require_x_2();
        (function callee() {
            return [
                require_b1,
                _let,
                __let,
                callee
            ];
        })();
    "#);
}
