//! However much is put, the folder stays within its limit.

use std::path::Path;

use super::super::super::Store;
use super::super::super::contract::{noise, put};
use super::super::{DiskStore, Limits};
use super::basics::folder;

/// What a folder takes on the disk, as `du` counts it.
fn disk_use(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let metadata = entry.metadata().unwrap();
            let below = if metadata.is_dir() {
                disk_use(&entry.path())
            } else {
                0
            };
            metadata.blocks() * 512 + below
        })
        .sum()
}

const LIMIT: u64 = 8 << 20;

fn limited(folder: &Path) -> DiskStore {
    let limits = Limits {
        max_bytes: LIMIT,
        ..Limits::default()
    };
    DiskStore::open(folder, limits).unwrap()
}

/// Puts ten times the limit in blobs of about `size` bytes, a record with each; gives the most that the folder took.
fn put_ten_times(folder: &Path, size: u64) -> u64 {
    let mut store = limited(folder);
    let count = LIMIT * 10 / size;
    let mut most = 0;
    for number in 0..count {
        let bytes = noise(number, (size / 2 + number * 7919 % size) as usize);
        let part = bytes.slice(..bytes.len().min(100 + number as usize % 900));
        put(&store, &bytes);
        store.put_record(&(number % 20_000).to_le_bytes(), part);
        if number % (count / 20) == 0 {
            store.flush();
            most = most.max(disk_use(folder) + mapped(&store));
        }
        if number == count / 2 {
            drop(store);
            store = limited(folder);
        }
    }
    store.flush();
    let last = store.stats();
    assert!(
        last.disk_bytes * 10 > LIMIT * 7,
        "evicts too much: {last:?}"
    );
    most.max(disk_use(folder) + mapped(&store))
}

/// What the store takes without a name.
fn mapped(store: &DiskStore) -> u64 {
    let guard = store.shared.database();
    guard.as_ref().map_or(0, |database| database.mapped_bytes())
}

#[test]
fn ten_times_the_limit_in_small_blobs() {
    let folder = folder();
    let most = put_ten_times(folder.path(), 12_000);
    assert!(most < LIMIT * 13 / 10, "{most} bytes");
}

#[test]
fn ten_times_the_limit_in_large_blobs() {
    let folder = folder();
    let most = put_ten_times(folder.path(), 200_000);
    assert!(most < LIMIT * 13 / 10, "{most} bytes");
}

#[test]
fn ten_times_the_limit_in_records() {
    let folder = folder();
    let store = limited(folder.path());
    let mut most = 0;
    for round in 0..9u64 {
        for number in 0..4000 {
            let length = 200 + (number * 7919 + round) % 3000;
            store.put_record(
                &(number, round).0.to_le_bytes(),
                noise(number + round, length as usize),
            );
            store.put_record(
                &[number, round].map(u64::to_le_bytes).concat(),
                noise(number, 700),
            );
        }
        store.flush();
        most = most.max(disk_use(folder.path()) + mapped(&store));
    }
    assert!(store.stats().records > 300);
    assert!(most < LIMIT * 13 / 10, "{most} bytes");
}
