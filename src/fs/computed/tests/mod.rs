pub(crate) mod fake;

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use bytes::Bytes;

use super::*;
use crate::base::{ContentHash, Diagnostic};
use crate::compute::Failure;
use crate::fs::types::{FileKind, ROOT};

use fake::*;

#[test]
fn a_version_is_an_inode_and_its_names_share_it() {
    let (fake, computed) = mounted();
    fake.set("a.ts", Ok("one"));
    let first = lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap();
    assert_eq!(lookup(&computed, COMPUTED_ROOT, "a.ts.js").unwrap(), first);
    assert_eq!((first.size, first.nlink), (3, 2));
    fake.set("a.ts", Ok("other"));
    let second = lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap();
    assert_ne!(second.ino, first.ino);
    // The old number is the old version, whole, for whoever has it.
    assert_eq!(read(&computed, first.ino).unwrap(), "one");
    assert_eq!(computed.getattr(first.ino, None).unwrap().0.size, 3);
    assert_eq!(read(&computed, second.ino).unwrap(), "other");
    // An undo gets its old number back.
    fake.set("a.ts", Ok("one"));
    assert_eq!(
        lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap().ino,
        first.ino
    );
}

/// The name of the version of `name` that has these bytes.
fn versioned(name: &str, bytes: &str) -> String {
    format!("{name}@{}", ContentHash::of(bytes.as_bytes()).short())
}

#[test]
fn a_version_by_name_is_that_one_or_none() {
    let (fake, computed) = mounted();
    fake.set("a.ts", Ok("one"));
    let (one, two) = (versioned("a.ts", "one"), versioned("a.ts", "other"));
    let first = lookup(&computed, COMPUTED_ROOT, &one).unwrap();
    let plain = lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap();
    assert_ne!(first.ino, plain.ino, "it is a file of its own");
    assert_eq!(first.mtime, UNIX_EPOCH + LONG_AGO);
    assert_ne!(plain.mtime, first.mtime);
    assert_eq!((first.size, first.nlink), (3, 1));
    let missing = Err(failed(libc::ENOENT));
    assert_eq!(lookup(&computed, COMPUTED_ROOT, &two), missing);

    fake.set("a.ts", Ok("other"));
    assert_eq!(lookup(&computed, COMPUTED_ROOT, &one).unwrap(), first);
    let second = lookup(&computed, COMPUTED_ROOT, &two).unwrap();
    assert_eq!(second.mtime, first.mtime);
    assert_eq!(read(&computed, first.ino).unwrap(), "one");
    assert_eq!(read(&computed, second.ino).unwrap(), "other");
    // Evicted: the kernel asks for the name again, and there is none.
    let of_one = ContentHash::of(b"one");
    fake.blobs.lock().unwrap().remove(&of_one);
    computed.recent.forget(&of_one);
    assert_eq!(read(&computed, first.ino), Err(failed(libc::ESTALE)));
    assert_eq!(lookup(&computed, COMPUTED_ROOT, &one), missing);

    fake.set("a.ts", Err(Failure::Internal("it fails".into())));
    let gone = lookup(&computed, COMPUTED_ROOT, &one);
    assert_eq!(gone, Err(failed(libc::EIO)));
    assert!(lookup(&computed, COMPUTED_ROOT, &two).is_ok());
    std::fs::remove_file(fake.real(&path("a.ts"))).unwrap();
    assert_eq!(lookup(&computed, COMPUTED_ROOT, &two), missing);
}

#[test]
fn a_version_of_a_copy_is_what_the_file_has_now_or_none() {
    let (fake, computed) = mounted();
    std::fs::write(fake.real(&path("a.svg")), "one").unwrap();
    let one = versioned("a.svg", "one");
    let first = lookup(&computed, COMPUTED_ROOT, &one).unwrap();
    assert_eq!(first.mtime, UNIX_EPOCH + LONG_AGO);
    assert_eq!(read(&computed, first.ino).unwrap(), "one");
    std::fs::write(fake.real(&path("a.svg")), "two").unwrap();
    let missing = Err(failed(libc::ENOENT));
    assert_eq!(lookup(&computed, COMPUTED_ROOT, &one), missing);
    let second = lookup(&computed, COMPUTED_ROOT, &versioned("a.svg", "two"));
    assert_eq!(read(&computed, second.unwrap().ino).unwrap(), "two");
}

#[test]
fn numbers_go_with_the_last_lookup_and_the_last_handle() {
    let (fake, computed) = mounted();
    fake.set("a.ts", Ok("one"));
    let ino = lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap().ino;
    lookup(&computed, COMPUTED_ROOT, "a.ts.js").unwrap();
    let opened = computed
        .open(ino, libc::O_RDONLY, Wait::Yes)
        .unwrap()
        .unwrap();
    computed.forget(ino, 2);
    assert_eq!(computed.inode_count(), 1);
    assert_eq!(computed.getattr(ino, None).unwrap().0.size, 3);
    let again = computed.open(ino, libc::O_RDONLY, Wait::Yes).unwrap();
    let again = again.unwrap();
    assert!(opened.is_first && !again.is_first);
    computed.release(again.handle);
    computed.release(opened.handle);
    assert_eq!(computed.inode_count(), 0);
    assert_eq!(computed.getattr(ino, None), Err(failed(libc::ESTALE)));
    assert_eq!(
        computed.opened_content(opened.handle).err(),
        Some(failed(libc::EBADF))
    );
}

#[test]
fn a_lost_version_is_stale_where_there_is_a_newer_one() {
    let (fake, computed) = mounted();
    fake.set("a.ts", Ok("one"));
    let ino = lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap().ino;
    fake.blobs.lock().unwrap().clear();
    assert_eq!(read(&computed, ino), Err(failed(libc::EIO)));
    fake.set("a.ts", Ok("two"));
    assert_eq!(read(&computed, ino), Err(failed(libc::ESTALE)));
}

#[test]
fn a_directory_that_is_none_any_more_is_stale() {
    let (fake, computed) = mounted();
    fake.set("ui/deep/a.ts", Ok("one"));
    let ui = lookup(&computed, COMPUTED_ROOT, "ui").unwrap();
    assert_eq!(ui.kind, FileKind::Directory);
    let deep = lookup(&computed, ui.ino, "deep").unwrap().ino;
    lookup(&computed, deep, "a.ts").unwrap();
    assert_eq!(lookup(&computed, deep, "b.ts"), Err(failed(libc::ENOENT)));
    let handle = computed.opendir(deep).unwrap();
    let moved = fake.real(&path("moved"));
    std::fs::rename(fake.real(&path("ui")), &moved).unwrap();
    std::fs::write(fake.real(&path("ui")), "a file").unwrap();
    for stale in [
        lookup(&computed, deep, "a.ts").err(),
        lookup(&computed, ui.ino, "deep").err(),
        computed.getattr(deep, None).err(),
        computed.getattr(ui.ino, None).err(),
        computed.opendir(ui.ino).err(),
    ] {
        assert_eq!(stale, Some(failed(libc::ESTALE)));
    }
    assert_eq!(
        lookup(&computed, COMPUTED_ROOT, "ui").unwrap().kind,
        FileKind::Regular
    );
    computed.releasedir(handle);
    // A directory that takes the place is the same path, hence the same number.
    std::fs::remove_file(fake.real(&path("ui"))).unwrap();
    std::fs::rename(&moved, fake.real(&path("ui"))).unwrap();
    assert_eq!(computed.getattr(ui.ino, None).unwrap().0.ino, ui.ino);
    assert_eq!(lookup(&computed, COMPUTED_ROOT, "ui").unwrap().ino, ui.ino);
}

#[test]
fn failures_are_errors_and_never_content() {
    let (fake, computed) = mounted();
    let diagnostics = Arc::from([Diagnostic::new("syntax", "unexpected token")]);
    for (failure, number) in [
        (Failure::Diagnostics(diagnostics), libc::EIO),
        (Failure::Missing(path("a.ts")), libc::ENOENT),
        (Failure::Cycle(Arc::from([]), Arc::from([])), libc::ELOOP),
    ] {
        fake.set("a.ts", Err(failure));
        assert_eq!(
            lookup(&computed, COMPUTED_ROOT, "a.ts"),
            Err(failed(number))
        );
    }
    fake.set("a.ts", Ok("mended"));
    assert!(lookup(&computed, COMPUTED_ROOT, "a.ts").is_ok());
}

#[test]
fn what_takes_work_is_left_to_those_who_may_wait() {
    let (fake, computed) = mounted();
    fake.set("a.ts", Ok("one"));
    *fake.busy.lock().unwrap() = true;
    let Looked::Later(pending) = computed.lookup(COMPUTED_ROOT, b"a.ts") else {
        panic!("the graph is busy");
    };
    assert!(pending.is_computed());
    let (told, answers) = crossbeam_channel::bounded(1);
    let computed = Arc::new(computed);
    computed.finish_later(pending, move |named| told.send(named).unwrap());
    let named = answers.try_recv().unwrap().unwrap();
    assert_eq!(
        named.attr,
        lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap()
    );
    let ino = lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap().ino;
    assert!(computed.open(ino, libc::O_RDONLY, Wait::No).is_none());
    assert_eq!(read(&computed, ino).unwrap(), "one");
    assert!(
        computed.open(ino, libc::O_RDONLY, Wait::No).is_some(),
        "kept from the last time"
    );
}

#[test]
fn nothing_is_written() {
    let (fake, computed) = mounted();
    fake.set("a.ts", Ok("one"));
    let ino = lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap().ino;
    for flags in [libc::O_WRONLY, libc::O_RDWR, libc::O_RDONLY | libc::O_TRUNC] {
        let refused = computed.open(ino, flags, Wait::Yes).unwrap();
        assert_eq!(refused.err(), Some(failed(libc::EROFS)));
    }
    assert_eq!(computed.access(ino, libc::W_OK), Err(failed(libc::EROFS)));
    assert_eq!(computed.access(ino, libc::R_OK), Ok(()));
}

#[test]
fn outputs_are_no_more_readable_than_their_sources() {
    let (fake, computed) = mounted();
    fake.set("secret/a.ts", Ok("one"));
    let chmod = |name: &str, mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(fake.real(&path(name)), permissions).unwrap();
    };
    chmod("secret/a.ts", 0o4750);
    chmod("secret", 0o700);
    let directory = lookup(&computed, COMPUTED_ROOT, "secret").unwrap();
    let file = lookup(&computed, directory.ino, "a.ts").unwrap();
    assert_eq!((directory.perm, file.perm), (0o500, 0o440));
    chmod("secret/a.ts", 0o600);
    assert_eq!(
        lookup(&computed, directory.ino, "a.ts").unwrap().perm,
        0o400
    );
    assert_eq!(computed.getattr(file.ino, None).unwrap().0.perm, 0o400);
}

#[test]
fn a_copy_is_the_version_that_was_looked_up_or_stale() {
    let (fake, computed) = mounted();
    std::fs::write(fake.real(&path("logo.svg")), "<svg/>").unwrap();
    let ino = lookup(&computed, COMPUTED_ROOT, "logo.svg").unwrap().ino;
    std::fs::write(fake.real(&path("logo.svg")), "<svg />").unwrap();
    assert_eq!(read(&computed, ino), Err(failed(libc::ESTALE)));
    let ino = lookup(&computed, COMPUTED_ROOT, "logo.svg").unwrap().ino;
    assert_eq!(read(&computed, ino).unwrap(), "<svg />");
}

#[test]
fn a_copy_that_is_being_written_is_the_version_that_was_looked_up() {
    let (fake, computed) = mounted();
    std::fs::write(fake.real(&path("notes.txt")), "one").unwrap();
    let ino = lookup(&computed, COMPUTED_ROOT, "notes.txt").unwrap().ino;
    let one = Bytes::from("one");
    let hash = ContentHash::of(&one);
    fake.blobs.lock().unwrap().insert(hash, one);
    std::fs::write(fake.real(&path("notes.txt")), "two").unwrap();
    assert_eq!(read(&computed, ino), Ok("one".into()));
}

#[test]
fn a_large_copy_is_read_in_place_while_it_is_the_same() {
    let (fake, computed) = mounted();
    let real = fake.real(&path("film.bin"));
    std::fs::write(&real, vec![7; (8 << 20) + 5]).unwrap();
    let ino = lookup(&computed, COMPUTED_ROOT, "film.bin").unwrap().ino;
    let opened = computed
        .open(ino, libc::O_RDONLY, Wait::Yes)
        .unwrap()
        .unwrap();
    assert_eq!(opened.content.read(8 << 20, 100).unwrap(), vec![7; 5]);
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::rename(&real, fake.real(&path("moved.bin"))).unwrap();
    assert_eq!(opened.content.read(0, 3).unwrap(), vec![7; 3]);
    std::fs::write(fake.real(&path("moved.bin")), "short").unwrap();
    assert_eq!(opened.content.read(0, 3), Err(failed(libc::ESTALE)));
    computed.release(opened.handle);
}

#[test]
fn live_text_is_opened_as_it_was_looked_up() {
    let (_fake, computed) = mounted();
    let first = lookup(&computed, COMPUTED_ROOT, "live").unwrap();
    assert_eq!(first.size, 1);
    assert_eq!(read(&computed, first.ino).unwrap(), "1");
}

#[test]
fn the_hash_is_an_attribute_by_name() {
    let (fake, computed) = mounted();
    fake.set("a.ts", Ok("one"));
    let ino = lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap().ino;
    let hash = ContentHash::of(b"one").to_hex();
    let attribute = |ino, name| computed.getxattr(ino, name, Wait::No);
    assert_eq!(attribute(ino, HASH_ATTRIBUTE), Some(Ok(hash.into_bytes())));
    let absent = || Some(Err(failed(libc::ENODATA)));
    assert_eq!(attribute(ino, b"user.x"), absent());
    assert_eq!(attribute(COMPUTED_ROOT, HASH_ATTRIBUTE), absent());
}

#[test]
fn names_that_are_none_are_refused() {
    let (_fake, computed) = mounted();
    let long = "x".repeat(256);
    for (name, number) in [
        (&*long, libc::ENAMETOOLONG),
        ("..", libc::EINVAL),
        (".", libc::EINVAL),
        ("a/b", libc::EINVAL),
        ("x", libc::ENOENT),
    ] {
        assert_eq!(
            lookup(&computed, COMPUTED_ROOT, name),
            Err(failed(number)),
            "{name}"
        );
    }
    assert_eq!(
        lookup(&computed, COMPUTED_ROOT | 12345, "x"),
        Err(failed(libc::ESTALE))
    );
}

#[test]
fn a_listing_goes_on_where_it_stopped() {
    let (_fake, computed) = mounted();
    let handle = computed.opendir(COMPUTED_ROOT).unwrap();
    let mut names = Vec::new();
    let mut offset = 0;
    loop {
        let mut room = 7;
        let before = names.len();
        computed
            .readdir(handle, offset, &mut |entry| {
                if room == 0 {
                    return true;
                }
                room -= 1;
                assert_ne!(entry.ino, 0);
                names.push((String::from_utf8(entry.name.to_vec()).unwrap(), entry.ino));
                offset = entry.next;
                false
            })
            .unwrap();
        if names.len() == before {
            break;
        }
    }
    assert_eq!(names.len(), 102);
    assert_eq!(names[0], (".".into(), COMPUTED_ROOT));
    assert_eq!(names[1], ("..".into(), ROOT));
    assert_eq!(names[101].0, "f099.ts");
    computed.releasedir(handle);
    let closed = computed.readdir(handle, 0, &mut |_| true);
    assert_eq!(closed, Err(failed(libc::EBADF)));
}

#[test]
fn an_output_is_all_data() {
    let (fake, computed) = mounted();
    fake.set("a.ts", Ok("one"));
    let ino = lookup(&computed, COMPUTED_ROOT, "a.ts").unwrap().ino;
    let handle = computed.open(ino, 0, Wait::Yes).unwrap().unwrap().handle;
    assert_eq!(computed.lseek(handle, 1, libc::SEEK_DATA), Ok(1));
    assert_eq!(computed.lseek(handle, 1, libc::SEEK_HOLE), Ok(3));
    assert_eq!(
        computed.lseek(handle, 3, libc::SEEK_DATA),
        Err(failed(libc::ENXIO))
    );
}
