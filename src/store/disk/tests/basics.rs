use std::os::unix::fs::PermissionsExt;

use bytes::Bytes;
use tempfile::TempDir;

use super::super::super::contract::{self, get, noise, put};
use super::super::super::{Blob, Store};
use super::super::{DiskStore, Limits};
use crate::base::ContentHash;

pub(super) fn folder() -> TempDir {
    super::damage::listen();
    tempfile::tempdir().expect("there is a folder for temporary files")
}

pub(super) fn open(folder: &TempDir) -> DiskStore {
    DiskStore::open(folder.path(), Limits::default()).expect("the folder can be made")
}

#[test]
fn the_suite_passes() {
    let folder = folder();
    let next = std::cell::Cell::new(0);
    contract::check(|| {
        next.set(next.get() + 1);
        DiskStore::open(
            &folder.path().join(next.get().to_string()),
            Limits::default(),
        )
        .unwrap()
    });
}

#[test]
fn the_suite_passes_in_memory() {
    contract::check(super::super::super::MemoryStore::new);
}

#[test]
fn a_restart_keeps_everything() {
    let folder = folder();
    let all: Vec<Bytes> = (0..200)
        .map(|seed| noise(seed, 20 + 701 * seed as usize))
        .collect();
    let store = open(&folder);
    for (index, bytes) in all.iter().enumerate() {
        put(&store, bytes);
        store.put_record(&index.to_le_bytes(), bytes.slice(..20));
    }
    store.flush();
    let before = store.stats();
    drop(store);
    for _ in 0..3 {
        let store = open(&folder);
        for (index, bytes) in all.iter().enumerate() {
            assert_eq!(get(&store, &ContentHash::of(bytes)), bytes);
            assert_eq!(
                store.record(&index.to_le_bytes()).unwrap(),
                Some(bytes.slice(..20))
            );
        }
        let after = store.stats();
        assert_eq!(
            (before.records, before.blobs, before.blob_bytes),
            (after.records, after.blobs, after.blob_bytes)
        );
    }
}

#[test]
fn the_folder_is_its_owners_alone() {
    let folder = folder();
    let root = folder.path().join("a/b");
    let store = DiskStore::open(&root, Limits::default()).unwrap();
    put(&store, &noise(1, 100_000));
    store.flush();
    let mut folders = vec![root];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        assert_eq!(
            folder.metadata().unwrap().permissions().mode() & 0o7777,
            0o700
        );
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files += 1;
                assert_eq!(
                    path.metadata().unwrap().permissions().mode() & 0o7777,
                    0o600
                );
            }
        }
    }
    // Snapshot, journal, blob.
    assert_eq!(files, 3);
}

#[test]
fn more_than_may_be_stored_is_evicted_oldest_first_and_what_is_pinned_can_be_read() {
    let folder = folder();
    let limits = Limits {
        max_bytes: 1_000_000,
        ..Limits::default()
    };
    let store = DiskStore::open(folder.path(), limits).unwrap();
    let first = noise(1000, 100_000);
    let hash = put(&store, &first);
    store.flush();
    let pinned = store.blob(&hash).unwrap().unwrap();
    assert!(matches!(pinned, Blob::File(_)));
    let mut hashes = Vec::new();
    for seed in 0..100 {
        hashes.push(put(&store, &noise(seed, 30_000)));
        store.flush();
        assert!(store.stats().blob_bytes <= 1_000_000);
    }
    assert!(!store.has_blob(&hash));
    assert_eq!(pinned.read_all().unwrap(), first);
    let kept: Vec<_> = hashes.iter().map(|hash| store.has_blob(hash)).collect();
    assert!(kept.is_sorted(), "the older ones went: {kept:?}");
    assert!(kept[99] && !kept[0]);
    for number in 0..2000u64 {
        store.put_record(&number.to_le_bytes(), noise(number, 500));
    }
    store.flush();
    assert!(store.record(&1999u64.to_le_bytes()).unwrap().is_some());
    assert_eq!(store.record(&0u64.to_le_bytes()).unwrap(), None);
    assert!(store.stats().records <= 500);
}

#[test]
fn the_order_of_use_outlives_a_restart() {
    let folder = folder();
    let store = open(&folder);
    let hashes: Vec<_> = (0..4).map(|seed| put(&store, &noise(seed, 1000))).collect();
    store.flush();
    get(&store, &hashes[0]);
    drop(store);
    let store = open(&folder);
    store.prune(2000).unwrap();
    let kept: Vec<_> = hashes.iter().map(|hash| store.has_blob(hash)).collect();
    assert_eq!(kept, [true, false, false, true]);
}

#[test]
fn the_map_grows_with_what_is_stored_while_others_read() {
    let folder = folder();
    let store = open(&folder);
    std::thread::scope(|scope| {
        for part in 0..3 {
            let store = &store;
            scope.spawn(move || {
                for seed in 0..400 {
                    let bytes = noise(part * 1000 + seed, 50_000);
                    let hash = put(store, &bytes);
                    assert_eq!(get(store, &hash), bytes);
                    let earlier = noise(part * 1000 + seed / 2, 50_000);
                    assert_eq!(get(store, &ContentHash::of(&earlier)), earlier);
                }
            });
        }
    });
    store.flush();
    assert_eq!(store.stats().blob_bytes, 1200 * 50_000);
    drop(store);
    let store = open(&folder);
    assert_eq!(
        get(&store, &ContentHash::of(&noise(2399, 50_000))),
        noise(2399, 50_000)
    );
}

#[test]
fn a_small_queue_makes_puts_wait_and_loses_nothing() {
    let folder = folder();
    let limits = Limits {
        queue_bytes: 50_000,
        ..Limits::default()
    };
    let store = DiskStore::open(folder.path(), limits).unwrap();
    for seed in 0..100 {
        put(&store, &noise(seed, 20_000));
    }
    let huge = noise(7, 300_000);
    put(&store, &huge);
    for seed in 0..100 {
        assert_eq!(
            get(&store, &ContentHash::of(&noise(seed, 20_000))),
            noise(seed, 20_000)
        );
    }
    assert_eq!(get(&store, &ContentHash::of(&huge)), huge);
}
