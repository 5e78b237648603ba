//! What fails below or inside, and what must not come of it.

use super::*;
use crate::source::Watching;
use crate::store::{FailingStore, Plan};

#[test]
fn an_error_of_the_disk_is_not_remembered() {
    let world = World::of(&[("main", "include a"), ("a", "A")]);
    world.tree.fail("a", libc::EIO);
    assert!(matches!(world.fetch("main"), Err(Failure::Input(_))));
    world.tree.heal("a");
    assert_eq!(world.read("main"), "A\n\n");
    world.tree.fail("a", libc::EACCES);
    world.tree.chmod("a", 0);
    assert!(matches!(world.fetch("main"), Err(Failure::Input(_))));
    world.tree.heal("a");
    world.tree.chmod("a", 0o644);
    world.ran();
    assert_eq!(world.read("main"), "A\n\n");
    assert_eq!(world.ran(), Vec::<String>::new());
}

#[test]
fn a_limit_that_was_reached_is_remembered_for_a_moment() {
    let world = World::of(&[("main", "include a"), ("a", "raw x\nlimit"), ("x", "1")]);
    let reaches = |world: &World| matches!(world.fetch("main"), Err(Failure::Limit(_)));
    assert!(reaches(&world));
    assert_eq!(world.ran(), ["a", "main"]);
    assert!(reaches(&world) && reaches(&world));
    assert_eq!(world.ran(), Vec::<String>::new());
    let is_told = |world: &World| world.graph.report(&key("a")).error.is_some();
    until("it is tried again", || {
        assert!(is_told(&world) && reaches(&world));
        world.ran().contains(&"a".to_owned())
    });
    world.tree.write("x", "2");
    assert!(reaches(&world));
    assert!(world.ran().contains(&"a".to_owned()));
    world.tree.write("a", "A");
    assert_eq!(world.read("main"), "A\n\n");
    // No store has it.
    world.tree.write("a", "limit");
    assert!(reaches(&world));
    let world = world.restart();
    world.ran();
    assert!(reaches(&world));
    assert_eq!(world.ran(), ["a", "main"]);
}

#[test]
fn a_panic_fails_its_node_only() {
    let world = World::of(&[("main", "include a"), ("a", "panic"), ("b", "B")]);
    assert!(matches!(world.fetch("main"), Err(Failure::Internal(_))));
    assert_eq!(world.read("b"), "B\n");
    world.tree.write("a", "A");
    assert_eq!(world.read("main"), "A\n\n");
}

#[test]
fn an_overflow_verifies_everything_once() {
    let world = World::of(&[("main", "include a\nraw x"), ("a", "A"), ("x", "1")]);
    world.read("main");
    world.ran();
    world.tree.overflow();
    assert_eq!(world.ran_for("main"), Vec::<String>::new());
    world.tree.overflow();
    world.tree.write("x", "2");
    assert_eq!(world.ran_for("main"), ["main"]);
    world.tree.write("a", "B");
    assert_eq!(world.read("main"), "B\n\n2\n");
    assert_eq!(world.graph.mode(), Watching::Exact);
}

#[test]
fn without_watches_every_fetch_looks() {
    let world = World::of(&[
        ("main", "include a\nraw x\nlist d\neither n x"),
        ("a", "A"),
        ("x", "1"),
        ("d/f", ""),
    ]);
    world.tree.refuse_watches("a test");
    assert_eq!(world.read("main"), "A\n\n1\nf:File \nx=1\n");
    assert!(matches!(world.graph.mode(), Watching::Impossible(_)));
    world.ran();
    assert_eq!(world.ran_for("main"), Vec::<String>::new());
    world.tree.write("x", "2");
    world.tree.write("d/g", "");
    assert_eq!(world.read("main"), "A\n\n2\nf:File g:File \nx=2\n");
    world.tree.write("n", "3");
    world.tree.write("a", "B");
    assert_eq!(world.read("main"), "B\n\n2\nf:File g:File \nn=3\n");
    assert_eq!(world.graph.look().list(&path("d")).unwrap().len(), 2);
}

#[test]
fn watches_that_are_lost_during_use_are_noticed() {
    let world = World::of(&[("main", "include a"), ("a", "A")]);
    assert_eq!(world.read("main"), "A\n\n");
    world.tree.refuse_watches("a test");
    world.tree.write("a", "B");
    assert_eq!(world.read("main"), "B\n\n");
    world.tree.write("a", "C");
    assert_eq!(world.read("main"), "C\n\n");
}

#[test]
fn a_lost_blob_is_computed_again() {
    let world = World::of(&[("main", "include a"), ("a", "A")]);
    world.read("main");
    let world = world.restart();
    world.store.prune(0).unwrap();
    assert_eq!(world.read("main"), "A\n\n");
    assert_eq!(world.ran(), ["a", "main"]);
    let fetched = world.fetch("main").unwrap();
    let world = world.restart();
    assert_eq!(world.fetch("main").unwrap().hash, fetched.hash);
    world.store.prune(0).unwrap();
    assert!(
        world
            .graph
            .blob(&key("main"), Part::MAIN, &fetched.hash)
            .is_ok()
    );
    assert!(!world.ran().is_empty());
}

#[test]
fn a_store_that_keeps_nothing_is_slow_and_right() {
    let always = Plan {
        lose_records: 1,
        lose_blobs: 1,
        fail_records: 1,
        fail_blobs: 1,
        miss_blobs: 1,
        damage_records: 1,
    };
    let tree = MemoryTree::of([("main", "include a\ninclude b"), ("a", "A"), ("b", "B")]);
    let world = World::over(
        tree,
        Arc::new(FailingStore::new(MemoryStore::new(), always)),
    );
    assert_eq!(world.read("main"), "A\n\nB\n\n");
    world.tree.write("a", "C");
    assert_eq!(world.read("main"), "C\n\nB\n\n");
    let world = world.restart();
    assert_eq!(world.read("main"), "C\n\nB\n\n");
}

#[test]
fn damaged_records_are_computed_again() {
    let plan = Plan {
        damage_records: 1,
        ..Plan::default()
    };
    let tree = MemoryTree::of([("main", "include a"), ("a", "A")]);
    let world = World::over(tree, Arc::new(FailingStore::new(MemoryStore::new(), plan)));
    world.read("main");
    let world = world.restart();
    assert_eq!(world.read("main"), "A\n\n");
    assert_eq!(world.ran(), ["a", "main"]);
}

#[test]
fn memory_is_bounded_and_what_goes_comes_back() {
    let tree = MemoryTree::new();
    for number in 0..500 {
        tree.write(
            format!("f{number}"),
            format!("raw x{number}\nlink f{}", (number + 1) % 500),
        );
    }
    let limits = super::super::Limits {
        nodes: 20,
        inputs: 40,
    };
    let world = World::with(tree, Arc::new(MemoryStore::new()), limits, false);
    for round in 0..3 {
        for number in 0..500 {
            assert_eq!(
                world.read(&format!("f{number}")),
                "absent\n\n",
                "round {round}"
            );
        }
    }
    let ran = world.language.runs.load(Relaxed);
    assert_eq!(ran, 500);
    assert!(world.graph.stats().nodes <= 40, "{:?}", world.graph.stats());
    world.tree.write("x7", "seven");
    assert_eq!(world.read("f7"), "seven\n\n");
}
