//! One piece as an ES module: how a page that forbids `eval` gets the new text of a module that it has.

use super::map::{measured, own};
use super::shelf::output;
use super::{Entry, Step, Variant, piece};
use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output, Recipe};
use crate::runnable::all::Runnable;
use crate::runnable::layout::url_segment;

/// The folder of these modules in that of the bundles.
const FOLDER: &[u8] = b"~module";

/// What stands before the piece: a line of its own.
const HEAD: &str = "export default\n";

/// Where they stand under `/~@/`.
pub(super) fn folder(variant: Variant) -> Vec<u8> {
    [variant.prefix(), b"/", FOLDER].concat()
}

fn piece_of(entry: &Entry) -> Key {
    piece::of_plain(entry.variant, entry.plain())
}

/// Runs `bundle-module`. Its versions have the names that updates tell: those of the piece.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
) -> Result<Output, Failure> {
    let piece = piece_of(entry);
    let place = runnable.layout.output_of(&Step::ModuleMap.key(entry));
    let mut recipe = Recipe::default();
    recipe.text(HEAD);
    recipe.part(
        piece.clone(),
        Part::MAIN,
        context.measure(&piece, Part::MAIN)?,
        0,
    );
    let map = url_segment(place.name());
    recipe.text(&format!(";\n//# sourceMappingURL={map}\n"));
    let mut output = output(&recipe)?;
    let text = context.fetch(&piece, Part::MAIN)?;
    output.parts.push((Part::NAME, text));
    Ok(output)
}

/// Runs `bundle-module-map`.
pub(super) fn map(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
) -> Result<Output, Failure> {
    let piece = piece_of(entry);
    let place = runnable.layout.output_of(&Step::ModuleMap.key(entry));
    let here = place.parent().unwrap_or_else(SourcePath::root);
    let mut recipe = Recipe::default();
    recipe.text("{\"version\":3,\"sections\":[{\"offset\":{\"line\":1,\"column\":0},\"map\":");
    own(
        &mut recipe,
        &runnable.layout,
        &here,
        &piece,
        measured(context, &piece)?,
    );
    recipe.text("}]}\n");
    output(&recipe)
}
