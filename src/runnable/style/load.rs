//! One file of a style sheet as CSS.

use crate::base::{Diagnostic, Key, SourcePath};
use crate::compute::{Context, Failure};
use crate::resolver::in_packages;
use crate::runnable::all::{Runnable, whole_file};

use super::less::LESS;
use super::whole::decoded;
use super::{check, fault, sass, scan};

/// The longest file, in bytes: what it is taken apart to takes many times as much memory.
const MOST: usize = 16 << 20;

/// The text of a file, and what the user wrote where that is another.
pub(super) struct Loaded {
    pub css: String,
    /// Whether places in it are those of the file.
    pub is_source: bool,
}

/// Reads a file, compiles it where it is Sass, and refuses what no browser reads as it was meant.
pub(super) fn load(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Loaded, Failure> {
    let bytes = context.content(path)?;
    if bytes.len() > MOST {
        let message = format!("the style sheet has more than {} MiB", MOST >> 20);
        return Err(whole_file(
            runnable,
            path,
            Diagnostic::new("style", message),
        ));
    }
    let shown = || runnable.layout.shown(path);
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let text = String::from_utf8_lossy(&bytes);
        let (line, column) = scan::place(&text, error.valid_up_to());
        let mut diagnostic = fault(shown(), &text, line, column, "the file is not valid UTF-8");
        diagnostic.code = "encoding".into();
        Failure::Diagnostics([diagnostic.hint("save the file as UTF-8")].into())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match path.extension() {
        Some(b"css" | b"pcss" | b"postcss") => {
            if in_packages(path) {
                // What a package ships is not the user's to mend.
                return Ok(Loaded {
                    css: check::closed(text),
                    is_source: true,
                });
            }
            if let Some((offset, message)) = check::broken(text) {
                let (line, column) = scan::place(text, offset);
                let diagnostic = fault(shown(), text, line, column, &message);
                return Err(Failure::Diagnostics([diagnostic].into()));
            }
            Ok(Loaded {
                css: text.to_owned(),
                is_source: true,
            })
        }
        Some(b"scss" | b"sass") => {
            let css = sass::compile(runnable, context, path, text)?;
            if let Some((_, message)) = scan::unbalanced(&css) {
                let diagnostic = fault(
                    shown(),
                    text,
                    0,
                    0,
                    &format!("in what Sass gives, {message}"),
                );
                return Err(Failure::Diagnostics([diagnostic].into()));
            }
            Ok(Loaded {
                css,
                is_source: false,
            })
        }
        Some(b"less") => {
            let css: String = decoded(context, &Key::new(LESS, path.clone()))?;
            Ok(Loaded {
                css,
                is_source: false,
            })
        }
        other => {
            let name = String::from_utf8_lossy(other.unwrap_or_default()).into_owned();
            let diagnostic = Diagnostic::new(
                "unsupported",
                format!("`.{name}` style sheets are not compiled"),
            )
            .hint(
                "let its own tool write CSS, and import that; or write `.css`, `.scss` or `.less`",
            );
            Err(whole_file(runnable, path, diagnostic))
        }
    }
}
