//! The state folder: where it is, that it is ours alone, and that one process works in it at a time.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::error::{Error, Result};
use crate::base::ContentHash;

/// The default folder for a source: `$XDG_CACHE_HOME/hookfs/<hash of the source path>` (XDG Base Directory
/// Specification: a relative value is to be ignored), or the same under `~/.cache`.
///
/// # Errors
/// [`Error::NoStateHome`] where neither variable helps.
pub fn default_folder(source: &Path) -> Result<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let cache = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .ok_or(Error::NoStateHome)?;
    let name = ContentHash::of(source.as_os_str().as_bytes()).to_hex();
    Ok(cache.join("hookfs").join(&name[..32]))
}

/// Makes the folder where it is absent, for its owner alone, and gives its absolute path with links resolved. The
/// permissions of a folder that has something in it stay as they are: it may be anybody's.
///
/// # Errors
/// [`Error::Io`]; [`Error::Usage`] for a folder that everybody may write to.
pub fn create(folder: &Path) -> Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(Error::io("create", folder))?;
    let metadata = fs::metadata(folder).map_err(Error::io("look at", folder))?;
    if metadata.mode() & 0o002 != 0 {
        return Err(Error::Usage {
            message: format!(
                "cannot use `{}` for the state: everybody may write there",
                folder.display()
            ),
            hint: Some("give a folder of its own, such as a new one in it".into()),
        });
    }
    let mut entries = fs::read_dir(folder).map_err(Error::io("list", folder))?;
    if entries.next().is_none() {
        // Best effort: the files in it are made for their owner alone anyway.
        let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    }
    folder.canonicalize().map_err(Error::io("find", folder))
}

/// Writes a small file in one step, for its owner alone.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(&new)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&new, path));
    written.map_err(Error::io("write", path))
}

/// The right to work in a state folder, held until dropped (or until the process ends, however it ends).
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, waiting for at most `patience`: a process that is just ending, or another short command, is
    /// waited for; a daemon that serves is not worth the wait.
    ///
    /// # Errors
    /// [`Error::Locked`] with the holder; [`Error::Io`].
    pub fn take(state: &Path, patience: Duration) -> Result<Self> {
        let deadline = Instant::now() + patience;
        loop {
            match Self::try_take(state)? {
                Ok(lock) => return Ok(lock),
                Err(pid) if Instant::now() >= deadline => {
                    return Err(Error::Locked {
                        state: state.to_owned(),
                        pid,
                    });
                }
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// Takes the lock or tells the pid of the holder.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn try_take(state: &Path) -> Result<std::result::Result<Self, String>> {
        let path = state.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                write_pid(&mut file).map_err(Error::io("write", &path))?;
                Ok(Ok(Self { _file: file }))
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut text = String::new();
                // The pid is for people; that it can't be read changes nothing.
                let _ = file.take(32).read_to_string(&mut text);
                let known = text.trim().parse::<u32>().is_ok();
                Ok(Err(if known {
                    text.trim().to_owned()
                } else {
                    "unknown".to_owned()
                }))
            }
            Err(cause) => Err(Error::io("lock", &path)(io::Error::from(cause))),
        }
    }
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    match write!(file, "{}", std::process::id()) {
        // A full disk must not keep hookfs from serving: the lock itself needs no block.
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_with_the_pid_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let state = create(&folder.path().join("a/b")).unwrap();
        assert_eq!(
            fs::metadata(&state).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let lock = Lock::take(&state, Duration::ZERO).unwrap();
        let Err(Error::Locked { pid, .. }) = Lock::take(&state, Duration::ZERO) else {
            panic!("two locks on one state folder");
        };
        assert_eq!(pid, std::process::id().to_string());
        drop(lock);
        Lock::take(&state, Duration::from_secs(30)).unwrap();
    }
}
