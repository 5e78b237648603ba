//! Blobs in packs: few files, and never a wrong byte whatever happens to them.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use tempfile::TempDir;

use super::super::super::Store;
use super::super::super::contract::{get, noise, put};
use super::super::{DiskStore, Limits};
use super::basics::{folder, open};
use super::damage::{flip, warnings};
use crate::base::ContentHash;

const COUNT: u64 = 300;

/// Blobs that lie in packs.
fn all() -> Vec<Bytes> {
    let sizes = [2000, 3000, 9000, 20_000, 65_536];
    (0..COUNT)
        .map(|seed| noise(seed, sizes[seed as usize % sizes.len()]))
        .collect()
}

/// A store with packs of 64 KiB.
fn small_packs(folder: &TempDir) -> DiskStore {
    let limits = Limits {
        max_bytes: 4 << 20,
        ..Limits::default()
    };
    DiskStore::open(folder.path(), limits).unwrap()
}

fn packs(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = match folder.join("packs").read_dir() {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    };
    found.sort();
    found
}

fn bytes_in(paths: &[PathBuf]) -> u64 {
    paths
        .iter()
        .map(|path| path.metadata().unwrap().len())
        .sum()
}

/// How many are there; those that are must be right.
fn right(store: &DiskStore, blobs: &[Bytes]) -> usize {
    let found = blobs.iter().filter(|bytes| {
        let blob = store.blob(&ContentHash::of(bytes)).expect("no error");
        let found = blob.map(|blob| blob.read_all().expect("it can be read"));
        assert!(found.as_ref().is_none_or(|found| found == *bytes));
        found.is_some()
    });
    found.count()
}

#[test]
fn many_blobs_are_few_files_and_a_restart_goes_on_with_the_last() {
    let folder = folder();
    for (round, some) in all().chunks(50).enumerate() {
        let store = open(&folder);
        for bytes in some {
            put(&store, bytes);
            // Once more is the same bytes.
            put(&store, bytes);
            store.flush();
            put(&store, bytes);
        }
        store.flush();
        assert_eq!(right(&store, &all()), 50 * (round + 1));
    }
    let files = packs(folder.path());
    assert_eq!(files.len(), 1);
    let sizes = all().iter().map(|bytes| bytes.len() as u64).sum::<u64>();
    assert_eq!(bytes_in(&files), sizes);
    assert!(!folder.path().join("blobs").exists());
}

#[test]
fn whatever_happens_to_a_pack_costs_its_blobs_alone() {
    type Case = (&'static str, fn(&Path));
    let damages: [Case; 7] = [
        ("flipped", |path| flip(path, 20_000)),
        ("cut", |path| {
            let file = File::options().write(true).open(path).unwrap();
            file.set_len(30_000).unwrap();
        }),
        ("emptied", |path| fs::write(path, "").unwrap()),
        ("longer", |path| {
            let file = File::options().append(true).open(path).unwrap();
            let end = file.metadata().unwrap().len();
            file.write_all_at(&noise(1, 5000), end).unwrap();
        }),
        ("removed", |path| fs::remove_file(path).unwrap()),
        ("a folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("a link", |path| {
            fs::remove_file(path).unwrap();
            std::os::unix::fs::symlink("/etc/passwd", path).unwrap();
        }),
    ];
    let blobs = &all()[..60];
    for (name, damage) in damages {
        for restart in [false, true] {
            let folder = folder();
            let mut store = Some(small_packs(&folder));
            let first = store.as_ref().unwrap();
            blobs.iter().for_each(|bytes| _ = put(first, bytes));
            first.flush();
            assert_eq!(right(first, blobs), 60);
            let files = packs(folder.path());
            assert!(files.len() > 5, "{files:?}");
            // One in the middle, and the last, which grows.
            let victims = [&files[2], files.last().unwrap()];
            let count = warnings(|| {
                if restart {
                    store = None;
                    victims.iter().for_each(|path| damage(path));
                } else {
                    victims.iter().for_each(|path| damage(path));
                }
                let store = store.get_or_insert_with(|| small_packs(&folder));
                let kept = right(store, blobs);
                assert!(kept >= 30, "{name}: {kept}");
                assert_eq!(kept == 60, name == "longer", "{name}: {kept}");
                for _ in 0..20 {
                    blobs.iter().for_each(|bytes| _ = put(store, bytes));
                    store.flush();
                    if right(store, blobs) == 60 {
                        break;
                    }
                }
                assert_eq!(right(store, blobs), 60, "{name}");
            });
            assert!(count <= 1, "{name}: {count} warnings");
            drop(store);
            let store = small_packs(&folder);
            assert_eq!(right(&store, blobs), 60, "{name}");
        }
    }
}

#[test]
fn what_is_evicted_gives_its_room_back_while_others_read() {
    let folder = folder();
    let blobs = all();
    let limits = Limits {
        max_bytes: 64 << 20,
        ..Limits::default()
    };
    let store = DiskStore::open(folder.path(), limits).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                right(&store, &blobs);
            }
        });
        for round in 0..5 {
            blobs.iter().for_each(|bytes| _ = put(&store, bytes));
            store.flush();
            let full = bytes_in(&packs(folder.path()));
            // Every third is used again, so that no pack goes as a whole.
            let used: Vec<_> = blobs.iter().skip(round % 3).step_by(3).collect();
            let kept: u64 = used.iter().map(|bytes| bytes.len() as u64).sum();
            used.iter()
                .for_each(|bytes| _ = get(&store, &ContentHash::of(bytes)));
            store.prune(kept).unwrap();
            let left = bytes_in(&packs(folder.path()));
            assert!(
                left <= kept + kept / 8,
                "{left} bytes of {full}, {kept} are kept"
            );
        }
        stop.store(true, Ordering::Relaxed);
    });
    store.prune(0).unwrap();
    assert_eq!(bytes_in(&packs(folder.path())), 0);
    assert_eq!(right(&store, &blobs), 0);
    blobs.iter().for_each(|bytes| _ = put(&store, bytes));
    drop(store);
    let store = open(&folder);
    assert_eq!(right(&store, &blobs), blobs.len());
    store.clear().unwrap();
    assert_eq!(packs(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_pack_that_nothing_refers_to_goes_with_the_next_start() {
    let folder = folder();
    let store = open(&folder);
    let hash = put(&store, &noise(1, 5000));
    drop(store);
    fs::remove_dir_all(folder.path().join("db")).unwrap();
    let store = open(&folder);
    assert!(store.blob(&hash).unwrap().is_none());
    store.flush();
    assert_eq!(packs(folder.path()), Vec::<PathBuf>::new());
    put(&store, &noise(1, 5000));
    store.flush();
    assert_eq!(get(&store, &hash), noise(1, 5000));
}
