//! Puts a script into the function that Node would put it into.

use swc_core::common::BytePos;
use swc_core::ecma::ast::*;
use swc_core::ecma::parser::{Parser, StringInput, Syntax, lexer::Lexer};

/// What gives the body to other modules.
const EXPORTED: &str = "export { __commonjs as commonjs };";

/// What runs it where there are none; it is as strict as a module is.
const RUN: &str = "\"use strict\";\n__commonjs();";

/// The name of the function that is the file's text.
const BODY: &str = "__commonjs_body";

/// The module around it. `EXPORTED`, `FILE` and `FOLDER` are replaced. A body that throws is run again by the next `require`, as
/// Node forgets a module that failed.
const TEXT: &str = r#"
EXPORTED
function __commonjs() {
    if (__commonjs.module === undefined) {
        const module = __commonjs.module = { exports: {}, id: FILE, filename: FILE, loaded: false, children: [] };
        MORE
        try {
            __commonjs_body.call(module.exports, module.exports, __commonjs_require, module, FILE, FOLDER);
            module.loaded = true;
        } catch (error) {
            __commonjs.module = undefined;
            throw error;
        }
    }
    return __commonjs.module.exports;
}
function __commonjs_require(name) {
    const error = new Error("cannot require `" + name + "` from " + FILE + ": only names that are written out in the call are known");
    error.code = "MODULE_NOT_FOUND";
    throw error;
}
function __commonjs_body(exports, require, module, __filename, __dirname) {}
"#;

/// What else `module` and `require` have, each where the file's text names it. Only programs (`hookfs run`) have a main
/// module, which Node has there too.
const MORE: [(&str, &str); 3] = [
    ("module.require", "module.require = __commonjs_require;"),
    (
        "require.main",
        "__commonjs_require.main = globalThis.process?.mainModule;",
    ),
    (
        "require.resolve",
        "__commonjs_require.resolve = __commonjs_require;",
    ),
];

/// The module of a script; `shown` is its path from the root, with a leading slash, `source` its text. It exports the body,
/// or runs it by itself.
pub(crate) fn wrap(script: Script, shown: &str, source: &str, runs: bool) -> Module {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let folder = match shown.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((folder, _)) => folder,
    };
    let named = MORE.iter().filter(|(name, _)| source.contains(name));
    let more: Vec<&str> = named.map(|(_, text)| *text).collect();
    let text = TEXT
        .replace("EXPORTED", if runs { RUN } else { EXPORTED })
        .replace("MORE", &more.join("\n"))
        .replace("FILE", &quoted(shown))
        .replace("FOLDER", &quoted(folder));
    let mut module = parse(&text);
    if let Some(body) = body_mut(&mut module) {
        body.body = Some(FunctionBody {
            span: script.span,
            stmts: script.body,
        });
        body.span = script.span;
    }
    module
}

/// The function that holds the file's text.
pub(super) fn body(module: &Module) -> Option<&Function> {
    module.body.iter().find_map(|item| match item {
        ModuleItem::Stmt(Stmt::Decl(Decl::Fn(function))) if function.ident.sym == BODY => {
            Some(&*function.function)
        }
        _ => None,
    })
}

/// The same, to change.
pub(super) fn body_mut(module: &mut Module) -> Option<&mut Function> {
    module.body.iter_mut().find_map(|item| match item {
        ModuleItem::Stmt(Stmt::Decl(Decl::Fn(function))) if function.ident.sym == BODY => {
            Some(&mut *function.function)
        }
        _ => None,
    })
}

/// Parses a text of the compiler's own. Its positions are past every file's end: maps leave them out.
fn parse(text: &str) -> Module {
    let start = BytePos(u32::MAX / 2);
    let end = BytePos(start.0 + u32::try_from(text.len()).unwrap_or(0));
    let input = StringInput::new(text, start, end);
    let lexer = Lexer::new(Syntax::default(), EsVersion::latest(), input, None);
    match Parser::new_from(lexer).parse_module() {
        Ok(module) => module,
        Err(error) => panic!("a text of the compiler's own does not parse: {error:?}"),
    }
}
