//! Making an outcome that of a node, and its edges with it, at one moment.

use std::sync::Arc;

use super::doubt::{Cause, Doubt};
use super::execute::Draft;
use super::memo::{
    Dependency, InputKind, Outcome, Seen, Value, Version, now_seconds, stamp_version,
};
use super::slab::Indices;
use super::state::{Edge, Edges, Memo, Node, Operation, State};
use crate::source::Stamp;

impl Node {
    /// The parts of a draft with the times at which each became what it is.
    fn versions_of(&mut self, draft: &Draft, stored: &[Version]) -> Vec<Version> {
        if self.versions.is_empty() {
            self.versions = stored.to_vec();
        }
        let now = now_seconds();
        let mut current = Vec::with_capacity(draft.parts.len());
        for &(part, hash, len) in &draft.parts {
            let last = self
                .versions
                .iter()
                .position(|version| version.part == part);
            let version = Version {
                part,
                hash,
                len,
                modified: stamp_version(last.map(|at| &self.versions[at]), hash, now),
            };
            match last {
                Some(at) => self.versions[at] = version,
                None => self.versions.push(version),
            }
            current.push(version);
        }
        current
    }
}

impl State {
    /// The indices of what was asked; they are made where there are none.
    pub(super) fn edges(&mut self, saw: &[Seen]) -> Edges {
        saw.iter()
            .map(|seen| (self.edge(&seen.dependency), seen.value))
            .collect()
    }

    /// Makes `draft`, which saw `saw`, the outcome of the node, fresh as of this moment: the caller has compared every
    /// answer under this very lock. Gives the outcome, and for each answer the metadata that vouch for it later.
    pub(super) fn install(
        &mut self,
        id: u32,
        draft: &Draft,
        (saw, edges): (&[Seen], Edges),
        operation: &Operation,
        versions: &[Version],
    ) -> (Arc<Outcome>, Vec<Option<Stamp>>) {
        let stamps = edges
            .iter()
            .map(|(edge, _)| self.vouching_stamp(*edge))
            .collect();
        let links: Box<[u32]> = draft.links.iter().map(|key| self.node(key)).collect();
        self.relink(id, &edges, &links);
        let mut own = None;
        for (seen, (edge, _)) in saw.iter().zip(&edges) {
            if let (Dependency::Input(InputKind::Content, path), Edge::Input(input)) =
                (&seen.dependency, edge)
                && self
                    .nodes
                    .get(id)
                    .is_some_and(|node| node.key.path == *path)
            {
                own = Some(*input);
            }
        }
        let Some(node) = self.nodes.get_mut(id) else {
            // A claimed node is never evicted.
            return (Arc::new(outcome(Vec::new(), draft, false)), stamps);
        };
        let parts = node.versions_of(draft, versions);
        let outcome = Arc::new(outcome(parts, draft, true));
        let before = node.memo.replace(Arc::new(Memo {
            outcome: outcome.clone(),
            edges,
        }));
        node.fresh = true;
        node.verified = operation.since;
        node.doubt = Doubt::none(operation);
        node.touched = node.touched.max(operation.began);
        node.links = links;
        node.own = own;
        node.because = None;
        node.trouble = None;
        node.computed = draft.computed;
        node.took = draft.took;
        let differs = before.is_some_and(|memo| !memo.outcome.same(&outcome));
        if differs {
            // They are stale already, but for a node that was run again because its blob was lost.
            let because = node.key.path.clone();
            self.stale(Cause::Node(id), &because);
        }
        self.evict();
        (outcome, stamps)
    }

    /// An outcome that is not kept: it answers those who wait for it now.
    pub(super) fn answer_once(
        &mut self,
        id: u32,
        draft: &Draft,
        versions: &[Version],
    ) -> Arc<Outcome> {
        let Some(node) = self.nodes.get_mut(id) else {
            return Arc::new(outcome(Vec::new(), draft, false));
        };
        let parts = node.versions_of(draft, versions);
        let outcome = Arc::new(outcome(parts, draft, false));
        node.trouble = Some(outcome.clone());
        if node.fresh {
            // A lost blob's node that now gives something else: nobody may go on with what it gave before.
            node.fresh = false;
            let because = node.key.path.clone();
            self.stale(Cause::Node(id), &because);
        }
        outcome
    }

    /// Takes the node out of the sets of what it depended on and linked to, and puts it into those of what it does.
    fn relink(&mut self, id: u32, edges: &[(Edge, Value)], links: &[u32]) {
        let (before, old_links) = match self.nodes.get_mut(id) {
            Some(node) => (node.memo.clone(), std::mem::take(&mut node.links)),
            None => return,
        };
        self.unlink(id, before.as_deref(), &old_links);
        for (edge, _) in edges {
            if let Some(dependents) = self.dependents_mut(*edge) {
                dependents.insert(id);
            }
        }
        for link in links {
            if let Some(target) = self.nodes.get_mut(*link) {
                target.importers.insert(id);
            }
        }
    }

    /// Takes the node out of the sets of what it depends on and links to.
    pub(super) fn unlink(&mut self, id: u32, memo: Option<&Memo>, links: &[u32]) {
        for (edge, _) in memo.iter().flat_map(|memo| &memo.edges) {
            if let Some(dependents) = self.dependents_mut(*edge) {
                remove(dependents, id);
            }
        }
        for link in links {
            if let Some(target) = self.nodes.get_mut(*link) {
                remove(&mut target.importers, id);
            }
        }
    }

    /// The metadata of a content, where they are old enough to vouch for it in a later life.
    fn vouching_stamp(&self, edge: Edge) -> Option<Stamp> {
        let (Edge::Input(id) | Edge::Aspect(id, _)) = edge else {
            return None;
        };
        self.inputs.get(id)?.detail.vouching()
    }
}

/// Removes from a set, and gives back the memory of one that has become empty.
fn remove(set: &mut Indices, id: u32) {
    set.remove(&id);
    if set.is_empty() {
        *set = Indices::default();
    }
}

fn outcome(parts: Vec<Version>, draft: &Draft, memoized: bool) -> Outcome {
    Outcome {
        parts,
        failure: draft.failure.clone(),
        memoized,
        circular: draft.circular,
    }
}
