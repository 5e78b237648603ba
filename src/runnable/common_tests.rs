use super::COMMONJS;
use super::scene::{Scene, path, tree};
use crate::base::Key;
use crate::compute::Computations;

fn scene(files: &[(&str, &str)]) -> Scene {
    Scene::new(tree(files), "")
}

fn body(scene: &Scene, file: &str) -> String {
    match scene.runnable.run(&Key::new(COMMONJS, path(file)), scene) {
        Ok(output) => String::from_utf8(output.parts[0].1.to_vec()).unwrap(),
        Err(failure) => failure.to_string(),
    }
}

/// The names that a facade exports.
fn names(scene: &Scene, file: &str) -> String {
    let code = scene.code(file);
    let Some((_, rest)) = code.split_once("export const { ") else {
        return String::new();
    };
    rest.split_once(" }").unwrap().0.to_owned()
}

#[test]
fn names_come_through_other_files_and_circles() {
    let scene = scene(&[
        (
            "node_modules/p/index.js",
            "if (process.env.NODE_ENV === 'production') { module.exports = require('./p.js') } else { module.exports = require('./d.js') }",
        ),
        (
            "node_modules/p/d.js",
            "exports.own = 1; Object.assign(exports, require('./e'))",
        ),
        (
            "node_modules/p/e.js",
            "exports.e = 1; __exportStar(require('./index.js'), exports); __exportStar(require('es'), exports)",
        ),
        ("node_modules/p/p.js", "exports.production = 1"),
        (
            "node_modules/es/index.js",
            "export const m = 1, n = 2; export default 3;",
        ),
    ]);
    for file in ["index", "d", "e"] {
        let file = format!("node_modules/p/{file}.js");
        assert_eq!(names(&scene, &file), "e, m, n, own", "{file}");
    }
    assert_eq!(names(&scene, "node_modules/p/p.js"), "production");
}

#[test]
fn a_package_with_both_is_one_for_each_condition_and_one_where_fields_tell() {
    let scene = scene(&[
        (
            "node_modules/p/package.json",
            r#"{ "exports": { "import": "./i.mjs", "require": "./r.js" } }"#,
        ),
        ("node_modules/p/i.mjs", "export const a = 1"),
        ("node_modules/p/r.js", "exports.a = 1"),
        (
            "node_modules/q/package.json",
            r#"{ "module": "./m.js", "main": "./c.js" }"#,
        ),
        ("node_modules/q/m.js", "export const a = 1"),
        ("node_modules/q/c.js", "exports.a = 1"),
        (
            "a.ts",
            "import { a } from 'p'; import { a as b } from 'q'; export default [a, b];",
        ),
        ("b.cjs", "module.exports = [require('p').a, require('q').a]"),
    ]);
    insta::assert_snapshot!(scene.code("a.ts"), @r#"
    import { a } from "./node_modules/p/i.mjs.js";
    import { a as b } from "./node_modules/q/m.js";
    export default [
        a,
        b
    ];
    //# sourceMappingURL=a.ts.js.map
    "#);
    let code = body(&scene, "b.cjs");
    let imports: Vec<&str> = code.lines().take(2).collect();
    insta::assert_snapshot!(imports.join("\n"), @r#"
    import { commonjs as require_p } from "./node_modules/p/r.js.commonjs.js";
    import { commonjs as require_q } from "./node_modules/q/m.js.commonjs.js";
    "#);
}

#[test]
fn a_require_gets_modules_values_and_errors() {
    let scene = scene(&[
        (
            "node_modules/p/index.js",
            "require('./es.mjs'); require('./d.json'); require('fs'); require('absent'); require('./self'); require('./no.js')",
        ),
        (
            "node_modules/p/package.json",
            r#"{ "browser": { "./no.js": false } }"#,
        ),
        ("node_modules/p/es.mjs", "export default 1"),
        ("node_modules/p/no.js", ""),
        ("node_modules/p/self.js", "exports.p = require('./index')"),
        ("node_modules/p/d.json", "{}"),
    ]);
    let code = body(&scene, "node_modules/p/index.js");
    for wanted in [
        r#"import { commonjs as require_es_mjs } from "./es.mjs.commonjs.js";"#,
        r#"import __value_1 from "./d.json.js";"#,
        "`fs` is a module of Node.js",
        "cannot resolve `absent` from /node_modules/p/index.js:1:",
        "'MODULE_NOT_FOUND'",
        r#"import { commonjs as require_self } from "./self.js.commonjs.js";"#,
        "return ({});",
    ] {
        assert!(code.contains(wanted), "{wanted}\n{code}");
    }
    insta::assert_snapshot!(body(&scene, "node_modules/p/es.mjs"), @r#"
    import * as namespace from "./es.mjs.js";
    export { commonjs };
    function commonjs() {
        if ("module.exports" in namespace) return namespace["module.exports"];
        if (commonjs.exports === undefined) {
            const exports = Object.defineProperty({}, Symbol.toStringTag, { value: "Module" });
            for (const name of Reflect.ownKeys(namespace)) {
                if (typeof name === "string") {
                    Object.defineProperty(exports, name, { enumerable: true, get: () => namespace[name] });
                }
            }
            if ("default" in namespace && !("__esModule" in namespace)) {
                Object.defineProperty(exports, "__esModule", { value: true });
            }
            commonjs.exports = exports;
        }
        return commonjs.exports;
    }
    "#);
}

#[test]
fn a_package_may_be_one_file() {
    let files = [
        ("node_modules/one.js", "exports.a = require('@s/two')"),
        ("node_modules/@s/two.mjs", "export default 1"),
        ("node_modules/data.json", "{}"),
        ("sub/node_modules/one.js/index.js", "exports.no = 1"),
        ("sub/node_modules/three/index.js", ""),
        ("node_modules/three.js", ""),
        (
            "sub/a.ts",
            "import { a } from 'one'; import data from 'data.json'; import 'three'; export default [a, data];",
        ),
    ];
    let scene = scene(&files);
    insta::assert_snapshot!(scene.code("sub/a.ts"), @r#"
    import { a } from "../node_modules/one.js";
    import data from "../node_modules/data.json.js";
    import "./node_modules/three/index.js";
    export default [
        a,
        data
    ];
    //# sourceMappingURL=a.ts.js.map
    "#);
    let code = body(&scene, "node_modules/one.js");
    assert!(
        code.contains(r#"import { commonjs as require_two } from "./@s/two.mjs.commonjs.js";"#),
        "{code}"
    );
}

#[test]
fn a_module_may_require_and_who_tries_has_another_way() {
    let scene = scene(&[
        (
            "node_modules/p/index.mjs",
            "import { a } from './a.js'; export const f = () => require('./a.js'), g = () => require('./d.json');\n\
            export const own = (require) => require('./a.js');",
        ),
        ("node_modules/p/a.js", "exports.a = 1"),
        ("node_modules/p/d.json", "{}"),
        (
            "node_modules/p/tries.js",
            "try { exports.fs = require('fs') } catch { exports.fs = null }",
        ),
    ]);
    let code = scene.code("node_modules/p/index.mjs");
    for wanted in [
        r#"import { a } from "./a.js";"#,
        "f = ()=>require_a()",
        r#"import { commonjs as require_a } from "./a.js.commonjs.js";"#,
        r#"import __value_2 from "./d.json.js";"#,
        "g = ()=>require_d_json()",
        "own = (require)=>require('./a.js')",
    ] {
        assert!(code.contains(wanted), "{wanted}\n{code}");
    }
    let tries = body(&scene, "node_modules/p/tries.js");
    assert!(
        tries.contains("throw error") && !tries.contains("Proxy"),
        "{tries}"
    );
}

#[test]
fn in_the_project_a_require_must_lead_somewhere() {
    let scene = scene(&[
        (
            "a.js",
            "try { require('./optional') } catch {}\nrequire('./absent')",
        ),
        (
            "ok.js",
            "try { exports.a = require('./optional') } catch {}",
        ),
    ]);
    insta::assert_snapshot!(scene.code("a.js"), @r"
    error[unresolved-import]: cannot resolve `./absent` from `/a.js:2:9`
      1 | try { require('./optional') } catch {}
      2 | require('./absent')
        |         ^^^^^^^^^^
    ");
    assert_eq!(names(&scene, "ok.js"), "a");
}

#[test]
fn importers_get_what_the_text_does_not_tell() {
    let files = [
        (
            "node_modules/l/index.js",
            "(function () { var m = typeof module == 'object' && module; m.exports = f() }).call(this)",
        ),
        (
            "node_modules/t/index.js",
            "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 1; exports.n = 2",
        ),
        (
            "a.ts",
            "import { map } from 'l'; import t, { n } from 't'; export default [map, t, n];",
        ),
    ];
    insta::assert_snapshot!(scene(&files).code("a.ts"), @r#"
    var map = __commonjs_1()?.map;
    import "./node_modules/l/index.js";
    import { commonjs as __commonjs_1 } from "./node_modules/l/index.js.commonjs.js";
    import t, { n } from "./node_modules/t/index.js";
    export default [
        map,
        t,
        n
    ];
    //# sourceMappingURL=a.ts.js.map
    "#);
    // In a package of ES modules Node's own rule is in force.
    let mut files = files.to_vec();
    files.push(("package.json", r#"{ "type": "module" }"#));
    let code = scene(&files).code("a.ts");
    assert!(code.contains("var t = __commonjs_2();"), "{code}");
    assert!(
        code.contains(r#"import { n } from "./node_modules/t/index.js";"#),
        "{code}"
    );
}

#[test]
fn importers_of_commonjs_depend_on_its_names_alone() {
    let files = [
        ("p.js", "exports.a = 1"),
        ("a.ts", "import { a } from './p.js'; export default a;"),
    ];
    let before = scene(&files).code("a.ts");
    let after = scene(&[("p.js", "exports.a = 2; exports.a = f()"), files[1]]).code("a.ts");
    assert_eq!(before, after);
}

#[test]
fn what_is_assigned_to_the_exports_is_imported_as_commonjs_is() {
    let files = [
        (
            "space.cts",
            "namespace x { export const a = 1; } export = x;",
        ),
        (
            "made.ts",
            "export = make(); function make() { return { a: 1 }; }",
        ),
        (
            "one.ts",
            "import { a } from './space.cjs'; export default a;",
        ),
        (
            "two.ts",
            "import d, { a } from './made'; import * as n from './made'; export { b } from './made'; export * from './space.cjs';\n\
                import('./made'); export default [d, a, n];",
        ),
        ("required.cjs", "module.exports = require('./made')"),
        (
            "three.ts",
            "import { a } from './required.cjs'; export default a;",
        ),
        // A file that only passes names on is left out, and what it passes on is the same.
        ("p/package.json", r#"{ "sideEffects": false }"#),
        (
            "p/index.ts",
            "export { a, b } from '../made'; export * from '../space.cjs';",
        ),
        (
            "four.ts",
            "import { a, b } from './p'; export default [a, b];",
        ),
    ];
    let scene = scene(&files);
    insta::assert_snapshot!(scene.code("one.ts"), @r#"
    import { a } from "./space.cts.js";
    export default a;
    //# sourceMappingURL=one.ts.js.map
    "#);
    let code = scene.code("two.ts");
    for wanted in [
        "var a = __commonjs_1()?.a;",
        "import d from \"./made.ts.js\";",
        "__commonjs_3()?.b;",
        "export { __commonjs_4 as b };",
        "export * from \"./space.cts.js\";",
        "import(\"./made.ts.commonjs.js\").then((body)=>",
    ] {
        assert!(code.contains(wanted), "{wanted}\n{code}");
    }
    insta::assert_snapshot!(scene.code("three.ts"), @r#"
    var a = __commonjs_1()?.a;
    import "./required.cjs.js";
    import { commonjs as __commonjs_1 } from "./required.cjs.commonjs.js";
    export default a;
    //# sourceMappingURL=three.ts.js.map
    "#);
    insta::assert_snapshot!(scene.code("four.ts"), @r#"
    import { a, b } from "./p/index.ts.js";
    export default [
        a,
        b
    ];
    //# sourceMappingURL=four.ts.js.map
    "#);
    insta::assert_snapshot!(scene.code("made.ts"), @r#"
    function make() {
        return {
            a: 1
        };
    }
    const _exports = make();
    export { _exports as default, _exports as "module.exports" };
    //# sourceMappingURL=made.ts.js.map
    "#);
}
