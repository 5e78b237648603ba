//! Runs beside one another: single flight, cycles, inputs that move, work ahead.

use std::sync::Barrier;

use super::*;
use crate::base::ContentHash;
use crate::source::HELD;

#[test]
fn sixteen_readers_share_one_run() {
    let world = World::of(&[("main", "include a"), ("a", "A")]);
    let barrier = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                barrier.wait();
                assert_eq!(world.read("main"), "A\n\n");
            });
        }
    });
    assert_eq!(world.ran(), ["a", "main"]);
}

#[test]
fn who_is_answered_by_a_run_under_way_may_ask_the_graph() {
    let world = World::of(&[("a", "fail")]);
    let (begun, at) = crossbeam_channel::bounded(1);
    let (go, held) = crossbeam_channel::bounded::<()>(1);
    *world.language.hook.lock().unwrap() = Some(Arc::new(move |_| {
        let _ = begun.send(());
        let _ = held.recv();
    }));
    let graph = world.graph.clone();
    std::thread::spawn(move || graph.fetch(&key("a"), Part::MAIN));
    at.recv().unwrap();
    let (told, answers) = crossbeam_channel::bounded(1);
    let graph = world.graph.clone();
    world
        .graph
        .fetch_later(&key("a"), Part::MAIN, move |answer| {
            let importers = graph.importers(&key("a"));
            let _ = told.send((answer.is_err(), importers));
        });
    go.send(()).unwrap();
    let answer = answers.recv_timeout(Duration::from_secs(60));
    assert_eq!(answer, Ok((true, Vec::new())));
}

#[test]
fn a_cycle_is_named_and_opens_again() {
    let world = World::of(&[("a", "include b"), ("b", "include c"), ("c", "include b")]);
    // Of the circle it is told; to what is not in it that is one more file that is wrong.
    let Err(Failure::Cycle(told, _)) = world.fetch("b") else {
        panic!("a cycle");
    };
    assert_eq!(told[0].message, "b needs c needs b");
    let Err(Failure::Diagnostics(told)) = world.fetch("a") else {
        panic!("a file that is wrong");
    };
    assert_eq!(told[0].message, "b needs c needs b");
    // It is told of all that wait for it, and nothing runs for that.
    world.ran();
    let failing = || {
        let failures = world.graph.failures();
        let named = failures
            .iter()
            .map(|(key, told)| format!("{}: {}", key.path, told[0].message));
        named.collect::<Vec<_>>().join(", ")
    };
    let told = "/a: b needs c needs b, /b: b needs c needs b, /c: b needs c needs b";
    assert_eq!(failing(), told);
    assert_eq!(failing(), told);
    assert_eq!(world.ran(), [""; 0]);
    world.tree.write("c", "C");
    assert_eq!(failing(), "");
    assert_eq!(world.read("a"), "C\n\n\n");
}

#[test]
fn who_leads_to_a_cycle_and_is_not_in_it_goes_on() {
    let world = World::of(&[
        ("page", "try b\n# own"),
        ("b", "try c"),
        ("c", "try b"),
        ("other", "try page\ntry c"),
    ]);
    assert_eq!(world.read("page"), "(bad)\n");
    // Whoever is in the circle cannot do without the others, in whatever order they are asked for.
    for name in ["c", "b"] {
        let failed = world.fetch(name);
        assert!(matches!(failed, Err(Failure::Cycle(..))), "{failed:?}");
    }
    assert_eq!(world.read("other"), "(bad)\n\n(bad)\n");
    world.tree.write("c", "C");
    assert_eq!(world.read("other"), "C\n\n\n\nC\n\n");
}

#[test]
fn a_cycle_across_threads_ends() {
    let world = World::of(&[("a", "include b"), ("b", "include a")]);
    for _ in 0..50 {
        std::thread::scope(|scope| {
            for name in ["a", "b", "a", "b"] {
                let world = &world;
                scope.spawn(move || {
                    let failed = world.fetch(name);
                    assert!(matches!(failed, Err(Failure::Cycle(..))), "{failed:?}");
                });
            }
        });
    }
}

#[test]
fn an_input_that_moves_during_the_run_has_it_run_again() {
    let world = World::of(&[("main", "raw x\nraw y"), ("x", "1"), ("y", "1")]);
    let tree = world.tree.clone();
    let once = AtomicUsize::new(0);
    *world.language.hook.lock().unwrap() = Some(Arc::new(move |_| {
        if once.fetch_add(1, Relaxed) == 0 {
            tree.write("main", "raw y\nraw x\nraw x");
        }
    }));
    assert_eq!(world.read("main"), "1\n1\n1\n");
    assert_eq!(world.ran(), ["main", "main"]);
    assert_eq!(world.ran_for("main"), Vec::<String>::new());
}

/// The content is taken, then it changes and somebody else applies the event, then the old content arrives.
#[test]
fn an_older_look_never_takes_the_place_of_a_newer_one() {
    let world = World::of(&[("main", "raw x"), ("x", "old")]);
    let (graph, once) = (world.graph.clone(), AtomicUsize::new(0));
    world.tree.on_read(move |tree, read| {
        if *read == path("x") && once.fetch_add(1, Relaxed) == 0 {
            tree.write("x", "new");
            assert!(graph.try_fetch(&key("nothing"), Part::MAIN).is_none());
        }
    });
    assert_eq!(world.read("main"), "new\n");
    world.tree.no_hook();
    assert_eq!(world.read("main"), "new\n");
}

#[test]
fn an_input_that_never_holds_still_is_answered_and_not_kept() {
    let world = World::of(&[("main", "0")]);
    let tree = world.tree.clone();
    let count = AtomicUsize::new(0);
    *world.language.hook.lock().unwrap() = Some(Arc::new(move |_| {
        tree.write("main", format!("{}", count.fetch_add(1, Relaxed) + 1));
    }));
    assert!(world.try_read("main").is_ok());
    *world.language.hook.lock().unwrap() = None;
    world.tree.write("main", "still");
    assert_eq!(world.read("main"), "still\n");
}

#[test]
fn a_long_chain_of_nodes_does_not_exhaust_the_stack() {
    let tree = MemoryTree::new();
    const LENGTH: usize = 3000;
    for number in 0..LENGTH {
        tree.write(format!("{number}"), format!("hash {}", number + 1));
    }
    tree.write(format!("{LENGTH}"), "end");
    let world = World::over(tree, Arc::new(MemoryStore::new()));
    assert_eq!(world.read("0").len(), 65);
    world.tree.write(format!("{LENGTH}"), "# nothing\nend");
    assert_eq!(world.ran_for("0"), [LENGTH.to_string()]);
}

#[test]
fn links_are_computed_ahead() {
    let tree = MemoryTree::of([
        ("main", "link a"),
        ("a", "link b\nA"),
        ("b", "B"),
        ("c", "C"),
    ]);
    let world = World::with(tree, Arc::new(MemoryStore::new()), Default::default(), true);
    world.read("main");
    until("the links are computed", || {
        world.graph.try_fetch(&key("b"), Part::MAIN).is_some()
    });
    assert!(world.graph.try_fetch(&key("c"), Part::MAIN).is_none());
}

#[test]
fn a_subscriber_hears_of_changes_that_nobody_asked_about() {
    let world = World::of(&[("a", "A")]);
    world.read("a");
    let events = world.graph.subscribe();
    world.tree.write("a", "B");
    let event = events.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(event, Event::Changed([path("a")].into()));
}

#[test]
fn a_slow_subscriber_is_told_that_anything_may_have_changed() {
    let events = super::super::events::Events::default();
    let slow = events.subscribe(false);
    for _ in 0..10_000 {
        events.send(Event::Verified(key("a")));
    }
    let heard = slow.try_iter().count();
    assert!(heard < 10_000);
    events.send(Event::Verified(key("b")));
    assert_eq!(slow.try_recv().unwrap(), Event::Changed([].into()));
    assert_eq!(slow.try_recv().unwrap(), Event::Verified(key("b")));
}

#[test]
fn the_end_leaves_no_reader_waiting() {
    let world = World::of(&[("a", "A")]);
    world.read("a");
    world.graph.shutdown();
    world.graph.shutdown();
    assert!(matches!(world.fetch("never"), Err(Failure::Internal(_))));
}

#[test]
fn what_waits_for_another_process_holds_up_nobody() {
    let files: Vec<(String, &str)> = (0..20)
        .map(|number| (format!("wait{number}"), "wait\nW"))
        .collect();
    let tree = MemoryTree::of(files.iter().map(|(name, text)| (name.as_str(), *text)));
    tree.write("other", "O");
    let world = World::over(tree, Arc::new(MemoryStore::new()));
    let (go, waits) = crossbeam_channel::bounded::<()>(0);
    let began = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = began.clone();
    *world.language.wait.lock().unwrap() = Some(Arc::new(move |_| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // The sender is gone when it may go on.
        let _ = waits.recv();
    }));
    std::thread::scope(|scope| {
        for (name, _) in &files {
            let world = &world;
            scope.spawn(move || assert_eq!(world.read(name), "W\n"));
        }
        until("all wait", || {
            began.load(std::sync::atomic::Ordering::Relaxed) == files.len()
        });
        assert_eq!(world.read("other"), "O\n");
        drop(go);
    });
    assert_eq!(world.ran_for("other"), [] as [&str; 0]);
}

#[test]
fn a_content_comes_with_its_hash_if_it_is_small_whatever_memory_holds_of_it() {
    let text = |length: u64| "x".repeat(usize::try_from(length).unwrap());
    let (small, large) = (text(HELD), text(HELD + 1));
    let files = [
        ("small", small.as_str()),
        ("large", &large),
        ("a", "digest small"),
        ("b", "digest large"),
        // Whose hash is known when it is asked for, and whose bytes are not.
        ("c", "raw small\nraw large"),
        ("d", "digest small"),
        ("e", "digest large"),
    ];
    let told = |text: &str, length: &str| {
        let hash = ContentHash::of(text.as_bytes()).short();
        format!("{hash} {length}\n")
    };
    let (small, large) = (told(&small, &format!("Some({HELD})")), told(&large, "None"));
    let world = World::of(&files);
    assert_eq!(
        (world.read("a"), world.read("b")),
        (small.clone(), large.clone())
    );
    let world = World::of(&files);
    world.fetch("c").unwrap();
    assert_eq!(
        (world.read("d"), world.read("e")),
        (small.clone(), large.clone())
    );
    let world = world.restart();
    assert_eq!((world.read("a"), world.read("b")), (small, large));
    assert_eq!(world.ran(), ["a", "b"]);
}

#[test]
fn what_a_record_saw_of_many_nodes_is_verified_and_no_more_runs_than_differs() {
    let part = |number: usize| format!("part{number}");
    let world = World::of(&[]);
    for number in 0..300 {
        world.tree.write(part(number), format!("{number}"));
    }
    let of_all: String = (0..300)
        .map(|number| format!("include {}\n", part(number)))
        .collect();
    world.tree.write("big", of_all);
    let before = world.read("big");
    assert_eq!(world.ran().len(), 301);
    let world = world.restart();
    assert_eq!(world.read("big"), before);
    assert_eq!(world.ran(), [""; 0]);
    let world = world.restart();
    world.tree.write("part7", "seven");
    world.tree.write("part200", "200 again");
    let after = world.read("big");
    assert!(after.contains("seven") && after.contains("200 again"));
    let mut ran = world.ran();
    ran.sort_unstable();
    assert_eq!(ran, ["big", "part200", "part7"]);
    // Its own source speaks against the record: the others are asked for no more.
    let world = world.restart();
    world.tree.write("part100", "a hundred");
    world.tree.write("big", "include part3\n");
    assert_eq!(world.read("big"), "3\n\n");
    assert_eq!(world.ran(), ["big"]);
}
