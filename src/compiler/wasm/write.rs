//! The text of the module around an instance.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::read::{Import, Interface};

/// What engines give themselves, where they can (JS String Builtins): modules so called are nobody's.
const BUILTINS: &str = "wasm:";

/// The module. All its own names are such that no export can be called so.
pub(super) fn module(interface: &Interface, url: &str) -> String {
    let mut code = String::new();
    let imports = imports(interface, &mut code);
    let shares = interface.exports.iter().any(|export| export.is_global);
    if shares {
        let _ = writeln!(code, "import * as self from {};", quoted(url));
    }
    code.push_str(&response(&format!(
        "new URL({}, import.meta.url).href",
        quoted(url)
    )));
    let _ = write!(
        code,
        "const imports = {imports};\n\
         const {{ instance: {{ exports }} }} = type.startsWith(\"application/wasm\")\n\
         \x20 ? await WebAssembly.instantiateStreaming(response, imports, options)\n\
         \x20 : await WebAssembly.instantiate(await response.arrayBuffer(), imports, options);\n",
    );
    if shares {
        code.push_str(
            "// Others of these modules import its globals themselves, scripts their values.\n\
             (globalThis[Symbol.for(\"hookfs.wasm\")] ??= new WeakMap()).set(self, exports);\n",
        );
    }
    let mut names = Vec::new();
    for (index, export) in interface.exports.iter().enumerate() {
        let name = quoted(&export.name);
        let _ = match export.is_global {
            false => writeln!(code, "const export{index} = exports[{name}];"),
            // A vector has no value in JavaScript.
            true => writeln!(
                code,
                "let export{index};\ntry {{ export{index} = exports[{name}].value; }} catch {{}}"
            ),
        };
        names.push(format!("export{index} as {name}"));
    }
    let _ = writeln!(code, "export {{ {} }};", names.join(", "));
    code
}

/// The module of what is compiled, not instantiated.
pub(super) fn source(url: &str) -> String {
    format!(
        "{}export default type.startsWith(\"application/wasm\")\n\
         \x20 ? await WebAssembly.compileStreaming(response, options)\n\
         \x20 : await WebAssembly.compile(await response.arrayBuffer(), options);\n",
        response(url)
    )
}

/// What both begin with. Not every server knows the type of `.wasm`.
fn response(url: &str) -> String {
    format!(
        "const url = {url};\n\
         if (!globalThis.WebAssembly) throw new Error(`there is no WebAssembly here to run ${{url}}`);\n\
         const response = await fetch(url);\n\
         if (!response.ok) throw new Error(`cannot load ${{url}}: status ${{response.status}}`);\n\
         const options = {{ builtins: [\"js-string\"], importedStringConstants: \"wasm:js/string-constants\" }};\n\
         const type = response.headers.get(\"Content-Type\") || \"\";\n"
    )
}

/// Writes the imports, and gives the expression for the object that has them.
fn imports(interface: &Interface, code: &mut String) -> String {
    let mut modules: BTreeMap<&str, Vec<(usize, &Import)>> = BTreeMap::new();
    let mut order = Vec::new();
    let theirs = interface.imports.iter().enumerate();
    for (index, import) in theirs.filter(|(_, one)| !one.module.starts_with(BUILTINS)) {
        let members = modules.entry(&import.module).or_default();
        if members.is_empty() {
            order.push(&*import.module);
        }
        members.push((index, import));
    }
    let mut object = "{".to_owned();
    for module in order {
        let specifier = quoted(module);
        let mut names = Vec::new();
        let _ = write!(object, " [{specifier}]: {{");
        for (index, import) in &modules[module] {
            let name = quoted(&import.name);
            let value = match import.is_global {
                false => {
                    names.push(format!("{name} as import{index}"));
                    format!("import{index}")
                }
                true => {
                    let _ = writeln!(code, "import * as module{index} from {specifier};");
                    format!(
                        "(globalThis[Symbol.for(\"hookfs.wasm\")]?.get(module{index}) ?? module{index})[{name}]"
                    )
                }
            };
            let _ = write!(object, " [{name}]: {value},");
        }
        if !names.is_empty() {
            let _ = writeln!(code, "import {{ {} }} from {specifier};", names.join(", "));
        }
        object.push_str(" },");
    }
    object.push_str(" }");
    object
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
