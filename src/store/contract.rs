//! What every store promises, as one suite.

use std::sync::Arc;
use std::thread;

use bytes::Bytes;

use super::{Blob, Store};
use crate::base::ContentHash;

/// Bytes that look like nothing, the same for each seed.
pub(crate) fn noise(seed: u64, len: usize) -> Bytes {
    let mut bytes = vec![0; len];
    blake3::Hasher::new()
        .update(&seed.to_le_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    Bytes::from(bytes)
}

/// Puts bytes under their hash.
pub(crate) fn put(store: &dyn Store, bytes: &Bytes) -> ContentHash {
    let hash = ContentHash::of(bytes);
    store.put_blob(hash, bytes.clone());
    hash
}

/// All bytes of a blob that must be there.
pub(crate) fn get(store: &dyn Store, hash: &ContentHash) -> Bytes {
    let blob = store
        .blob(hash)
        .expect("the disk works")
        .expect("it is stored");
    blob.read_all().expect("it can be read")
}

const SIZES: [usize; 9] = [0, 1, 100, 4096, 65_535, 65_536, 65_537, 300_000, 3 << 20];

/// Runs the suite; `new` gives an empty store with room for 64 MiB.
pub(crate) fn check<S: Store + 'static>(new: impl Fn() -> S) {
    records_are_replaced(&new());
    blobs_of_all_sizes_come_back(&new());
    reads_stop_at_the_end(&new());
    pruning_takes_the_least_recently_used(&new());
    clearing_leaves_nothing_but_what_is_pinned(&new());
    many_threads_agree(new());
}

fn records_are_replaced(store: &dyn Store) {
    assert_eq!(store.record(b"absent").unwrap(), None);
    let keys = [
        Bytes::new(),
        Bytes::from_static(b"short"),
        noise(1, 480),
        noise(2, 481),
        noise(3, 9000),
    ];
    for round in 0..3 {
        for (index, key) in keys.iter().enumerate() {
            let record = noise(round * 10 + index as u64, 10 + 3000 * index);
            store.put_record(key, record.clone());
            assert_eq!(store.record(key).unwrap(), Some(record));
        }
        store.flush();
        for (index, key) in keys.iter().enumerate() {
            let record = noise(round * 10 + index as u64, 10 + 3000 * index);
            assert_eq!(store.record(key).unwrap(), Some(record));
        }
    }
    assert_eq!(store.stats().records, keys.len() as u64);
}

fn blobs_of_all_sizes_come_back(store: &dyn Store) {
    let absent = ContentHash::of(b"absent");
    assert!(!store.has_blob(&absent));
    assert!(store.blob(&absent).unwrap().is_none());
    for flushed in [false, true] {
        for size in SIZES {
            let bytes = noise(size as u64, size);
            let hash = if flushed {
                ContentHash::of(&bytes)
            } else {
                put(store, &bytes)
            };
            assert!(store.has_blob(&hash));
            assert_eq!(get(store, &hash), bytes, "size {size}, flushed {flushed}");
        }
        store.flush();
    }
    for size in SIZES {
        put(store, &noise(size as u64, size));
    }
    store.flush();
    let stats = store.stats();
    assert_eq!(stats.blobs, SIZES.len() as u64);
    assert_eq!(stats.blob_bytes, SIZES.iter().sum::<usize>() as u64);
}

fn reads_stop_at_the_end(store: &dyn Store) {
    for size in [1000, 100_000] {
        let bytes = noise(size as u64, size);
        let hash = put(store, &bytes);
        store.flush();
        let blob: Blob = store.blob(&hash).unwrap().unwrap();
        assert_eq!(blob.len(), size as u64);
        assert_eq!(blob.read_at(10, 20).unwrap(), bytes[10..30]);
        assert_eq!(
            blob.read_at(size as u64 - 5, 100).unwrap(),
            bytes[size - 5..]
        );
        assert_eq!(blob.read_at(size as u64, 100).unwrap(), "");
        assert_eq!(blob.read_at(u64::MAX, 100).unwrap(), "");
    }
}

fn pruning_takes_the_least_recently_used(store: &dyn Store) {
    for size in [1000, 100_000] {
        let hashes: Vec<_> = (0..10)
            .map(|seed| put(store, &noise(seed + 50, size)))
            .collect();
        store.flush();
        // The first two are used again, so the third is the oldest.
        get(store, &hashes[0]);
        get(store, &hashes[1]);
        let freed = store.prune(size as u64 * 4).unwrap();
        assert_eq!(freed, size as u64 * 6);
        let kept: Vec<_> = hashes.iter().map(|hash| store.has_blob(hash)).collect();
        let expected = [
            true, true, false, false, false, false, false, false, true, true,
        ];
        assert_eq!(kept, expected, "size {size}");
        assert_eq!(store.prune(0).unwrap(), size as u64 * 4);
        assert_eq!(store.stats().blobs, 0);
    }
}

fn clearing_leaves_nothing_but_what_is_pinned(store: &dyn Store) {
    let all = [noise(1, 5000), noise(2, 500_000)];
    let hashes = all.each_ref().map(|bytes| put(store, bytes));
    store.put_record(b"key", Bytes::from_static(b"record"));
    store.flush();
    let pinned = hashes.map(|hash| store.blob(&hash).unwrap().unwrap());
    assert!(store.clear().unwrap() >= 505_000);
    assert_eq!(store.record(b"key").unwrap(), None);
    for ((hash, blob), bytes) in hashes.iter().zip(&pinned).zip(&all) {
        assert!(!store.has_blob(hash));
        assert!(store.blob(hash).unwrap().is_none());
        assert_eq!(blob.read_all().unwrap(), bytes);
    }
    let stats = store.stats();
    assert_eq!((stats.records, stats.blobs, stats.blob_bytes), (0, 0, 0));
    put(store, &all[0]);
    store.flush();
    assert_eq!(get(store, &hashes[0]), all[0]);
}

fn many_threads_agree<S: Store + 'static>(store: S) {
    let store = Arc::new(store);
    let threads: Vec<_> = (0..8u64)
        .map(|number| {
            let store = Arc::clone(&store);
            thread::spawn(move || {
                for round in 0..60 {
                    // Neighbours put the same blobs; each thread has its own records.
                    let bytes = noise(
                        round + number % 2,
                        if round % 16 == 0 { 80_000 } else { 3000 },
                    );
                    let hash = put(&*store, &bytes);
                    assert_eq!(get(&*store, &hash), bytes);
                    let key = [number.to_le_bytes(), (round % 7).to_le_bytes()].concat();
                    store.put_record(&key, bytes.clone());
                    assert_eq!(store.record(&key).unwrap(), Some(bytes));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no thread fails");
    }
    store.flush();
    assert_eq!(store.stats().records, 56);
}
