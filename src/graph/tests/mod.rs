//! Which nodes ran, after each edit; and a model that random edits are compared with.

mod assembled;
mod doubt;
mod edits;
mod faults;
mod kept;
mod model;
mod runs;
mod sources;
mod survey;
mod unsettled;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use crossbeam_channel::Receiver;

use super::{Event, Fetched, Graph, GraphConfig};
use crate::base::{Computation, Diagnostic, Key, Part, SourcePath};
use crate::compute::{Computations, Context, Failure, Link, Output, Recipe, Slot};
use crate::source::Entry;
use crate::source::memory::MemoryTree;
use crate::store::{MemoryStore, Store};

pub(super) const TEXT: Computation = Computation::new("text");

pub(super) fn path(text: &str) -> SourcePath {
    SourcePath::parse(text).unwrap()
}

pub(super) fn key(text: &str) -> Key {
    Key::new(TEXT, path(text))
}

/// Called in a run.
pub(super) type Hook = Arc<dyn Fn(&Key) + Send + Sync>;

/// A little language of files. Each line is one of: `include FILE` (the node of that file), `raw FILE` (its bytes, or
/// `absent`), `digest FILE` (its hash, and how many bytes were given with it), `glance FILE WORD` (whether its first line
/// has the word, or `absent`), `list DIR`, `either A B` (the bytes of the first that is there), `link FILE` (mentioned, not
/// read), `# comment` (nothing), `name TEXT` (what its versions are told apart by), `fail` (a diagnostic), `limit` (too
/// much), `panic`, anything else (itself).
/// A source that begins with `wait` waits outside first. One whose name begins with `all` is put together when it is read: each
/// line is `part FILE`, or `slot`, or itself.
#[derive(Default)]
pub(super) struct Language {
    pub(super) runs: AtomicUsize,
    /// Called in each run, after its source was read.
    pub(super) hook: Mutex<Option<Hook>>,
    /// Called, outside, where a source says `wait`.
    pub(super) wait: Mutex<Option<Hook>>,
    /// What fills slots; nothing does at first.
    pub(super) slot: OnceLock<Slot>,
}

pub(super) fn evaluate(
    text: &str,
    context: &dyn Context,
    links: &mut Vec<Link>,
) -> Result<String, Failure> {
    let mut output = String::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        match words.next().unwrap_or_default() {
            "include" => {
                let bytes = context.fetch(&key(words.next().unwrap_or_default()), Part::MAIN)?;
                output.push_str(&String::from_utf8_lossy(&bytes));
            }
            "hash" => {
                let hash = context.hash(&key(words.next().unwrap_or_default()), Part::MAIN)?;
                output.push_str(&hash.to_hex());
            }
            "try" => match context.fetch(&key(words.next().unwrap_or_default()), Part::MAIN) {
                Ok(bytes) => output.push_str(&String::from_utf8_lossy(&bytes)),
                Err(Failure::Diagnostics(_)) => output.push_str("(bad)"),
                Err(Failure::Missing(_)) => output.push_str("(missing)"),
                Err(other) => return Err(other),
            },
            "raw" => match context.content(&path(words.next().unwrap_or_default())) {
                Ok(bytes) => output.push_str(&String::from_utf8_lossy(&bytes)),
                Err(error) => match Failure::from(error) {
                    Failure::Missing(_) => output.push_str("absent"),
                    other => return Err(other),
                },
            },
            "glance" => {
                let file = path(words.next().unwrap_or_default());
                match context.glance(&file, words.next().unwrap_or_default()) {
                    Ok(bytes) => output.push_str(&String::from_utf8_lossy(&bytes)),
                    Err(error) => match Failure::from(error) {
                        Failure::Missing(_) => output.push_str("absent"),
                        other => return Err(other),
                    },
                }
            }
            "digest" => {
                let (hash, bytes) = context
                    .digest(&path(words.next().unwrap_or_default()))
                    .map_err(Failure::from)?;
                let len = bytes.map(|bytes| bytes.len());
                output.push_str(&format!("{} {len:?}", hash.short()));
            }
            "list" => match context.list(&path(words.next().unwrap_or_default())) {
                Ok(entries) => {
                    for entry in entries.iter() {
                        output.push_str(&format!(
                            "{}:{:?} ",
                            String::from_utf8_lossy(&entry.name),
                            entry.kind
                        ));
                    }
                }
                Err(error) => match Failure::from(error) {
                    Failure::Missing(_) => output.push_str("no directory"),
                    other => return Err(other),
                },
            },
            "either" => {
                for name in words {
                    if context.entry(&path(name))? == Entry::File {
                        output.push_str(&format!("{name}="));
                        let bytes = context.content(&path(name))?;
                        output.push_str(&String::from_utf8_lossy(&bytes));
                        break;
                    }
                }
            }
            "link" => links.push(Link::import(key(words.next().unwrap_or_default()))),
            "fail" => {
                let diagnostics = vec![Diagnostic::new("test", "it says fail")];
                return Err(Failure::Diagnostics(diagnostics.into()));
            }
            "limit" => {
                let diagnostics = vec![Diagnostic::new("test", "it takes too long")];
                return Err(Failure::Limit(diagnostics.into()));
            }
            "panic" => panic!("it says panic"),
            "#" | "wait" | "name" => continue,
            _ => output.push_str(line),
        }
        output.push('\n');
    }
    Ok(output)
}

fn assemble(text: &str, context: &dyn Context) -> Result<Output, Failure> {
    let mut recipe = Recipe::default();
    for line in text.lines() {
        match line.strip_prefix("part ") {
            Some(name) => {
                let measured = context.measure(&key(name), Part::MAIN)?;
                recipe.part(key(name), Part::MAIN, measured, 0);
            }
            None if line == "slot" => recipe.slot(),
            None => recipe.text(&format!("{line}\n")),
        }
    }
    Ok(Output {
        parts: vec![(Part::MAIN, recipe.encode()?)],
        links: Vec::new(),
    })
}

/// What a glance at a file shows.
pub(super) fn first_line(content: &[u8]) -> Bytes {
    let line = content.split(|&byte| byte == b'\n').next();
    Bytes::copy_from_slice(line.unwrap_or_default())
}

/// What that shows of a word.
pub(super) fn has_word(line: &[u8], word: &str) -> Bytes {
    let mut words = line.split(|&byte| byte == b' ');
    Bytes::from_static(match words.any(|one| one == word.as_bytes()) {
        true => b"yes",
        false => b"no",
    })
}

impl Computations for Language {
    fn run(&self, key: &Key, context: &dyn Context) -> Result<Output, Failure> {
        self.runs.fetch_add(1, Relaxed);
        let source = context.content(&key.path)?;
        let hook = self.hook.lock().unwrap().clone();
        if let Some(hook) = hook {
            hook(key);
        }
        let wait = self.wait.lock().unwrap().clone();
        if let Some(wait) = wait.filter(|_| source.starts_with(b"wait\n")) {
            context.outside(&mut || wait(key));
        }
        if self.is_assembled(key, Part::MAIN) {
            return assemble(&String::from_utf8_lossy(&source), context);
        }
        let mut links = Vec::new();
        let text = evaluate(&String::from_utf8_lossy(&source), context, &mut links)?;
        let mut parts = vec![(Part::MAIN, text.into())];
        let source = String::from_utf8_lossy(&source);
        let name = source.lines().find_map(|line| line.strip_prefix("name "));
        parts.extend(name.map(|name| (Part::NAME, name.to_owned().into())));
        Ok(Output { parts, links })
    }

    fn glance(&self, _: &SourcePath, content: &[u8]) -> Bytes {
        first_line(content)
    }

    fn aspect(&self, glance: &[u8], aspect: &str) -> Bytes {
        has_word(glance, aspect)
    }

    fn is_assembled(&self, key: &Key, part: Part) -> bool {
        part == Part::MAIN && key.path.name().starts_with(b"all")
    }

    fn slot(&self, key: &Key, part: Part) -> Option<&Slot> {
        let has_slot = self.is_assembled(key, part) && key.path.name().ends_with(b"slot");
        self.slot.get().filter(|_| has_slot)
    }

    fn cycle(&self, keys: &[Key]) -> Diagnostic {
        let names = keys.iter().filter_map(|key| key.path.to_str());
        Diagnostic::new("cycle", names.collect::<Vec<_>>().join(" needs "))
    }

    fn identity(&self) -> String {
        "language 1".into()
    }
}

/// A tree, a store and a graph over them.
pub(super) struct World {
    pub(super) tree: MemoryTree,
    pub(super) store: Arc<dyn Store>,
    pub(super) language: Arc<Language>,
    pub(super) graph: Arc<Graph>,
    events: Receiver<Event>,
}

impl World {
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self::over(
            MemoryTree::of(files.iter().copied()),
            Arc::new(MemoryStore::new()),
        )
    }

    pub(super) fn over(tree: MemoryTree, store: Arc<dyn Store>) -> Self {
        Self::with(tree, store, super::Limits::default(), false)
    }

    pub(super) fn with(
        tree: MemoryTree,
        store: Arc<dyn Store>,
        limits: super::Limits,
        ahead: bool,
    ) -> Self {
        let language = Arc::new(Language::default());
        let config = GraphConfig { threads: 4, ahead };
        let graph = Graph::with_limits(
            config,
            limits,
            Arc::new(tree.clone()),
            store.clone(),
            language.clone(),
        );
        let events = graph.subscribe();
        Self {
            tree,
            store,
            language,
            graph,
            events,
        }
    }

    /// Ends the graph and starts another on the same tree and store.
    pub(super) fn restart(self) -> Self {
        self.graph.shutdown();
        Self::over(self.tree.clone(), self.store.clone())
    }

    pub(super) fn fetch(&self, name: &str) -> Result<Fetched, Failure> {
        self.graph.fetch(&key(name), Part::MAIN)
    }

    pub(super) fn read(&self, name: &str) -> String {
        self.try_read(name)
            .unwrap_or_else(|failure| format!("{failure}"))
    }

    pub(super) fn try_read(&self, name: &str) -> Result<String, Failure> {
        let fetched = self.fetch(name)?;
        let blob = self.graph.blob(&key(name), Part::MAIN, &fetched.hash)?;
        assert_eq!(blob.len(), fetched.len);
        Ok(String::from_utf8(blob.read_all().unwrap().to_vec()).unwrap())
    }

    /// The nodes that ran since the last call, in their order.
    pub(super) fn ran(&self) -> Vec<String> {
        let computed = |event| match event {
            Event::Computed { key, .. } => Some(key.path.to_str().unwrap().to_owned()),
            _ => None,
        };
        self.events.try_iter().filter_map(computed).collect()
    }

    /// Reads a node, and gives what ran for it.
    pub(super) fn ran_for(&self, name: &str) -> Vec<String> {
        self.ran();
        let _ = self.fetch(name);
        self.ran()
    }
}

/// Waits until something is so; fails after a minute.
pub(super) fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("never: {what}");
}
