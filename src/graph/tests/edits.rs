//! What an edit makes run, and what not.

use super::*;

const NOTHING: Vec<String> = Vec::new();

fn includes() -> World {
    let world = World::of(&[
        ("main", "include a\ninclude b"),
        ("a", "include shared\nA"),
        ("b", "B"),
        ("shared", "S"),
        ("other", "O"),
    ]);
    assert_eq!(world.read("main"), "S\n\nA\n\nB\n\n");
    assert_eq!(world.ran(), ["shared", "a", "b", "main"]);
    assert_eq!(world.read("other"), "O\n");
    world
}

#[test]
fn nothing_runs_twice() {
    let world = includes();
    assert_eq!(world.ran_for("main"), NOTHING);
    assert!(world.graph.try_fetch(&key("main"), Part::MAIN).is_some());
    assert!(world.graph.stats().hits >= 2);
}

#[test]
fn nothing_runs_after_a_touch() {
    let world = includes();
    world.tree.touch("shared");
    assert_eq!(world.ran_for("main"), NOTHING);
}

#[test]
fn nothing_runs_after_the_same_content_was_saved() {
    let world = includes();
    world.tree.write("shared", "S");
    assert_eq!(world.ran_for("main"), NOTHING);
}

#[test]
fn nothing_runs_after_a_rename_and_its_undoing() {
    let world = World::of(&[("d/a", "include d/b"), ("d/b", "B")]);
    world.read("d/a");
    world.tree.rename("d", "e");
    assert!(matches!(world.fetch("d/a"), Err(Failure::Missing(_))));
    world.tree.rename("e", "d");
    assert_eq!(world.ran_for("d/a"), NOTHING);
}

#[test]
fn exactly_the_dependents_run() {
    let world = includes();
    world.tree.write("shared", "T");
    assert!(world.graph.try_fetch(&key("main"), Part::MAIN).is_none());
    assert!(world.graph.try_fetch(&key("b"), Part::MAIN).is_some());
    assert_eq!(world.ran_for("other"), NOTHING);
    assert_eq!(world.ran_for("main").len(), 3);
    assert_eq!(world.read("main"), "T\n\nA\n\nB\n\n");
}

#[test]
fn a_change_that_an_output_does_not_show_stops_there() {
    let world = includes();
    world.tree.write("shared", "# a comment\nS");
    assert_eq!(world.ran_for("main"), ["shared"]);
}

#[test]
fn an_undo_runs_nothing() {
    let world = includes();
    let first = world.fetch("main").unwrap();
    world.tree.write("shared", "T");
    let second = world.fetch("main").unwrap();
    world.tree.write("shared", "S");
    assert_eq!(world.ran_for("main").len(), 0);
    let third = world.fetch("main").unwrap();
    assert_eq!(first.hash, third.hash);
    let second_of = |fetched: &Fetched| {
        let since = fetched.modified.duration_since(std::time::UNIX_EPOCH);
        since.unwrap().as_secs()
    };
    assert!(second_of(&second) > second_of(&first));
    assert!(second_of(&third) > second_of(&second));
    let world = world.restart();
    assert_eq!(world.fetch("main").unwrap().modified, third.modified);
}

#[test]
fn alternating_between_a_few_states_runs_nothing() {
    let world = includes();
    for state in 0..5 {
        world.tree.write("shared", format!("{state}"));
        world.read("main");
    }
    world.ran();
    for state in [3, 0, 4, 1, 2] {
        world.tree.write("shared", format!("{state}"));
        assert_eq!(world.ran_for("main"), NOTHING);
        assert_eq!(world.read("main"), format!("{state}\n\nA\n\nB\n\n"));
    }
}

#[test]
fn a_name_that_was_absent_appears() {
    let world = World::of(&[("main", "either x/first second"), ("second", "2")]);
    assert_eq!(world.read("main"), "second=2\n");
    world.tree.write("x/unrelated", "");
    assert_eq!(world.ran_for("main"), NOTHING);
    world.tree.write("x/first", "1");
    assert_eq!(world.read("main"), "x/first=1\n");
    world.tree.remove("x");
    assert_eq!(world.ran_for("main"), NOTHING);
    assert_eq!(world.read("main"), "second=2\n");
}

#[test]
fn a_listing_changes_with_names_and_kinds_only() {
    let world = World::of(&[("main", "list d"), ("d/a", "1")]);
    assert_eq!(world.read("main"), "a:File \n");
    world.tree.write("d/a", "2");
    assert_eq!(world.ran_for("main"), NOTHING);
    world.tree.write("d/b", "");
    assert_eq!(world.read("main"), "a:File b:File \n");
    world.tree.remove("d/a");
    world.tree.mkdir("d/a");
    assert_eq!(world.read("main"), "a:Directory b:File \n");
    world.tree.remove("d");
    assert_eq!(world.read("main"), "no directory\n");
}

#[test]
fn a_failure_is_remembered_and_mended() {
    let world = World::of(&[("main", "include a\ntry a"), ("a", "fail")]);
    assert!(matches!(world.fetch("main"), Err(Failure::Diagnostics(_))));
    assert_eq!(world.ran(), ["a", "main"]);
    assert_eq!(world.ran_for("main"), NOTHING);
    let failed: Vec<Key> = world
        .graph
        .failures()
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(failed, [key("a"), key("main")]);
    assert_eq!(world.graph.stats().failed, 2);
    let world = world.restart();
    assert!(matches!(world.fetch("main"), Err(Failure::Diagnostics(_))));
    assert_eq!(world.ran(), NOTHING);
    world.tree.write("a", "A");
    assert_eq!(world.read("main"), "A\n\nA\n\n");
    assert_eq!(world.graph.failures(), []);
}

#[test]
fn a_failure_that_nobody_asks_for_again_goes_when_its_source_does() {
    let world = World::of(&[
        ("mended", "fail"),
        ("gone", "fail"),
        ("kept", "fail\nraw x"),
    ]);
    for name in ["mended", "gone", "kept"] {
        assert!(matches!(world.fetch(name), Err(Failure::Diagnostics(_))));
    }
    world.tree.write("mended", "A");
    world.tree.remove("gone");
    world.ran();
    let failed = world.graph.failures();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].0, key("kept"));
    // What is as it was is not run for the question.
    assert!(!world.ran().contains(&"kept".to_owned()));
}

#[test]
fn a_missing_source_is_remembered_and_comes() {
    let world = World::of(&[("main", "try gone")]);
    assert_eq!(world.read("main"), "(missing)\n");
    assert!(matches!(world.fetch("gone"), Err(Failure::Missing(_))));
    world.ran();
    assert_eq!(world.ran_for("main"), NOTHING);
    world.tree.write("gone", "here");
    assert_eq!(world.read("main"), "here\n\n");
}

#[test]
fn a_restart_runs_nothing() {
    let world = includes().restart();
    assert_eq!(world.read("main"), "S\n\nA\n\nB\n\n");
    assert_eq!(world.ran(), NOTHING);
    assert_eq!(
        world.tree.counts().reads,
        5,
        "metadata vouch for every content"
    );
    world.tree.write("b", "C");
    assert_eq!(world.ran_for("main"), ["b", "main"]);
    let world = world.restart();
    world.tree.write("shared", "T");
    assert_eq!(world.ran_for("main"), ["shared", "a", "main"]);
}

#[test]
fn a_recent_stamp_is_not_believed_after_a_restart() {
    let world = World::of(&[("a", "old")]);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    world
        .tree
        .set_clock(now.as_nanos() as i128 + 3_600_000_000_000);
    world.tree.write("a", "one");
    assert_eq!(world.read("a"), "one\n");
    world.graph.shutdown();
    world.tree.store("a", "two");
    let world = World::over(world.tree.clone(), world.store.clone());
    assert_eq!(world.read("a"), "two\n");
}

#[test]
fn a_closed_mapping_is_compared_by_content() {
    let world = includes();
    world.tree.store("shared", "T");
    world.tree.close("shared");
    assert_eq!(world.read("main"), "T\n\nA\n\nB\n\n");
}

#[test]
fn a_write_through_a_hard_link_is_seen_in_the_file_itself() {
    let world = includes();
    world.tree.write_unseen("b", "C");
    assert!(world.graph.try_fetch(&key("b"), Part::MAIN).is_none());
    assert_eq!(world.read("b"), "C\n");
    assert_eq!(world.read("main"), "S\n\nA\n\nC\n\n");
}

#[test]
fn links_are_no_dependencies_and_lead_back_to_importers() {
    let world = World::of(&[("main", "link a\nlink b"), ("a", "link b"), ("b", "B")]);
    assert_eq!(
        world.graph.links(&key("main")).unwrap(),
        [key("a"), key("b")].map(Link::import)
    );
    world.read("a");
    assert_eq!(world.graph.importers(&key("b")), [key("a"), key("main")]);
    world.tree.write("main", "link b");
    world.read("main");
    assert_eq!(world.graph.importers(&key("a")), []);
}

#[test]
fn plain_files_have_versions() {
    let world = World::of(&[("a.png", "one")]);
    let first = world.graph.version(&path("a.png")).unwrap();
    assert_eq!(first.len, 3);
    assert_eq!(
        world.graph.version(&path("a.png")).unwrap().modified,
        first.modified
    );
    world.tree.write("a.png", "other");
    let second = world.graph.version(&path("a.png")).unwrap();
    assert_eq!(second.hash, crate::base::ContentHash::of(b"other"));
    assert!(second.modified >= first.modified + Duration::from_secs(1));
    let world = world.restart();
    let third = world.graph.version(&path("a.png")).unwrap();
    assert_eq!(
        (third.hash, third.len, third.modified),
        (second.hash, 5, second.modified)
    );
    assert!(world.graph.version(&path("gone")).is_err());
}

#[test]
fn a_report_computes_nothing_and_knows_why() {
    let world = includes();
    world.ran();
    let report = world.graph.report(&key("main"));
    assert!(report.fresh);
    assert_eq!(report.dependencies.len(), 3);
    assert_eq!(world.graph.report(&key("shared")).dependents, ["text:/a"]);
    world.tree.write("shared", "T");
    let report = world.graph.report(&key("main"));
    assert_eq!(report.reason.as_deref(), Some("`/shared` may have changed"));
    assert_eq!(
        world.graph.report(&key("never")).reason.as_deref(),
        Some("never computed")
    );
}

#[test]
fn a_report_of_what_nobody_has_read_since_the_start_is_verified() {
    let world = includes();
    world.ran();
    let world = world.restart();
    let state = |world: &World| {
        let report = world.graph.report(&key("main"));
        assert_eq!(report.dependencies.len(), 3);
        (report.fresh, report.reason)
    };
    assert_eq!(state(&world), (true, None));
    world.tree.write("shared", "T");
    let changed = (false, Some("`/shared` has changed".to_owned()));
    assert_eq!(state(&world), changed);
    let world = world.restart();
    assert_eq!(state(&world), changed);
    world.tree.write("shared", "S");
    assert_eq!(state(&world), (true, None));
    world.tree.remove("shared");
    assert_eq!(state(&world), changed);
    assert_eq!(world.ran(), NOTHING);
    // An older record that holds again is the one that is told of.
    world.tree.write("shared", "T");
    world.read("main");
    let latest = world.graph.report(&key("main")).hash;
    world.tree.write("shared", "S");
    let world = world.restart();
    assert_eq!(state(&world), (true, None));
    assert_ne!(world.graph.report(&key("main")).hash, latest);
    assert_eq!(world.ran(), NOTHING);
}

/// Who was told of a content opens it next, and must find it however often the file is written meanwhile.
#[test]
fn contents_that_move_are_kept_for_those_who_were_told_of_them() {
    let world = World::of(&[("a.png", "one")]);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let settled = world.graph.version(&path("a.png")).unwrap();
    assert_eq!(world.graph.moving_content(&settled.hash), None);
    world.tree.set_clock(now.as_nanos() as i128);
    for text in ["two", "three"] {
        world.tree.write("a.png", text);
        let told = world.graph.version(&path("a.png")).unwrap();
        world.tree.write("a.png", "another");
        let kept = world.graph.moving_content(&told.hash).unwrap();
        assert_eq!(kept, text);
    }
    // Read for another purpose and known from then on: its bytes are kept all the same.
    world.tree.write("a.png", "four");
    world.graph.look().content(&path("a.png")).unwrap();
    let told = world.graph.version(&path("a.png")).unwrap();
    assert_eq!(world.graph.moving_content(&told.hash).unwrap(), "four");
}

#[test]
fn looking_records_nothing() {
    let world = includes();
    let look = world.graph.look();
    assert_eq!(look.entry(&path("a")).unwrap(), Entry::File);
    assert_eq!(look.list(&path("")).unwrap().len(), 5);
    assert_eq!(&look.fetch(&key("other"), Part::MAIN).unwrap()[..], b"O\n");
    world.tree.write("new", "");
    assert_eq!(world.graph.look().list(&path("")).unwrap().len(), 6);
}

#[test]
fn who_looks_at_a_glance_runs_again_when_that_shows_something_else() {
    let files = [
        ("a", "glance b one\nglance b two"),
        ("c", "glance b two"),
        ("b", "one\ntwo"),
    ];
    let world = World::of(&files);
    assert_eq!(world.read("a"), "yes\nno\n");
    assert_eq!(world.read("c"), "no\n");
    world.tree.write("b", "one\nthree");
    assert_eq!(world.ran_for("a"), [""; 0], "the rest is not seen");
    world.tree.write("b", "one more");
    assert_eq!(world.ran_for("a"), [""; 0], "nobody asked for it");
    world.tree.write("b", "two");
    assert_eq!(world.ran_for("a"), ["a"]);
    assert_eq!(world.ran_for("c"), ["c"]);
    assert_eq!(world.read("a"), "no\nyes\n");
    world.tree.write("b", "one two");
    assert_eq!(world.ran_for("c"), [""; 0], "of `one` it asked nothing");
    assert_eq!(world.ran_for("a"), ["a"]);
    world.tree.remove("b");
    assert_eq!(world.read("a"), "absent\nabsent\n");
    world.tree.write("b", "one\nfour");
    assert_eq!(world.ran_for("a"), [""; 0], "as it was seen before");
    assert_eq!(world.read("a"), "yes\nno\n");

    let world = world.restart();
    assert_eq!(world.ran_for("a"), [""; 0]);
    assert_eq!(world.ran_for("c"), [""; 0]);
    world.tree.write("b", "one five");
    assert_eq!(world.ran_for("a"), [""; 0]);
    world.tree.write("b", "five");
    assert_eq!(world.ran_for("a"), ["a"]);
    assert_eq!(world.ran_for("c"), [""; 0]);
    assert_eq!(world.read("a"), "no\nno\n");
}

#[test]
fn what_a_glance_shows_is_vouched_for_by_metadata_after_a_restart() {
    let files = [("a", "glance b one"), ("c", "glance b two"), ("b", "one")];
    let world = World::of(&files);
    assert_eq!(world.read("a"), "yes\n");
    assert_eq!(world.read("c"), "no\n");
    let world = world.restart();
    let before = world.tree.counts().reads;
    assert_eq!(world.ran_for("a"), [""; 0]);
    assert_eq!(world.ran_for("c"), [""; 0]);
    assert_eq!(world.tree.counts().reads, before, "nothing was read");
    world.tree.write("a", "glance b one\nglance b three");
    assert_eq!(world.read("a"), "yes\nno\n");
    world.tree.write("b", "three");
    assert_eq!(world.read("a"), "no\nyes\n");
    assert_eq!(world.ran_for("c"), [""; 0]);
}

#[test]
fn a_file_that_is_glanced_at_and_computed_is_read_once() {
    let files = [
        ("a", "glance b one"),
        ("b", "one"),
        ("c", "glance d one"),
        ("d", "one"),
    ];
    let world = World::of(&files);
    for name in ["a", "b", "d", "c"] {
        world.read(name);
    }
    assert_eq!(world.tree.counts().reads, 4);
    world.tree.write("b", "two");
    assert_eq!(world.read("a"), "no\n");
    assert_eq!(world.read("b"), "two\n");
    assert_eq!(world.tree.counts().reads, 5);
}

#[test]
fn looking_lists_a_directory_anew_where_nothing_tells_of_its_changes() {
    let files = [("main", "raw d/a"), ("d/a", "1"), ("x/a", "1")];
    let world = World::of(&files);
    world.read("main");
    let names = |directory: &str| world.graph.look().list(&path(directory)).unwrap().len();
    let lists = || world.tree.counts().lists;
    for (directory, kept) in [("d", 1), ("x", 3)] {
        let before = lists();
        for _ in 0..3 {
            assert_eq!(names(directory), 1);
        }
        assert_eq!(lists() - before, kept, "{directory}");
        world.tree.write(format!("{directory}/b"), "2");
        assert_eq!(names(directory), 2);
        world.tree.remove(format!("{directory}/a"));
        assert_eq!(names(directory), 1);
    }
}
