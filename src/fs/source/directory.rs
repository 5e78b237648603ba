//! Listing directories: a stream of the source's own entries, with its own offsets, which stay right while it changes.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{OFlags, SeekFrom, seek};

use super::super::types::{Errno, FileKind, Ino, ROOT, Result};
use super::names::reopen;
use super::stat::{Identity, Stat};
use super::{DirEntry, Entry, Handle, SourceFs};

/// How much is read ahead of the kernel's requests.
const CHUNK: usize = 32 * 1024;

/// Where the name begins in a `linux_dirent64` (getdents(2)).
const NAME: usize = 19;

/// An open directory.
pub(super) struct OpenDirectory {
    ino: Ino,
    identity: Identity,
    file: OwnedFd,
    stream: Mutex<Stream>,
}

/// What was read and not given yet.
#[derive(Default)]
struct Stream {
    /// The offset of the next entry to be given.
    offset: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl SourceFs {
    /// Opens a directory. May block.
    ///
    /// # Errors
    /// As open(2); ESTALE where it is no longer where it was.
    pub fn opendir(&self, ino: Ino) -> Result<Handle> {
        self.room()?;
        let directory = self.directory(ino)?;
        let file = reopen(&*directory, OFlags::DIRECTORY | OFlags::CLOEXEC)?;
        let identity = Stat::of(&file)?.identity();
        let number = self.next_handle.fetch_add(1, Ordering::Relaxed);
        let open = OpenDirectory {
            ino,
            identity,
            file,
            stream: Mutex::default(),
        };
        let mut directories = self.directories.write();
        let directories = directories
            .as_mut()
            .unwrap_or_else(|poison| poison.get_mut());
        directories.insert(number, Arc::new(open));
        Ok(Handle(number))
    }

    /// Gives entries from `offset` on (0, or the `next` of one given before) until `add` says `true`, which means that
    /// there was no room for that one, or the directory ends. May block. `add` must not list the same handle.
    ///
    /// # Errors
    /// As getdents(2).
    pub fn readdir(
        &self,
        handle: Handle,
        offset: u64,
        add: &mut dyn FnMut(DirEntry<'_>) -> bool,
    ) -> Result<()> {
        let open = self.open_directory(handle)?;
        let mut stream = open.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.go_to(&open.file, offset)?;
        while stream.fill(&open.file)? {
            let (raw, length) = parse(&stream.buffer[stream.at..]).ok_or(Errno(libc::EIO))?;
            if !self.hidden(&open, raw.name) {
                let entry = DirEntry {
                    ino: self.listed_number(&open, &raw),
                    kind: self.listed_kind(&open, &raw),
                    name: raw.name,
                    next: raw.next,
                };
                if add(entry) {
                    return Ok(());
                }
            }
            let next = raw.next;
            stream.at += length;
            stream.offset = next;
        }
        Ok(())
    }

    /// As [`SourceFs::readdir`], each name with its entry, which counts as a lookup if it was taken; `.` and `..` do
    /// not (FUSE_READDIRPLUS). A name that went meanwhile is left out.
    ///
    /// # Errors
    /// As getdents(2).
    pub fn readdir_plus(
        &self,
        handle: Handle,
        offset: u64,
        add: &mut dyn FnMut(DirEntry<'_>, Entry) -> bool,
    ) -> Result<()> {
        let open = self.open_directory(handle)?;
        self.readdir(handle, offset, &mut |listed| {
            if matches!(listed.name, b"." | b"..") {
                let Ok(attr) = self.getattr(listed.ino, None) else {
                    return false;
                };
                let entry = Entry {
                    attr,
                    generation: 0,
                };
                return add(listed, entry);
            }
            let Ok(entry) = self.entry(open.ino, &open.file, listed.name) else {
                return false;
            };
            let listed = DirEntry {
                ino: entry.attr.ino,
                kind: entry.attr.kind,
                ..listed
            };
            let full = add(listed, entry);
            if full {
                self.forget(entry.attr.ino, 1);
            }
            full
        })
    }

    /// The last descriptor was closed.
    pub fn releasedir(&self, handle: Handle) {
        let mut directories = self.directories.write();
        let directories = directories
            .as_mut()
            .unwrap_or_else(|poison| poison.get_mut());
        directories.remove(&handle.0);
    }

    /// Makes the names durable. May block.
    ///
    /// # Errors
    /// As fsync(2).
    pub fn fsyncdir(&self, handle: Handle, datasync: bool) -> Result<()> {
        super::data::sync(&self.open_directory(handle)?.file, datasync)
    }

    fn open_directory(&self, handle: Handle) -> Result<Arc<OpenDirectory>> {
        let directories = self.directories.read();
        let directories = directories.unwrap_or_else(PoisonError::into_inner);
        directories
            .get(&handle.0)
            .cloned()
            .ok_or(Errno(libc::EBADF))
    }

    /// Our own mount point is not there.
    fn hidden(&self, open: &OpenDirectory, name: &[u8]) -> bool {
        let Some((parent, own)) = self.root.mount_point.get() else {
            return false;
        };
        *parent == open.identity
            && **own == *name
            && Stat::named(&open.file, name).is_ok_and(|stat| self.root.is_own(stat.device()))
    }

    fn listed_number(&self, open: &OpenDirectory, raw: &Raw<'_>) -> Ino {
        match raw.name {
            b"." => open.ino,
            b".." if open.ino == ROOT => ROOT,
            b".." => self
                .inodes
                .get(open.ino)
                .and_then(|inode| inode.state().places.last().map(|place| place.parent))
                .unwrap_or(ROOT),
            _ => self.inodes.number_listed(open.identity.device, raw.number),
        }
    }

    fn listed_kind(&self, open: &OpenDirectory, raw: &Raw<'_>) -> FileKind {
        match raw.kind {
            libc::DT_REG => FileKind::Regular,
            libc::DT_DIR => FileKind::Directory,
            libc::DT_LNK => FileKind::Symlink,
            libc::DT_FIFO => FileKind::Fifo,
            libc::DT_SOCK => FileKind::Socket,
            libc::DT_CHR => FileKind::CharDevice,
            libc::DT_BLK => FileKind::BlockDevice,
            _ => self
                .stat_named(&open.file, raw.name)
                .map_or(FileKind::Regular, |stat| stat.kind()),
        }
    }
}

/// One `linux_dirent64`.
struct Raw<'a> {
    number: u64,
    next: u64,
    kind: u8,
    name: &'a [u8],
}

impl Stream {
    fn go_to(&mut self, file: &OwnedFd, offset: u64) -> Result<()> {
        // The beginning is always read anew: rewinddir(3) shows the directory as it is then.
        if offset != self.offset || offset == 0 {
            seek(file, SeekFrom::Start(offset))?;
            self.buffer.clear();
            self.at = 0;
            self.offset = offset;
        }
        Ok(())
    }

    /// Reads on where everything was given; false at the end.
    fn fill(&mut self, file: &OwnedFd) -> Result<bool> {
        if self.at < self.buffer.len() {
            return Ok(true);
        }
        self.at = 0;
        self.buffer.resize(CHUNK, 0);
        // SAFETY: the kernel writes at most CHUNK bytes into the buffer, which has as many.
        let count = unsafe {
            libc::syscall(
                libc::SYS_getdents64,
                file.as_raw_fd(),
                self.buffer.as_mut_ptr(),
                CHUNK,
            )
        };
        let read = usize::try_from(count);
        self.buffer.truncate(*read.as_ref().unwrap_or(&0));
        match read {
            Ok(count) => Ok(count > 0),
            Err(_) => match Errno::of(&std::io::Error::last_os_error()) {
                // The directory was removed: it has no entries.
                Errno(libc::ENOENT) => Ok(false),
                error => Err(error),
            },
        }
    }
}

/// The entry at the beginning of `bytes`, and its length.
fn parse(bytes: &[u8]) -> Option<(Raw<'_>, usize)> {
    let number = bytes.get(0..8)?.try_into().map(u64::from_ne_bytes).ok()?;
    let next = bytes.get(8..16)?.try_into().map(u64::from_ne_bytes).ok()?;
    let length = bytes.get(16..18)?.try_into().map(u16::from_ne_bytes).ok()?;
    let kind = *bytes.get(18)?;
    let name = bytes.get(NAME..usize::from(length))?;
    let name = name.split(|&byte| byte == 0).next()?;
    let raw = Raw {
        number,
        next,
        kind,
        name,
    };
    Some((raw, usize::from(length)))
}
