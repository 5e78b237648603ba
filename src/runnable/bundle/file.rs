//! The file itself.

use super::shelf::output;
use super::{CLIENT, Entry, Members, Step, id, of_piece};
use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure, Link, LinkKind, Output, Recipe};
use crate::runnable::all::Runnable;
use crate::runnable::assets::{module, quoted};
use crate::runnable::layout::{self, url_segment, versioned};
use crate::script;

/// Runs [`CLIENT`].
pub(super) fn client() -> Result<Output, Failure> {
    Ok(module(runtime()?.to_owned(), Vec::new()))
}

/// The text of the runtime.
pub(super) fn runtime() -> Result<&'static str, Failure> {
    script::browser()
        .map_err(|fault| Failure::Internal(format!("the runtime does not compile: {fault}")))
}

/// What stands before the runtime, and between it and the names of other bundles.
pub(super) const HEAD: [&str; 2] = ["await ", ".add(import.meta.url, "];

/// What stands between those names and the pieces. A line ends here.
pub(super) const PIECES: &str = ", [\n";

/// Runs `bundle`.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
) -> Result<Output, Failure> {
    let members = Members::fetch(runnable, context, entry)?;
    let body = Step::Body.key(entry);
    let measured = context.measure(&body, Part::MAIN)?;
    let client = Key::new(CLIENT, SourcePath::root());
    let runtime = context.measure(&client, Part::MAIN)?;
    let place = runnable.layout.output_of(&Step::File.key(entry));
    let mut recipe = Recipe::default();
    recipe.text(HEAD[0]);
    recipe.part(client, Part::MAIN, runtime, 0);
    recipe.text(HEAD[1]);
    let up = "../".repeat(place.components().count().saturating_sub(1));
    recipe.text(&format!("{}, ", quoted(&up)));
    recipe.text(&bundles(runnable, context, &members)?);
    recipe.text(PIECES);
    recipe.part(body, Part::MAIN, measured, 0);
    let starts: Vec<String> = members
        .starts
        .iter()
        .map(|key| quoted(&id(runnable, key)))
        .collect();
    let map = [place.name(), b".map"].concat();
    recipe.text(&format!(
        "], [{}]);\n//# sourceMappingURL={}\n",
        starts.join(","),
        url_segment(&map)
    ));
    let mut output = output(&recipe)?;
    let reach = context.fetch(&Step::Reach.key(entry), Part::MAIN)?;
    output.parts.push((Part::NAME, reach));
    let others = members.targets.iter().filter_map(of_piece);
    let others = others.map(|bundle| Link::new(LinkKind::Dynamic, bundle));
    let files = members.files.iter().cloned().map(Link::url);
    output.links = others.chain(files).collect();
    Ok(output)
}

/// Where the bundles of other modules are: an object of their names from `/~@/`, by the modules' ids.
fn bundles(
    runnable: &Runnable,
    context: &dyn Context,
    members: &Members,
) -> Result<String, Failure> {
    let mut names = Vec::with_capacity(members.targets.len());
    for target in &members.targets {
        let Some(entry) = Entry::of_piece(target) else {
            continue;
        };
        let version = context.hash(&Step::Reach.key(&entry), Part::MAIN)?.short();
        let place = runnable.layout.output_of(&Step::File.key(&entry));
        let url = layout::url(place.as_bytes());
        let name = versioned(url.trim_start_matches("./"), "", Some(version));
        names.push(format!(
            "{}:{}",
            quoted(&id(runnable, target)),
            quoted(&name)
        ));
    }
    Ok(format!("{{{}}}", names.join(",")))
}
