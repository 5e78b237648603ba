//! Everything the graph knows, under one short lock: nodes, inputs, and who depends on whom.
//!
//! Invariants, whenever the lock is free:
//! - A node that is `fresh` has only valid inputs and fresh nodes among its dependencies, with the values it saw.
//! - For each dependency of a node's memo, the node is among that dependency's `dependents`, and nowhere else.
//! - What is not in a node's `doubt` of the dependencies of its memo has the value that it saw.
//! - Whatever has dependents, or is claimed, is not evicted.
//!
//! No I/O and no computation happens under the lock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::claim::Claim;
use super::doubt::Doubt;
use super::evict::Limits;
use super::input::{AsOf, Detail, Held, Input, LastRead};
use super::memo::{Dependency, InputKind, Outcome, Value, Version};
use super::passing::Passing;
use super::paths::Paths;
use super::prepare::Walk;
use super::slab::{Indices, Slab};
use super::unsettled::Unsettled;
use crate::base::{Key, Part, QuickMap, SourcePath};

/// One operation of a reader, or of the compute-ahead, with all that it leads to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    /// When it began, on the graph's clock. Nothing it touched is evicted while it lasts.
    pub(super) began: u64,
    /// Inputs must have been looked at since this time; 0 where the tree's events vouch for them.
    pub(super) since: u64,
    /// How many nodes deep.
    pub(super) depth: usize,
    /// How many links from a node that somebody read.
    pub(super) ahead: u32,
}

impl Operation {
    /// Whether a run is what a reader waits for, not only what that needs.
    pub(super) fn is_awaited(&self) -> bool {
        self.depth == 1 && self.ahead == 0
    }

    /// The same, one node deeper.
    pub(super) fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

/// A dependency by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Input(u32),
    Node(u32, Part),
    /// Of a glance: which input, and which of its aspects.
    Aspect(u32, u32),
}

/// What a run asked, by index, with the answers that it saw.
pub(super) type Edges = Box<[(Edge, Value)]>;

/// The record of a node that is in memory.
pub(super) struct Memo {
    pub(super) outcome: Arc<Outcome>,
    pub(super) edges: Edges,
}

/// A node.
pub(super) struct Node {
    pub(super) key: Key,
    pub(super) memo: Option<Arc<Memo>>,
    /// The last version of each part, for `modified`; outlasts failures.
    pub(super) versions: Vec<Version>,
    /// Its outcome is that of its sources.
    pub(super) fresh: bool,
    /// Since when, on the graph's clock; counts where events do not vouch.
    pub(super) verified: u64,
    /// What of its dependencies may have changed since it was fresh.
    pub(super) doubt: Doubt,
    /// Used last by the operation that began then.
    pub(super) touched: u64,
    /// The nodes whose memo holds this one.
    pub(super) dependents: Indices,
    /// The nodes that its output refers to.
    pub(super) links: Box<[u32]>,
    /// The nodes whose output refers to this one.
    pub(super) importers: Indices,
    /// The content of its own source file, where it depends on that.
    pub(super) own: Option<u32>,
    /// What made it stale.
    pub(super) because: Option<SourcePath>,
    /// A failure since that is not remembered.
    pub(super) trouble: Option<Arc<Outcome>>,
    /// When the memo's run ended, in seconds since 1970, and how long it took.
    pub(super) computed: u64,
    pub(super) took: Duration,
}

/// An operation under way.
#[derive(Default)]
pub(super) struct Active {
    pub(super) last_read: Option<LastRead>,
    /// The walks that have computed ahead for it.
    pub(super) walks: Vec<Arc<Walk>>,
}

/// See the module.
pub(super) struct State {
    pub(super) nodes: Slab<Node>,
    pub(super) keys: QuickMap<Key, u32>,
    pub(super) inputs: Slab<Input>,
    pub(super) paths: Paths,
    /// Who computes which node now.
    pub(super) claims: QuickMap<u32, Arc<Claim>>,
    /// Which claim each operation waits for.
    pub(super) waits: QuickMap<u64, Arc<Claim>>,
    /// The nodes that each operation has claimed, outermost first.
    pub(super) stacks: QuickMap<u64, Vec<Key>>,
    /// Operations under way, by when they began, with the content that each read last: what was read to be compared is
    /// what a run then asks for.
    pub(super) active: BTreeMap<u64, Active>,
    /// Small contents that were read lately.
    pub(super) held: Held,
    /// How often something was found that may not be as it was.
    pub(super) revision: u64,
    /// When that was last, on the clock.
    pub(super) moved: u64,
    /// Outcomes that are remembered for a moment.
    pub(super) passing: Vec<Passing>,
    /// Directories that cannot be watched, and why. While there are any, events vouch for nothing.
    pub(super) unwatched: BTreeMap<SourcePath, String>,
    /// Files that may be half of what they will be.
    pub(super) unsettled: Unsettled,
    /// Inputs with names in memory, the oldest first.
    pub(super) listings: VecDeque<u32>,
    pub(super) limits: Limits,
    /// Numbers of nodes and inputs below which another sweep would find as little as the last.
    pub(super) evict_above: (usize, usize),
    clock: u64,
}

impl State {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            evict_above: (0, 0),
            nodes: Slab::new(),
            keys: QuickMap::default(),
            inputs: Slab::new(),
            paths: Paths::default(),
            claims: QuickMap::default(),
            waits: QuickMap::default(),
            stacks: QuickMap::default(),
            active: BTreeMap::new(),
            held: Held::default(),
            revision: 0,
            moved: 0,
            passing: Vec::new(),
            unwatched: BTreeMap::new(),
            unsettled: Unsettled::default(),
            listings: VecDeque::new(),
            clock: 0,
        }
    }

    /// The next moment of the graph's clock.
    pub(super) fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// The present moment of the graph's clock.
    pub(super) fn now(&self) -> u64 {
        self.clock
    }

    /// Whether events vouch for inputs.
    pub(super) fn is_exact(&self) -> bool {
        self.unwatched.is_empty()
    }

    /// Begins an operation. [`State::end`] must follow.
    pub(super) fn begin(&mut self, ahead: u32) -> Operation {
        let began = self.tick();
        self.active.insert(began, Active::default());
        Operation {
            began,
            since: if self.is_exact() { 0 } else { began },
            depth: 0,
            ahead,
        }
    }

    /// The bytes that `operation` read last, if they are this input's and it has not changed since.
    pub(super) fn last_read(&self, id: u32, operation: &Operation) -> Option<Bytes> {
        let last = self.active.get(&operation.began)?.last_read.as_ref()?;
        let generation = self.inputs.get(id)?.generation;
        (last.id == id && last.generation == generation).then(|| last.bytes.clone())
    }

    /// Ends an operation.
    pub(super) fn end(&mut self, operation: &Operation) {
        self.active.remove(&operation.began);
        self.evict();
    }

    /// The node's index; it is made where there is none.
    pub(super) fn node(&mut self, key: &Key) -> u32 {
        if let Some(&id) = self.keys.get(key) {
            return id;
        }
        let id = self.nodes.insert(Node {
            key: key.clone(),
            memo: None,
            versions: Vec::new(),
            fresh: false,
            verified: 0,
            doubt: Doubt::All,
            touched: 0,
            dependents: Indices::default(),
            links: Box::default(),
            importers: Indices::default(),
            own: None,
            because: None,
            trouble: None,
            computed: 0,
            took: Duration::ZERO,
        });
        self.keys.insert(key.clone(), id);
        id
    }

    /// The input's index, where there is one.
    pub(super) fn find_input(&self, kind: InputKind, path: &SourcePath) -> Option<u32> {
        self.paths.get(kind, path)
    }

    /// The input's index; it is made where there is none.
    pub(super) fn input(&mut self, kind: InputKind, path: &SourcePath) -> u32 {
        if let Some(id) = self.find_input(kind, path) {
            return id;
        }
        let generation = self.tick();
        let id = self.inputs.insert(Input {
            path: path.clone(),
            kind,
            value: None,
            detail: Detail::None,
            valid: false,
            reread: false,
            checked: 0,
            generation,
            touched: 0,
            dependents: Indices::default(),
            aspects: None,
        });
        let shared = self.paths.insert(kind, path, id);
        if let Some(input) = self.inputs.get_mut(id) {
            input.path = shared;
        }
        id
    }

    /// Forgets an input that nothing depends on.
    pub(super) fn forget_input(&mut self, id: u32) {
        let Some(input) = self.inputs.remove(id) else {
            return;
        };
        self.paths.remove(input.kind, &input.path);
    }

    /// Whether the node's outcome may be given to `operation`.
    pub(super) fn fresh(&self, id: u32, operation: &Operation) -> Option<&Arc<Outcome>> {
        let node = self.nodes.get(id)?;
        let memo = node.memo.as_ref()?;
        (node.fresh && node.verified >= operation.since).then_some(&memo.outcome)
    }

    /// The value of a dependency, where it is known without looking.
    pub(super) fn peek(&self, dependency: &Dependency, operation: &Operation) -> Option<Value> {
        match dependency {
            Dependency::Input(kind, path) => {
                let id = self.find_input(*kind, path)?;
                self.inputs.get(id)?.usable(operation)
            }
            Dependency::Node(key, part) => {
                let id = *self.keys.get(key)?;
                Some(self.fresh(id, operation)?.value(*part))
            }
            Dependency::Aspect(path, aspect) => {
                let input = self.inputs.get(self.find_input(InputKind::Glance, path)?)?;
                let at = *input.aspects.as_ref()?.index.get(aspect)?;
                input.shown(at, operation)
            }
        }
    }

    /// As [`State::peek`], by index.
    pub(super) fn peek_edge(&self, edge: Edge, operation: &Operation) -> Option<Value> {
        match edge {
            Edge::Input(id) => self.inputs.get(id)?.usable(operation),
            Edge::Node(id, part) => Some(self.fresh(id, operation)?.value(part)),
            Edge::Aspect(id, at) => self.inputs.get(id)?.shown(at, operation),
        }
    }

    /// The index of a dependency; it is made where there is none.
    pub(super) fn edge(&mut self, dependency: &Dependency) -> Edge {
        match dependency {
            Dependency::Input(kind, path) => Edge::Input(self.input(*kind, path)),
            Dependency::Node(key, part) => Edge::Node(self.node(key), *part),
            Dependency::Aspect(path, aspect) => {
                let id = self.input(InputKind::Glance, path);
                let aspects = self.inputs.get_mut(id).map(|input| &mut input.aspects);
                let at = aspects.map_or(0, |aspects| aspects.get_or_insert_default().at(aspect));
                Edge::Aspect(id, at)
            }
        }
    }

    /// Notes what the glance `id` shows of an aspect, unless that is not the glance any more.
    pub(super) fn note_aspect(&mut self, id: u32, as_of: AsOf, aspect: &Arc<str>, value: Value) {
        if let Some(input) = self.inputs.get_mut(id)
            && input.as_of() == as_of
        {
            let aspects = input.aspects.get_or_insert_default();
            let at = aspects.at(aspect);
            aspects.answers[at as usize].1 = Some(value);
        }
    }

    /// What an index stands for.
    pub(super) fn dependency(&self, edge: Edge) -> Option<Dependency> {
        Some(match edge {
            Edge::Input(id) => {
                let input = self.inputs.get(id)?;
                Dependency::Input(input.kind, input.path.clone())
            }
            Edge::Node(id, part) => Dependency::Node(self.nodes.get(id)?.key.clone(), part),
            Edge::Aspect(id, at) => {
                let input = self.inputs.get(id)?;
                let (aspect, _) = input.aspects.as_ref()?.answers.get(at as usize)?;
                Dependency::Aspect(input.path.clone(), aspect.clone())
            }
        })
    }

    /// The set of those that depend on what an index stands for.
    pub(super) fn dependents_mut(&mut self, edge: Edge) -> Option<&mut Indices> {
        match edge {
            Edge::Input(id) | Edge::Aspect(id, _) => Some(&mut self.inputs.get_mut(id)?.dependents),
            Edge::Node(id, _) => Some(&mut self.nodes.get_mut(id)?.dependents),
        }
    }

    /// Marks a dependency as used by `operation`, so that it is not evicted meanwhile.
    pub(super) fn touch(&mut self, edge: Edge, operation: &Operation) {
        match edge {
            Edge::Input(id) | Edge::Aspect(id, _) => {
                if let Some(input) = self.inputs.get_mut(id) {
                    input.touched = input.touched.max(operation.began);
                }
            }
            Edge::Node(id, _) => {
                if let Some(node) = self.nodes.get_mut(id) {
                    node.touched = node.touched.max(operation.began);
                }
            }
        }
    }
}
