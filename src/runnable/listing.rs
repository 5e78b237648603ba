//! The names of a directory of the view.

use std::collections::BTreeMap;

use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::resolver::{follow, in_packages};
use crate::router::{Listed, ListedKind};
use crate::source::{Entry, EntryKind};

use super::kind::Kind;
use super::names::is_hidden;
use super::public;
use super::versions::NAME_MAX;

/// Names with their kinds; the first to come keeps the name.
#[derive(Default)]
pub struct Names(BTreeMap<Vec<u8>, ListedKind>);

impl Names {
    /// Adds a name that is not there yet; not one that is longer than names may be, by which nothing can be opened.
    pub fn add(&mut self, name: impl Into<Vec<u8>>, kind: ListedKind) {
        let name = name.into();
        if name.len() <= NAME_MAX {
            self.0.entry(name).or_insert(kind);
        }
    }

    /// Sorted.
    pub fn into_listed(self) -> Vec<Listed> {
        let names = self.0.into_iter();
        names.map(|(name, kind)| Listed { name, kind }).collect()
    }
}

/// What follows the name of a file of a kind in the names of the outputs besides its own that listings show.
fn suffixes(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Module(_) => &[".js", ".js.map"],
        Kind::Script => &[".map"],
        Kind::Json | Kind::Style | Kind::Wasm | Kind::Asset => &[".js"],
        Kind::Declaration | Kind::Page | Kind::Other => &[],
    }
}

/// Whether a file's form for `require` is listed: where CommonJS files mostly are. Bundlers that are given the outputs find only
/// what is listed.
fn is_for_require(directory: &SourcePath, name: &[u8], kind: Kind) -> bool {
    let is_code = matches!(kind, Kind::Module(_) | Kind::Script);
    is_code && (in_packages(directory) || name.ends_with(b".cjs") || name.ends_with(b".cts"))
}

/// Adds a file that is made, no source, and its module.
pub fn made(names: &mut Names, name: &[u8]) {
    names.add(name, ListedKind::File);
    let kind = Kind::of(name);
    if kind != Kind::Script {
        for suffix in suffixes(kind) {
            names.add([name, suffix.as_bytes()].concat(), ListedKind::File);
        }
    }
}

/// Adds what the directory of the tree gives; `node_modules` and names that start with `~` resolve unlisted.
pub fn mirror(
    names: &mut Names,
    context: &dyn Context,
    directory: &SourcePath,
) -> Result<(), Failure> {
    let entries = context.list(directory)?;
    let shown = entries.iter().filter(|entry| {
        !is_hidden(&entry.name) && !entry.name.starts_with(b"~") && entry.name != b"node_modules"
    });
    let mut derived = Vec::new();
    for entry in shown {
        let kind = match entry.kind {
            EntryKind::Directory => ListedKind::Directory,
            EntryKind::File => ListedKind::File,
            EntryKind::Link => ListedKind::Link,
            EntryKind::Special => continue,
        };
        let source = Kind::of(&entry.name);
        if kind != ListedKind::Directory && source == Kind::Declaration {
            continue;
        }
        names.add(&*entry.name, kind);
        let has_derived = match kind {
            ListedKind::Directory => false,
            ListedKind::File => true,
            ListedKind::Link => matches!(
                follow(context, &directory.child(&entry.name))?,
                Some((target, Entry::File)) if Kind::of_path(&target) == source
            ),
        };
        if has_derived {
            let with = |suffix: &&str| ([&entry.name, suffix.as_bytes()].concat(), kind);
            derived.extend(suffixes(source).iter().map(with));
            if is_for_require(directory, &entry.name, source) {
                derived.push(with(&".commonjs.js"));
            }
        }
    }
    for (name, kind) in derived {
        names.add(name, kind);
    }
    Ok(())
}

/// Adds the plain copies that a folder of public files gives.
pub fn copies(
    names: &mut Names,
    context: &dyn Context,
    source: &SourcePath,
    directory: &SourcePath,
) -> Result<(), Failure> {
    for (name, _, entry) in public::list(context, source, directory)? {
        let kind = match entry {
            Entry::Directory => ListedKind::Directory,
            _ => ListedKind::File,
        };
        names.add(name, kind);
    }
    Ok(())
}
