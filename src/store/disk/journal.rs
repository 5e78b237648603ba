//! What was committed since the last snapshot, appended to a file: what a kill leaves behind.
//!
//! Each entry is one transaction, sealed together with its place, so that a cut, flipped or moved one is not applied.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::super::stamp::Stamp;
use super::entry;
use super::folder::{private_file, remove_any};

/// The length of an entry's payload, before it and its seal.
const LENGTH: usize = 4;
const HEAD: usize = LENGTH + entry::seal_len();
/// No transaction is larger.
const LARGEST: usize = 1 << 30;
/// In the place of a value's length: the key was removed.
const REMOVED: u32 = u32::MAX;
/// The entry that the last daemon leaves behind: nothing came after.
const END: &[u8] = b"end";

/// What one transaction did, in order.
#[derive(Default)]
pub(super) struct Changes(Vec<u8>);

impl Changes {
    pub(super) fn put(&mut self, key: &[u8], value: &[u8]) {
        self.head(key, u32::try_from(value.len()).unwrap_or(REMOVED - 1));
        self.0.extend_from_slice(value);
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        self.head(key, REMOVED);
    }

    fn head(&mut self, key: &[u8], length: u32) {
        // LMDB takes no key of more than 511 bytes.
        let key_length = u16::try_from(key.len()).unwrap_or(u16::MAX);
        self.0.extend_from_slice(&key_length.to_le_bytes());
        self.0.extend_from_slice(&length.to_le_bytes());
        self.0.extend_from_slice(key);
    }
}

/// Reads what [`Changes`] wrote: the keys with their values, `None` for a removed one.
pub(super) struct Steps<'a>(&'a [u8]);

impl<'a> Steps<'a> {
    pub(super) fn of(payload: &'a [u8]) -> Self {
        Self(payload)
    }
}

impl<'a> Iterator for Steps<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key_length, rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*key_length)))?;
        let length = u32::from_le_bytes(*length);
        if length == REMOVED {
            self.0 = rest;
            return Some((key, None));
        }
        let (value, rest) = rest.split_at_checked(length as usize)?;
        self.0 = rest;
        Some((key, Some(value)))
    }
}

/// How the reading of a journal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// By the word of a daemon that ended in order.
    Ordered,
    /// Without it, or in the middle of an entry, as a kill leaves it.
    Killed,
    /// In bytes that were never written so.
    Damaged,
}

/// The journal, open for appending.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    length: u64,
    stamp: Stamp,
}

impl Journal {
    /// An empty one in the place of any other.
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        remove_any(path)?;
        let file = private_file(path)?;
        let stamp = Stamp::of(&file.metadata()?);
        Ok(Self {
            path: path.to_owned(),
            file,
            length: 0,
            stamp,
        })
    }

    /// Opens the one that is there and shows each transaction in it; what follows the last good one is cut off.
    pub(super) fn replay<E>(
        path: &Path,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> io::Result<Result<(Self, Ending), E>> {
        let file = File::options()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut reader = io::BufReader::with_capacity(256 << 10, &file);
        let mut length = 0;
        let ending = loop {
            let left = metadata.len() - length;
            match entry(&mut reader, length, left)? {
                Ok(payload) if payload == END => {
                    let last = left == (HEAD + END.len()) as u64;
                    break if last {
                        Ending::Ordered
                    } else {
                        Ending::Damaged
                    };
                }
                Ok(payload) => {
                    if let Err(error) = each(&payload) {
                        return Ok(Err(error));
                    }
                    length += (HEAD + payload.len()) as u64;
                }
                Err(ending) => break ending,
            }
        };
        drop(reader);
        // The word of an ordered end holds once.
        file.set_len(length)?;
        let stamp = Stamp::of(&file.metadata()?);
        let path = path.to_owned();
        let journal = Self {
            path,
            file,
            length,
            stamp,
        };
        Ok(Ok((journal, ending)))
    }

    /// Whether the file is as the last append left it, and in its place.
    pub(super) fn intact(&self) -> bool {
        let in_place = std::fs::symlink_metadata(&self.path);
        in_place.is_ok_and(|metadata| Stamp::of(&metadata) == self.stamp)
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Appends one transaction.
    pub(super) fn append(&mut self, changes: &Changes) -> io::Result<()> {
        self.write(&changes.0)
    }

    /// Leaves word that nothing came after.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.write(END)
    }

    fn write(&mut self, payload: &[u8]) -> io::Result<()> {
        if payload.len() > LARGEST {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let before = self.length;
        let mut bytes = Vec::with_capacity(HEAD + payload.len());
        // As checked above, this fits.
        bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&entry::seal(&before.to_le_bytes(), payload));
        let written = self.file.write_all_at(&bytes, before);
        self.length += bytes.len() as u64;
        match written {
            Ok(()) => self.look(),
            Err(error) => {
                self.back_to(before)?;
                Err(error)
            }
        }
    }

    /// Takes back what was appended since it was `length` bytes long.
    pub(super) fn back_to(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.length = length;
        self.look()
    }

    fn look(&mut self) -> io::Result<()> {
        self.stamp = Stamp::of(&self.file.metadata()?);
        Ok(())
    }
}

/// The next entry, `left` bytes before the end.
fn entry(reader: &mut impl Read, offset: u64, left: u64) -> io::Result<Result<Vec<u8>, Ending>> {
    if left < HEAD as u64 {
        return Ok(Err(Ending::Killed));
    }
    let mut length = [0; LENGTH];
    reader.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > LARGEST {
        return Ok(Err(Ending::Damaged));
    }
    if (HEAD + length) as u64 > left {
        return Ok(Err(Ending::Killed));
    }
    let mut sealed = vec![0; entry::seal_len() + length];
    reader.read_exact(&mut sealed)?;
    Ok(entry::unseal(&offset.to_le_bytes(), &sealed)
        .map(<[u8]>::to_vec)
        .ok_or(Ending::Damaged))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(number: u8) -> Changes {
        let mut changes = Changes::default();
        changes.put(&[number], &[number; 50]);
        changes.remove(b"gone");
        changes
    }

    fn replay(path: &Path) -> (Vec<Vec<u8>>, Ending) {
        let mut seen = Vec::new();
        let found = Journal::replay(path, |payload| {
            seen.push(payload.to_vec());
            Ok::<(), ()>(())
        });
        let (_, ending) = found.unwrap().unwrap();
        (seen, ending)
    }

    #[test]
    fn what_is_read_is_a_beginning_of_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::make(&path).unwrap();
        let all: Vec<_> = (0..4).map(changes).collect();
        all.iter().for_each(|one| journal.append(one).unwrap());
        journal.end().unwrap();
        assert!(journal.intact());
        let whole = std::fs::read(&path).unwrap();
        let steps: Vec<_> = Steps::of(&all[3].0).collect();
        assert_eq!(steps, [(&[3][..], Some(&[3; 50][..])), (b"gone", None)]);
        let check = |bytes: &[u8], damaged: bool| {
            std::fs::write(&path, bytes).unwrap();
            let (seen, ending) = replay(&path);
            assert!(seen.iter().zip(&all).all(|(seen, one)| *seen == one.0));
            assert!(!damaged || ending != Ending::Ordered);
            seen.len()
        };
        assert_eq!(check(&whole, false), 4);
        // The word holds once.
        assert_eq!(replay(&path).1, Ending::Killed);
        for cut in 0..whole.len() {
            check(&whole[..cut], true);
        }
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            check(&flipped, true);
        }
    }

    #[test]
    fn what_others_do_to_it_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let damages: [fn(&Path); 4] = [
            |path| std::fs::remove_file(path).unwrap(),
            |path| std::fs::write(path, "").unwrap(),
            |path| std::fs::rename(path, path.with_extension("away")).unwrap(),
            |path| {
                std::fs::remove_file(path).unwrap();
                std::fs::create_dir(path).unwrap();
            },
        ];
        for damage in damages {
            let mut journal = Journal::make(&path).unwrap();
            journal.append(&changes(1)).unwrap();
            assert!(journal.intact());
            damage(&path);
            assert!(!journal.intact());
        }
    }
}
