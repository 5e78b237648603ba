//! The file itself.

use super::shelf::{output, shelves};
use super::{CLIENT, Entry, Members, Step, Variant, id, reach_of, volume};
use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure, Link, LinkKind, Output, Recipe};
use crate::runnable::all::Runnable;
use crate::runnable::assets::{module, quoted};
use crate::runnable::hashed;
use crate::runnable::layout::{Layout, url_segment, versioned};
use crate::script;

/// Runs [`CLIENT`].
pub(super) fn client(variant: Variant) -> Result<Output, Failure> {
    Ok(module(runtime(variant)?.to_owned(), Vec::new()))
}

/// The text of the runtime.
pub(super) fn runtime(variant: Variant) -> Result<&'static str, Failure> {
    let runtime = match variant {
        Variant::Plain => script::browser(),
        Variant::Hot => script::hot_browser(),
    };
    runtime.map_err(|fault| Failure::Internal(format!("the runtime does not compile: {fault}")))
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
    let client = Key::new(entry.variant.of(CLIENT), SourcePath::root());
    let runtime = context.measure(&client, Part::MAIN)?;
    let place = runnable.layout.output_of(&Step::File.key(entry));
    let mut recipe = Recipe::default();
    let (imports, volumes) = volume::imports(runnable, context, entry, &members, &place)?;
    recipe.text(&imports);
    recipe.text(HEAD[0]);
    recipe.part(client, Part::MAIN, runtime, 0);
    recipe.text(HEAD[1]);
    let up = "../".repeat(place.components().count().saturating_sub(1));
    recipe.text(&format!("{}, ", quoted(&up)));
    let bundles = bundles(&runnable.layout, context, entry.variant, &members)?;
    let bundles = bundles
        .iter()
        .map(|(id, name)| format!("{}:{}", quoted(id), quoted(name)));
    recipe.text(&format!("{{{}}}", bundles.collect::<Vec<_>>().join(",")));
    recipe.text(PIECES);
    shelves(&mut recipe, context, entry, &members.inside)?;
    let starts: Vec<String> = members
        .starts
        .iter()
        .map(|key| quoted(&id(&runnable.layout, key)))
        .collect();
    let map = [place.name(), b".map"].concat();
    recipe.text(&format!(
        "{volumes}], [{}]);\n//# sourceMappingURL={}\n",
        starts.join(","),
        url_segment(&map)
    ));
    let mut output = output(&recipe)?;
    if let Some(reach) = reach_of(&entry.file()) {
        let reach = context.fetch(&reach, Part::MAIN)?;
        output.parts.push((Part::NAME, reach));
    }
    let others = members.bundles();
    let others = others.map(|bundle| Link::new(LinkKind::Dynamic, bundle.file()));
    let files = members.files.iter().cloned().map(Link::url);
    output.links = others.chain(files).collect();
    Ok(output)
}

/// Where the bundles of other modules are: the names of their versions from `/~@/`, by the ids of what is imported later, and
/// by the plain names of what is meant by its URL. Bundles that are hot name none of their kind: whoever imports one later
/// wants it as it is then, and an edit would give another name to all that lead to it. They name all other code that is meant by its
/// URL: nobody but a worker or worklet runs that, which goes on with the old one until the page is loaded anew.
pub(in crate::runnable) fn bundles(
    layout: &Layout,
    context: &dyn Context,
    variant: Variant,
    members: &Members,
) -> Result<Vec<(String, String)>, Failure> {
    let mut names = Vec::with_capacity(members.targets.len());
    for (target, kind) in &members.targets {
        let file = match Entry::of_piece(target) {
            Some(entry) if entry.variant == Variant::Plain => entry.file(),
            _ => continue,
        };
        let version = hashed::named(context, &file)?;
        let url = id(layout, &file);
        let name = versioned(&url[1..], "", Some(version));
        let id = match kind {
            LinkKind::Url => url,
            _ => id(layout, target),
        };
        names.push((id, name));
    }
    let is_code = |file: &&Key| variant == Variant::Hot && hashed::is_in_worker(file);
    for file in members.files.iter().filter(is_code) {
        let version = match hashed::named(context, file) {
            Ok(version) => version,
            // Whoever names it says what is wrong.
            Err(failure) if failure.is_of_file() => continue,
            Err(other) => return Err(other),
        };
        let url = id(layout, file);
        let name = versioned(&url[1..], "", Some(version));
        names.push((url, name));
    }
    Ok(names)
}
