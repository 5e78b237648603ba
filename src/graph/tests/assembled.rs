//! Outputs that are put together when they are read.

use super::*;
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
