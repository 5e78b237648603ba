//! Which files may be half of what they will be, on a real file system.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Language, key, until};
use crate::base::Part;
use crate::graph::unsettled::Patience;
use crate::graph::{Event, Graph, GraphConfig, Rest};
use crate::source::DiskTree;
use crate::store::MemoryStore;

struct Files {
    folder: tempfile::TempDir,
    graph: Arc<Graph>,
}

impl Files {
    /// A source `a` that includes `b`, both read.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "include b").unwrap();
        fs::write(folder.path().join("b"), "text").unwrap();
        let tree = DiskTree::open(&folder.path().canonicalize().unwrap()).unwrap();
        let config = GraphConfig {
            threads: 2,
            ahead: false,
        };
        let store = Arc::new(MemoryStore::default());
        let graph = Graph::new(config, Arc::new(tree), store, Arc::new(Language::default()));
        graph.fetch(&key("a"), Part::MAIN).unwrap();
        let files = Self { folder, graph };
        files.wait(3600);
        files
    }

    /// Has it wait so many seconds for what may be half saved.
    fn wait(&self, seconds: u64) {
        let time = Duration::from_secs(seconds);
        self.graph.engine.state().unsettled.patience = Patience {
            alone: time,
            empty: time,
            away: time,
            longest: time,
        };
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self, name: &str) -> File {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        options.open(self.path(name)).unwrap()
    }

    fn is_at_rest(&self) -> bool {
        matches!(self.graph.rest(), Rest::Since(_))
    }
}

#[test]
fn a_file_is_settled_when_its_writer_has_closed_it() {
    let files = Files::new();
    let before = files.graph.rest();
    assert!(matches!(before, Rest::Since(_)));
    let mut file = files.open("b");
    assert!(!files.is_at_rest(), "it was emptied");
    file.write_all(b"one").unwrap();
    assert!(!files.is_at_rest());
    drop(file);
    assert!(files.is_at_rest());
    // Between the two it was not.
    assert_ne!(files.graph.rest(), before);
}

#[test]
fn nobody_is_waited_for_without_an_end() {
    let files = Files::new();
    files.graph.engine.state().unsettled.patience = Patience::default();
    let file = files.open("b");
    until("its writer is given up", || files.is_at_rest());
    fs::rename(files.path("b"), files.path("c")).unwrap();
    until("it is gone for good", || files.is_at_rest());
    drop(file);
    assert!(files.is_at_rest());
}

#[test]
fn who_never_stops_writing_is_not_waited_for() {
    let files = Files::new();
    let mut file = files.open("b");
    files.graph.engine.state().unsettled.patience.longest = Duration::ZERO;
    drop(files.open("b"));
    let before = files.graph.rest();
    file.write_all(b"on").unwrap();
    assert_eq!(files.graph.rest(), before);
    file.write_all(b" and on").unwrap();
    assert_eq!(files.graph.rest(), before);
    // Once it is closed, it is a file as others are.
    drop(file);
    files.wait(3600);
    file = files.open("b");
    assert!(!files.is_at_rest());
    file.write_all(b"end").unwrap();
    drop(file);
    assert!(files.is_at_rest());
}

#[test]
fn a_file_that_is_closed_empty_may_be_another_writer_s() {
    let files = Files::new();
    let mut first = files.open("b");
    first.write_all(b"first").unwrap();
    let mut second = files.open("b");
    drop(first);
    assert!(!files.is_at_rest(), "the second has emptied it");
    second.write_all(b"second").unwrap();
    drop(second);
    assert!(files.is_at_rest());
    files.graph.engine.state().unsettled.patience = Patience::default();
    drop(files.open("b"));
    until("it is to be empty", || files.is_at_rest());
}

#[test]
fn a_file_that_is_moved_into_place_is_whole() {
    let files = Files::new();
    let before = files.graph.rest();
    fs::write(files.path(".b.tmp"), "new").unwrap();
    fs::rename(files.path(".b.tmp"), files.path("b")).unwrap();
    assert_eq!(files.graph.rest(), before);
}

#[test]
fn what_nobody_asks_for_is_not_waited_for() {
    let files = Files::new();
    files.wait(0);
    let mut log = files.open("log");
    let before = files.graph.rest();
    assert!(matches!(before, Rest::Since(_)));
    files.wait(3600);
    log.write_all(b"line").unwrap();
    assert_eq!(files.graph.rest(), before);
    // Somebody asks now.
    files.graph.fetch(&key("log"), Part::MAIN).unwrap();
    assert!(!files.is_at_rest());
}

#[test]
fn a_file_that_is_moved_away_may_come_again() {
    let files = Files::new();
    fs::rename(files.path("b"), files.path("b~")).unwrap();
    assert!(!files.is_at_rest());
    let mut file = files.open("b");
    assert!(!files.is_at_rest(), "it is made");
    file.write_all(b"new").unwrap();
    drop(file);
    assert!(files.is_at_rest());
    fs::remove_file(files.path("b")).unwrap();
    assert!(!files.is_at_rest());
}

#[test]
fn links_and_folders_are_whole_at_once() {
    let files = Files::new();
    fs::create_dir(files.path("folder")).unwrap();
    std::os::unix::fs::symlink("b", files.path("link")).unwrap();
    assert!(files.is_at_rest());
}

#[test]
fn changes_are_told_to_who_waits_for_them() {
    let files = Files::new();
    let events = files.graph.subscribe();
    let hurry = files.graph.hurry();
    fs::write(files.path("b"), "new").unwrap();
    until("a change", || {
        let mut told = events.try_iter();
        told.any(|event| matches!(event, Event::Changed(_)))
    });
    drop(hurry);
}

#[test]
fn a_file_that_is_read_empty_may_be_amid_a_save() {
    let files = Files::new();
    let before = files.graph.rest();
    // As where the event is not there yet.
    let stamp = crate::source::Stamp {
        device: 0,
        inode: 0,
        size: 0,
        mode: 0,
        modified: 0,
        changed: std::time::SystemTime::now()
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_nanos() as i128,
    };
    let old = crate::source::Stamp {
        changed: 0,
        ..stamp
    };
    files
        .graph
        .engine
        .state()
        .note_empty(&super::path("b"), &old);
    assert_eq!(files.graph.rest(), before);
    files
        .graph
        .engine
        .state()
        .note_empty(&super::path("b"), &stamp);
    assert!(!files.is_at_rest());
    fs::write(files.path("b"), "text").unwrap();
    assert!(files.is_at_rest());

    // Read empty amid the next save, before what is told of the last one is looked at: the file is read anew, though nothing is
    // told of the next one yet.
    for was_empty in [false, true] {
        let file = files.open("b");
        assert!(!files.is_at_rest());
        if was_empty {
            let mut state = files.graph.engine.state();
            state.note_empty(&super::path("b"), &stamp);
        }
        fs::write(files.path("b"), "text").unwrap();
        drop(file);
        files.graph.engine.observe();
        let revision = files.graph.engine.state().revision;
        assert!(files.is_at_rest());
        let is_read_anew = files.graph.engine.state().revision > revision;
        assert_eq!(is_read_anew, was_empty);
    }
}
