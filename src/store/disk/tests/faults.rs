//! Crashes and full disks, in child processes: this test program runs itself again with a variable set.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::super::Store;
use super::super::super::contract::{get, noise, put};
use super::super::{DiskStore, Limits};
use super::basics::{folder, open};
use crate::base::ContentHash;

const FOLDER: &str = "STORE_TEST_FOLDER";

/// Runs the test `name` of the tests of this folder in a process of its own, which finds `folder` in its environment.
pub(super) fn child(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the test program has a path"));
    command
        .args(["--exact", "--nocapture", "--test-threads=1"])
        .arg(test_name(name))
        .env(FOLDER, folder)
        .stdout(Stdio::piped());
    command
}

/// How the test harness calls the test `name`, which begins with its file: without the crate.
fn test_name(name: &str) -> String {
    let inner = module_path!()
        .split_once("::")
        .and_then(|(_, inner)| inner.rsplit_once("::"));
    let (tests, _) = inner.expect("this module is below its crate");
    format!("{tests}::{name}")
}

pub(super) fn in_child() -> Option<std::path::PathBuf> {
    std::env::var_os(FOLDER).map(Into::into)
}

/// Puts for as long as it lives; says how far it came.
fn puts_forever(folder: &Path) {
    let store = DiskStore::open(folder, Limits::default()).unwrap();
    for seed in 0.. {
        let bytes = noise(seed, if seed % 50 == 0 { 100_000 } else { 4000 });
        put(&store, &bytes);
        store.put_record(&(seed % 500).to_le_bytes(), bytes.slice(..300));
        if seed % 100 == 99 {
            store.flush();
            println!("\nflushed {seed}");
        }
    }
}

#[test]
fn killed_while_it_writes() {
    if let Some(folder) = in_child() {
        puts_forever(&folder);
    }
    let folder = folder();
    for round in 0..4 {
        let mut child = child("faults::killed_while_it_writes", folder.path())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let flushed = output
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("flushed ")?.parse::<u64>().ok())
            .nth(round)
            .expect("the child says how far it came");
        child.kill().unwrap();
        child.wait().unwrap();
        let store = open(&folder);
        for seed in 0..flushed + 200 {
            let bytes = noise(seed, if seed % 50 == 0 { 100_000 } else { 4000 });
            match store.blob(&ContentHash::of(&bytes)).unwrap() {
                Some(blob) => assert_eq!(blob.read_all().unwrap(), bytes),
                None => assert!(seed > flushed, "{seed} was flushed"),
            }
        }
        store.flush();
        let stats = store.stats();
        assert!(stats.blobs > flushed);
        assert_eq!(store.prune(0).unwrap(), stats.blob_bytes);
    }
}

/// No file of this process may be longer than this: what a full disk does to a write.
fn files_at_most(bytes: u64) {
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: the limit lives through the call.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) }, 0);
}

#[test]
fn a_disk_that_takes_no_more() {
    if let Some(folder) = in_child() {
        // SAFETY: ignoring a signal has no preconditions; the write fails with EFBIG instead.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        full_and_free_again(&folder);
        return;
    }
    let folder = folder();
    let mut child = child("faults::a_disk_that_takes_no_more", folder.path());
    let output = child.spawn().unwrap().wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let store = open(&folder);
    for seed in 900..1000 {
        assert_eq!(
            get(&store, &ContentHash::of(&noise(seed, 20_000))),
            noise(seed, 20_000)
        );
    }
}

fn full_and_free_again(folder: &Path) {
    let limits = Limits {
        queue_bytes: 1_000_000,
        ..Limits::default()
    };
    let store = DiskStore::open(folder, limits).unwrap();
    let first = noise(5000, 30_000);
    let hash = put(&store, &first);
    store.flush();
    files_at_most(200_000);
    for seed in 0..200 {
        let bytes = noise(seed, if seed % 10 == 0 { 300_000 } else { 20_000 });
        let hash = put(&store, &bytes);
        // The newest is kept in memory, whatever the disk says.
        assert_eq!(get(&store, &hash), bytes);
    }
    store.flush();
    assert_eq!(get(&store, &hash), first);
    for seed in 0..200 {
        let bytes = noise(seed, if seed % 10 == 0 { 300_000 } else { 20_000 });
        if let Some(blob) = store.blob(&ContentHash::of(&bytes)).unwrap() {
            assert_eq!(blob.read_all().unwrap(), bytes);
        }
    }
    files_at_most(libc::RLIM_INFINITY);
    for seed in 900..1000 {
        put(&store, &noise(seed, 20_000));
        store.flush();
    }
    assert!(store.stats().blobs >= 101);
}

#[test]
fn a_disk_that_is_full_from_the_start() {
    if let Some(folder) = in_child() {
        // SAFETY: as above.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        files_at_most(1000);
        let store = DiskStore::open(&folder, Limits::default()).unwrap();
        let bytes = noise(1, 5000);
        let hash = put(&store, &bytes);
        store.put_record(b"key", bytes.clone());
        store.flush();
        assert_eq!(get(&store, &hash), bytes);
        assert_eq!(store.record(b"key").unwrap(), Some(bytes.clone()));
        files_at_most(libc::RLIM_INFINITY);
        store.flush();
        drop(store);
        let store = DiskStore::open(&folder, Limits::default()).unwrap();
        assert_eq!(get(&store, &hash), bytes);
        return;
    }
    let folder = folder();
    let mut child = child("faults::a_disk_that_is_full_from_the_start", folder.path());
    let output = child.spawn().unwrap().wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
