//! The pieces of a bundle, put together by shelves.

use super::{Entry, Members, Step, id};
use crate::base::{ContentHash, Diagnostic, Key, Part};
use crate::compute::{Context, Failure, Output, Recipe};
use crate::router::explained;
use crate::runnable::all::Runnable;
use crate::runnable::assets::{self, quoted};
use crate::runnable::common::{decode, encode};
use crate::runnable::module::diagnostics;

/// What is wrong with the pieces of a shelf.
const FAULTS: Part = Part(3);

/// Whether a piece fails because of what it is made of. It has its place all the same; whoever gets there is told of it.
pub(super) fn is_fault(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Diagnostics(_) | Failure::Limit(_) | Failure::Missing(_)
    )
}

/// Runs `bundle-shelf`.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
    number: u32,
) -> Result<Output, Failure> {
    let members = Members::fetch(runnable, context, entry)?;
    let mut recipe = Recipe::default();
    let mut problems: Vec<Diagnostic> = Vec::new();
    for (at, piece) in members.shelf(number) {
        match context.measure(piece, Part::MAIN) {
            Ok(measured) => {
                let (hash, _) = measured;
                recipe.text(&format!(
                    "[{},\"{}\",\n",
                    quoted(&id(runnable, piece)),
                    hash.short()
                ));
                recipe.part(piece.clone(), Part::MAIN, measured, 0);
                recipe.text("],\n");
            }
            Err(failure) if is_fault(&failure) => {
                recipe.text(&fault(runnable, &members, (at, piece), &failure));
                problems.extend(told(runnable, &members, at, &failure));
            }
            Err(other) => return Err(other),
        }
    }
    let mut output = output(&recipe)?;
    output.parts.push((FAULTS, encode(&problems)?));
    Ok(output)
}

/// What is wrong with a piece, and who imports it.
fn told(runnable: &Runnable, members: &Members, at: u32, failure: &Failure) -> Vec<Diagnostic> {
    match failure {
        Failure::Diagnostics(problems) | Failure::Limit(problems) => {
            let chain = members.importers(runnable.layout.source(), at);
            explained(problems, &chain)
        }
        _ => Vec::new(),
    }
}

/// What stands in the place of a piece that fails.
pub(super) fn fault(
    runnable: &Runnable,
    members: &Members,
    (at, piece): (u32, &Key),
    failure: &Failure,
) -> String {
    let problems = told(runnable, members, at, failure);
    let text = match problems.is_empty() {
        true => failure.to_string(),
        false => {
            let texts = problems.iter().map(|problem| problem.render(false));
            texts.collect::<Vec<_>>().join("\n")
        }
    };
    let hash = ContentHash::of(text.as_bytes()).short();
    let id = quoted(&id(runnable, piece));
    format!("[{id},\"{hash}\",{{\"fault\":{}}}],\n", quoted(&text))
}

/// Runs `bundle-body`.
pub(super) fn body(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
) -> Result<Output, Failure> {
    let members = Members::fetch(runnable, context, entry)?;
    let mut recipe = Recipe::default();
    for number in 0..members.shelves() {
        let shelf = Step::Shelf(number).key(entry);
        let measured = context.measure(&shelf, Part::MAIN)?;
        recipe.part(shelf, Part::MAIN, measured, 0);
    }
    output(&recipe)
}

/// Runs `bundle-faults`.
pub(super) fn faults(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
) -> Result<Output, Failure> {
    let members = Members::fetch(runnable, context, entry)?;
    let mut problems: Vec<Diagnostic> = Vec::new();
    for number in 0..members.shelves() {
        let found = context.fetch(&Step::Shelf(number).key(entry), FAULTS)?;
        problems.extend(decode::<Vec<Diagnostic>>(&found)?);
    }
    match problems.is_empty() {
        true => Ok(assets::module(String::new(), Vec::new())),
        false => Err(diagnostics(problems)),
    }
}

pub(super) fn output(recipe: &Recipe) -> Result<Output, Failure> {
    Ok(Output {
        parts: vec![(Part::MAIN, recipe.encode()?)],
        links: Vec::new(),
    })
}
