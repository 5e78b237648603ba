//! Blobs that are too large for a database's page and too small for a file of their own: one behind the other in files
//! that only grow, found by what the database says of them.
//!
//! A file costs the disk more to make than a few KiB cost to write. What lies in a pack and is referred to no more stays
//! until the pack is emptied (`compact.rs`); what a crash left behind its end was never referred to.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::Blob;
use super::super::stamp::Stamp;
use super::entry::{Spot, blocks};
use super::folder::{make_private, private_file, remove_any};
use super::large::Found;
use crate::base::ContentHash;

/// So many bytes are written at once.
const PIECE: usize = 1 << 20;

/// The folder of packs. One thread writes; reading takes nothing but the place of a blob.
pub(super) struct Packs {
    root: PathBuf,
    /// Bytes from which a pack is full.
    longest: u64,
    /// What they all take on a disk.
    bytes: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The length of each.
    lengths: BTreeMap<u32, u64>,
    active: Option<Active>,
    /// Numbers are not given twice: who looked up a place just before its pack went must not find another one there.
    next: u32,
}

/// The pack that grows.
struct Active {
    number: u32,
    file: File,
    length: u64,
    /// Its metadata as the last append left them.
    stamp: Stamp,
}

/// How far was written.
pub(super) struct Mark {
    next: u32,
    last: Option<(u32, u64)>,
}

impl Packs {
    /// Packs in the folder `root`, which need not be there; [`Packs::survey`] is to be called first.
    pub(super) fn new(root: PathBuf, longest: u64) -> Self {
        Self {
            root,
            longest,
            bytes: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    fn path(&self, number: u32) -> PathBuf {
        self.root.join(format!("{number:08x}"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What they take on a disk, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn count(&self, state: &State) {
        let taken = state.lengths.values().map(|length| blocks(*length)).sum();
        self.bytes.store(taken, Ordering::Relaxed);
    }

    /// Bytes from which a pack is full.
    pub(super) fn longest(&self) -> u64 {
        self.longest
    }

    /// Looks which packs there are, gives their lengths, and removes what is none.
    pub(super) fn survey(&self) -> io::Result<BTreeMap<u32, u64>> {
        let mut state = self.state();
        self.survey_into(&mut state)?;
        Ok(state.lengths.clone())
    }

    fn survey_into(&self, state: &mut State) -> io::Result<()> {
        state.active = None;
        state.lengths.clear();
        let entries = match fs::read_dir(&self.root) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                remove_any(&self.root)?;
                None
            }
            other => Some(other?),
        };
        for entry in entries.into_iter().flatten() {
            let entry = entry?;
            let metadata = fs::symlink_metadata(entry.path())?;
            match number_of(&entry.file_name()).filter(|_| metadata.is_file()) {
                Some(number) => _ = state.lengths.insert(number, metadata.len()),
                None => remove_any(&entry.path())?,
            }
        }
        let last = state.lengths.last_key_value().map_or(0, |(last, _)| *last);
        state.next = state.next.max(last.saturating_add(1));
        self.count(state);
        Ok(())
    }

    /// The length of each as it was seen or written last.
    pub(super) fn lengths(&self) -> BTreeMap<u32, u64> {
        self.state().lengths.clone()
    }

    /// How far was written, for [`Packs::back_to`].
    pub(super) fn mark(&self) -> Mark {
        let state = self.state();
        let last = state.lengths.last_key_value();
        Mark {
            next: state.next,
            last: last.map(|(number, length)| (*number, *length)),
        }
    }

    /// Takes back what was appended since.
    pub(super) fn back_to(&self, mark: &Mark) {
        let mut state = self.state();
        let newer: Vec<u32> = state.lengths.range(mark.next..).map(|(n, _)| *n).collect();
        for number in newer {
            self.forget(&mut state, number);
        }
        if let Some((number, length)) = mark.last
            && let Some(active) = state.active.as_mut().filter(|one| one.number == number)
        {
            match active.cut(length) {
                Ok(()) => _ = state.lengths.insert(number, length),
                // It ends in bytes that nothing refers to.
                Err(error) => tracing::debug!("a pack cannot be cut: {error}"),
            }
        }
        self.count(&state);
    }

    /// Writes blobs one behind the other, and gives where each lies. Where that fails, nothing refers to what was
    /// written, and [`Packs::back_to`] takes it back.
    pub(super) fn append(&self, blobs: &[&[u8]]) -> io::Result<Vec<Spot>> {
        let mut state = self.state();
        let mut spots = Vec::with_capacity(blobs.len());
        let mut rest = blobs;
        while !rest.is_empty() {
            let mut active = self.open_active(&mut state)?;
            let mut piece = Vec::with_capacity(PIECE.min(rest.iter().map(|one| one.len()).sum()));
            let start = active.length;
            while let Some((first, others)) = rest.split_first() {
                let offset = start + piece.len() as u64;
                let full = offset >= self.longest || piece.len() + first.len() > PIECE;
                if full && !piece.is_empty() {
                    break;
                }
                spots.push(Spot {
                    pack: active.number,
                    offset,
                });
                piece.extend_from_slice(first);
                rest = others;
            }
            let written = active.write(&piece);
            state.lengths.insert(active.number, active.length);
            state.active = Some(active);
            self.count(&state);
            written?;
        }
        Ok(spots)
    }

    /// The pack to go on with: the last one, where nobody else touched it and it has room, or a new one.
    fn open_active(&self, state: &mut State) -> io::Result<Active> {
        if let Some(active) = state.active.take() {
            let in_place = fs::symlink_metadata(self.path(active.number));
            if !in_place.is_ok_and(|found| Stamp::of(&found) == active.stamp) {
                // Somebody was at the folder.
                self.survey_into(state)?;
            } else if active.length < self.longest {
                return Ok(active);
            }
        } else if let Some((&number, &length)) = state.lengths.last_key_value()
            && length < self.longest
            && number + 1 == state.next
            && let Ok(active) = Active::open(number, &self.path(number))
        {
            return Ok(active);
        }
        self.make_new(state)
    }

    fn make_new(&self, state: &mut State) -> io::Result<Active> {
        let number = state.next;
        let next = number.checked_add(1);
        state.next = next.ok_or_else(|| io::Error::other("there are no more names of packs"))?;
        make_private(&self.root)?;
        let path = self.path(number);
        remove_any(&path)?;
        let file = private_file(&path)?;
        let stamp = Stamp::of(&file.metadata()?);
        state.lengths.insert(number, 0);
        Ok(Active {
            number,
            file,
            length: 0,
            stamp,
        })
    }

    /// Appends to none of the packs that `going` tells of.
    pub(super) fn leave(&self, going: impl Fn(u32) -> bool) {
        let mut state = self.state();
        if state
            .lengths
            .last_key_value()
            .is_some_and(|(last, _)| going(*last))
        {
            state.active = None;
            // It is not taken up again: only the one before the next is.
            state.next = state.next.saturating_add(1);
        }
    }

    /// Removes a pack.
    pub(super) fn remove(&self, number: u32) {
        let mut state = self.state();
        self.forget(&mut state, number);
        self.count(&state);
    }

    fn forget(&self, state: &mut State, number: u32) {
        if state
            .active
            .as_ref()
            .is_some_and(|one| one.number == number)
        {
            state.active = None;
        }
        match remove_any(&self.path(number)) {
            Ok(()) => _ = state.lengths.remove(&number),
            // It still counts, and the next compaction tries again.
            Err(error) => tracing::debug!("a pack cannot be removed: {error}"),
        }
    }

    /// Removes all.
    pub(super) fn clear(&self) -> io::Result<()> {
        let mut state = self.state();
        state.active = None;
        remove_any(&self.root)?;
        state.lengths.clear();
        self.count(&state);
        Ok(())
    }

    /// Reads a blob of `size` bytes, and checks it.
    pub(super) fn read(&self, spot: Spot, size: u64, hash: &ContentHash) -> io::Result<Found> {
        let opened = File::options()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(self.path(spot.pack));
        let file = match opened {
            Ok(file) => file,
            Err(error) => return super::large::unopened(error),
        };
        // No blob in a pack is larger than a file of its own would be.
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > super::PACKED {
            return Ok(Found::Damaged);
        }
        let mut bytes = vec![0; size];
        match file.read_exact_at(&mut bytes, spot.offset) {
            Ok(()) if ContentHash::of(&bytes) == *hash => {
                Ok(Found::Whole(Blob::Memory(bytes.into())))
            }
            Ok(()) => Ok(Found::Damaged),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Found::Damaged),
            // A folder in its place; a disk that cannot read it: what is damaged is computed and written anew.
            Err(error) if error.kind() == ErrorKind::IsADirectory => Ok(Found::Damaged),
            Err(error) if error.raw_os_error() == Some(libc::EIO) => Ok(Found::Damaged),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a pack long enough.
    pub(super) fn has(&self, spot: Spot, size: u64) -> bool {
        fs::symlink_metadata(self.path(spot.pack))
            .is_ok_and(|found| found.is_file() && found.len() >= spot.offset.saturating_add(size))
    }
}

impl Active {
    /// Goes on with one that an earlier process left.
    fn open(number: u32, path: &Path) -> io::Result<Self> {
        let file = File::options()
            .write(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(ErrorKind::InvalidData.into());
        }
        Ok(Self {
            number,
            file,
            length: metadata.len(),
            stamp: Stamp::of(&metadata),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all_at(bytes, self.length) {
            // What could be written of it is in nobody's way.
            let _ = self.cut(self.length);
            return Err(error);
        }
        self.length += bytes.len() as u64;
        self.look()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.length = length;
        self.look()
    }

    fn look(&mut self) -> io::Result<()> {
        self.stamp = Stamp::of(&self.file.metadata()?);
        Ok(())
    }
}

fn number_of(name: &std::ffi::OsStr) -> Option<u32> {
    let name = name.to_str().filter(|name| name.len() == 8)?;
    u32::from_str_radix(name, 16).ok()
}
