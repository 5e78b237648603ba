//! Which of a node's dependencies may have changed since it was fresh. All others are as they were, so that verifying a node
//! takes as long as has changed, not as long as it has dependencies: the modules of an application are thousands.

use std::borrow::Cow;
use std::sync::Arc;

use super::memo::{Outcome, Value};
use super::state::{Edge, Operation, State};
use crate::base::SourcePath;

/// More are not told apart.
const MOST: usize = 16;

/// An input or a node that others depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Input(u32),
    Node(u32),
}

impl Cause {
    fn is_of(self, edge: Edge) -> bool {
        match (self, edge) {
            (Self::Input(cause), Edge::Input(id) | Edge::Aspect(id, _))
            | (Self::Node(cause), Edge::Node(id, _)) => cause == id,
            _ => false,
        }
    }
}

/// Of a node with a memo: whatever else it depends on has the value that it saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// About these alone.
    Of(Vec<Cause>),
    /// About every dependency.
    All,
}

impl Doubt {
    /// About nothing: of a node that has just been compared. `operation`: who did.
    pub(super) fn none(operation: &Operation) -> Self {
        match operation.since {
            0 => Self::Of(Vec::new()),
            // Without events, what is not told may have changed as well.
            _ => Self::All,
        }
    }

    fn add(&mut self, cause: Cause) {
        match self {
            Self::Of(causes) if causes.contains(&cause) => {}
            Self::Of(causes) if causes.len() < MOST => causes.push(cause),
            _ => *self = Self::All,
        }
    }

    /// The answers that are in doubt, in their order, for an operation that has begun `since`.
    pub(super) fn about<'a>(
        &self,
        edges: &'a [(Edge, Value)],
        since: u64,
    ) -> Cow<'a, [(Edge, Value)]> {
        match self {
            Self::Of(causes) if since == 0 => {
                let is_in_doubt =
                    |(edge, _): &&(Edge, Value)| causes.iter().any(|cause| cause.is_of(*edge));
                Cow::Owned(edges.iter().filter(is_in_doubt).copied().collect())
            }
            _ => Cow::Borrowed(edges),
        }
    }
}

impl State {
    /// Marks the dependents of `cause` as to be verified, and all that depend on them. Stops where a node is marked already:
    /// its dependents then are too.
    pub(super) fn stale(&mut self, cause: Cause, because: &SourcePath) {
        let mut waiting = vec![cause];
        while let Some(cause) = waiting.pop() {
            let dependents: Vec<u32> = match cause {
                Cause::Input(id) => self.inputs.get(id).map(|input| &input.dependents),
                Cause::Node(id) => self.nodes.get(id).map(|node| &node.dependents),
            }
            .map_or_else(Vec::new, |dependents| dependents.iter().copied().collect());
            for id in dependents {
                let Some(node) = self.nodes.get_mut(id) else {
                    continue;
                };
                node.doubt.add(cause);
                if node.fresh {
                    node.fresh = false;
                    node.because = Some(because.clone());
                    waiting.push(Cause::Node(id));
                }
            }
        }
    }

    /// Makes a node fresh again if all that is in doubt is known to be as it was, and nobody is at the node.
    pub(super) fn reassure(&mut self, id: u32, operation: &Operation) -> Option<Arc<Outcome>> {
        let node = self.nodes.get(id)?;
        let memo = node.memo.clone()?;
        let in_doubt = match &node.doubt {
            Doubt::Of(_) if operation.since == 0 && !self.claims.contains_key(&id) => {
                node.doubt.about(&memo.edges, 0)
            }
            _ => return None,
        };
        let mut answers = in_doubt.iter();
        if !answers.all(|(edge, value)| self.peek_edge(*edge, operation) == Some(*value)) {
            return None;
        }
        self.refresh(id, operation)
    }

    /// Makes a node fresh whose answers have all been compared under this very lock.
    pub(super) fn refresh(&mut self, id: u32, operation: &Operation) -> Option<Arc<Outcome>> {
        let node = self.nodes.get_mut(id)?;
        node.fresh = true;
        node.verified = operation.since;
        node.doubt = Doubt::none(operation);
        node.because = None;
        node.trouble = None;
        Some(node.memo.as_ref()?.outcome.clone())
    }
}
