//! A bound on memory: what no node in memory needs goes, and comes back from the store.

use super::doubt::Doubt;
use super::state::State;

/// How much is kept in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Nodes.
    pub(super) nodes: usize,
    /// Answers of the source tree.
    pub(super) inputs: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nodes: 200_000,
            inputs: 400_000,
        }
    }
}

impl State {
    /// Forgets what is over the limits, down to seven eighths of them: nodes without dependents first, then the inputs
    /// that nothing asks for any more. Nothing that an operation under way has used goes.
    pub(super) fn evict(&mut self) {
        let limits = self.limits;
        if self.nodes.len() <= limits.nodes.max(self.evict_above.0)
            && self.inputs.len() <= limits.inputs.max(self.evict_above.1)
        {
            return;
        }
        let low = Limits {
            nodes: limits.nodes - limits.nodes / 8,
            inputs: limits.inputs - limits.inputs / 8,
        };
        while self.nodes.len() > low.nodes || self.inputs.len() > low.inputs {
            if self.sweep_nodes(low) + self.sweep_inputs(low) == 0 {
                break;
            }
        }
        // Where most is in use, a sweep is not worth repeating before a good part more has come.
        self.evict_above = (
            self.nodes.len() + self.nodes.len() / 8,
            self.inputs.len() + self.inputs.len() / 8,
        );
    }

    fn sweep_nodes(&mut self, low: Limits) -> usize {
        let oldest = self.active.keys().next().copied().unwrap_or(u64::MAX);
        let mut idle: Vec<(u64, u32)> = self
            .nodes
            .iter()
            .filter(|(id, node)| {
                node.dependents.is_empty()
                    && node.touched < oldest
                    && (node.memo.is_some() || node.importers.is_empty())
                    && !self.claims.contains_key(id)
            })
            .map(|(id, node)| (node.touched, id))
            .collect();
        idle.sort_unstable();
        let mut gone = 0;
        for (_, id) in idle {
            if self.nodes.len() <= low.nodes && self.inputs.len() <= low.inputs {
                break;
            }
            gone += usize::from(self.forget_node(id));
        }
        gone
    }

    /// Forgets a node; one that others link to leaves its name. Gives whether anything went.
    fn forget_node(&mut self, id: u32) -> bool {
        let Some(node) = self.nodes.get_mut(id) else {
            return false;
        };
        let memo = node.memo.take();
        let links = std::mem::take(&mut node.links);
        node.fresh = false;
        node.doubt = Doubt::All;
        node.own = None;
        node.trouble = None;
        node.versions = Vec::new();
        let named = !node.importers.is_empty();
        let inputs: Vec<u32> = memo
            .iter()
            .flat_map(|memo| &memo.edges)
            .filter_map(|(edge, _)| match edge {
                super::state::Edge::Input(id) | super::state::Edge::Aspect(id, _) => Some(*id),
                super::state::Edge::Node(..) => None,
            })
            .collect();
        self.unlink(id, memo.as_deref(), &links);
        let oldest = self.active.keys().next().copied().unwrap_or(u64::MAX);
        for input in inputs {
            if self
                .inputs
                .get(input)
                .is_some_and(|input| input.dependents.is_empty() && input.touched < oldest)
            {
                self.forget_input(input);
            }
        }
        if named
            && !self
                .nodes
                .get(id)
                .is_some_and(|node| node.importers.is_empty())
        {
            return memo.is_some();
        }
        if let Some(node) = self.nodes.remove(id) {
            self.keys.remove(&node.key);
        }
        true
    }

    fn sweep_inputs(&mut self, low: Limits) -> usize {
        let oldest = self.active.keys().next().copied().unwrap_or(u64::MAX);
        let mut idle: Vec<(u64, u32)> = self
            .inputs
            .iter()
            .filter(|(_, input)| input.dependents.is_empty() && input.touched < oldest)
            .map(|(id, input)| (input.touched, id))
            .collect();
        idle.sort_unstable();
        let surplus = self.inputs.len().saturating_sub(low.inputs);
        let gone = idle.len().min(surplus);
        for (_, id) in idle.into_iter().take(gone) {
            self.forget_input(id);
        }
        gone
    }
}
