//! What is in doubt is compared, whatever else has been looked at meanwhile; and nothing else has to be.

use super::*;

/// More files than are told apart.
const MANY: usize = 60;

fn file(at: usize) -> String {
    format!("f{at}")
}

/// One file that includes all others.
fn world() -> World {
    let names: Vec<String> = (0..MANY).map(file).collect();
    let includes: String = names
        .iter()
        .map(|name| format!("include {name}\n"))
        .collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "old")).collect();
    files.push(("main", &includes));
    World::of(&files)
}

/// What a file gives, without the ends of lines.
fn read(world: &World, name: &str) -> String {
    world.read(name).split_whitespace().collect()
}

fn check(world: &World, files: impl Iterator<Item = usize>, ran: usize) {
    let mut expected = vec!["old"; MANY];
    files.for_each(|at| expected[at] = "new");
    let expected = expected.concat();
    assert_eq!(read(world, "main"), expected);
    assert_eq!(world.ran().len(), ran);
    assert_eq!(read(world, "main"), expected);
    assert_eq!(world.ran().len(), 0);
}

#[test]
fn every_file_that_has_changed_is_seen() {
    let world = world();
    check(&world, 0..0, MANY + 1);
    let mut before = 0;
    for changed in [1, 2, 16, 17, MANY] {
        (0..changed).for_each(|at| world.tree.write(file(at), "new"));
        // The others have been so before.
        check(&world, 0..changed, changed - before + 1);
        before = changed;
        (0..changed).for_each(|at| world.tree.write(file(at), "old"));
        check(&world, 0..0, 0);
    }
}

#[test]
fn what_is_read_meanwhile_stays_in_doubt() {
    let world = world();
    check(&world, 0..0, MANY + 1);
    // Each is fresh again before the one that includes it is asked for.
    for at in 0..MANY {
        world.tree.write(file(at), "new");
        assert_eq!(read(&world, &file(at)), "new");
        if at % 7 == 6 {
            check(&world, 0..=at, 8);
        }
    }
    // One comes, goes, and comes again.
    for text in ["old", "new", "old"] {
        world.tree.write(file(3), text);
        assert_eq!(read(&world, &file(3)), text);
    }
    world.read("main");
    world.ran();
    check(&world, (0..MANY).filter(|at| *at != 3), 0);
}

#[test]
fn what_changes_while_it_is_compared_is_in_doubt_as_well() {
    let world = world();
    check(&world, 0..0, MANY + 1);
    let (tree, graph) = (world.tree.clone(), world.graph.clone());
    *world.language.hook.lock().unwrap() = Some(Arc::new(move |key| {
        if *key == super::key("f5") {
            tree.write("f50", "new");
            // It is known to the graph from now on.
            graph.revision();
        }
    }));
    world.tree.write("f5", "# nothing\nold");
    let expected: Vec<&str> = (0..MANY)
        .map(|at| if at == 50 { "new" } else { "old" })
        .collect();
    assert_eq!(read(&world, "main"), expected.concat());
}
