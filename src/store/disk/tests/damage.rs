//! Whatever happened to the files, the store opens and never gives a wrong byte.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError};

use bytes::Bytes;
use tempfile::TempDir;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::super::super::contract::{get, noise, put};
use super::super::super::{Blob, Store};
use super::super::{DiskStore, Limits};
use super::basics::{folder, open};
use crate::base::ContentHash;

/// Counts warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<u32>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Has somebody listen to warnings from now on. `tracing` remembers for each place whether anybody does, and a place that
/// is met for the first time while another test's subscriber comes may remember that nobody does.
pub(super) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Where a test of another module was first, that one listens.
        let _ = tracing::subscriber::set_global_default(Warnings::default());
    });
}

/// The warnings that `work` logs, in this thread and by stores that it opens.
pub(super) fn warnings(work: impl FnOnce()) -> u32 {
    let counter = Warnings::default();
    tracing::subscriber::with_default(counter.clone(), work);
    *counter.0.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn data(folder: &TempDir) -> PathBuf {
    folder.path().join("db/data.mdb")
}

/// What every test stores: records, blobs in the database and blobs in files.
pub(super) fn all() -> Vec<Bytes> {
    (0..120)
        .map(|seed| {
            noise(
                seed,
                if seed % 20 == 0 {
                    100_000
                } else {
                    50 + 97 * seed as usize
                },
            )
        })
        .collect()
}

pub(super) fn fill(store: &dyn Store) {
    for (index, bytes) in all().iter().enumerate() {
        put(store, bytes);
        store.put_record(&index.to_le_bytes(), bytes.slice(..50));
    }
    store.flush();
}

pub(super) fn filled() -> TempDir {
    let folder = folder();
    fill(&open(&folder));
    folder
}

/// How many of the records and blobs are there; those that are must be right.
pub(super) fn right(store: &dyn Store) -> usize {
    let mut found = 0;
    for (index, bytes) in all().iter().enumerate() {
        if let Some(record) = store.record(&index.to_le_bytes()).expect("no error") {
            assert_eq!(record, bytes.slice(..50));
            found += 1;
        }
        if let Some(blob) = store.blob(&ContentHash::of(bytes)).expect("no error") {
            assert_eq!(blob.read_all().expect("it can be read"), bytes);
            found += 1;
        }
    }
    found
}

/// Waits until all of `fill` is stored, whatever was found damaged meanwhile.
pub(super) fn works_again(store: &dyn Store) {
    for _ in 0..100 {
        fill(store);
        if right(store) == 240 {
            return;
        }
    }
    panic!("the store does not keep what is put");
}

pub(super) fn set_aside(folder: &TempDir) -> usize {
    let names = folder.path().read_dir().unwrap();
    names
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with("db.damaged-")
        })
        .count()
}

#[test]
fn a_file_that_is_no_database_is_set_aside_with_one_warning() {
    type Case = (&'static str, fn(&Path));
    let cases: [Case; 7] = [
        ("empty", |path| fs::write(path, "").unwrap()),
        ("short", |path| fs::write(path, noise(1, 100)).unwrap()),
        ("garbage", |path| {
            fs::write(path, noise(1, 500_000)).unwrap()
        }),
        ("zeros", |path| fs::write(path, vec![0; 500_000]).unwrap()),
        ("a folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("a link", |path| {
            fs::rename(path, path.with_extension("away")).unwrap();
            std::os::unix::fs::symlink("data.away", path).unwrap();
        }),
        ("a text in the folder's place", |path| {
            let folder = path.parent().unwrap();
            fs::remove_dir_all(folder).unwrap();
            fs::write(folder, "text").unwrap();
        }),
    ];
    for (name, damage) in cases {
        let folder = filled();
        for round in 0..2 {
            damage(&data(&folder));
            let mut store = None;
            let count = warnings(|| {
                let opened = open(&folder);
                // Opening is another thread's; this waits for it.
                opened.stats();
                store = Some(opened);
            });
            let expected = u32::from(name != "a text in the folder's place");
            assert_eq!(count, expected, "{name}, round {round}");
            assert_eq!(set_aside(&folder), 1, "{name}");
            works_again(store.as_ref().unwrap());
        }
    }
}

#[test]
fn a_file_cut_anywhere_opens_and_gives_nothing_wrong() {
    let folder = filled();
    let whole = fs::read(data(&folder)).unwrap();
    for part in 0..24 {
        let cut = whole.len() * part / 24 + part;
        fs::write(data(&folder), &whole[..cut]).unwrap();
        let store = open(&folder);
        right(&store);
        works_again(&store);
    }
}

#[test]
fn flipped_bits_at_many_places_never_give_a_wrong_byte() {
    let folder = filled();
    let whole = fs::read(data(&folder)).unwrap();
    let places = noise(42, 8 * 60);
    for (round, place) in places.chunks_exact(8).enumerate() {
        let number = u64::from_le_bytes(place.try_into().unwrap()) as usize;
        let mut damaged = whole.clone();
        // Half of them in the first 64 bytes of a page, where its structure is.
        let byte = if round % 2 == 0 {
            number % whole.len()
        } else {
            (number % (whole.len() / 4096)) * 4096 + number / 7919 % 64
        };
        damaged[byte] ^= 1 << (round % 8);
        fs::write(data(&folder), damaged).unwrap();
        let mut store = None;
        let count = warnings(|| {
            let opened = open(&folder);
            right(&opened);
            store = Some(opened);
        });
        assert!(count <= 1, "byte {byte}: {count} warnings");
        let store = store.unwrap();
        fill(&store);
        right(&store);
    }
}

#[test]
fn a_damaged_large_blob_is_dropped_and_stored_again() {
    let folder = filled();
    let bytes = noise(20, 100_000);
    let hash = ContentHash::of(&bytes);
    let name = hash.to_hex();
    let path = folder.path().join("blobs").join(&name[..2]).join(&name);
    let damages: [fn(&Path); 6] = [
        |path| flip(path, 77),
        |path| flip(path, 99_999),
        |path| fs::write(path, "").unwrap(),
        |path| {
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_len(50_000)
                .unwrap()
        },
        |path| fs::remove_file(path).unwrap(),
        |path| {
            fs::remove_file(path).unwrap();
            std::os::unix::fs::symlink("/etc/passwd", path).unwrap();
        },
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        for restart in [false, true] {
            let mut store = open(&folder);
            assert_eq!(get(&store, &hash), bytes);
            if restart {
                drop(store);
                damage(&path);
                store = open(&folder);
            } else {
                damage(&path);
            }
            assert!(store.blob(&hash).unwrap().is_none(), "damage {number}");
            put(&store, &bytes);
            assert_eq!(get(&store, &hash), bytes);
            store.flush();
            assert!(matches!(store.blob(&hash).unwrap(), Some(Blob::File(_))));
            assert_eq!(get(&store, &hash), bytes);
        }
    }
}

pub(super) fn flip(path: &Path, byte: u64) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut found = [0];
    file.read_exact_at(&mut found, byte).unwrap();
    file.write_all_at(&[found[0] ^ 4], byte).unwrap();
}

#[test]
fn a_journal_that_is_cut_or_damaged_loses_its_end_alone() {
    let folder = folder();
    let store = open(&folder);
    for number in 0..50u8 {
        store.put_record(&[number], noise(number.into(), 300));
        store.flush();
    }
    // As a kill leaves it: no word of an end.
    let journal = fs::read(folder.path().join("db/journal")).unwrap();
    let data = fs::read(data(&folder)).unwrap();
    for (cut, flip) in [(false, false), (true, false), (false, true)] {
        let copy = self::folder();
        fs::create_dir(copy.path().join("db")).unwrap();
        fs::write(copy.path().join("db/data.mdb"), &data).unwrap();
        let mut bytes = journal.clone();
        let middle = bytes.len() / 2;
        if cut {
            bytes.truncate(middle);
        }
        if flip {
            bytes[middle] ^= 1;
        }
        fs::write(copy.path().join("db/journal"), bytes).unwrap();
        for restart in [false, true] {
            let count = warnings(|| {
                let store = open(&copy);
                let there: Vec<_> = (0..50u8)
                    .map(|number| {
                        let found = store.record(&[number]).unwrap();
                        let right = found.as_ref() == Some(&noise(number.into(), 300));
                        assert!(found.is_none() || right);
                        right
                    })
                    .collect();
                assert!(there[0] && there.is_sorted_by(|one, other| one >= other));
                let lost = there.iter().filter(|there| !**there).count();
                assert_eq!(lost > 0, cut || flip);
                assert_eq!(store.stats().records, (50 - lost) as u64);
            });
            assert_eq!(count, u32::from(flip && !restart));
        }
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(DiskStore::open(&file.join("below"), Limits::default()).is_err());
}
