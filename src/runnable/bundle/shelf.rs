//! The pieces of a bundle, put together by shelves.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Entry, Members, Step, Variant, id};
use crate::base::{ContentHash, Diagnostic, Key, Part, ShortHash};
use crate::compute::{Context, Failure, Output, Recipe};
use crate::router::explained;
use crate::runnable::all::Runnable;
use crate::runnable::assets::{self, quoted};
use crate::runnable::common::{decode, encode};
use crate::runnable::module::diagnostics;

/// What is wrong with the pieces of a shelf.
const FAULTS: Part = Part(3);

/// Of one that is hot, its [`Row`]s.
const ROWS: Part = Part(4);

/// What stands on a shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::runnable) struct Row {
    /// The member, by its index.
    pub(in crate::runnable) at: u32,
    pub(in crate::runnable) hash: ShortHash,
    /// What stands in the place of its text, where it fails.
    pub(in crate::runnable) fault: Option<String>,
}

/// What stands on a shelf of a bundle that is hot.
pub(in crate::runnable) fn rows(
    context: &dyn Context,
    entry: &Entry,
    number: u32,
) -> Result<Vec<Row>, Failure> {
    decode(&context.fetch(&Step::Shelf(number).key(entry), ROWS)?)
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
    let mut rows = Vec::new();
    for (at, piece) in members.shelf(number) {
        let (hash, fault) = match context.measure(piece, Part::MAIN) {
            Ok(measured) => {
                let hash = measured.0.short();
                let id = quoted(&id(&runnable.layout, piece));
                recipe.text(&format!("[{id},\"{hash}\",\n"));
                recipe.part(piece.clone(), Part::MAIN, measured, 0);
                recipe.text("],\n");
                (hash, None)
            }
            // It has its place all the same; whoever gets there is told of it.
            Err(failure) if failure.is_of_file() => {
                let (hash, fault) = instead(runnable, entry, &members, at, &failure);
                recipe.text(&line(runnable, piece, hash, &fault));
                problems.extend(told(runnable, entry, &members, at, &failure));
                (hash, Some(fault))
            }
            Err(other) => return Err(other),
        };
        rows.push(Row { at, hash, fault });
    }
    let mut output = output(&recipe)?;
    output.parts.push((FAULTS, encode(&problems)?));
    if entry.variant == Variant::Hot {
        output.parts.push((ROWS, encode(&rows)?));
    }
    Ok(output)
}

/// What is wrong with a piece, and who imports it.
fn told(
    runnable: &Runnable,
    entry: &Entry,
    members: &Members,
    at: u32,
    failure: &Failure,
) -> Vec<Diagnostic> {
    match failure {
        Failure::Diagnostics(problems) | Failure::Limit(problems) => {
            let page = entry.page().map(|_| &entry.path);
            let chain = members.importers(runnable.layout.source(), at, page);
            explained(problems, &chain)
        }
        _ => Vec::new(),
    }
}

/// What stands in the place of a piece that fails, in a line of its own.
pub(super) fn fault(
    runnable: &Runnable,
    entry: &Entry,
    members: &Members,
    (at, piece): (u32, &Key),
    failure: &Failure,
) -> String {
    let (hash, fault) = instead(runnable, entry, members, at, failure);
    line(runnable, piece, hash, &fault)
}

fn line(runnable: &Runnable, piece: &Key, hash: ShortHash, fault: &str) -> String {
    let id = quoted(&id(&runnable.layout, piece));
    format!("[{id},\"{hash}\",{fault}],\n")
}

/// The object in place of what a piece's text gives, and its hash. Pages that are hot show what is wrong themselves.
fn instead(
    runnable: &Runnable,
    entry: &Entry,
    members: &Members,
    at: u32,
    failure: &Failure,
) -> (ShortHash, String) {
    let problems = told(runnable, entry, members, at, failure);
    let text = match problems.is_empty() {
        true => failure.to_string(),
        false => Diagnostic::render_all(&problems),
    };
    let object = match entry.variant {
        Variant::Plain => format!("{{\"fault\":{}}}", quoted(&text)),
        Variant::Hot => object(&text, &problems),
    };
    (ContentHash::of(object.as_bytes()).short(), object)
}

/// What is wrong with a file, as pages that are hot are told.
pub(in crate::runnable) fn fault_of(problems: &[Diagnostic]) -> String {
    object(&Diagnostic::render_all(problems), problems)
}

fn object(text: &str, problems: &[Diagnostic]) -> String {
    let problems: Vec<_> = problems.iter().map(structured).collect();
    json!({ "fault": text, "diagnostics": problems }).to_string()
}

/// A diagnostic as pages get it: without what it does not have.
fn structured(problem: &Diagnostic) -> serde_json::Value {
    let at = problem.at.as_ref();
    let all = [
        ("code", Some(json!(problem.code))),
        ("message", Some(json!(problem.message))),
        ("file", at.map(|at| json!(at.file))),
        ("line", at.filter(|at| at.line > 0).map(|at| json!(at.line))),
        (
            "column",
            at.filter(|at| at.line > 0).map(|at| json!(at.column)),
        ),
        ("frame", problem.frame.as_ref().map(|frame| json!(frame))),
        (
            "importers",
            (!problem.importers.is_empty()).then(|| json!(problem.importers)),
        ),
        ("hint", problem.hint.as_ref().map(|hint| json!(hint))),
    ];
    let given = all
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    serde_json::Value::Object(given.collect())
}

/// Runs `bundle-body`.
pub(super) fn body(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
) -> Result<Output, Failure> {
    let members = Members::fetch(runnable, context, entry)?;
    let mut recipe = Recipe::default();
    let all: Vec<u32> = (0..members.shelves()).collect();
    shelves(&mut recipe, context, entry, &all)?;
    output(&recipe)
}

/// Puts what stands on these shelves into a file.
pub(super) fn shelves(
    recipe: &mut Recipe,
    context: &dyn Context,
    entry: &Entry,
    numbers: &[u32],
) -> Result<(), Failure> {
    for number in numbers {
        let shelf = Step::Shelf(*number).key(entry);
        let measured = context.measure(&shelf, Part::MAIN)?;
        recipe.part(shelf, Part::MAIN, measured, 0);
    }
    Ok(())
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
