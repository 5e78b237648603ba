//! What pages that are hot have, as the sources are now: for whoever tells them of changes.
//!
//! ```text
//! entry      a page or module whose bundle a page has loaded
//! standing   the hashes of all shelves of that bundle, in one question: an edit changes one of them
//! shelf      about fifty modules with the hashes of their texts
//! piece      one module's text and source map, or what is wrong with it
//! page       what a page has besides its modules
//! last       the pieces that an entry had, for whoever does not wait for all of them
//! ```
//!
//! Between two questions the sources may move on. Whatever no longer belongs to the standing that was asked about is not
//! given: then there is a newer standing.

mod last;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::bundle::{self, Entry, Members, Row, Variant};
use super::hashed;
use super::kind::{COPY, Kind};
use super::layout::{self, Layout, joined};
use super::page::{self, Style};
use super::requests::unescaped;
use super::versions::NAME_MAX;
use super::views::outputs;
use crate::base::{ContentHash, Key, Part, ShortHash, SourcePath};
use crate::compute::{Context, Failure, Memo, Recipe, Segment};
use crate::router::{File, Found, MountTable};

use last::Last;
pub use last::{HotLast, is_of_hook};

/// Answers about the bundles of pages that are hot.
pub struct Hot {
    layout: Layout,
    outputs: MountTable,
    members: Memo<Members>,
    /// What each entry had that was asked about.
    last: Mutex<HashMap<HotEntry, Last>>,
}

/// A page or module whose bundle a page may have loaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HotEntry(Entry);

/// What the bundle of an entry has.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Of all pieces: the same as before, and none has changed, come or gone.
    pub body: ContentHash,
    /// Of the pieces of each shelf. Where there are as many shelves as before, a piece is on the shelf that it was on.
    pub shelves: Vec<ContentHash>,
    /// Where workers are now: the names of the versions of their bundles, or of their modules, from `/~@/`, by the plain ones.
    pub bundles: Vec<(String, String)>,
    members: Arc<Members>,
}

/// A module of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotPiece {
    /// What the runtime calls it.
    pub id: String,
    /// Of its text, or of what is wrong with it.
    pub hash: ShortHash,
    key: Key,
    fault: Option<String>,
}

/// A module's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotBody {
    /// Which version this is; it may be a later one than the one that was asked about.
    pub hash: ShortHash,
    /// The text.
    pub content: HotContent,
}

/// What stands in a bundle at the third place of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HotContent {
    /// The module in function form.
    Text {
        /// An expression of JavaScript.
        text: Bytes,
        /// Its source map as JSON, where lines of it come from a source.
        map: Option<Bytes>,
    },
    /// What is wrong: an object of JSON, `{"fault": text, "diagnostics": [{code, message, file, line, column, frame,
    /// importers, hint}]}`.
    Fault(String),
}

/// What a page has besides its modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotPage {
    /// Of all that can't be exchanged while the page is there: another one asks for a reload.
    pub text: ContentHash,
    /// The style sheets, by the ids of their links (the path of the URL from `/~@/`) or elements (`data-hookfs`).
    pub styles: Vec<(String, Style)>,
}

/// How often what moves is asked about.
const TRIES: usize = 20;

/// Whether there can be a file with this path. Pages make ids up, and looking for a file is more work.
fn can_be(path: &[u8]) -> bool {
    let mut names = path.split(|byte| *byte == b'/');
    names.all(|name| name.len() <= NAME_MAX)
}

impl Hot {
    /// For this SRC.
    pub fn new(source: SourcePath) -> Self {
        Self {
            outputs: outputs(&source),
            layout: Layout::new(source),
            members: Memo::default(),
            last: Mutex::default(),
        }
    }

    fn last_known(&self) -> MutexGuard<'_, HashMap<HotEntry, Last>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The entry that pages call `id` (`/index.html`, `/lazy.tsx.js`); `None`: no page and no module is there.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read.
    pub fn entry(&self, context: &dyn Context, id: &str) -> Result<Option<HotEntry>, Failure> {
        let Some(path) = place(id) else {
            return Ok(None);
        };
        let mut name = path.as_bytes().to_vec();
        if Kind::of_path(&path) == Kind::Page {
            name.extend_from_slice(b".js");
        }
        let place = joined(Variant::Hot.prefix(), &name);
        // As whoever asks for the file: folder by folder, so that what is hidden there is hidden here.
        Ok(match self.outputs.find(context, &place)? {
            Found::File(File::Node { key, .. }) => bundle::entry(&key).map(HotEntry),
            _ => None,
        })
    }

    /// What an entry has now. One that fails has what fails in its place.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read, or do not hold still.
    pub fn standing(&self, context: &dyn Context, entry: &HotEntry) -> Result<Standing, Failure> {
        let (members_key, body) = (entry.0.members(), entry.0.body());
        for _ in 0..TRIES {
            let before = context.hash(&members_key, Part::MAIN)?;
            let members = self.members.fetch(context, &members_key)?;
            let recipe = context.fetch(&body, Part::MAIN)?;
            if context.hash(&members_key, Part::MAIN)? != before {
                continue;
            }
            let hash_of = |segment: &Segment| match segment {
                Segment::Part { hash, .. } => Some(*hash),
                Segment::Text(_) | Segment::Slot => None,
            };
            let segments = Recipe::decode(&recipe)?;
            self.note(entry, &members);
            return Ok(Standing {
                body: ContentHash::of(&recipe),
                shelves: segments.segments().iter().filter_map(hash_of).collect(),
                bundles: bundle::bundles(&self.layout, context, Variant::Hot, &members)?,
                members,
            });
        }
        Err(Failure::Internal(format!("`{body}` does not hold still")))
    }

    /// The pieces of a shelf; `None`: it has others by now.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read.
    pub fn shelf(
        &self,
        context: &dyn Context,
        entry: &HotEntry,
        standing: &Standing,
        number: u32,
    ) -> Result<Option<Vec<HotPiece>>, Failure> {
        let shelf = entry.0.shelf(number);
        let wanted = standing.shelves.get(number as usize);
        let is_it = || Ok::<_, Failure>(Some(&context.hash(&shelf, Part::MAIN)?) == wanted);
        if !is_it()? {
            return Ok(None);
        }
        let rows = bundle::rows(context, &entry.0, number)?;
        if !is_it()? {
            return Ok(None);
        }
        let piece = |Row { at, hash, fault }| {
            let key = standing.members.piece(at)?.clone();
            let id = bundle::id(&self.layout, &key);
            Some(HotPiece {
                id,
                hash,
                key,
                fault,
            })
        };
        Ok(rows.into_iter().map(piece).collect())
    }

    /// A piece's text as it is now; `None`: it fails by now, or is no more.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read, or do not hold still.
    pub fn piece(
        &self,
        context: &dyn Context,
        piece: &HotPiece,
    ) -> Result<Option<HotBody>, Failure> {
        if let Some(fault) = &piece.fault {
            let content = HotContent::Fault(fault.clone());
            let hash = piece.hash;
            return Ok(Some(HotBody { hash, content }));
        }
        self.text(context, &piece.key)
    }

    /// What a page has besides its modules; `None`: the entry is no page.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read.
    pub fn page(
        &self,
        context: &dyn Context,
        entry: &HotEntry,
    ) -> Result<Option<HotPage>, Failure> {
        let page = entry.0.plain();
        if !page::is_page(&page) {
            return Ok(None);
        }
        let page::Standing { text, styles } = page::standing_of(context, page)?;
        Ok(Some(HotPage { text, styles }))
    }

    /// How the style sheets stand that a page links which is not made here; where there is none, nothing is said. `page` is what
    /// the page is called.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read.
    pub fn sheets(
        &self,
        context: &dyn Context,
        page: &str,
        ids: &[String],
    ) -> Result<Vec<(String, Style)>, Failure> {
        let mut sheets = Vec::new();
        for id in ids {
            let Some(place) = place(id).filter(|place| Kind::of_path(place) == Kind::Style) else {
                continue;
            };
            let key = match self.outputs.find(context, &place)? {
                Found::File(File::Node { key, part, .. }) if part == Part::MAIN => key,
                Found::File(File::Copy(path)) => Key::new(COPY, path),
                _ => continue,
            };
            let style = match hashed::named(context, &key) {
                Ok(version) => {
                    let url = layout::url(place.as_bytes());
                    Style::Link(layout::versioned(&url[2..], "", Some(version)))
                }
                Err(
                    Failure::Diagnostics(problems)
                    | Failure::Limit(problems)
                    | Failure::Cycle(problems, _),
                ) => {
                    let mut problems = problems.to_vec();
                    for problem in &mut problems {
                        problem.importers = vec![page.to_owned()];
                    }
                    Style::Fault(bundle::fault_of(&problems))
                }
                Err(Failure::Missing(_)) => continue,
                Err(other) => return Err(other),
            };
            sheets.push((id.clone(), style));
        }
        Ok(sheets)
    }
}

/// The place under `/~@/` that has this id. It has one spelling.
fn place(id: &str) -> Option<SourcePath> {
    let name = unescaped(id.strip_prefix('/')?);
    let path = SourcePath::parse(&name).ok()?;
    (path.as_bytes() == &name[..] && can_be(&name)).then_some(path)
}

impl HotEntry {
    /// The node that gives what its bundle has ([`Hot::standing`]).
    pub fn modules(&self) -> Key {
        self.0.body()
    }

    /// The node that gives what it has besides, where it is a page ([`Hot::page`]).
    pub fn page(&self) -> Option<Key> {
        let page = self.0.plain();
        page::is_page(&page).then(|| page::standing_key(page))
    }
}

impl HotPiece {
    /// Whether it does not compile.
    pub fn is_fault(&self) -> bool {
        self.fault.is_some()
    }
}
