//! What is told of all nodes, and of what happened last.

use super::*;
use crate::graph::{Known, RunOutcome, Standing};

fn standings(world: &World) -> Vec<(String, Standing)> {
    let survey = world.graph.survey(|_| true).into_iter();
    let mut standings: Vec<(String, Standing)> = survey
        .map(|node| (node.key.path.to_string(), node.standing))
        .collect();
    standings.sort();
    standings
}

fn stand(all: &[(&str, Standing)]) -> Vec<(String, Standing)> {
    let own = |(name, standing): &(&str, Standing)| ((*name).to_owned(), *standing);
    all.iter().map(own).collect()
}

#[test]
fn all_nodes_are_told_as_they_stand_and_none_is_run() {
    let world = World::of(&[
        ("main", "link other\ninclude part"),
        ("part", "P"),
        ("other", "O"),
    ]);
    world.read("main");
    world.ran();
    let fresh = stand(&[
        ("/main", Standing::Fresh),
        ("/other", Standing::Unknown),
        ("/part", Standing::Fresh),
    ]);
    assert_eq!(standings(&world), fresh);
    let survey = world.graph.survey(|_| true);
    let main = survey.iter().find(|node| node.key == key("main")).unwrap();
    assert_eq!(main.links, [key("other")]);
    world.tree.write("part", "Q");
    assert_eq!(
        standings(&world),
        stand(&[
            ("/main", Standing::Stale),
            ("/other", Standing::Unknown),
            ("/part", Standing::Stale),
        ])
    );
    world.tree.write("part", "fail");
    world.read("part");
    let failed = standings(&world);
    assert_eq!(failed[2], ("/part".to_owned(), Standing::Failed));
    assert_eq!(world.ran(), ["part"]);
    assert!(world.graph.survey(|_| false).is_empty());
}

#[test]
fn a_change_is_told_with_what_it_had_computed_anew() {
    let world = World::of(&[("main", "include part"), ("part", "P"), ("apart", "A")]);
    world.read("main");
    world.read("apart");
    world.tree.write("part", "# a comment\nP");
    world.read("main");
    let recent = world.graph.recent();
    let [start, change] = &recent[..] else {
        panic!("{recent:?}")
    };
    assert_eq!(start.sources, []);
    assert_eq!(start.counts, [3, 0, 0]);
    assert_eq!(change.sources, [path("part")]);
    let runs: Vec<_> = change
        .runs
        .iter()
        .map(|run| (&run.key, run.outcome))
        .collect();
    assert_eq!(runs, [(&key("part"), RunOutcome::Same)]);
    assert_eq!(change.verified, 1);
}

#[test]
fn what_memory_knows_is_told_and_what_a_node_waits_for() {
    let world = World::of(&[
        ("main", "include part"),
        ("part", "include deep"),
        ("deep", "D"),
        ("other", "O"),
    ]);
    let keys = ["main", "other", "none"].map(key);
    let known = || world.graph.known(&keys.each_ref());
    assert_eq!(known(), [Known::Stale; 3]);
    let waits = |name: &str, wanted: &str| {
        world
            .graph
            .waits_for(&key(name), |key| *key == crate::graph::tests::key(wanted))
    };
    assert!(!waits("main", "deep"));
    let fetched =
        ["main", "other"].map(|name| world.graph.fetch(&key(name), Part::MAIN).unwrap().hash);
    world.ran();
    assert_eq!(
        known(),
        [
            Known::Fresh(fetched[0]),
            Known::Fresh(fetched[1]),
            Known::Stale
        ]
    );
    assert!(!waits("main", "deep"));
    world.tree.write("deep", "E");
    assert_eq!(
        known(),
        [Known::Stale, Known::Fresh(fetched[1]), Known::Stale]
    );
    assert!(waits("main", "deep") && waits("part", "deep") && waits("main", "main"));
    assert!(!waits("main", "other") && !waits("other", "deep"));
    assert_eq!(world.ran(), Vec::<String>::new());
    world.tree.write("other", "fail");
    _ = world.graph.fetch(&key("other"), Part::MAIN);
    assert_eq!(known()[1], Known::Failed);
}
