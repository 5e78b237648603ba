//! Which files have content in an output.

use super::*;
use crate::base::ContentHash;

impl World {
    /// The files in one version, and whether memory told.
    fn sources(&self, name: &str, hash: Option<&ContentHash>) -> Option<(Vec<String>, bool)> {
        let sources = self.graph.sources(&key(name), Part::MAIN, hash)?;
        let names = sources.paths.iter().map(|path| path.to_string());
        Some((names.collect(), sources.is_present))
    }

    fn now(&self, name: &str) -> ContentHash {
        self.fetch(name).unwrap().hash
    }
}

fn names(names: &[&str], is_present: bool) -> Option<(Vec<String>, bool)> {
    let names = names.iter().map(|name| format!("/{name}"));
    Some((names.collect(), is_present))
}

#[test]
fn the_files_in_an_output_are_those_of_all_that_it_takes_in() {
    let world = World::of(&[
        ("a", "include b\nraw c\nlink d\nglance e x\nraw none"),
        ("b", "include c\ninclude f"),
        ("c", "c"),
        ("d", "d"),
        ("e", "x"),
        ("f", "f"),
    ]);
    assert_eq!(world.sources("a", None), None);
    let one = world.now("a");
    let all = names(&["a", "b", "c", "f"], true);
    assert_eq!(world.sources("a", Some(&one)), all);
    assert_eq!(world.sources("a", None), all);
    assert_eq!(world.sources("a", Some(&ContentHash::of(b"other"))), None);

    // An old version, of a step further down, too: what was taken in then.
    world.tree.write("b", "raw c");
    let two = world.now("a");
    assert_ne!(one, two);
    assert_eq!(
        world.sources("a", Some(&two)),
        names(&["a", "b", "c"], true)
    );
    let old = names(&["a", "b", "c", "f"], false);
    assert_eq!(world.sources("a", Some(&one)), old);
    let world = world.restart();
    assert_eq!(world.sources("a", Some(&one)), old);
    assert_eq!(world.ran(), [""; 0], "nothing is run for it");
}

#[test]
fn what_fails_quotes_what_it_failed_by() {
    let world = World::of(&[("a", "try b"), ("b", "raw c\nfail"), ("c", "c")]);
    world.now("a");
    assert_eq!(world.sources("a", None), names(&["a", "b", "c"], true));
}
