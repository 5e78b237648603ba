//! What does not compile, told in the terminal: once, whoever asks for it and however many pages are open.
//!
//! What was asked for and failed is told as it is answered. A page that is hot never asks for it: its bundle and its updates
//! have the error in the module's place. So whenever such a page gets something, what is wrong with all that was computed is
//! compared with what was told.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crossbeam_channel::Sender;

use crate::base::{ContentHash, Diagnostic, SourcePath};
use crate::http::{Fault, Found};

/// The most that is remembered of each kind; with more, some is told again.
const MOST: usize = 10_000;

/// The most that are told at once.
const AT_ONCE: usize = 20;

/// See the module.
#[derive(Default)]
pub(super) struct Faults {
    known: Mutex<Known>,
    /// Where there are pages that are hot: wakes the thread that compares.
    waker: OnceLock<Sender<()>>,
}

#[derive(Default)]
struct Known {
    /// What was answered last for each path that failed.
    answered: HashMap<SourcePath, Vec<ContentHash>>,
    /// What does not compile, as far as it was compared, and in which file.
    standing: HashMap<ContentHash, Option<String>>,
}

impl Faults {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has whoever holds the other end compare, from now on.
    pub(super) fn wakes(&self, waker: Sender<()>) {
        let _ = self.waker.set(waker);
    }

    /// A page may have learnt of something.
    pub(super) fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            // Where one waits already, it is yet to look.
            let _ = waker.try_send(());
        }
    }

    /// Tells of an answer that is a fault and news.
    pub(super) fn answered(&self, path: &SourcePath, found: &Result<Found, Fault>) {
        let told = self.known().answer(path, found);
        told.iter().for_each(|text| error(text));
    }

    /// Tells what has come, and what has gone, of what is wrong now.
    pub(super) fn compare(&self, problems: Vec<Diagnostic>) {
        let (come, mended) = self.known().compare(problems);
        let more = come.len().saturating_sub(AT_ONCE);
        come.iter().take(AT_ONCE).for_each(|text| error(text));
        if more > 0 {
            tracing::error!("and {more} more errors, which the page shows");
        }
        for file in mended {
            tracing::info!("`{file}` is mended");
        }
    }
}

fn error(text: &str) {
    tracing::error!("{}", text.strip_prefix("error: ").unwrap_or(text));
}

fn hash(text: &str) -> ContentHash {
    ContentHash::of(text.as_bytes())
}

/// Of what is wrong, whoever imports it.
fn identity(problem: &Diagnostic) -> ContentHash {
    hash(&problem.clone().without_importers().render(false))
}

impl Known {
    /// The texts that are to be told.
    fn answer(&mut self, path: &SourcePath, found: &Result<Found, Fault>) -> Vec<String> {
        let texts = match found {
            Err(Fault::Missing) | Ok(_) => {
                self.answered.remove(path);
                return Vec::new();
            }
            Err(Fault::Diagnostics(problems)) => problems
                .iter()
                .map(|one| (identity(one), one.render(false)))
                .collect(),
            Err(fault) => {
                let text = fault.to_string();
                vec![(hash(&text), text)]
            }
        };
        if self.answered.len() >= MOST {
            self.answered.clear();
        }
        let hashes: Vec<ContentHash> = texts.iter().map(|(hash, _)| *hash).collect();
        let before = self.answered.insert(path.clone(), hashes.clone());
        if before == Some(hashes) {
            return Vec::new();
        }
        let is_news = |(hash, _): &(ContentHash, String)| !self.standing.contains_key(hash);
        let news = texts.into_iter().filter(is_news);
        news.map(|(_, text)| text).collect()
    }

    /// The texts that are to be told, and the files in which nothing is wrong any more.
    fn compare(&mut self, mut problems: Vec<Diagnostic>) -> (Vec<String>, Vec<String>) {
        problems.truncate(MOST);
        let answered: HashSet<ContentHash> = self.answered.values().flatten().copied().collect();
        let mut now = HashMap::new();
        let mut come = Vec::new();
        for problem in problems {
            let hash = identity(&problem);
            let file = problem.at.as_ref().map(|at| at.file.clone());
            let is_new = now.insert(hash, file).is_none();
            if is_new && !self.standing.contains_key(&hash) && !answered.contains(&hash) {
                come.push(problem.render(false));
            }
        }
        let before = std::mem::replace(&mut self.standing, now);
        let left: HashSet<&String> = self.standing.values().flatten().collect();
        let gone = before.into_values().flatten();
        let mut mended: Vec<String> = gone.filter(|file| !left.contains(file)).collect();
        mended.sort();
        mended.dedup();
        (come, mended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Location;

    fn problem(file: &str, message: &str, importer: &str) -> Diagnostic {
        let mut problem = Diagnostic::new("syntax", message).at(Location {
            file: file.to_owned(),
            line: 1,
            column: 2,
        });
        problem.importers = vec![importer.to_owned()];
        problem
    }

    #[test]
    fn each_is_told_once_and_that_its_file_is_mended() {
        let mut known = Known::default();
        let a = |importer: &str| problem("/a.ts", "one", importer);
        let (come, mended) = known.compare(vec![a("/x.ts"), a("/y.ts")]);
        assert_eq!(come, [a("/x.ts").render(false)]);
        assert!(mended.is_empty());
        // By another way, beside another.
        let b = problem("/b.ts", "two", "/x.ts");
        let (come, mended) = known.compare(vec![a("/z.ts"), b.clone()]);
        assert_eq!((come, mended), (vec![b.render(false)], vec![]));
        // Another in its place: the file is not mended.
        let other = problem("/a.ts", "three", "/x.ts");
        let (come, mended) = known.compare(vec![other.clone(), b]);
        assert_eq!((come, mended), (vec![other.render(false)], vec![]));
        let (come, mended) = known.compare(Vec::new());
        assert!(come.is_empty());
        assert_eq!(mended, ["/a.ts", "/b.ts"]);
        assert_eq!(known.compare(vec![other.clone()]).0.len(), 1);
    }

    #[test]
    fn what_was_answered_is_not_told_again() {
        let mut known = Known::default();
        let path = SourcePath::parse("a.ts.js").unwrap();
        let a = problem("/a.ts", "one", "/x.ts");
        let fault = || Err(Fault::Diagnostics(vec![a.clone()]));
        assert_eq!(known.answer(&path, &fault()).len(), 1);
        assert!(known.answer(&path, &fault()).is_empty());
        assert!(known.compare(vec![a.clone()]).0.is_empty());
        let map = SourcePath::parse("a.ts.js.map").unwrap();
        assert!(known.answer(&map, &fault()).is_empty());
        assert_eq!(known.compare(Vec::new()).1, ["/a.ts"]);
        known.answer(&path, &Ok(Found::Absent));
        assert_eq!(known.answer(&path, &fault()).len(), 1);
    }
}
