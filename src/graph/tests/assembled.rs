//! Outputs that are put together when they are read.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::*;
use crate::compute::Slot;
use crate::store::Blob;

const FILES: [(&str, &str); 5] = [
    ("all", "first\npart a\npart all-inner\nlast"),
    ("all-inner", "part b\npart a"),
    ("a", "A"),
    ("b", "B"),
    ("other", "raw b"),
];

const WHOLE: &str = "first\nA\nB\nA\nlast\n";

fn text(blob: &Blob) -> String {
    String::from_utf8(blob.read_all().unwrap().to_vec()).unwrap()
}

impl World {
    /// The present version, opened.
    fn open(&self, name: &str) -> Blob {
        let fetched = self.fetch(name).unwrap();
        let blob = self.graph.blob(&key(name), Part::MAIN, &fetched.hash);
        blob.unwrap()
    }
}

#[test]
fn it_is_read_as_one_and_nothing_of_it_is_stored_twice() {
    let world = World::of(&FILES);
    assert_eq!(world.read("all"), WHOLE);
    assert_eq!(world.fetch("all").unwrap().len, WHOLE.len() as u64);
    world.store.flush();
    let bytes = world.store.stats().blob_bytes;
    let long = "long ".repeat(10_000);
    world.tree.write("a", &long);
    assert_eq!(world.read("all").len(), WHOLE.len() + 2 * (long.len() - 1));
    world.store.flush();
    let more = world.store.stats().blob_bytes - bytes;
    assert!(more < long.len() as u64 + 2000, "{more}");
}

#[test]
fn an_edit_runs_its_piece_and_what_lists_it() {
    let world = World::of(&FILES);
    world.read("all");
    world.tree.write("b", "BB");
    assert_eq!(world.ran_for("all"), ["b", "all-inner", "all"]);
    assert_eq!(world.read("all"), WHOLE.replace('B', "BB"));
    assert_eq!(world.ran(), [""; 0]);
    world.tree.write("b", "B");
    assert_eq!(world.ran_for("all"), [""; 0], "an edit that was undone");
    let world = world.restart();
    assert_eq!(world.read("all"), WHOLE);
    assert_eq!(world.ran(), [""; 0]);
}

#[test]
fn who_has_it_open_reads_it_whole_whatever_goes() {
    let world = World::of(&FILES);
    let old = world.open("all");
    world.tree.write("a", "other");
    world.tree.write("all", "part b");
    assert_eq!(world.read("all"), "B\n");
    world.store.clear().unwrap();
    assert_eq!(text(&old), WHOLE);
}

#[test]
fn what_the_store_has_lost_of_it_is_computed_again() {
    let world = World::of(&FILES);
    let hash = world.fetch("all").unwrap().hash;
    // After a restart there is nothing in memory.
    world.graph.shutdown();
    world.store.prune(0).unwrap();
    let world = World::over(world.tree.clone(), world.store.clone());
    assert_eq!(world.read("all"), WHOLE);
    assert_eq!(world.fetch("all").unwrap().hash, hash);
    let ran = world.ran();
    assert!(
        ran.contains(&"a".into()) && ran.contains(&"b".into()),
        "{ran:?}"
    );
}

#[test]
fn a_version_whose_piece_is_gone_is_gone() {
    let world = World::of(&FILES);
    let hash = world.fetch("all").unwrap().hash;
    world.graph.shutdown();
    let world = World::over(world.tree.clone(), world.store.clone());
    world.fetch("all").unwrap();
    world.store.prune(0).unwrap();
    world.tree.write("a", "other");
    let gone = world.graph.blob(&key("all"), Part::MAIN, &hash);
    assert!(gone.is_err());
    assert_eq!(world.read("all"), WHOLE.replace('A', "other"));
}

#[test]
fn what_fills_a_slot_is_read_and_never_stored() {
    let files = [("all-slot", "part a\nslot\nend"), ("a", "A")];
    let world = World::of(&files);
    assert_eq!(world.read("all-slot"), "A\nend\n", "nothing fills it");
    let empty = world.fetch("all-slot").unwrap();
    // Another life of the daemon fills it.
    let world = world.restart();
    let since = SystemTime::now() + Duration::from_secs(1000);
    let text = Bytes::from_static(b"secret\n");
    let slot = Slot { text, since };
    world.language.slot.set(slot).unwrap();
    assert_eq!(world.read("all-slot"), "A\nsecret\nend\n");
    let filled = world.fetch("all-slot").unwrap();
    assert_eq!(world.ran(), [""; 0]);
    assert_eq!((filled.hash, filled.len), (empty.hash, empty.len + 7));
    assert_eq!(filled.modified, since);
    let facts = |fetched: &Fetched| (fetched.hash, fetched.len, fetched.modified);
    let tried = world.graph.try_fetch(&key("all-slot"), Part::MAIN).unwrap();
    assert_eq!(facts(&tried.unwrap()), facts(&filled));
    let (told, heard) = crossbeam_channel::bounded(1);
    let then = move |fetched: Result<Fetched, Failure>| told.send(fetched.unwrap()).unwrap();
    world.graph.fetch_later(&key("all-slot"), Part::MAIN, then);
    assert_eq!(facts(&heard.recv().unwrap()), facts(&filled));
    // An edit makes a new version, with the same in its slot.
    world.tree.write("a", "AA");
    assert_eq!(world.read("all-slot"), "AA\nsecret\nend\n");
    let newer = world.fetch("all-slot").unwrap();
    assert_ne!(newer.hash, filled.hash);
    assert_eq!(newer.modified, since);
    // And who knows nothing of it has none.
    let world = world.restart();
    assert_eq!(world.read("all-slot"), "AA\nend\n");
    assert_eq!(world.ran(), [""; 0]);
}
