//! One question about the source tree: its answer, what vouches for it, and what was read for it.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::memo::{InputKind, Value};
use super::slab::Indices;
use super::state::Operation;
use crate::base::{QuickMap, SourcePath};
use crate::source::{Entry, ListedEntry, Stamp};

/// What an input's value leaves out.
#[derive(Clone, Debug)]
pub(super) enum Detail {
    None,
    /// A content's metadata, and whether they were old enough to vouch for it.
    Stamp(Box<Stamp>, bool),
    Target(Arc<[u8]>),
    Names(Arc<[ListedEntry]>),
    /// As of a content; and what was seen, where it was looked at and not only found unchanged.
    Glance(Box<Stamp>, bool, Option<Bytes>),
}

impl Detail {
    /// The metadata that vouch for the value.
    pub(super) fn vouching(&self) -> Option<Stamp> {
        match self {
            Self::Stamp(stamp, true) | Self::Glance(stamp, true, _) => Some(**stamp),
            _ => None,
        }
    }

    fn glance(&self) -> Option<&Bytes> {
        match self {
            Self::Glance(_, _, seen) => seen.as_ref(),
            _ => None,
        }
    }
}

/// One question about the source tree, with its answer.
pub(super) struct Input {
    pub(super) path: SourcePath,
    pub(super) kind: InputKind,
    pub(super) value: Option<Value>,
    pub(super) detail: Detail,
    /// The value is that of the tree, as far as events tell.
    pub(super) valid: bool,
    /// Metadata alone must not make it valid again.
    pub(super) reread: bool,
    /// Since when it is valid, on the graph's clock; counts where events do not vouch.
    pub(super) checked: u64,
    /// Changes whenever it becomes invalid: a value that was read before must not be put in afterwards.
    pub(super) generation: u64,
    pub(super) touched: u64,
    pub(super) dependents: Indices,
    /// Of a glance: what was asked of it.
    pub(super) aspects: Option<Box<Aspects>>,
}

/// The aspects of a glance that somebody has asked for, with what it shows of each, where that is known.
#[derive(Default)]
pub(super) struct Aspects {
    pub(super) index: QuickMap<Arc<str>, u32>,
    pub(super) answers: Vec<(Arc<str>, Option<Value>)>,
}

impl Aspects {
    /// The index of an aspect; it is made where there is none.
    pub(super) fn at(&mut self, aspect: &Arc<str>) -> u32 {
        if let Some(&at) = self.index.get(aspect) {
            return at;
        }
        let at = self.answers.len() as u32;
        self.index.insert(aspect.clone(), at);
        self.answers.push((aspect.clone(), None));
        at
    }

    /// The glance has become another one.
    pub(super) fn forget(&mut self) {
        for (_, answer) in &mut self.answers {
            *answer = None;
        }
    }
}

impl Input {
    /// What the glance shows of an aspect, where that is known and may be used by `operation`.
    pub(super) fn shown(&self, at: u32, operation: &Operation) -> Option<Value> {
        match self.usable(operation)? {
            Value::Absent => Some(Value::Absent),
            _ => self.aspects.as_ref()?.answers.get(at as usize)?.1,
        }
    }

    /// Whether the value may be used by `operation`.
    pub(super) fn usable(&self, operation: &Operation) -> Option<Value> {
        self.value
            .filter(|_| self.valid && self.checked >= operation.since)
    }

    /// Which look at the tree the value is of.
    pub(super) fn as_of(&self) -> AsOf {
        AsOf {
            generation: self.generation,
            checked: self.checked,
        }
    }

    /// What was seen at a glance, if it is in memory.
    pub(super) fn glance(&self) -> Option<Bytes> {
        self.detail.glance().cloned()
    }

    /// What the name stands for, if this is about a name.
    pub(super) fn entry(&self) -> Option<Entry> {
        Some(match (self.value?, &self.detail) {
            (Value::Absent, _) => Entry::Absent,
            (Value::File, _) => Entry::File,
            (Value::Directory, _) => Entry::Directory,
            (Value::Special, _) => Entry::Special,
            (Value::Link(_), Detail::Target(target)) => Entry::Link(target.to_vec()),
            _ => return None,
        })
    }
}

/// Tells the looks at one input apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AsOf {
    generation: u64,
    checked: u64,
}

/// A content as it was read.
#[derive(Clone)]
pub(super) struct LastRead {
    /// Which input.
    pub(super) id: u32,
    /// The input's generation then.
    pub(super) generation: u64,
    pub(super) bytes: Bytes,
}

/// The contents that were read last: who reads a file for a glance at it mostly comes before who compiles it, or after.
#[derive(Default)]
pub(super) struct Held {
    contents: QuickMap<u32, (AsOf, Bytes)>,
    order: VecDeque<u32>,
    bytes: usize,
}

impl Held {
    /// The largest content that is held, and all of them, in bytes.
    const LARGEST: usize = 64 << 10;
    const ALL: usize = 4 << 20;

    /// Holds the content of an input, and lets the oldest go.
    pub(super) fn put(&mut self, id: u32, as_of: AsOf, bytes: &Bytes) {
        if bytes.len() > Self::LARGEST {
            return;
        }
        self.bytes += bytes.len();
        match self.contents.insert(id, (as_of, bytes.clone())) {
            Some((_, before)) => self.bytes -= before.len(),
            None => self.order.push_back(id),
        }
        while self.bytes > Self::ALL
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some((_, gone)) = self.contents.remove(&oldest) {
                self.bytes -= gone.len();
            }
        }
    }

    /// The content of an input, if it is as of that look.
    pub(super) fn get(&self, id: u32, as_of: AsOf) -> Option<Bytes> {
        let (held, bytes) = self.contents.get(&id)?;
        (*held == as_of).then(|| bytes.clone())
    }
}
