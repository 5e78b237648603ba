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
//! | `bundle-reach P` | nothing; its hash is that of a bundle with all bundles that it leads to: its version in names |
//! | `bundle-map P` | the source map, put together of those of the pieces |
//! | `bundle-lines P N` | how long the pieces of a shelf are, for the map |
//! | `bundle-faults P` | nothing; it fails where a piece does |
//! | `bundle-client` | the runtime's text |
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
pub(super) mod piece;
mod reach;
mod shelf;
mod view;

use std::sync::Arc;

use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::router::{File, Found};

use super::all::Runnable;
use super::kind::PAGE;
use super::{function, layout};

pub(super) use members::Members;
pub use view::BundleView;

/// Where the view stands.
pub(super) const PREFIX: &[u8] = b"~bundle";

/// The runtime's text.
const CLIENT: Computation = Computation::new("bundle-client");

/// What a bundle is of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
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
    Reach,
    Map,
    Lines(u32),
    Faults,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::File => "bundle",
            Self::Members => "bundle-members",
            Self::Shelf(_) => "bundle-shelf",
            Self::Body => "bundle-body",
            Self::Reach => "bundle-reach",
            Self::Map => "bundle-map",
            Self::Lines(_) => "bundle-lines",
            Self::Faults => "bundle-faults",
        }
    }

    fn key(self, entry: &Entry) -> Key {
        let plain = entry.plain.name();
        let computation = match self {
            Self::Shelf(number) | Self::Lines(number) => {
                Computation::of(self.name(), &format!("{plain} {number}"))
            }
            _ => Computation::of(self.name(), plain),
        };
        Key::new(computation, entry.path.clone())
    }

    /// The step that a computation is, and the plain module's computation.
    fn of(computation: &Computation) -> Option<(Self, Computation)> {
        let (family, detail) = computation.name().split_once(' ')?;
        let (plain, number) = match detail.split_once(' ') {
            Some((plain, number)) => (plain, number.parse::<u32>().ok()),
            None => (detail, None),
        };
        let step = match (family, number) {
            ("bundle", None) => Self::File,
            ("bundle-members", None) => Self::Members,
            ("bundle-shelf", Some(number)) => Self::Shelf(number),
            ("bundle-body", None) => Self::Body,
            ("bundle-reach", None) => Self::Reach,
            ("bundle-map", None) => Self::Map,
            ("bundle-lines", Some(number)) => Self::Lines(number),
            ("bundle-faults", None) => Self::Faults,
            _ => return None,
        };
        let plain = match plain == PAGE.name() {
            true => PAGE,
            false => function::named(plain)?,
        };
        Some((step, plain))
    }
}

impl Entry {
    /// The bundle of what this node gives; `None`: it is no module and no page.
    fn of_plain(key: Key) -> Option<Self> {
        let is_entry = key.computation == PAGE || function::is_module(&key.computation);
        is_entry.then_some(Self {
            plain: key.computation,
            path: key.path,
        })
    }

    /// The bundle that a piece is the entry of.
    fn of_piece(piece: &Key) -> Option<Self> {
        Self::of_plain(Key::new(
            piece::plain(&piece.computation)?,
            piece.path.clone(),
        ))
    }
}

/// The module or page whose bundle, or whose bundle's map, this node gives.
pub(super) fn entry_of(key: &Key) -> Option<(Key, bool)> {
    let (step, plain) = Step::of(&key.computation)?;
    let plain = Key::new(plain, key.path.clone());
    match step {
        Step::File => Some((plain, false)),
        Step::Map => Some((plain, true)),
        _ => None,
    }
}

/// The bundle of a piece.
pub(super) fn of_piece(piece: &Key) -> Option<Key> {
    Some(Step::File.key(&Entry::of_piece(piece)?))
}

/// The node that fails where something is wrong in a bundle's modules. The bundle itself does not: they throw what is wrong.
pub fn faults_of(key: &Key) -> Option<Key> {
    match Step::of(&key.computation)? {
        (Step::File, plain) => Some(Step::Faults.key(&Entry {
            plain,
            path: key.path.clone(),
        })),
        _ => None,
    }
}

/// The node whose hash names the versions of a bundle; `None`: it is none.
pub(super) fn reach_of(key: &Key) -> Option<Key> {
    match Step::of(&key.computation)? {
        (Step::File, plain) => Some(Step::Reach.key(&Entry {
            plain,
            path: key.path.clone(),
        })),
        _ => None,
    }
}

/// The bundle at a place under `/~@/`.
pub(super) fn at(
    runnable: &Runnable,
    context: &dyn Context,
    place: &SourcePath,
) -> Result<Option<Key>, Failure> {
    let Some(name) = place.as_bytes().strip_prefix(PREFIX) else {
        return Ok(None);
    };
    let Some(Ok(path)) = name.strip_prefix(b"/").map(SourcePath::parse) else {
        return Ok(None);
    };
    let modules = super::views::modules(runnable.layout.source());
    match BundleView::new(Arc::new(modules)).plain(context, &path)? {
        Found::File(File::Node { key, .. }) if reach_of(&key).is_some() => Ok(Some(key)),
        _ => Ok(None),
    }
}

/// Whether a computation is a step on the way to a file.
pub(super) fn is_step(computation: &Computation) -> bool {
    *computation == CLIENT
        || Step::of(computation).is_some_and(|(step, _)| !matches!(step, Step::File | Step::Map))
}

/// Whether a part is put together when it is read.
pub(super) fn is_assembled(key: &Key, part: Part) -> bool {
    let assembled = |step| matches!(step, Step::File | Step::Shelf(_) | Step::Body | Step::Map);
    part == Part::MAIN && Step::of(&key.computation).is_some_and(|(step, _)| assembled(step))
}

/// Runs a computation of bundles; `None`: it is none.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Option<Result<Output, Failure>> {
    if key.computation == CLIENT {
        return Some(file::client());
    }
    if let Some(plain) = piece::plain(&key.computation) {
        return Some(piece::run(runnable, context, plain, &key.path));
    }
    let (step, plain) = Step::of(&key.computation)?;
    let entry = Entry {
        plain,
        path: key.path.clone(),
    };
    Some(match step {
        Step::File => file::run(runnable, context, &entry),
        Step::Members => members::run(context, &entry),
        Step::Shelf(number) => shelf::run(runnable, context, &entry, number),
        Step::Body => shelf::body(runnable, context, &entry),
        Step::Reach => reach::run(runnable, context, &entry),
        Step::Map => map::run(runnable, context, &entry),
        Step::Lines(number) => map::lines(runnable, context, &entry, number),
        Step::Faults => shelf::faults(runnable, context, &entry),
    })
}

/// What the runtime calls a module: its path under `/~@/` as a URL has it.
fn id(runnable: &Runnable, piece: &Key) -> String {
    let url = layout::url(runnable.layout.output_of(piece).as_bytes());
    format!("/{}", url.trim_start_matches("./"))
}
