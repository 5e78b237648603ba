//! The ES module of a style sheet.

use std::fmt::Write;

use super::{Piece, Sheet};
use crate::base::SourcePath;
use crate::runnable::assets::quoted;
use crate::runnable::layout::url_segment;

/// The expression for the text, each URL that of the file it leads to, wherever the page lives.
pub(super) fn text(sheet: &Sheet) -> String {
    let parts = sheet.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => quoted(text),
        Piece::Url(url) => format!("new URL({}, import.meta.url).href", quoted(url)),
    });
    let parts: Vec<String> = parts.collect();
    match parts.is_empty() {
        true => "\"\"".to_owned(),
        false => parts.join(" + "),
    }
}

/// The module that puts the text into the page. There is one `<style>` for each file, found again by the file's URL, so
/// that the module, evaluated anew, replaces what it put there before. What one turn brings stands together, as a build has it in
/// one sheet and Vite's client puts it: after it comes what the page's code has put into the head between two of them.
pub(super) fn inserting(sheet: &Sheet, path: &SourcePath) -> String {
    let id = format!("./{}", url_segment(path.name()));
    let mut code = format!(
        "const css = {};\n\
         if (typeof document !== \"undefined\") {{\n\
         \x20 const id = new URL({}, import.meta.url).href;\n\
         \x20 let style = [...document.querySelectorAll(\"style[data-hookfs]\")].find((one) => one.dataset.hookfs === id);\n\
         \x20 if (!style) {{\n\
         \x20   style = document.createElement(\"style\");\n\
         \x20   style.dataset.hookfs = id;\n\
         \x20   const last = Symbol.for(\"hookfs.style\");\n\
         \x20   if (globalThis[last]?.isConnected) globalThis[last].after(style);\n\
         \x20   else {{\n\
         \x20     document.head.append(style);\n\
         \x20     setTimeout(() => delete globalThis[last]);\n\
         \x20   }}\n\
         \x20   globalThis[last] = style;\n\
         \x20 }}\n\
         \x20 style.textContent = css;\n\
         }}\n",
        text(sheet),
        quoted(&id)
    );
    if let Some(hint) = &sheet.hint {
        let _ = writeln!(code, "console.warn({});", quoted(hint));
    }
    let Some(names) = &sheet.names else {
        code.push_str("export default css;\n");
        return code;
    };
    // Keys are quoted, and none may be `__proto__`, which would set the prototype.
    let _ = writeln!(code, "const names = {{");
    for (name, value) in names {
        let key = match &**name {
            "__proto__" => "[\"__proto__\"]".to_owned(),
            name => quoted(name),
        };
        let _ = writeln!(code, "  {key}: {},", quoted(value));
    }
    let _ = writeln!(code, "}};\nexport default names;");
    let mut exports = Vec::new();
    for (index, (name, _)) in names
        .iter()
        .enumerate()
        .filter(|(_, (name, _))| is_name(name))
    {
        let _ = writeln!(code, "const name{index} = names[{}];", quoted(name));
        exports.push(format!("name{index} as {name}"));
    }
    if !exports.is_empty() {
        let _ = writeln!(code, "export {{ {} }};", exports.join(", "));
    }
    code
}

/// Whether `import { name }` can be written.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let starts = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$');
    bytes.next().is_some_and(starts)
        && bytes.all(|byte| starts(byte) || byte.is_ascii_digit())
        && name != "default"
}
