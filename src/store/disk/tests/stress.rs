//! Everything at once: threads put and get while somebody cuts, overwrites, flips, removes and replaces the files.
//!
//! In a process of its own, so that a death of it is seen. `STORE_TEST_SEED` repeats one run.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::super::super::Store;
use super::super::super::contract::{noise, put};
use super::super::{DiskStore, Limits};
use super::basics::{folder, open};
use super::damage::{warnings, works_again};
use super::faults::{child, in_child};
use crate::base::ContentHash;

const SEED: &str = "STORE_TEST_SEED";
const DAMAGES: u64 = 60;

/// Numbers that look like chance, the same for each seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}

/// Every file below `folder`.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = folder.read_dir() else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            files(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

/// One damage to some file. What is gone by then, or comes in between, is no failure.
fn damage(folder: &Path, chance: &mut Chance) -> std::io::Result<()> {
    let mut found = Vec::new();
    // Half of them hit the database.
    let part = ["db", "db", "blobs", "packs"][chance.below(4) as usize];
    files(&folder.join(part), &mut found);
    found.sort();
    if found.is_empty() {
        return Ok(());
    }
    let path = &found[chance.below(found.len() as u64) as usize];
    let size = fs::metadata(path)?.len();
    let write = || File::options().write(true).open(path);
    match chance.below(10) {
        0 => write()?.set_len(0),
        1 => write()?.set_len(chance.below(size)),
        2 => write()?.set_len(size + chance.below(100_000)),
        3 => write()?.write_all_at(&noise(chance.below(99), 10_000), chance.below(size)),
        4 | 5 => {
            let file = File::options().read(true).write(true).open(path)?;
            let place = chance.below(size);
            let mut byte = [0];
            file.read_exact_at(&mut byte, place)?;
            file.write_all_at(&[byte[0] ^ (1 << chance.below(8))], place)
        }
        6 => fs::remove_file(path),
        7 => {
            let other = folder.join("other");
            fs::write(
                &other,
                noise(chance.below(99), chance.below(200_000) as usize),
            )?;
            fs::rename(other, path)
        }
        8 => {
            fs::remove_file(path)?;
            fs::create_dir(path)
        }
        _ => fs::remove_dir_all(folder.join(part)),
    }
}

/// Puts and gets; whatever is there must be right.
fn use_it(store: &dyn Store, seed: u64, stop: &AtomicBool, done: &AtomicU64) {
    let mut chance = Chance(seed);
    while !stop.load(Ordering::Relaxed) {
        let number = chance.below(400);
        let size = if number.is_multiple_of(20) {
            100_000
        } else {
            30 + 61 * number as usize
        };
        let bytes = noise(number, size);
        match chance.below(4) {
            0 => {
                put(store, &bytes);
            }
            1 => store.put_record(&number.to_le_bytes(), bytes.slice(..bytes.len().min(5000))),
            2 => {
                if let Some(blob) = store.blob(&ContentHash::of(&bytes)).expect("no error")
                    && let Ok(found) = blob.read_all()
                {
                    assert!(found == bytes, "blob {number} is wrong");
                }
            }
            _ => {
                if let Some(found) = store.record(&number.to_le_bytes()).expect("no error") {
                    assert!(
                        found == bytes.slice(..bytes.len().min(5000)),
                        "record {number} is wrong"
                    );
                }
            }
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
}

fn run(folder: &Path, seed: u64) {
    let limits = Limits {
        max_bytes: 4 << 20,
        ..Limits::default()
    };
    let store = DiskStore::open(folder, limits).unwrap();
    let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for number in 0..4 {
            let (store, stop, done) = (&store, &stop, &done);
            scope.spawn(move || use_it(store, seed * 10 + number, stop, done));
        }
        let mut chance = Chance(seed);
        for _ in 0..DAMAGES {
            // At any moment of what the others do.
            let next = done.load(Ordering::Relaxed) + chance.below(200);
            while done.load(Ordering::Relaxed) < next {
                thread::yield_now();
            }
            let _ = damage(folder, &mut chance);
        }
        stop.store(true, Ordering::Relaxed);
    });
    drop(store);
    // What is left behind may be anything.
    let store = DiskStore::open(folder, Limits::default()).unwrap();
    works_again(&store);
}

#[test]
fn damaged_at_any_moment_it_lives_and_gives_nothing_wrong() {
    let seeds = match std::env::var(SEED) {
        Ok(seed) => seed.parse().expect("a number")..,
        Err(_) => 1..,
    };
    if let Some(folder) = in_child() {
        let seed = seeds.start;
        // Two stores, each with a warning of a blob, of its files, of what it found, and of a refusal at most.
        let count = warnings(|| run(&folder, seed));
        assert!(count <= 8, "{count} warnings");
        return;
    }
    for seed in seeds.take(3) {
        let folder = folder();
        let name = "stress::damaged_at_any_moment_it_lives_and_gives_nothing_wrong";
        let mut command = child(name, folder.path());
        let output = command.env(SEED, seed.to_string()).spawn();
        let output = output.and_then(|child| child.wait_with_output()).unwrap();
        assert!(
            output.status.success(),
            "seed {seed}: {}, {}",
            output.status,
            String::from_utf8_lossy(&output.stdout)
        );
        let store = open(&folder);
        works_again(&store);
    }
}
