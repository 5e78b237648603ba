//! The volumes of a bundle that is hot: files with some of its pieces each, which the bundle's own file imports. A browser goes on
//! with what it has read and compiled of those that an edit leaves as they were; of one single file it would do all of it again.

use super::map::sections;
use super::shelf::{output, shelves};
use super::{Entry, Members, Step, Variant};
use crate::base::SourcePath;
use crate::compute::{Context, Failure, Output, Recipe};
use crate::runnable::all::Runnable;
use crate::runnable::hashed;
use crate::runnable::layout::{self, url_segment, versioned};

/// The folder of the volumes in that of the bundles. In it each number has a folder with the names that bundles have.
pub(super) const FOLDER: &[u8] = b"~volume";

/// What stands before the pieces: a line of its own.
const HEAD: &str = "export default [\n";

/// Where those with a number stand under `/~@/`.
pub(super) fn folder(variant: Variant, number: u32) -> Vec<u8> {
    let number = number.to_string();
    [variant.prefix(), b"/", FOLDER, b"/", number.as_bytes()].concat()
}

/// Runs `bundle-volume`.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
    number: u32,
) -> Result<Output, Failure> {
    let members = Members::fetch(runnable, context, entry)?;
    let own = of(&members, entry, number)?;
    let mut recipe = Recipe::default();
    recipe.text(HEAD);
    shelves(&mut recipe, context, entry, own)?;
    let place = runnable
        .layout
        .output_of(&Step::VolumeMap(number).key(entry));
    recipe.text(&format!(
        "];\n//# sourceMappingURL={}\n",
        url_segment(place.name())
    ));
    output(&recipe)
}

/// Runs `bundle-volume-map`.
pub(super) fn map(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
    number: u32,
) -> Result<Output, Failure> {
    let members = Members::fetch(runnable, context, entry)?;
    let own = of(&members, entry, number)?;
    let place = runnable.layout.output_of(&Step::Volume(number).key(entry));
    sections(runnable, context, entry, &members, (&place, own), 1)
}

/// The shelves in a volume. A page that has changed may have no longer as many.
fn of<'a>(members: &'a Members, entry: &Entry, number: u32) -> Result<&'a [u32], Failure> {
    let missing = || Failure::Missing(entry.path.clone());
    members.volume(number).ok_or_else(missing)
}

/// What the bundle's own file, at this place, imports: statements that end a line, and what stands among its pieces.
pub(super) fn imports(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
    members: &Members,
    place: &SourcePath,
) -> Result<(String, String), Failure> {
    let here = place.parent().unwrap_or_else(SourcePath::root);
    let (mut statements, mut spread) = (String::new(), String::new());
    for number in 0..members.volumes() {
        let key = Step::Volume(number).key(entry);
        let version = hashed::named(context, &key)?;
        let url = layout::url(&runnable.layout.output_of(&key).relative_from(&here));
        let url = versioned(&url, "", Some(version));
        statements.push_str(&format!("import v{number} from\"{url}\";"));
        spread.push_str(&format!("...v{number},"));
    }
    if !statements.is_empty() {
        statements.push('\n');
    }
    Ok((statements, spread))
}
