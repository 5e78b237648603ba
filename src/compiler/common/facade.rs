//! The modules beside a body, as text.

use std::fmt::Write;

use super::requires::EXPORT;
use crate::compiler::json::is_name;

/// What ES modules import of a CommonJS file whose body is the module at `body`: `module.exports` as default export,
/// or `exports.default` where it has one and `__esModule` says that it was an ES module once, and `names`. All are read when it is
/// evaluated, which runs the body; of one that throws when it is read there is `undefined`, as in Node, for others may be all that
/// is wanted (react-native's members that were removed throw). `__esModule` itself is no export: who looks at all of them does not mean that one
/// (bundlers hide it).
pub fn facade(body: &str, names: &[String]) -> String {
    let mut text = format!(
        "import {{ {EXPORT} as __commonjs }} from {};\nconst __exports = __commonjs();\n\
         export default __exports?.__esModule && \"default\" in __exports ? __exports.default : __exports;\n",
        quoted(body)
    );
    let (plain, odd): (Vec<&String>, Vec<&String>) = names
        .iter()
        .filter(|name| !matches!(name.as_str(), "default" | "__esModule"))
        .partition(|name| is_name(name) && !is_own(name));
    if plain.is_empty() && odd.is_empty() {
        return text;
    }
    text.push_str(READ);
    if !plain.is_empty() {
        let names: Vec<&str> = plain.iter().map(|name| name.as_str()).collect();
        let _ = writeln!(text, "export const {{ {} }} = __read;", names.join(", "));
    }
    for (index, name) in odd.iter().enumerate() {
        let name = quoted(name);
        let _ = writeln!(
            text,
            "const __export_{index} = __read[{name}];\nexport {{ __export_{index} as {name} }};"
        );
    }
    text
}

/// Members of `module.exports`, without what reading them throws.
const READ: &str = "const __read = new Proxy(Object(__exports), { get(exports, name) { try { return exports[name]; } catch {} } });\n";

/// Whether a facade uses this name itself.
fn is_own(name: &str) -> bool {
    matches!(
        name,
        "__commonjs" | "__exports" | "__read" | "Object" | "Proxy"
    ) || name.starts_with("__export_")
}

/// What `require` of an ES module gets from the module at `module`: Node's rule
/// (<https://nodejs.org/api/modules.html#loading-ecmascript-modules-using-require>). The export `module.exports`, else all
/// exports, with `__esModule` where one is the default, which as with bundlers is not among its keys. They are an object like any other, as bundlers give it: packages ask
/// it for `hasOwnProperty`, which a namespace does not have.
pub fn stand_in(module: &str) -> String {
    format!(
        r#"import * as namespace from {};
export {{ commonjs }};
function commonjs() {{
    if ("module.exports" in namespace) return namespace["module.exports"];
    if (commonjs.exports === undefined) {{
        const exports = Object.defineProperty({{}}, Symbol.toStringTag, {{ value: "Module" }});
        for (const name of Reflect.ownKeys(namespace)) {{
            if (typeof name === "string") {{
                Object.defineProperty(exports, name, {{ enumerable: true, get: () => namespace[name] }});
            }}
        }}
        if ("default" in namespace && !("__esModule" in namespace)) {{
            Object.defineProperty(exports, "__esModule", {{ value: true }});
        }}
        commonjs.exports = exports;
    }}
    return commonjs.exports;
}}
"#,
        quoted(module)
    )
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
