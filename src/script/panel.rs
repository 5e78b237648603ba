//! The page of `/~@/~hookfs/`: three files without dependencies, the script put together as the runtimes are.

use std::sync::OnceLock;

use super::client::{self, Module};

/// In the order in which they are evaluated.
const MODULES: [Module; 9] = [
    ("element", include_str!("../client/overlay/element.ts")),
    ("editor", include_str!("../client/overlay/editor.ts")),
    ("data", include_str!("../client/panel/data.ts")),
    ("files", include_str!("../client/panel/files.ts")),
    ("list", include_str!("../client/panel/list.ts")),
    ("changes", include_str!("../client/panel/changes.ts")),
    ("draw", include_str!("../client/panel/draw.ts")),
    ("detail", include_str!("../client/panel/detail.ts")),
    ("main", include_str!("../client/panel/main.ts")),
];

/// What makes a file's bytes; an error is a fault of the program itself.
pub type Make = fn() -> Result<&'static [u8], &'static str>;

/// The files by their names in `~hookfs`.
pub const FILES: [(&str, Make); 3] = [
    ("index.html", || {
        Ok(include_bytes!("../client/panel/index.html"))
    }),
    ("panel.css", || {
        Ok(include_bytes!("../client/panel/panel.css"))
    }),
    ("panel.js", || script().map(str::as_bytes)),
];

/// Compiled when it is first asked for.
fn script() -> Result<&'static str, &'static str> {
    static SCRIPT: OnceLock<Result<String, String>> = OnceLock::new();
    let script = SCRIPT.get_or_init(|| client::page(&MODULES));
    script.as_deref().map_err(String::as_str)
}
