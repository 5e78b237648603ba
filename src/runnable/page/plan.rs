//! What a page becomes, before the hashes are known: its text in pieces, the modules that it starts, what is wrong.

use serde::{Deserialize, Serialize};

use crate::base::{Diagnostic, Key, SourcePath};
use crate::compute::Link;
use crate::runnable::kind::Kind;

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Piece {
    /// Markup as it is.
    Text(String),
    /// A URL as the value of an attribute or in CSS, its hash to follow.
    Url(Reference),
    /// A style sheet that no server would call CSS, in place of the `<link>` to it: the attributes of the `<style>`.
    Sheet(Key, String),
    /// The place of the import map and the preloads; of a page that is hot, of its one script.
    Map,
}

/// A URL of a file of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reference {
    /// Whose hash goes with it.
    pub(super) key: Key,
    /// The URL without a query.
    pub(super) url: String,
    /// The query and fragment that it was written with.
    pub(super) suffix: String,
    /// How it is written where it stands.
    pub(super) form: Form,
    /// The place under `/~@/`.
    pub(super) place: SourcePath,
}

impl Reference {
    /// Whether it links to a style sheet, which can be exchanged while the page is there.
    pub(super) fn is_sheet(&self) -> bool {
        self.form == Form::Attribute && Kind::of_path(&self.place) == Kind::Style
    }
}

/// Where a URL stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Form {
    /// In the value of an attribute.
    Attribute,
    /// The same, of what browsers show beside a page and not in it: its icons and its manifest.
    Beside,
    /// In the quotes of a string of CSS, which is the text of an element.
    Css,
    /// In the quotes of a string of CSS, which is the value of an attribute.
    CssAttribute,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) pieces: Vec<Piece>,
    /// The modules that the page starts, and those that its inline scripts import.
    pub(super) roots: Vec<Link>,
    /// All that the page refers to, the roots among it.
    pub(super) links: Vec<Link>,
    /// The folder (under `/~@/`) from which the page's relative URLs are.
    pub(super) directory: SourcePath,
    /// The import map that the page has, as JSON.
    pub(super) own_map: Option<String>,
    /// The nonce of its scripts.
    pub(super) nonce: Option<String>,
    pub(super) problems: Vec<Diagnostic>,
}

impl Plan {
    /// An empty page whose URLs are from `directory`.
    pub(super) fn new(directory: SourcePath) -> Self {
        Self {
            pieces: Vec::new(),
            roots: Vec::new(),
            links: Vec::new(),
            directory,
            own_map: None,
            nonce: None,
            problems: Vec::new(),
        }
    }

    /// Adds a link, once.
    pub(super) fn link(&mut self, link: Link) {
        if !self.links.contains(&link) {
            self.links.push(link);
        }
    }

    /// Adds markup.
    pub(super) fn text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }
}
