//! Random edits, restarts, faults and readers, against a model that computes everything anew each time.

use bytes::Bytes;

use super::*;
use crate::base::ContentHash;
use crate::source::{InputError, ListedEntry, Tree};
use crate::store::{FailingStore, Plan};

/// xorshift64*: the same numbers for the same seed, everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// The model: no memory, the tree as it is.
struct Anew<'a>(&'a MemoryTree);

impl Context for Anew<'_> {
    fn content(&self, path: &SourcePath) -> Result<Bytes, InputError> {
        self.0.read(path).map(|(bytes, _)| bytes)
    }

    fn glance(&self, path: &SourcePath, aspect: &str) -> Result<Bytes, InputError> {
        let content = self.content(path)?;
        Ok(has_word(&first_line(&content), aspect))
    }

    fn entry(&self, path: &SourcePath) -> Result<Entry, InputError> {
        self.0.entry(path).map(|(entry, _)| entry)
    }

    fn list(&self, path: &SourcePath) -> Result<Arc<[ListedEntry]>, InputError> {
        self.0.list(path).map(Into::into)
    }

    fn fetch(&self, key: &Key, _: Part) -> Result<Bytes, Failure> {
        let source = self.content(&key.path)?;
        let text = evaluate(&String::from_utf8_lossy(&source), self, &mut Vec::new())?;
        Ok(text.into())
    }

    fn measure(&self, key: &Key, part: Part) -> Result<(ContentHash, u64), Failure> {
        let bytes = self.fetch(key, part)?;
        Ok((ContentHash::of(&bytes), bytes.len() as u64))
    }
}

const NODES: usize = 10;

fn model(tree: &MemoryTree, name: &str) -> Result<String, String> {
    let bytes = Anew(tree).fetch(&key(name), Part::MAIN);
    bytes
        .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
        .map_err(|failure| failure.to_string())
}

/// A source of the node `at`, which includes only later ones.
fn source(random: &mut Random, at: usize) -> String {
    let mut lines = Vec::new();
    for _ in 0..=random.below(4) {
        let later = at + 1 + random.below(NODES - at);
        lines.push(match random.below(12) {
            0..=2 => format!("include f{later}"),
            3 => format!("try f{later}"),
            4 => format!("hash f{later}"),
            5 => format!("raw d/e{}", random.below(4)),
            6 => "list d".into(),
            7 => format!("either d/e{} x/e{} d/e3", random.below(4), random.below(4)),
            8 => format!("# {}", random.below(3)),
            9 if random.one_in(4) => "fail".into(),
            10 => format!("glance d/e{} {}", random.below(4), random.below(3)),
            _ => format!("text {}", random.below(3)),
        });
    }
    lines.join("\n")
}

fn edit(random: &mut Random, tree: &MemoryTree) {
    let name = format!("{}/e{}", ["d", "x"][random.below(2)], random.below(4));
    let there = |name: &str| tree.entry(&path(name)).unwrap().0;
    match random.below(12) {
        0..=3 => {
            let at = random.below(NODES);
            tree.write(format!("f{at}"), source(random, at));
        }
        4 | 5 if matches!(there(&name), Entry::File | Entry::Absent) => {
            tree.write(&name, format!("{}", random.below(3)));
        }
        6 if there(&name) != Entry::Absent => tree.remove(&name),
        7 if there(&name) == Entry::Absent => tree.mkdir(&name),
        8 if there("d") != Entry::Absent && there("moved") == Entry::Absent => {
            tree.rename("d", "moved")
        }
        8 | 9 if there("moved") != Entry::Absent => tree.rename("moved", "d"),
        9 if there("f3") == Entry::File => tree.touch("f3"),
        10 if there("x") != Entry::Absent => tree.remove("x"),
        11 => {
            let at = random.below(NODES);
            if there(&format!("f{at}")) == Entry::File && random.one_in(3) {
                tree.remove(format!("f{at}"));
            } else {
                tree.write(format!("f{at}"), source(random, at));
            }
        }
        _ => {}
    }
}

fn compare(world: &World, name: &str, seed: u64) {
    let got = world.try_read(name).map_err(|failure| failure.to_string());
    assert_eq!(got, model(&world.tree, name), "{name}, seed {seed}");
}

/// Reads everything with several threads at once.
fn compare_all(world: &World, seed: u64) {
    std::thread::scope(|scope| {
        for thread in 0..3 {
            scope.spawn(move || {
                for at in 0..NODES {
                    compare(world, &format!("f{}", (at * 7 + thread) % NODES), seed);
                }
            });
        }
    });
}

fn torture(seed: u64, plan: Plan, limits: super::super::Limits) {
    let mut random = Random(seed * 2 + 1);
    let tree = MemoryTree::new();
    tree.mkdir("d");
    for at in 0..NODES {
        tree.write(format!("f{at}"), source(&mut random, at));
    }
    tree.write(format!("f{NODES}"), "last");
    let store: Arc<dyn Store> = Arc::new(FailingStore::new(MemoryStore::new(), plan));
    let ahead = random.one_in(3);
    let mut world = World::with(tree, store, limits, ahead);
    for step in 0..50 {
        for _ in 0..=random.below(3) {
            edit(&mut random, &world.tree);
        }
        match random.below(40) {
            0 | 1 => {
                world.graph.shutdown();
                edit(&mut random, &world.tree);
                world = World::with(world.tree.clone(), world.store.clone(), limits, ahead);
            }
            2 => world.tree.overflow(),
            3 => {
                let _ = world.store.prune(0);
            }
            4 if step > 25 => world.tree.refuse_watches("a test"),
            5..=8 => {
                let name = format!("f{}", random.below(NODES));
                world.tree.fail(&name, libc::EIO);
                for at in 0..NODES {
                    let got = world.try_read(&format!("f{at}"));
                    if !matches!(got, Err(Failure::Input(_))) {
                        world.tree.heal(&name);
                        let want = model(&world.tree, &format!("f{at}"));
                        assert_eq!(
                            got.map_err(|failure| failure.to_string()),
                            want,
                            "f{at}, seed {seed}"
                        );
                        world.tree.fail(&name, libc::EIO);
                    }
                }
                world.tree.heal(&name);
            }
            _ => {}
        }
        if random.one_in(3) {
            compare_all(&world, seed);
        } else {
            compare(&world, &format!("f{}", random.below(NODES)), seed);
        }
    }
    compare_all(&world, seed);
}

#[test]
fn random_edits_give_what_the_model_gives() {
    for seed in 1..=12 {
        torture(seed, Plan::default(), Default::default());
    }
}

#[test]
fn random_edits_over_a_failing_store() {
    for seed in 101..=110 {
        let mut random = Random(seed);
        let mut sometimes = || [0, 1, 2, 3, 7][random.below(5)] as u64;
        let plan = Plan {
            lose_records: sometimes(),
            lose_blobs: sometimes(),
            fail_records: sometimes(),
            fail_blobs: sometimes(),
            miss_blobs: sometimes(),
            damage_records: sometimes(),
        };
        torture(seed, plan, Default::default());
    }
}

#[test]
fn random_edits_in_little_memory() {
    for seed in 201..=208 {
        let limits = super::super::Limits {
            nodes: 3,
            inputs: 6,
        };
        torture(seed, Plan::default(), limits);
    }
}

/// Who names whom among its dependencies, and of whom that is told.
#[test]
fn dependencies_and_dependents_are_the_inverse_of_each_other() {
    for seed in 301..=308 {
        let mut random = Random(seed * 2 + 1);
        let tree = MemoryTree::new();
        tree.mkdir("d");
        for at in 0..NODES {
            tree.write(format!("f{at}"), source(&mut random, at));
        }
        let world = World::over(tree, Arc::new(MemoryStore::new()));
        let nodes = (0..=NODES).map(|at| format!("f{at}"));
        let files = (0..4).flat_map(|at| [format!("d/e{at}"), format!("x/e{at}")]);
        let names: Vec<String> = nodes.chain(files).collect();
        for _ in 0..20 {
            edit(&mut random, &world.tree);
            for at in 0..=NODES {
                let _ = world.fetch(&format!("f{at}"));
            }
            let report = |name: &String| (key(name), world.graph.report(&key(name)));
            let reports: Vec<_> = names.iter().map(report).collect();
            for (to, told) in &reports {
                let path = to.path.to_string();
                let naming = reports.iter().filter(|(from, report)| {
                    report.dependencies.iter().any(|one| match one.kind {
                        "node" => one.name == to.to_string(),
                        "listing" => false,
                        _ => from != to && one.name.split(' ').next() == Some(&*path),
                    })
                });
                let mut naming: Vec<String> = naming.map(|(from, _)| from.to_string()).collect();
                naming.sort();
                assert_eq!(told.dependents, naming, "{to}, seed {seed}");
            }
        }
    }
}

/// What had been written when a read began is what it gives, or something later.
#[test]
fn readers_beside_writers_never_see_the_past() {
    const WRITES: usize = 300;
    let tree = MemoryTree::of([
        ("main", "include a\nraw x"),
        ("a", "raw y"),
        ("x", "0"),
        ("y", "0"),
    ]);
    let world = World::over(tree, Arc::new(MemoryStore::new()));
    let written = [AtomicUsize::new(0), AtomicUsize::new(0)];
    std::thread::scope(|scope| {
        for (name, written) in ["x", "y"].into_iter().zip(&written) {
            let tree = &world.tree;
            scope.spawn(move || {
                for number in 1..=WRITES {
                    tree.write(name, number.to_string());
                    written.store(number, Relaxed);
                    if number % 8 == 0 {
                        std::thread::yield_now();
                    }
                }
            });
        }
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let least = [&written[0], &written[1]].map(|written| written.load(Relaxed));
                    // A version may be gone when its bytes are asked for, if it was never kept; then it is read anew.
                    let Ok(text) = world.try_read("main") else {
                        continue;
                    };
                    let mut numbers = text
                        .split_whitespace()
                        .map(|word| word.parse::<usize>().unwrap());
                    let (y, x) = (numbers.next().unwrap(), numbers.next().unwrap());
                    assert!(x >= least[0] && y >= least[1], "{x} {y} {least:?}");
                    if least == [WRITES, WRITES] {
                        break;
                    }
                }
            });
        }
    });
}
