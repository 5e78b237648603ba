//! WebAssembly modules as ES modules (the WebAssembly JavaScript Interface, "ES module integration").

mod read;
mod write;

use read::Interface;

/// The ES module that instantiates a WebAssembly module when it is evaluated, and exports what that exports. What the
/// WebAssembly module imports is imported under the specifiers that it names. `url` leads to its bytes.
///
/// # Errors
/// What is wrong with the bytes, as far as their imports and exports tell.
pub fn wasm_module(bytes: &[u8], url: &str) -> Result<String, &'static str> {
    Ok(write::module(&Interface::read(bytes)?, url))
}

/// The ES module whose default export is the `WebAssembly.Module` of the bytes at a URL, an expression.
pub fn wasm_source(url: &str) -> String {
    write::source(url)
}

/// The names that a WebAssembly module exports, sorted; of what is none there are none.
pub fn wasm_exports(bytes: &[u8]) -> Vec<String> {
    let exports = Interface::read(bytes).map(|interface| interface.exports);
    let names = exports.unwrap_or_default().into_iter();
    let mut names: Vec<String> = names.map(|export| export.name).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests;
