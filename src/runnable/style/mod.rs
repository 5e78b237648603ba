//! Style sheets: what a `<link>` gets, and the module that inserts them.
//!
//! `sheet` is the shared work: Sass and Less compiled, imports inlined, names of CSS modules scoped, `url()`s resolved but not
//! placed; in its midst stands `processed-sheet` where Tailwind or plugins of PostCSS have a part in it. `style` places the
//! URLs for the file, `style-module` for a module, whose `<style>` would otherwise resolve them against the page.

mod bundle;
mod check;
mod classes;
mod import;
mod less;
mod load;
mod module;
mod placed;
mod postcss;
mod program;
pub(super) mod sass;
mod scan;
mod scope;
mod selector;
pub(super) mod tailwind;
#[cfg(test)]
mod tests;
mod turns;
mod urls;
mod values;
pub(super) mod whole;

pub(super) use postcss::is_configuration;
pub(super) use scan::{Mention, escaped, mentions, place};
pub(super) use turns::Turns;

use serde::{Deserialize, Serialize};

use crate::base::{Computation, Diagnostic, Key, Location, SourcePath, code_frame};
use crate::compute::{Context, Failure, Link, Output};

use super::all::Runnable;
use super::hashed::Scope;
use super::kind::{self, Query};
use whole::decoded;

/// A style sheet before its URLs are placed.
pub(super) const SHEET: Computation = Computation::new("sheet");

/// What [`SHEET`] gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sheet {
    pieces: Vec<Piece>,
    /// Names of a CSS module and what stands for them, sorted; `None`: it is no CSS module.
    names: Option<Vec<(String, String)>>,
    /// What its URLs lead to.
    links: Vec<Key>,
    /// What the user should know of it.
    hint: Option<String>,
}

impl Sheet {
    fn linked(&self) -> Vec<Link> {
        self.links.iter().cloned().map(Link::url).collect()
    }
}

/// A part of a style sheet's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Piece {
    /// CSS as it is.
    Text(String),
    /// A URL relative to the output, to stand between quotes.
    Url(String),
}

/// Whether a name is that of a CSS module (Vite's `cssModuleRE`).
pub fn is_module(path: &SourcePath) -> bool {
    let name = String::from_utf8_lossy(path.name()).into_owned();
    name.rsplit_once('.')
        .is_some_and(|(stem, _)| stem.ends_with(".module"))
}

/// Runs [`SHEET`].
pub fn sheet(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let sheet = bundle::run(runnable, context, path)?;
    let mut output = whole::encoded(&sheet)?;
    output.links = sheet.linked();
    Ok(output)
}

fn fetch(context: &dyn Context, path: &SourcePath) -> Result<Sheet, Failure> {
    decoded(context, &Key::new(SHEET, path.clone()))
}

/// Whether a computation is one of the tools that sheets are made with.
pub(super) fn is_of_tools(computation: &Computation) -> bool {
    is_run_of_tools(computation) || is_step(computation) && *computation != whole::WHOLE
}

/// Whether a node gives what a tool has made: it may take long.
pub(super) fn is_run_of_tools(computation: &Computation) -> bool {
    *computation == whole::PROCESSED || *computation == less::LESS
}

/// Whether it is no more than a step on the way to a sheet.
pub(super) fn is_step(computation: &Computation) -> bool {
    *computation == whole::WHOLE || tailwind::is(computation) || postcss::is(computation)
}

/// Runs one of the tools' computations.
pub(super) fn run_tool(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Result<Output, Failure> {
    match &key.computation {
        computation if *computation == whole::PROCESSED => {
            whole::process(runnable, context, &key.path)
        }
        computation if *computation == less::LESS => less::run(runnable, context, &key.path),
        computation if tailwind::is(computation) => tailwind::run(runnable, context, key),
        _ => postcss::run(runnable, context, key),
    }
}

/// Runs the computation `style`: the text for a `<link>`.
pub fn file(context: &dyn Context, path: &SourcePath) -> Result<Output, Failure> {
    let sheet = fetch(context, path)?;
    let mut text = sheet.hint.as_ref().map_or(String::new(), |hint| {
        format!("/* {} */\n", hint.replace("*/", "* /"))
    });
    text.extend(sheet.pieces.iter().map(|piece| match piece {
        Piece::Text(text) | Piece::Url(text) => text.as_str(),
    }));
    Ok(super::assets::module(text, sheet.linked()))
}

/// The text for a page that is `folder` (a relative URL with a slash at its end, or absolute) away from the style sheet.
pub(super) fn placed(
    context: &dyn Context,
    path: &SourcePath,
    folder: &str,
) -> Result<String, Failure> {
    let sheet = fetch(context, path)?;
    let pieces = sheet.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Url(url) => format!("{folder}{}", url.strip_prefix("./").unwrap_or(url)),
    });
    Ok(pieces.collect())
}

/// Runs the computation `style-module`.
pub fn module(context: &dyn Context, path: &SourcePath) -> Result<Output, Failure> {
    let sheet = fetch(context, path)?;
    let code = module::inserting(&sheet, path);
    Ok(super::assets::module(code, sheet.linked()))
}

/// Runs the computation of `?inline`: the text as the default export, nothing inserted.
pub fn inline(context: &dyn Context, path: &SourcePath) -> Result<Output, Failure> {
    let sheet = fetch(context, path)?;
    let code = format!("export default {};\n", module::text(&sheet));
    Ok(super::assets::module(code, sheet.linked()))
}

/// Runs the computation of `with { type: 'css' }`: the sheet as an object, inserted nowhere.
fn constructed(context: &dyn Context, path: &SourcePath) -> Result<Output, Failure> {
    let sheet = fetch(context, path)?;
    let code = format!(
        "const sheet = new CSSStyleSheet();\nsheet.replaceSync({});\nexport default sheet;\n",
        module::text(&sheet)
    );
    Ok(super::assets::module(code, sheet.linked()))
}

/// Runs the computation of a query on a style sheet.
pub fn query(
    runnable: &Runnable,
    context: &dyn Context,
    query: Query,
    path: &SourcePath,
) -> Result<Output, Failure> {
    match query.text() {
        "inline" => inline(context, path),
        kind::CONSTRUCTED => constructed(context, path),
        _ => super::assets::query(runnable, context, query, path, Scope::Page),
    }
}

/// A fault of the code `style`, at a place from 1; line 0: the file as a whole.
fn fault(shown: String, text: &str, line: u32, column: u32, message: &str) -> Diagnostic {
    let message = message.trim().trim_end_matches('.');
    let mut letters = message.chars();
    let message = match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => message.to_owned(),
    };
    let frame = code_frame(text, line, column, 1);
    let at = Location {
        file: shown,
        line,
        column,
    };
    Diagnostic::new("style", message).at(at).frame(frame)
}
