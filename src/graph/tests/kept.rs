//! Versions by the beginning of their hash: exactly that one, or nothing.

use super::*;
use crate::base::ShortHash;

impl World {
    /// What a version by name has; `None`: it is gone.
    fn kept(&self, name: &str, hash: ShortHash) -> Option<String> {
        let kept = self.graph.kept(&key(name), Part::MAIN, hash).unwrap()?;
        assert_eq!(kept.hash.short(), hash);
        let blob = self.graph.blob(&key(name), Part::MAIN, &kept.hash).unwrap();
        assert_eq!(blob.len(), kept.len);
        Some(String::from_utf8(blob.read_all().unwrap().to_vec()).unwrap())
    }

    /// The version after an edit.
    fn edited(&self, name: &str, text: &str) -> ShortHash {
        self.tree.write(name, text);
        self.fetch(name).unwrap().hash.short()
    }
}

#[test]
fn an_old_version_is_what_it_was_after_edits_undos_and_a_restart() {
    let world = World::of(&[("a", "one")]);
    let one = world.fetch("a").unwrap().hash.short();
    let two = world.edited("a", "two");
    let check = |world: &World| {
        assert_eq!(world.kept("a", one).as_deref(), Some("one\n"));
        assert_eq!(world.kept("a", two).as_deref(), Some("two\n"));
    };
    check(&world);
    world.ran();
    assert_eq!(world.edited("a", "one"), one);
    check(&world);
    assert_eq!(world.ran(), [""; 0]);
    assert_eq!(world.edited("a", "two"), two);
    let world = world.restart();
    check(&world);
    assert_eq!(world.ran(), [""; 0], "nothing is verified or run for it");
    // An edit that nobody has read yet changes nothing.
    world.tree.write("a", "three");
    check(&world);
    assert!(world.graph.try_kept(&key("a"), Part::MAIN, one).is_none());
}

#[test]
fn what_is_not_remembered_has_its_name_too() {
    let world = World::of(&[
        ("page", "try c\nown"),
        ("b", "include c"),
        ("c", "include b"),
        ("other", "try b\ntry c"),
    ]);
    let hash = world.fetch("page").unwrap().hash.short();
    // Whoever asks for it may be the first to ask for another of the circle.
    world.read("other");
    assert_eq!(world.kept("page", hash).as_deref(), Some("(bad)\nown\n"));
    let Err(Failure::Cycle(told, _)) = world.fetch("c") else {
        panic!("a cycle");
    };
    assert_eq!(told[0].message, "b needs c needs b");
}

#[test]
fn what_never_was_is_not_there_and_what_is_now_is_computed() {
    let world = World::of(&[("a", "one")]);
    let other = crate::base::ContentHash::of(b"other").short();
    assert_eq!(world.kept("a", other), None);
    let one = crate::base::ContentHash::of(b"one\n").short();
    let world = World::of(&[("a", "one")]);
    assert_eq!(world.kept("a", one).as_deref(), Some("one\n"));
    assert_eq!(world.ran(), ["a"]);
}

#[test]
fn an_evicted_version_is_gone_unless_it_is_what_the_sources_give() {
    let world = World::of(&[("a", "one")]);
    let one = world.fetch("a").unwrap().hash.short();
    let two = world.edited("a", "two");
    let world = world.restart();
    world.store.prune(0).unwrap();
    assert_eq!(world.kept("a", one), None);
    assert_eq!(world.kept("a", two).as_deref(), Some("two\n"));
    assert_eq!(world.edited("a", "one"), one);
    assert_eq!(world.kept("a", one).as_deref(), Some("one\n"));
}

#[test]
fn no_more_versions_are_kept_than_records() {
    let world = World::of(&[("a", "0")]);
    let mut all = vec![world.fetch("a").unwrap().hash.short()];
    all.extend((1..10).map(|n| world.edited("a", &n.to_string())));
    let kept: Vec<Option<String>> = all.iter().map(|hash| world.kept("a", *hash)).collect();
    let kept: Vec<&str> = kept
        .iter()
        .map(|text| text.as_deref().unwrap_or("-"))
        .collect();
    assert_eq!(
        kept,
        [
            "-", "-", "2\n", "3\n", "4\n", "5\n", "6\n", "7\n", "8\n", "9\n"
        ]
    );
}

#[test]
fn what_fails_now_has_its_old_versions_and_no_other() {
    let world = World::of(&[("a", "one")]);
    let one = world.fetch("a").unwrap().hash.short();
    world.tree.write("a", "fail");
    assert_eq!(world.kept("a", one).as_deref(), Some("one\n"));
    let other = crate::base::ContentHash::of(b"other").short();
    let failure = world.graph.kept(&key("a"), Part::MAIN, other);
    assert!(
        matches!(failure, Err(Failure::Diagnostics(_))),
        "{failure:?}"
    );
}

#[test]
fn a_node_may_name_its_versions_itself() {
    let world = World::of(&[("a", "name x\none")]);
    let one = crate::base::ContentHash::of(b"x").short();
    assert_eq!(world.fetch("a").unwrap().len, 4);
    let find = |hash| world.graph.kept(&key("a"), Part::MAIN, hash).unwrap();
    let kept = find(one).unwrap();
    assert_eq!(kept.hash, crate::base::ContentHash::of(b"one\n"));
    assert!(find(kept.hash.short()).is_none());
    world.tree.write("a", "name y\ntwo");
    world.fetch("a").unwrap();
    assert_eq!(find(one), Some(kept));
    // Its name is a part like others, with a version of its own.
    let name = world
        .graph
        .kept(&key("a"), Part::NAME, one)
        .unwrap()
        .unwrap();
    assert_eq!(name.hash, crate::base::ContentHash::of(b"x"));
}
