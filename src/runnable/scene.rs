//! A tree in memory and a context that runs computations on it and records what they ask.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::{MODULE, Options, Runnable};
use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::compute::{Computations, Context, Failure, Output, Recipe, Segment};
use crate::source::memory::MemoryTree;
use crate::source::{Entry, InputError, ListedEntry, Tree};
use crate::worker::{Launch, Workers};

/// A path in a test.
pub fn path(text: &str) -> SourcePath {
    SourcePath::parse(text).unwrap()
}

/// Files by path; a content that starts with `-> ` makes a link.
pub fn tree(files: &[(&str, &str)]) -> MemoryTree {
    let tree = MemoryTree::new();
    for (name, content) in files {
        match content.strip_prefix("-> ") {
            Some(target) => tree.symlink(name, target),
            None => tree.write(name, content),
        }
    }
    tree
}

/// Workers, shared by all tests, that compile Sass.
pub fn sass_workers() -> Arc<Workers> {
    static WORKERS: OnceLock<Arc<Workers>> = OnceLock::new();
    let launch = || Launch::of_test("runnable::style::sass::tests::entry");
    WORKERS
        .get_or_init(|| Arc::new(Workers::new(launch())))
        .clone()
}

/// A text with `#` for each hash in a name.
pub fn hidden(text: &str) -> String {
    let mut parts = text.split(".v");
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        let is_hash = digits == crate::base::ShortHash::DIGITS;
        let hash = if is_hash { "#" } else { &part[..digits] };
        out.push_str(".v");
        out.push_str(hash);
        out.push_str(&part[digits..]);
    }
    out
}

/// A part put together; the runtime is `CLIENT`.
pub fn assembled(scene: &Scene, key: &Key, part: Part) -> String {
    if key.computation.name().ends_with("bundle-client") {
        return "CLIENT".to_owned();
    }
    let bytes = scene.fetch(key, part).unwrap();
    if !scene.runnable.is_assembled(key, part) {
        return String::from_utf8(bytes.to_vec()).unwrap();
    }
    let recipe = Recipe::decode(&bytes).unwrap();
    let texts = recipe.segments().iter().map(|segment| match segment {
        Segment::Text(text) => text.clone(),
        Segment::Slot => String::new(),
        Segment::Part {
            key, part, skip, ..
        } => {
            let text = assembled(scene, key, *part);
            text[usize::try_from(*skip).unwrap().min(text.len())..].to_owned()
        }
    });
    texts.collect()
}

/// Runs computations without memory, and keeps what they asked with a digest of each answer.
pub struct Scene {
    pub tree: MemoryTree,
    pub runnable: Runnable,
    pub asked: RefCell<BTreeMap<(u8, SourcePath), String>>,
    /// What glances showed, by file and aspect.
    pub seen: RefCell<BTreeMap<(SourcePath, String), String>>,
}

impl Scene {
    pub fn new(tree: MemoryTree, source: &str) -> Self {
        Self::with(tree, source, sass_workers())
    }

    /// With workers of another kind.
    pub fn with(tree: MemoryTree, source: &str, workers: Arc<Workers>) -> Self {
        Self {
            tree,
            runnable: Runnable::new(Options::new(path(source)), workers),
            asked: RefCell::default(),
            seen: RefCell::default(),
        }
    }

    pub fn module(&self, file: &str) -> Result<Output, Failure> {
        self.runnable.run(&Key::new(MODULE, path(file)), self)
    }

    /// The code of a module, or its rendered failure.
    pub fn code(&self, file: &str) -> String {
        match self.module(file) {
            Ok(output) => String::from_utf8(output.parts[0].1.to_vec()).unwrap(),
            Err(failure) => failure.to_string(),
        }
    }

    fn note<T: std::fmt::Debug>(&self, kind: u8, path: &SourcePath, answer: T) -> T {
        let text = format!("{answer:?}");
        self.asked.borrow_mut().insert((kind, path.clone()), text);
        answer
    }

    /// Whether each question asked would now get the answer that it got.
    pub fn is_as_asked(&self) -> bool {
        let asked = self.asked.borrow().clone();
        let again = Self {
            tree: self.tree.clone(),
            runnable: Runnable::new(self.runnable.options.clone(), self.runnable.workers.clone()),
            asked: RefCell::default(),
            seen: RefCell::default(),
        };
        let is_as_seen = |((path, aspect), answer): (&(SourcePath, String), &String)| {
            format!("{:?}", again.glance(path, aspect)) == *answer
        };
        let is_as_asked = asked.iter().all(|((kind, path), answer)| {
            let now = match kind {
                0 => format!("{:?}", again.content(path)),
                1 => format!("{:?}", again.entry(path)),
                _ => format!("{:?}", again.list(path)),
            };
            now == *answer
        });
        is_as_asked && self.seen.borrow().iter().all(is_as_seen)
    }
}

impl Context for Scene {
    fn content(&self, path: &SourcePath) -> Result<Bytes, InputError> {
        self.note(0, path, self.tree.read(path).map(|(bytes, _)| bytes))
    }

    fn glance(&self, path: &SourcePath, aspect: &str) -> Result<Bytes, InputError> {
        let read = self.tree.read(path);
        let glance = read.map(|(bytes, _)| self.runnable.glance(path, &bytes));
        let shown = glance.map(|glance| self.runnable.aspect(&glance, aspect));
        let asked = (path.clone(), aspect.to_owned());
        self.seen.borrow_mut().insert(asked, format!("{shown:?}"));
        shown
    }

    fn entry(&self, path: &SourcePath) -> Result<Entry, InputError> {
        self.note(1, path, self.tree.entry(path).map(|(entry, _)| entry))
    }

    fn list(&self, path: &SourcePath) -> Result<Arc<[ListedEntry]>, InputError> {
        self.note(2, path, self.tree.list(path).map(Arc::from))
    }

    fn fetch(&self, key: &Key, part: Part) -> Result<Bytes, Failure> {
        let output = self.runnable.run(key, self)?;
        if part == Part::LINKS {
            return Ok(postcard::to_allocvec(&output.links).unwrap().into());
        }
        let found = output.parts.iter().find(|(given, _)| *given == part);
        let missing = || Failure::Missing(key.path.clone());
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(missing)
    }

    fn measure(&self, key: &Key, part: Part) -> Result<(ContentHash, u64), Failure> {
        let bytes = self.fetch(key, part)?;
        let len = match self.runnable.is_assembled(key, part) {
            true => Recipe::decode(&bytes)?.len(),
            false => bytes.len() as u64,
        };
        Ok((ContentHash::of(&bytes), len))
    }
}
