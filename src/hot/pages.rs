//! What pages consist of, as the sources are now.

use bytes::Bytes;
use crossbeam_channel::Receiver;

use crate::base::{ContentHash, ShortHash};
use crate::compute::Failure;
use crate::graph::{Event, Rest};

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

/// A piece with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The hash of this text.
    pub hash: ShortHash,
    /// What it is.
    pub content: Content,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A module's definition.
    Text {
        /// What is evaluated.
        text: Bytes,
        /// Its source map.
        map: Option<Bytes>,
    },
    /// It does not compile: a JSON object that says why.
    Fault(String),
}

/// A page besides its modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Another one where the page must be loaded anew.
    pub text: ContentHash,
    /// Its style sheets by their ids.
    pub styles: Vec<(String, Style)>,
}

/// A style sheet of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Style {
    /// A link to it leads to this name.
    Link(String),
    /// It stands in the page.
    Text(String),
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

    /// The pieces of one shelf.
    ///
    /// # Errors
    /// [`Failure`].
    fn shelf(
        &self,
        entry: &Self::Entry,
        standing: &Self::Standing,
        number: usize,
    ) -> Result<Vec<Self::Piece>, Failure>;

    /// What a piece is called.
    fn name<'a>(&self, piece: &'a Self::Piece) -> Name<'a>;

    /// A piece's text: of the hash it says, which is another one where the piece has changed since.
    ///
    /// # Errors
    /// [`Failure`].
    fn body(
        &self,
        entry: &Self::Entry,
        standing: &Self::Standing,
        piece: &Self::Piece,
    ) -> Result<Body, Failure>;

    /// What there is of an entry besides modules; `None`: it is no page.
    ///
    /// # Errors
    /// [`Failure`].
    fn page(&self, entry: &Self::Entry) -> Result<Option<Page>, Failure>;

    /// Whether files may be half saved.
    fn rest(&self) -> Rest;

    /// What happens from now on.
    fn subscribe(&self) -> Receiver<Event>;

    /// Has changes told without delay while what is given lives.
    fn hurry(&self) -> Box<dyn Send>;
}
