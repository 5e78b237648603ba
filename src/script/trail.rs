//! What programs ask for while they are linked, question by question.
//!
//! Nothing of a program runs meanwhile, so what it asks next follows from what it was given: as long as that is what it was
//! given the last time, it asks what it asked then. So its worker asks all of it at once, and is answered up to the first
//! question whose answer is another one.

use std::collections::{HashMap, VecDeque};

use super::{Loaded, Wanted};
use crate::base::ContentHash;

/// Programs whose questions are remembered.
const MOST: usize = 64;

/// One question: the ids, and the hash of what was given for each.
type Step = Vec<(String, ContentHash)>;

/// See the module.
#[derive(Default)]
pub(super) struct Trails {
    /// By the programs' entries.
    known: HashMap<String, Vec<Step>>,
    /// The program that is being linked, and what it has asked.
    present: Option<(String, Vec<Step>)>,
    /// Answers to what it has not asked yet.
    ahead: VecDeque<(Vec<Wanted>, Vec<Loaded>)>,
}

impl Trails {
    /// The program with this entry is linked from now on.
    pub(super) fn begin(&mut self, entry: &str) {
        self.present = Some((entry.to_owned(), Vec::new()));
        self.ahead.clear();
    }

    /// It is linked; what it asks from now on may follow from what it does.
    pub(super) fn end(&mut self) {
        self.ahead.clear();
        let Some((entry, steps)) = self.present.take() else {
            return;
        };
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(entry, steps);
    }

    /// What to ask instead of this question: it, and those that come after it as far as is known.
    pub(super) fn extended(
        &self,
        wanted: Vec<Wanted>,
        has: impl Fn(&str) -> Option<ContentHash>,
    ) -> Vec<Vec<Wanted>> {
        let known = match &self.present {
            Some((entry, steps)) if steps.is_empty() => self.known.get(entry),
            _ => None,
        };
        let mut known = known.into_iter().flatten();
        let is_same = |step: &Step| {
            let same = |((id, hash), wanted): (&(String, ContentHash), &Wanted)| {
                *id == wanted.id && Some(*hash) == wanted.has
            };
            step.len() == wanted.len() && step.iter().zip(&wanted).all(same)
        };
        let follows = known.next().is_some_and(is_same);
        let mut steps = vec![wanted];
        if follows {
            // Another program may have been given other code since.
            let is_had = |step: &&Step| step.iter().all(|(id, hash)| has(id) == Some(*hash));
            steps.extend(known.take_while(is_had).map(|step| {
                let wanted = step.iter().map(|(id, hash)| Wanted {
                    id: id.clone(),
                    has: Some(*hash),
                });
                wanted.collect()
            }));
        }
        steps
    }

    /// Keeps the answers to questions that are still to come.
    pub(super) fn expect(&mut self, answers: impl IntoIterator<Item = (Vec<Wanted>, Vec<Loaded>)>) {
        self.ahead.extend(answers);
    }

    /// The answer to a question, where it has come already.
    pub(super) fn answer(&mut self, wanted: &[Wanted]) -> Option<Vec<Loaded>> {
        let (asked, answer) = self.ahead.pop_front()?;
        if asked == wanted {
            return Some(answer);
        }
        self.ahead.clear();
        None
    }

    /// A question was answered by modules with these ids and hashes; `None`: by something else, and what follows from that is
    /// not remembered.
    pub(super) fn note(&mut self, step: Option<Vec<(String, ContentHash)>>) {
        match (step, &mut self.present) {
            (Some(step), Some((_, steps))) => steps.push(step),
            (None, Some((entry, _))) => {
                self.known.remove(entry);
                self.present = None;
            }
            (_, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> ContentHash {
        ContentHash::of(text.as_bytes())
    }

    fn wanted(id: &str) -> Vec<Wanted> {
        vec![Wanted {
            id: id.to_owned(),
            has: Some(hash(id)),
        }]
    }

    fn step(id: &str) -> Option<Vec<(String, ContentHash)>> {
        Some(vec![(id.to_owned(), hash(id))])
    }

    fn had(id: &str) -> Option<ContentHash> {
        Some(hash(id))
    }

    fn linked(ids: &[&str]) -> Trails {
        let mut trails = Trails::default();
        trails.begin(ids[0]);
        for id in ids {
            assert_eq!(trails.extended(wanted(id), had), [wanted(id)]);
            trails.note(step(id));
        }
        trails.end();
        trails
    }

    #[test]
    fn a_program_that_comes_again_asks_all_at_once() {
        let mut trails = linked(&["a", "b", "c"]);
        trails.begin("a");
        let asked = trails.extended(wanted("a"), had);
        assert_eq!(asked, [wanted("a"), wanted("b"), wanted("c")]);
        trails.note(step("a"));
        let known = |id: &str| vec![Loaded::Known(id.to_owned())];
        trails.expect([(wanted("b"), known("b")), (wanted("c"), known("c"))]);
        assert_eq!(trails.answer(&wanted("b")), Some(known("b")));
        trails.note(step("b"));
        // Not what was foreseen: nothing of that holds.
        assert_eq!(trails.answer(&wanted("d")), None);
        assert_eq!(trails.answer(&wanted("c")), None);
        assert_eq!(trails.extended(wanted("d"), had), [wanted("d")]);
        trails.note(step("d"));
        trails.end();
        trails.begin("a");
        let asked = trails.extended(wanted("a"), had);
        assert_eq!(asked, [wanted("a"), wanted("b"), wanted("d")]);
    }

    #[test]
    fn only_what_follows_from_the_same_code_is_asked() {
        let mut trails = linked(&["a", "b", "c"]);
        trails.begin("a");
        let other = |id: &str| (id != "b").then(|| hash(id));
        assert_eq!(trails.extended(wanted("a"), other), [wanted("a")]);
        let mut changed = wanted("a");
        changed[0].has = None;
        assert_eq!(trails.extended(changed.clone(), had), [changed]);
        // Another program, and one of which a module has failed.
        trails.begin("b");
        assert_eq!(trails.extended(wanted("b"), had), [wanted("b")]);
        trails.begin("a");
        trails.note(step("a"));
        trails.note(None);
        trails.end();
        trails.begin("a");
        assert_eq!(trails.extended(wanted("a"), had), [wanted("a")]);
    }
}
