//! What pages consist of, as the sources are now.

use std::collections::BTreeMap;
use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::early;
use super::session::Of;
use crate::base::{ContentHash, Key, Part, ShortHash};
use crate::compute::Failure;
use crate::graph::{Event, Graph, Rest};
use crate::runnable::{Hot, HotBody, HotEntry, HotPage, HotPiece, HotStyle, Standing, is_of_hook};

/// How an entry stands.
#[derive(Clone, Copy, Debug)]
pub struct Outline<'a> {
    /// Equal where all its pieces are.
    pub body: ContentHash,
    /// Of each shelf of pieces: equal where all pieces of the shelf are.
    pub shelves: &'a [ContentHash],
    /// What is loaded by its URL, as workers are: ids and the names of the present versions.
    pub files: &'a [(String, String)],
}

/// What a piece is called.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    /// Its module's id.
    pub id: &'a str,
    /// That of its text.
    pub hash: ShortHash,
    /// It does not compile.
    pub is_fault: bool,
}

/// The questions. Each may compute, and blocks until that is done; each is answered as of the moment of its asking.
pub trait Pages: Send + Sync + 'static {
    /// A page or module that a page has started, with all that it imports at once.
    type Entry: Send;
    /// What it consists of.
    type Standing: Send;
    /// A module of that.
    type Piece: Send;

    /// The entry with this id; `None`: there is no such file.
    ///
    /// # Errors
    /// [`Failure`].
    fn entry(&self, id: &str) -> Result<Option<Self::Entry>, Failure>;

    /// How it stands.
    ///
    /// # Errors
    /// [`Failure`].
    fn standing(&self, entry: &Self::Entry) -> Result<Self::Standing, Failure>;

    /// The same in short.
    fn outline<'a>(&self, standing: &'a Self::Standing) -> Outline<'a>;

    /// The pieces of one shelf; `None`: it has others by now.
    ///
    /// # Errors
    /// [`Failure`].
    fn shelf(
        &self,
        entry: &Self::Entry,
        standing: &Self::Standing,
        number: usize,
    ) -> Result<Option<Vec<Self::Piece>>, Failure>;

    /// What a piece is called.
    fn name<'a>(&self, piece: &'a Self::Piece) -> Name<'a>;

    /// A piece's text: of the hash it says, which is another one where the piece has changed since. `None`: it is of another
    /// kind by now, or is no more.
    ///
    /// # Errors
    /// [`Failure`].
    fn body(&self, piece: &Self::Piece) -> Result<Option<HotBody>, Failure>;

    /// The pieces of a page's entries that have changed and can be exchanged before all that they consist of is known, as it
    /// takes long to compute. `has`: the versions that the page has.
    ///
    /// # Errors
    /// [`Failure`].
    fn early(
        &self,
        entries: &[Self::Entry],
        has: &dyn Fn(&str) -> Option<ShortHash>,
    ) -> Result<BTreeMap<String, HotBody>, Failure>;

    /// Whether hooks have to run before it is known what an entry consists of (or a page, besides modules). Then they do, and
    /// `ready` is called when it is.
    fn waits(&self, entry: &Self::Entry, of: Of, ready: Box<dyn FnOnce() + Send>) -> bool;

    /// What there is of an entry besides modules; `None`: it is no page.
    ///
    /// # Errors
    /// [`Failure`].
    fn page(&self, entry: &Self::Entry) -> Result<Option<HotPage>, Failure>;

    /// How the style sheets stand that a page links which is none of these, and is called `page`; those that are none are left out.
    ///
    /// # Errors
    /// [`Failure`].
    fn sheets(&self, page: &str, ids: &[String]) -> Result<Vec<(String, HotStyle)>, Failure>;

    /// Whether files may be half saved.
    fn rest(&self) -> Rest;

    /// A number that is another one when an answer may be another one now; `None`: nothing vouches for that.
    fn moment(&self) -> Option<u64>;

    /// The changes of sources from now on.
    fn changes(&self) -> Receiver<Event>;

    /// Has changes told without delay while what is given lives.
    fn hurry(&self) -> Box<dyn Send>;
}

/// The pages of a graph.
pub struct GraphPages {
    graph: Arc<Graph>,
    hot: Hot,
}

impl GraphPages {
    /// Those that `hot` asks this graph about.
    pub fn new(graph: Arc<Graph>, hot: Hot) -> Self {
        Self { graph, hot }
    }
}

impl Pages for GraphPages {
    type Entry = HotEntry;
    type Standing = Standing;
    type Piece = HotPiece;

    fn entry(&self, id: &str) -> Result<Option<HotEntry>, Failure> {
        self.hot.entry(&self.graph.look(), id)
    }

    fn standing(&self, entry: &HotEntry) -> Result<Standing, Failure> {
        self.hot.standing(&self.graph.look(), entry)
    }

    fn outline<'a>(&self, standing: &'a Standing) -> Outline<'a> {
        Outline {
            body: standing.body,
            shelves: &standing.shelves,
            files: &standing.bundles,
        }
    }

    fn shelf(
        &self,
        entry: &HotEntry,
        standing: &Standing,
        number: usize,
    ) -> Result<Option<Vec<HotPiece>>, Failure> {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.hot.shelf(&self.graph.look(), entry, standing, number)
    }

    fn name<'a>(&self, piece: &'a HotPiece) -> Name<'a> {
        Name {
            id: &piece.id,
            hash: piece.hash,
            is_fault: piece.is_fault(),
        }
    }

    fn body(&self, piece: &HotPiece) -> Result<Option<HotBody>, Failure> {
        self.hot.piece(&self.graph.look(), piece)
    }

    fn early(
        &self,
        entries: &[HotEntry],
        has: &dyn Fn(&str) -> Option<ShortHash>,
    ) -> Result<BTreeMap<String, HotBody>, Failure> {
        early::changes(&self.graph, &self.hot, entries, has)
    }

    fn waits(&self, entry: &HotEntry, of: Of, ready: Box<dyn FnOnce() + Send>) -> bool {
        let key = match of {
            Of::Modules => Some(entry.modules()),
            Of::Besides | Of::All => entry.page(),
        };
        let waits = |key: &Key| self.graph.waits_for(key, is_of_hook);
        let Some(key) = key.filter(waits) else {
            return false;
        };
        self.graph.fetch_later(&key, Part::MAIN, move |_| ready());
        true
    }

    fn page(&self, entry: &HotEntry) -> Result<Option<HotPage>, Failure> {
        self.hot.page(&self.graph.look(), entry)
    }

    fn sheets(&self, page: &str, ids: &[String]) -> Result<Vec<(String, HotStyle)>, Failure> {
        self.hot.sheets(&self.graph.look(), page, ids)
    }

    fn rest(&self) -> Rest {
        self.graph.rest()
    }

    fn moment(&self) -> Option<u64> {
        self.graph.revision()
    }

    fn changes(&self) -> Receiver<Event> {
        self.graph.changes()
    }

    fn hurry(&self) -> Box<dyn Send> {
        Box::new(self.graph.hurry())
    }
}
