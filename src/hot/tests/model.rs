//! Sources as a map, and what follows from them by definition.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::base::{ContentHash, ShortHash};
use crate::compute::Failure;
use crate::graph::{Event, Rest};
use crate::hot::session::Of;
use crate::hot::{Name, Outline, Pages};
use crate::runnable::{HotBody, HotContent, HotPage, HotStyle};

/// What somebody does to the sources.
#[derive(Clone, Debug)]
pub enum Edit {
    Write(String, String),
    Remove(String),
    /// A writer has emptied it, and goes on.
    Begin(String),
}

impl Edit {
    pub fn write(id: &str, text: &str) -> Self {
        Self::Write(id.to_owned(), text.to_owned())
    }
}

#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub files: BTreeMap<String, String>,
    begun: BTreeSet<String>,
    begins: u64,
    edits: u64,
}

impl Sources {
    pub fn apply(&mut self, edit: &Edit) {
        self.edits += 1;
        match edit {
            Edit::Write(id, text) => {
                self.begun.remove(id);
                self.files.insert(id.clone(), text.clone());
            }
            Edit::Remove(id) => {
                self.begun.remove(id);
                self.files.remove(id);
            }
            Edit::Begin(id) => {
                self.begins += 1;
                self.begun.insert(id.clone());
                self.files.insert(id.clone(), String::new());
            }
        }
    }

    fn named<'a>(&'a self, id: &str, word: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.files.get(id).map_or("", String::as_str).lines();
        lines.filter_map(move |line| line.strip_prefix(word)?.strip_prefix(' '))
    }

    /// The modules of an entry with their texts; one that is not there has a fault.
    pub fn members(&self, entry: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut waiting: Vec<&str> = match entry.ends_with(".html") {
            true => self.named(entry, "import").collect(),
            false => vec![entry],
        };
        while let Some(id) = waiting.pop() {
            let text = self.files.get(id).cloned();
            let text = text.unwrap_or("!missing".to_owned());
            let is_fault = text.starts_with('!');
            if found.insert(id.to_owned(), text).is_none() && !is_fault {
                waiting.extend(self.named(id, "import"));
            }
        }
        found
    }

    fn workers(&self, entry: &str) -> Vec<(String, String)> {
        let members = self.members(entry);
        let workers = members.keys().flat_map(|id| self.named(id, "worker"));
        let named = |id: &str| (id.to_owned(), format!("{id}.v{}", short(&self.text(id))));
        let workers: BTreeMap<_, _> = workers.map(named).collect();
        workers.into_iter().collect()
    }

    fn text(&self, id: &str) -> String {
        self.files.get(id).cloned().unwrap_or_default()
    }

    pub fn page(&self, id: &str) -> HotPage {
        HotPage {
            text: ContentHash::of(self.text(id).as_bytes()),
            styles: self.named(id, "style").map(|id| self.style(id)).collect(),
        }
    }

    fn style(&self, id: &str) -> (String, HotStyle) {
        let text = self.text(id);
        let style = match text.contains('"') {
            true => HotStyle::Text(text),
            false => HotStyle::Link(format!("{id}.v{}", short(&text))),
        };
        (id.to_owned(), style)
    }
}

pub fn short(text: &str) -> ShortHash {
    ContentHash::of(text.as_bytes()).short()
}

/// What is called once it is known what an entry consists of.
type Ready = Box<dyn FnOnce() + Send>;

type Hook = Arc<dyn Fn(&Model) + Send + Sync>;

/// Pages of sources that may change between any two questions.
#[derive(Default)]
pub struct Model {
    sources: Mutex<Sources>,
    listeners: Mutex<Vec<Sender<Event>>>,
    hurried: Arc<AtomicUsize>,
    /// Called before each question.
    pub hook: Mutex<Option<Hook>>,
    /// How long a writer is waited for, in milliseconds; 0: an hour.
    pub pause: AtomicUsize,
    /// All texts that there were.
    older: Mutex<HashMap<ShortHash, String>>,
    /// What takes long to compute, whenever anything has changed.
    pub slow: Mutex<BTreeSet<String>>,
    /// Who waits for that; `None`: all do.
    pub waiting: Mutex<Option<Vec<Ready>>>,
    /// How many shelves were asked for, and how many questions there were.
    pub asked: AtomicUsize,
    pub questions: AtomicUsize,
}

impl Model {
    pub fn edit(&self, edit: &Edit) {
        self.sources.lock().unwrap().apply(edit);
        if let Edit::Write(_, text) = edit {
            let mut older = self.older.lock().unwrap();
            older.insert(short(text), text.clone());
        }
        let mut listeners = self.listeners.lock().unwrap();
        listeners.retain(|listener| listener.send(Event::Changed(Arc::from([]))).is_ok());
    }

    /// Gives up all writers, and says nothing of it.
    pub fn forget(&self) {
        self.sources.lock().unwrap().begun.clear();
    }

    pub fn now(&self) -> Sources {
        self.sources.lock().unwrap().clone()
    }

    pub fn listeners(&self) -> usize {
        self.hurried.load(Ordering::SeqCst)
    }

    fn question(&self) -> Sources {
        self.questions.fetch_add(1, Ordering::Relaxed);
        let hook = self.hook.lock().unwrap().clone();
        if let Some(hook) = hook {
            hook(self);
        }
        self.now()
    }
}

/// The members of an entry at a moment, on shelves by their names.
pub struct Standing {
    body: ContentHash,
    hashes: Vec<ContentHash>,
    shelves: Vec<Vec<(String, String)>>,
    files: Vec<(String, String)>,
}

struct Hurry(Arc<AtomicUsize>);

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Pages for Model {
    type Entry = String;
    type Standing = Standing;
    /// An id and a text.
    type Piece = (String, String);

    fn entry(&self, id: &str) -> Result<Option<String>, Failure> {
        let is_there = self.question().files.contains_key(id);
        Ok(is_there.then(|| id.to_owned()))
    }

    fn standing(&self, entry: &String) -> Result<Standing, Failure> {
        let now = self.question();
        let members = now.members(entry);
        let count = (members.len() / 8).next_power_of_two();
        let mut shelves = vec![Vec::new(); count];
        for (id, text) in members {
            let at = usize::from(ContentHash::of(id.as_bytes()).as_bytes()[0]) % count;
            shelves[at].push((id, text));
        }
        let hash = |text: String| ContentHash::of(text.as_bytes());
        let files = now.workers(entry);
        Ok(Standing {
            body: hash(format!("{shelves:?} {files:?}")),
            hashes: shelves
                .iter()
                .map(|shelf| hash(format!("{shelf:?}")))
                .collect(),
            shelves,
            files,
        })
    }

    fn outline<'a>(&self, standing: &'a Standing) -> Outline<'a> {
        Outline {
            body: standing.body,
            shelves: &standing.hashes,
            files: &standing.files,
        }
    }

    fn shelf(
        &self,
        _: &String,
        standing: &Standing,
        number: usize,
    ) -> Result<Option<Vec<(String, String)>>, Failure> {
        let now = self.question();
        self.asked.fetch_add(1, Ordering::Relaxed);
        let shelf = &standing.shelves[number];
        let is_same =
            |(id, text): &(String, String)| now.files.get(id).is_none_or(|now| now == text);
        Ok(shelf.iter().all(is_same).then(|| shelf.clone()))
    }

    fn name<'a>(&self, (id, text): &'a (String, String)) -> Name<'a> {
        Name {
            id,
            hash: short(text),
            is_fault: text.starts_with('!'),
        }
    }

    fn body(&self, (id, text): &(String, String)) -> Result<Option<HotBody>, Failure> {
        let now = self.question();
        let (hash, content) = match (text.strip_prefix('!'), now.files.get(id)) {
            (Some(fault), _) => {
                let fault = serde_json::json!({ "fault": fault });
                (short(text), HotContent::Fault(fault.to_string()))
            }
            (None, Some(text)) if !text.starts_with('!') => {
                let (hash, text) = (short(text), Bytes::from(text.clone()));
                (hash, HotContent::Text { text, map: None })
            }
            (None, _) => return Ok(None),
        };
        Ok(Some(HotBody { hash, content }))
    }

    fn early(
        &self,
        entries: &[String],
        has: &dyn Fn(&str) -> Option<ShortHash>,
    ) -> Result<BTreeMap<String, HotBody>, Failure> {
        let now = self.question();
        let slow = self.slow.lock().unwrap();
        let members = entries.iter().flat_map(|entry| now.members(entry));
        let mut changes = BTreeMap::new();
        if slow.is_empty() {
            return Ok(changes);
        }
        for (id, text) in members.filter(|(id, _)| !slow.contains(id)) {
            let Some(has) = has(&id) else {
                return Ok(BTreeMap::new());
            };
            let older = self.older.lock().unwrap().get(&has).cloned();
            let imports = |text: &str| {
                let lines = text.lines();
                let imports = lines.filter(|line| line.starts_with("import "));
                imports.map(str::to_owned).collect::<Vec<_>>()
            };
            match older {
                _ if short(&text) == has => {}
                Some(older) if imports(&older) == imports(&text) && !text.starts_with('!') => {
                    let (hash, text) = (short(&text), Bytes::from(text));
                    let content = HotContent::Text { text, map: None };
                    changes.insert(id, HotBody { hash, content });
                }
                _ => return Ok(BTreeMap::new()),
            }
        }
        Ok(changes)
    }

    fn waits(&self, _: &String, _: Of, ready: Box<dyn FnOnce() + Send>) -> bool {
        self.question();
        let mut waiting = self.waiting.lock().unwrap();
        waiting
            .as_mut()
            .map(|waiting| waiting.push(ready))
            .is_some()
    }

    fn page(&self, entry: &String) -> Result<Option<HotPage>, Failure> {
        let now = self.question();
        Ok(entry.ends_with(".html").then(|| now.page(entry)))
    }

    fn sheets(&self, _: &str, ids: &[String]) -> Result<Vec<(String, HotStyle)>, Failure> {
        let now = self.question();
        let there = ids.iter().filter(|id| now.files.contains_key(*id));
        Ok(there.map(|id| now.style(id)).collect())
    }

    fn rest(&self) -> Rest {
        let now = self.question();
        match now.begun.is_empty() {
            true => Rest::Since(now.begins),
            false => {
                let pause = match self.pause.load(Ordering::Relaxed) {
                    0 => 3_600_000,
                    pause => pause as u64,
                };
                Rest::Until(Instant::now() + Duration::from_millis(pause))
            }
        }
    }

    fn moment(&self) -> Option<u64> {
        Some(self.question().edits)
    }

    fn changes(&self) -> Receiver<Event> {
        let (sender, receiver) = unbounded();
        self.listeners.lock().unwrap().push(sender);
        receiver
    }

    fn hurry(&self) -> Box<dyn Send> {
        self.hurried.fetch_add(1, Ordering::SeqCst);
        Box::new(Hurry(self.hurried.clone()))
    }
}
