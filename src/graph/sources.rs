//! Which files have content in an output: what its run asked tells, and what those asked that it took something of.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::Engine;
use super::memo::{Dependency, InputKind, Value};
use crate::base::{ContentHash, Key, Part, SourcePath};

/// Files that have content in an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// Which.
    pub paths: Arc<[SourcePath]>,
    /// Whether all that tells of them is in memory, so that [`super::Graph::revision`] tells of their changes, too.
    pub is_present: bool,
}

type Answers = Vec<(Dependency, Value)>;

impl Engine {
    /// See [`super::Graph::sources`].
    pub(super) fn sources(
        &self,
        key: &Key,
        part: Part,
        hash: Option<&ContentHash>,
    ) -> Option<Sources> {
        let mut paths = BTreeSet::new();
        let mut is_present = true;
        let mut seen = HashSet::from([key.clone()]);
        let mut waiting = vec![(key.clone(), part, hash.copied().map(Value::Hash))];
        while let Some((key, part, value)) = waiting.pop() {
            let answers = match self.present_answers(&key, part, value) {
                Some(answers) => answers,
                None => {
                    is_present = false;
                    self.stored_answers(&key, part, value)?
                }
            };
            for (dependency, value) in answers {
                match dependency {
                    Dependency::Input(InputKind::Content, path) if value != Value::Absent => {
                        paths.insert(path);
                    }
                    Dependency::Node(of, part) => {
                        // A failure quotes what it is about.
                        let has_content = matches!(value, Value::Failed(_))
                            || part != Part::LINKS && self.computations.takes_in(&key, &of);
                        if has_content && seen.insert(of.clone()) {
                            waiting.push((of, part, Some(value)));
                        }
                    }
                    _ => {}
                }
            }
        }
        Some(Sources {
            paths: paths.into_iter().collect(),
            is_present,
        })
    }

    /// What the run asked that is in memory, where it gave this.
    fn present_answers(&self, key: &Key, part: Part, value: Option<Value>) -> Option<Answers> {
        let state = self.state();
        let memo = state.nodes.get(*state.keys.get(key)?)?.memo.clone()?;
        if value.is_some_and(|value| memo.outcome.value(part) != value) {
            return None;
        }
        let answer = |(edge, value): &(_, Value)| Some((state.dependency(*edge)?, *value));
        memo.edges.iter().map(answer).collect()
    }

    /// The same of a run that the store has.
    fn stored_answers(&self, key: &Key, part: Part, value: Option<Value>) -> Option<Answers> {
        let Some(Value::Hash(wanted)) = value else {
            return None;
        };
        let stored = self.load(key);
        let has_given = |(of, hash, _): &(Part, ContentHash, u64)| *of == part && *hash == wanted;
        let mut records = stored.records.iter();
        let record = records.find(|record| record.parts.iter().any(has_given))?;
        let saw = record.saw()?;
        let answers = saw.into_iter().map(|seen| (seen.dependency, seen.value));
        Some(answers.collect())
    }
}
