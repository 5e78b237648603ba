//! What an entry had when it was last looked at. Whoever goes by that need not wait until it is known what it has now.

use std::sync::{Arc, Weak};

use bytes::Bytes;

use super::{Hot, HotBody, HotContent, HotEntry, TRIES};
use crate::base::{ContentHash, Key, Part};
use crate::compiler;
use crate::compute::{Context, Failure};
use crate::runnable::bundle::{self, Members};
use crate::runnable::hook;
use crate::runnable::kind::Kind;
use crate::runnable::style;

/// The pieces that an entry had.
#[derive(Clone, Debug)]
pub struct HotLast {
    members: Arc<Members>,
    sheets: Arc<[Key]>,
}

/// The same, as it is kept: while somebody else has the members.
pub(super) struct Last {
    members: Weak<Members>,
    sheets: Arc<[Key]>,
}

impl HotLast {
    /// All of them.
    pub fn pieces(&self) -> impl Iterator<Item = &Key> {
        self.members.keys()
    }

    /// Those of style sheets. Whatever such a file has in it, whoever imports it for its effect needs no more of it than that
    /// it is there.
    pub fn sheets(&self) -> impl Iterator<Item = &Key> {
        self.sheets.iter()
    }
}

/// Whether a piece is that of a style sheet.
fn is_sheet(piece: &Key) -> bool {
    Kind::of_path(&piece.path) == Kind::Style
}

/// Whether a node gives what a hook computes, or a tool makes of a style sheet: it may take long.
pub fn is_of_hook(key: &Key) -> bool {
    let computation = &key.computation;
    style::is_run_of_tools(computation)
        || (hook::is_of_hooks(computation) && !hook::is_step(computation))
}

impl Hot {
    /// What an entry had when its standing was last asked for; `None`: nobody has asked, or it is forgotten.
    pub fn last(&self, entry: &HotEntry) -> Option<HotLast> {
        let known = self.last_known();
        let last = known.get(entry)?;
        Some(HotLast {
            members: last.members.upgrade()?,
            sheets: last.sheets.clone(),
        })
    }

    /// Keeps what an entry has. Mostly it is what it had.
    pub(super) fn note(&self, entry: &HotEntry, members: &Arc<Members>) {
        let mut known = self.last_known();
        let is_same = |last: &Last| std::ptr::eq(last.members.as_ptr(), Arc::as_ptr(members));
        if known.get(entry).is_some_and(is_same) {
            return;
        }
        let sheets = members.keys().filter(|key| is_sheet(key)).cloned();
        let last = Last {
            sheets: sheets.collect(),
            members: Arc::downgrade(members),
        };
        known.insert(entry.clone(), last);
    }

    /// What the runtime calls a piece.
    pub fn id(&self, piece: &Key) -> String {
        bundle::id(&self.layout, piece)
    }

    /// A piece's text as it is now; `None`: it fails.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read, or do not hold still.
    pub fn text(&self, context: &dyn Context, key: &Key) -> Result<Option<HotBody>, Failure> {
        for _ in 0..TRIES {
            let text = match context.fetch(key, Part::MAIN) {
                Ok(text) => text,
                Err(failure) if failure.is_of_file() => return Ok(None),
                Err(other) => return Err(other),
            };
            let map = match context.fetch(key, Part::MAP) {
                Ok(map) => Some(map),
                Err(failure) if failure.is_of_file() => None,
                Err(other) => return Err(other),
            };
            let hash = ContentHash::of(&text);
            // The map belongs to the text.
            if context.hash(key, Part::MAIN).is_ok_and(|now| now == hash) {
                let content = HotContent::Text { text, map };
                let hash = hash.short();
                return Ok(Some(HotBody { hash, content }));
            }
        }
        Err(Failure::Internal(format!("`{key}` does not hold still")))
    }
}

impl HotBody {
    /// Whether it can take the place of an older text alone: it imports and exports what that does, so that all modules around
    /// it are linked as they were.
    pub fn fits(&self, older: &Bytes) -> bool {
        let HotContent::Text { text, .. } = &self.content else {
            return false;
        };
        let tables = compiler::tables(text);
        tables.is_some() && tables == compiler::tables(older)
    }
}
