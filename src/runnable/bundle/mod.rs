//! Bundles: `/~@/~bundle/main.tsx.js` is the whole static import closure of `main.tsx`, with the runtime that links and
//! evaluates it. It is put together when it is read; what is stored is which pieces it has.
//!
//! | computation | gives |
//! |---|---|
//! | `piece P` | the module that `P` gives, in function form, for browsers ([`piece`]) |
//! | `bundle P` | the file: the runtime, the names of other bundles' versions, the body, the entries |
//! | `bundle-members P` | the pieces of the closure, by shelves |
//! | `bundle-shelf P N` | the pieces of one shelf, put together: what an edit makes anew |
//! | `bundle-body P` | the shelves, put together |
//! | `bundle-volume P N` | some of the shelves as a file of their own, where there are many; and `bundle-volume-map P N` |
//! | `bundle-reach P` | nothing; its hash is that of a bundle with all bundles that it leads to: its version in names |
//! | `bundle-map P` | the source map, put together of those of the pieces |
//! | `bundle-lines P N` | how long the pieces of a shelf are, for the map |
//! | `bundle-faults P` | nothing; it fails where a piece does |
//! | `bundle-client` | the runtime's text |
//! | `bundle-module P` | one piece as an ES module, for pages that forbid `eval`; and `bundle-module-map P` |
//!
//! Each of them is there in two variants: behind `~bundle` for pages that stay as they are, and, with `hot` before its name,
//! behind `~hot` for pages whose modules are replaced while they run.
//!
//! `P` is a computation of a plain module, that of the entry; or that of a page, whose entries are the modules it starts.
//!
//! An edit makes one piece anew. Its members are as they were unless it imports something else, so what runs is its shelf,
//! the body and the file, each of some dozens of dependencies, whatever the size of the whole.
//!
//! Bundles that lead to each other can't have each other's hashes in them; so a version is named by all that it reaches.

mod file;
mod map;
mod members;
mod module;
pub(super) mod piece;
mod reach;
mod shelf;
mod variant;
mod view;
mod volume;

use std::sync::Arc;

use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::router::{File, Found};

use super::all::Runnable;
use super::kind::PAGE;
use super::layout::{self, Layout};
use super::{function, hook, page};

pub(super) use file::bundles;
pub(super) use members::Members;
pub(super) use shelf::{Row, fault_of, rows};
pub(super) use variant::Variant;
pub use view::{BundleView, ModuleView, VolumeView};

/// The runtime's text.
const CLIENT: Computation = Computation::new("bundle-client");

/// What a bundle is of, and for whom it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Entry {
    variant: Variant,
    /// A plain module, or a page.
    plain: Computation,
    path: SourcePath,
}

/// A step on the way to a bundle, or the bundle itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    File,
    Members,
    Shelf(u32),
    Body,
    Volume(u32),
    VolumeMap(u32),
    Reach,
    Map,
    Lines(u32),
    Faults,
    Module,
    ModuleMap,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::File => "bundle",
            Self::Members => "bundle-members",
            Self::Shelf(_) => "bundle-shelf",
            Self::Body => "bundle-body",
            Self::Volume(_) => "bundle-volume",
            Self::VolumeMap(_) => "bundle-volume-map",
            Self::Reach => "bundle-reach",
            Self::Map => "bundle-map",
            Self::Lines(_) => "bundle-lines",
            Self::Faults => "bundle-faults",
            Self::Module => "bundle-module",
            Self::ModuleMap => "bundle-module-map",
        }
    }

    /// Whether it is a file that somebody reads, and no step on the way to one.
    fn is_file(self) -> bool {
        matches!(
            self,
            Self::File
                | Self::Map
                | Self::Volume(_)
                | Self::VolumeMap(_)
                | Self::Module
                | Self::ModuleMap
        )
    }

    fn key(self, entry: &Entry) -> Key {
        let plain = entry.plain.name();
        let computation = match self {
            Self::Shelf(number)
            | Self::Lines(number)
            | Self::Volume(number)
            | Self::VolumeMap(number) => Computation::of(self.name(), &format!("{plain} {number}")),
            _ => Computation::of(self.name(), plain),
        };
        Key::new(entry.variant.of(computation), entry.path.clone())
    }

    /// The step that a node is, and of which bundle.
    fn of(key: &Key) -> Option<(Self, Entry)> {
        let (variant, name) = Variant::split(&key.computation);
        let (family, detail) = name.split_once(' ')?;
        let numbered = |step: fn(u32) -> Self| {
            let (plain, number) = detail.rsplit_once(' ')?;
            Some((step(number.parse().ok()?), plain))
        };
        let (step, plain) = match family {
            "bundle" => (Self::File, detail),
            "bundle-members" => (Self::Members, detail),
            "bundle-shelf" => numbered(Self::Shelf)?,
            "bundle-body" => (Self::Body, detail),
            "bundle-volume" => numbered(Self::Volume)?,
            "bundle-volume-map" => numbered(Self::VolumeMap)?,
            "bundle-reach" => (Self::Reach, detail),
            "bundle-map" => (Self::Map, detail),
            "bundle-lines" => numbered(Self::Lines)?,
            "bundle-faults" => (Self::Faults, detail),
            "bundle-module" => (Self::Module, detail),
            "bundle-module-map" => (Self::ModuleMap, detail),
            _ => return None,
        };
        let plain = match plain == PAGE.name() {
            true => PAGE,
            false => {
                let hook = || hook::named(plain).filter(|_| variant == Variant::Hot);
                function::named(plain).or_else(hook)?
            }
        };
        let path = key.path.clone();
        let entry = Entry {
            variant,
            plain,
            path,
        };
        Some((step, entry))
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.file().fmt(f)
    }
}

impl Entry {
    /// The bundle of what this node gives; `None`: it is no module and no page.
    pub(super) fn of_plain(variant: Variant, key: Key) -> Option<Self> {
        let is_page = key.computation == PAGE || variant == Variant::Hot && hook::is_page(&key);
        let is_entry = is_page || function::is_module(&key.computation);
        is_entry.then_some(Self {
            variant,
            plain: key.computation,
            path: key.path,
        })
    }

    /// The bundle that a piece is the entry of.
    fn of_piece(piece: &Key) -> Option<Self> {
        let (variant, plain) = piece::of(&piece.computation)?;
        Self::of_plain(variant, Key::new(plain, piece.path.clone()))
    }

    /// The page that the bundle is of; `None`: it is of a module.
    fn page(&self) -> Option<page::Which> {
        let plain = self.plain();
        page::is_page(&plain).then(|| page::Which::new(self.variant, plain))
    }

    /// What the bundle is of.
    pub(super) fn plain(&self) -> Key {
        Key::new(self.plain.clone(), self.path.clone())
    }

    /// The bundle itself.
    pub(super) fn file(&self) -> Key {
        Step::File.key(self)
    }

    /// Which pieces there are.
    pub(super) fn members(&self) -> Key {
        Step::Members.key(self)
    }

    /// Some of the pieces, put together.
    pub(super) fn shelf(&self, number: u32) -> Key {
        Step::Shelf(number).key(self)
    }

    /// All pieces, put together.
    pub(super) fn body(&self) -> Key {
        Step::Body.key(self)
    }
}

/// The bundle of what this node gives; `None`: it is no module and no page.
pub(super) fn of_plain(variant: Variant, key: Key) -> Option<Key> {
    Entry::of_plain(variant, key).map(|entry| entry.file())
}

/// What a bundle is of; `None`: it is none.
pub(super) fn entry(bundle: &Key) -> Option<Entry> {
    match Step::of(bundle)? {
        (Step::File, entry) => Some(entry),
        _ => None,
    }
}

/// Whether a node gives a file of a bundle, and no step on the way to one.
pub(super) fn is_file(key: &Key) -> bool {
    Step::of(key).is_some_and(|(step, _)| step.is_file())
}

/// Where what a node of bundles gives stands under `/~@/`; `None`: it is no file of theirs.
pub(super) fn place_of(layout: &Layout, key: &Key) -> Option<SourcePath> {
    let (step, entry) = Step::of(key)?;
    let (folder, is_map) = match step {
        Step::File => (entry.variant.prefix().to_owned(), false),
        Step::Map => (entry.variant.prefix().to_owned(), true),
        Step::Volume(number) => (volume::folder(entry.variant, number), false),
        Step::VolumeMap(number) => (volume::folder(entry.variant, number), true),
        Step::Module => (module::folder(entry.variant), false),
        Step::ModuleMap => (module::folder(entry.variant), true),
        _ => return None,
    };
    let place = layout::joined(&folder, layout.module_of(&entry.plain()).as_bytes());
    // A page's name ends otherwise than a module's.
    let place = match entry.page().is_some() {
        true => layout::with_suffix(&place, ".js"),
        false => place,
    };
    Some(match is_map {
        true => layout::with_suffix(&place, ".map"),
        false => place,
    })
}

/// The bundle of a piece.
pub(super) fn of_piece(piece: &Key) -> Option<Key> {
    Some(Step::File.key(&Entry::of_piece(piece)?))
}

/// The node that fails where something is wrong in a bundle's modules. The bundle itself does not: they throw what is wrong.
pub fn faults_of(key: &Key) -> Option<Key> {
    match Step::of(key)? {
        (Step::File, entry) => Some(Step::Faults.key(&entry)),
        _ => None,
    }
}

/// The node whose hash names the versions of a bundle; `None`: it is none, or its own hash does.
pub(super) fn reach_of(key: &Key) -> Option<Key> {
    match Step::of(key)? {
        (Step::File, entry) if entry.variant == Variant::Plain => Some(Step::Reach.key(&entry)),
        _ => None,
    }
}

/// The bundle at a place under `/~@/`.
pub(super) fn at(
    layout: &Layout,
    context: &dyn Context,
    place: &SourcePath,
) -> Result<Option<Key>, Failure> {
    for variant in [Variant::Plain, Variant::Hot] {
        let Some(name) = place.as_bytes().strip_prefix(variant.prefix()) else {
            continue;
        };
        let Some(Ok(path)) = name.strip_prefix(b"/").map(SourcePath::parse) else {
            continue;
        };
        let modules = Arc::new(super::views::modules(layout.source()));
        let found = BundleView::new(variant, modules).plain(context, &path)?;
        if let Found::File(File::Node { key, .. }) = found
            && entry(&key).is_some()
        {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Whether a computation is a step on the way to a file.
pub(super) fn is_step(computation: &Computation) -> bool {
    let key = Key::new(computation.clone(), SourcePath::root());
    Variant::split(computation).1 == CLIENT.name()
        || Step::of(&key).is_some_and(|(step, _)| !step.is_file())
}

/// Whether a part is put together when it is read.
pub(super) fn is_assembled(key: &Key, part: Part) -> bool {
    let assembled = |step: Step| step.is_file() || matches!(step, Step::Shelf(_) | Step::Body);
    part == Part::MAIN && Step::of(key).is_some_and(|(step, _)| assembled(step))
}

/// Runs a computation of bundles; `None`: it is none.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Option<Result<Output, Failure>> {
    let (variant, name) = Variant::split(&key.computation);
    if name == CLIENT.name() {
        return Some(file::client(variant));
    }
    if let Some((variant, plain)) = piece::of(&key.computation) {
        return Some(piece::run(runnable, context, variant, plain, &key.path));
    }
    let (step, entry) = Step::of(key)?;
    Some(match step {
        Step::File => file::run(runnable, context, &entry),
        Step::Members => members::run(context, &entry),
        Step::Shelf(number) => shelf::run(runnable, context, &entry, number),
        Step::Body => shelf::body(runnable, context, &entry),
        Step::Volume(number) => volume::run(runnable, context, &entry, number),
        Step::VolumeMap(number) => volume::map(runnable, context, &entry, number),
        Step::Reach => reach::run(runnable, context, &entry),
        Step::Map => map::run(runnable, context, &entry),
        Step::Lines(number) => map::lines(runnable, context, &entry, number),
        Step::Faults => shelf::faults(runnable, context, &entry),
        Step::Module => module::run(runnable, context, &entry),
        Step::ModuleMap => module::map(runnable, context, &entry),
    })
}

/// What the runtime calls a module, or where a bundle stands: the path under `/~@/` as a URL has it.
pub(super) fn id(layout: &Layout, key: &Key) -> String {
    let url = layout::url(layout.output_of(key).as_bytes());
    format!("/{}", url.trim_start_matches("./"))
}
