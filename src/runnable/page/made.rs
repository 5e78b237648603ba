//! Pages that hooks make, where they are hot: HTML that names outputs, and stays as it is but for its modules.

use super::markup::{self, Tag};
use super::place::{self, Base, Target};
use super::plan::Plan;
use super::read::Reader;
use super::script::{element, kind};
use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure, Link};
use crate::router::MountTable;
use crate::runnable::all::Runnable;
use crate::runnable::bundle::{self, Variant};
use crate::runnable::kind::Kind;
use crate::runnable::{function, hook, views};

/// The plan of the page that a hook's node gives.
pub(super) fn plan(
    runnable: &Runnable,
    context: &dyn Context,
    made: &Key,
) -> Result<Plan, Failure> {
    let bytes = context.fetch(made, Part::MAIN)?;
    let place = runnable.layout.output_of(made);
    let folder = place.parent().unwrap_or_else(SourcePath::root);
    let text = String::from_utf8_lossy(&bytes);
    let base = Base::at(&folder);
    let mut reader = Reader::new(runnable, context, &made.path, &text, base, Variant::Hot);
    let tags = markup::read(&text).unwrap_or_default();
    let mut scripts = tags.iter().filter(|tag| tag.name == "script");
    reader.plan.nonce = scripts.find_map(|tag| tag.value("nonce").map(str::to_owned));
    let table = views::outputs(runnable.layout.source());
    for tag in &tags {
        read(&mut reader, &table, &folder, tag)?;
    }
    reader.end();
    Ok(reader.plan)
}

fn read(
    reader: &mut Reader<'_>,
    table: &MountTable,
    folder: &SourcePath,
    tag: &Tag,
) -> Result<(), Failure> {
    let rel = tag.value("rel").unwrap_or_default().to_ascii_lowercase();
    let has = |wanted: &str| rel.split_ascii_whitespace().any(|one| one == wanted);
    let (is_module, name) = match tag.name.as_str() {
        "script" => (kind(tag) == "module", "src"),
        "link" if has("modulepreload") => (true, "href"),
        "link" if has("stylesheet") => (false, "href"),
        _ => return Ok(()),
    };
    let is_script = tag.name == "script";
    if is_module {
        reader.map_before(tag.range.start);
    }
    let attribute = tag.attribute(name);
    let Some((attribute, (path, suffix))) =
        attribute.and_then(|attribute| Some((attribute, place::split(&attribute.value)?)))
    else {
        return Ok(());
    };
    let found = hook::linked(reader.runnable, reader.context, table, folder, path)?;
    let Some(key) = found else { return Ok(()) };
    if !is_module {
        // A hook's too.
        let place = reader.runnable.layout.output_of(&key);
        if !is_script && Kind::of_path(&place) == Kind::Style {
            reader.reference(Target::Node(key), suffix, attribute)?;
        }
        return Ok(());
    }
    let module = match bundle::entry(&key) {
        Some(entry) => entry.plain(),
        None => key,
    };
    if !function::is_module(&module.computation) {
        return Ok(());
    }
    match is_script {
        true => {
            reader.start(Link::import(module));
            reader.skip(&element(reader.text, tag));
        }
        // The bundle has it.
        false => reader.skip(&tag.range),
    }
    Ok(())
}
