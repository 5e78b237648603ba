//! Whatever happens to the files while the store is open, it goes on and never gives a wrong byte.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, PermissionsExt};

use tempfile::TempDir;

use super::super::super::Store;
use super::super::super::contract::{noise, put};
use super::basics::{folder, open};
use super::damage::{data, fill, filled, flip, right, set_aside, warnings, works_again};
use crate::base::ContentHash;

fn cut(folder: &TempDir, size: u64) {
    let file = File::options().write(true).open(data(folder)).unwrap();
    file.set_len(size).unwrap();
}

#[test]
fn flipped_bits_while_it_runs_never_give_a_wrong_byte() {
    let folder = filled();
    let store = open(&folder);
    // Opening is another thread's; this waits for it.
    store.stats();
    let places = noise(43, 8 * 60);
    for (round, place) in places.chunks_exact(8).enumerate() {
        let number = u64::from_le_bytes(place.try_into().unwrap());
        let file = File::options()
            .read(true)
            .write(true)
            .open(data(&folder))
            .unwrap();
        let pages = file.metadata().unwrap().len() / 4096;
        let byte = number % pages * 4096 + number / 7919 % if round % 2 == 0 { 64 } else { 4096 };
        let mut found = [0];
        file.read_exact_at(&mut found, byte).unwrap();
        file.write_all_at(&[found[0] ^ (1 << (round % 8))], byte)
            .unwrap();
        assert_eq!(right(&store), 240, "what is mapped is another file");
        fill(&store);
        assert_eq!(right(&store), 240);
    }
}

#[test]
fn cut_emptied_overwritten_or_removed_while_it_runs() {
    let damages: [fn(&TempDir); 7] = [
        |folder| cut(folder, 0),
        |folder| cut(folder, 20_000),
        |folder| fs::write(data(folder), noise(1, 100_000)).unwrap(),
        |folder| fs::remove_file(data(folder)).unwrap(),
        |folder| fs::remove_dir_all(folder.path().join("db")).unwrap(),
        |folder| {
            for entry in folder.path().read_dir().unwrap() {
                fs::remove_dir_all(entry.unwrap().path()).unwrap();
            }
        },
        |folder| fs::remove_dir_all(folder.path()).unwrap(),
    ];
    for damage in damages {
        let folder = filled();
        let store = open(&folder);
        assert_eq!(right(&store), 240);
        // Nothing is written any more, so that the damage meets a quiet folder.
        store.flush();
        damage(&folder);
        right(&store);
        works_again(&store);
        drop(store);
        let store = open(&folder);
        assert_eq!(right(&store), 240);
    }
}

#[test]
fn touching_the_file_is_no_damage() {
    let folder = filled();
    let store = open(&folder);
    fs::set_permissions(data(&folder), fs::Permissions::from_mode(0o640)).unwrap();
    right(&store);
    store.flush();
    assert_eq!(right(&store), 240);
    assert_eq!(set_aside(&folder), 0);
}

#[test]
fn nothing_that_is_mapped_has_a_name() {
    let folder = filled();
    let store = open(&folder);
    assert_eq!(right(&store), 240);
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let place = folder.path().to_string_lossy().into_owned();
    let ours: Vec<_> = maps.lines().filter(|line| line.contains(&place)).collect();
    assert!(!ours.is_empty());
    assert!(
        ours.iter().all(|line| line.ends_with(" (deleted)")),
        "{ours:?}"
    );
}

#[test]
fn each_kind_of_damage_is_told_once_while_it_runs() {
    let folder = filled();
    let large = |seed: u64| {
        let name = ContentHash::of(&noise(seed, 100_000)).to_hex();
        folder.path().join("blobs").join(&name[..2]).join(&name)
    };
    let count = warnings(|| {
        let store = open(&folder);
        assert_eq!(right(&store), 240);
        for round in 0..5 {
            flip(&large(0), 1000 + round);
            flip(&large(20), 1000 + round);
            right(&store);
            cut(&folder, round * 1000);
            fs::remove_file(folder.path().join("db/journal")).unwrap();
            works_again(&store);
        }
    });
    assert_eq!(count, 2, "one of the blobs, one of the database");
}

#[test]
fn an_open_large_blob_never_gives_what_somebody_else_wrote() {
    let folder = folder();
    let store = open(&folder);
    let bytes = noise(20, 100_000);
    let hash = put(&store, &bytes);
    store.flush();
    let name = hash.to_hex();
    let path = folder.path().join("blobs").join(&name[..2]).join(&name);
    let open = || store.blob(&hash).unwrap().unwrap();
    // Evicted, linked, touched: the same bytes.
    let blob = open();
    fs::hard_link(&path, folder.path().join("link")).unwrap();
    assert_eq!(blob.read_at(5, 50).unwrap(), bytes[5..55]);
    let now = std::time::SystemTime::now();
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(now)
        .unwrap();
    assert_eq!(blob.read_all().unwrap(), bytes);
    // Changed far from what is read, changed back, cut.
    flip(&path, 77);
    assert!(blob.read_at(50_000, 10).is_err());
    flip(&path, 77);
    assert_eq!(blob.read_at(50_000, 10).unwrap(), bytes[50_000..50_010]);
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(99_999)
        .unwrap();
    assert!(blob.read_at(0, 10).is_err());
    assert!(store.blob(&hash).unwrap().is_none());
}
