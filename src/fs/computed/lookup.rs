//! Names: here freshness is decided.

use super::inodes::{Facts, Object};
use super::originals::Original;
use super::{COMPUTED_ROOT, Computed, DIRECTORY_LIFE, LONG, Named};
use crate::base::{ContentHash, SourcePath};
use crate::compute::{Context, Failure};
use crate::fs::types::{Errno, FileKind, Ino, Result};
use crate::graph::Fetched;
use crate::router::{File, Found, Live, Quotes};
use crate::store::Blob;

use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::Duration;

/// The longest name (NAME_MAX of limits.h(0p) on Linux).
const NAME_MAX: usize = 255;

/// Up to this size in bytes a source file's identity may be found by a thread that serves requests: it may have to be
/// read.
const COPY_AT_ONCE: u64 = 256 << 10;

/// What a lookup has come to at once.
pub enum Looked {
    /// The answer.
    Now(Result<Named>),
    /// It takes a computation, or a disk.
    Later(Pending),
}

/// A lookup that has found which file the name stands for, and not yet which version that has now.
pub struct Pending(File);

impl Pending {
    /// Whether it waits for the graph; otherwise it takes a thread that may wait.
    pub fn is_computed(&self) -> bool {
        matches!(self.0, File::Node { .. })
    }
}

impl Computed {
    /// What `name` in the directory `parent` leads to; counts as a lookup.
    ///
    /// # Errors
    /// ENOENT; ESTALE where `parent` is no directory any more; EIO and the others of a failed computation, which was
    /// reported.
    pub fn lookup(&self, parent: Ino, name: &[u8]) -> Looked {
        let path = match self.path_of_name(parent, name) {
            Ok(path) => path,
            Err(error) => return Looked::Now(Err(error)),
        };
        let look = self.outputs.look();
        Looked::Now(match self.view.lookup(&*look, &path) {
            Err(failure) => Err(self.name_failed(&path, &failure)),
            Ok(Found::Absent) => Err(self.absent(&*look, &path)),
            Ok(Found::Directory { source }) => Ok(self.name_directory(path, source.as_ref())),
            Ok(Found::Link(target)) => Ok(self.name_link(path, target)),
            Ok(Found::File(file)) => {
                drop(look);
                return self.name_file(file);
            }
        })
    }

    /// Ends a lookup, and waits for what it takes.
    ///
    /// # Errors
    /// As [`Computed::lookup`].
    pub fn finish(&self, pending: Pending) -> Result<Named> {
        let file = pending.0;
        match &file {
            File::Node { key, part, .. } => {
                let fetched = self.outputs.fetch(key, *part);
                self.name_node(file, fetched)
            }
            File::Copy(path) => {
                let original = self.originals.stat(path)?;
                self.name_copy(file, &original)
            }
            File::Text(live) => self.name_text(&file, live.as_ref()),
            File::Version(version) => {
                let kept = self.find_version(version)?;
                self.name_kept(&file, version, kept)
            }
        }
    }

    /// As [`Computed::finish`], without waiting for a computation: `then` gets the answer on the thread that has it, or
    /// is dropped where everything ends before.
    pub fn finish_later(
        self: &Arc<Self>,
        pending: Pending,
        then: impl FnOnce(Result<Named>) + Send + 'static,
    ) {
        let file = pending.0;
        let File::Node { key, part, .. } = &file else {
            return then(self.finish(Pending(file)));
        };
        let (this, key, part) = (self.clone(), key.clone(), *part);
        let named = move |fetched| then(this.name_node(file, fetched));
        self.outputs.fetch_later(&key, part, Box::new(named));
    }

    fn path_of_name(&self, parent: Ino, name: &[u8]) -> Result<SourcePath> {
        let directory = self.directory(parent)?;
        match name {
            _ if name.len() > NAME_MAX => Err(Errno(libc::ENAMETOOLONG)),
            b"" | b"." | b".." => Err(Errno(libc::EINVAL)),
            _ if name.iter().any(|&b| b == b'/' || b == 0) => Err(Errno(libc::EINVAL)),
            _ => Ok(directory.child(name)),
        }
    }

    /// Why nothing is at `path`: there is no such name, or no such directory any more, so that the kernel must walk
    /// anew.
    fn absent(&self, look: &dyn Context, path: &SourcePath) -> Errno {
        match path.parent() {
            Some(parent) if !self.is_directory(look, &parent) => Errno(libc::ESTALE),
            _ => Errno(libc::ENOENT),
        }
    }

    pub(super) fn is_directory(&self, look: &dyn Context, path: &SourcePath) -> bool {
        path.is_root() || matches!(self.view.lookup(look, path), Ok(Found::Directory { .. }))
    }

    pub(super) fn name_failed(&self, path: &SourcePath, failure: &Failure) -> Errno {
        tracing::debug!("cannot look at `/~@{path}`: {failure}");
        Errno::from(failure)
    }

    /// The root of the outputs, under the name `~@`.
    pub fn root(&self) -> Named {
        Named {
            attr: self.attr(
                COMPUTED_ROOT,
                FileKind::Directory,
                1,
                &self.directory_facts(Some(&self.source)),
            ),
            generation: 0,
            entry_life: DIRECTORY_LIFE,
            attr_life: Duration::ZERO,
        }
    }

    fn name_directory(&self, path: SourcePath, source: Option<&SourcePath>) -> Named {
        let facts = self.directory_facts(source);
        let ino = self.inodes.intern(Object::Directory(path), facts);
        Named {
            attr: self.attr(ino, FileKind::Directory, 1, &facts),
            generation: 0,
            entry_life: DIRECTORY_LIFE,
            attr_life: Duration::ZERO,
        }
    }

    /// A directory takes the times and permissions of the one that it mirrors.
    pub(super) fn directory_facts(&self, source: Option<&SourcePath>) -> Facts {
        let original = source.and_then(|source| self.originals.stat(source).ok());
        match original {
            Some(original) => Facts {
                len: 0,
                modified: original.modified,
                perm: original.perm & 0o555,
                uid: original.uid,
                gid: original.gid,
            },
            None => self.own_facts(0, 0o555),
        }
    }

    /// What describes the daemon belongs to the daemon's user.
    fn own_facts(&self, len: u64, perm: u16) -> Facts {
        Facts {
            len,
            modified: self.started,
            perm,
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
        }
    }

    fn name_link(&self, path: SourcePath, target: Vec<u8>) -> Named {
        let facts = self.own_facts(target.len() as u64, 0o777);
        let object = Object::Link {
            path,
            target: target.into(),
        };
        let ino = self.inodes.intern(object, facts);
        Named {
            attr: self.attr(ino, FileKind::Symlink, 1, &facts),
            generation: 0,
            entry_life: Duration::ZERO,
            attr_life: LONG,
        }
    }

    fn name_file(&self, file: File) -> Looked {
        Looked::Now(match &file {
            File::Node { key, part, .. } => match self.outputs.try_fetch(key, *part) {
                Some(fetched) => self.name_node(file, fetched),
                None => return Looked::Later(Pending(file)),
            },
            File::Copy(path) => match self.originals.stat(path) {
                Ok(original) if original.size > COPY_AT_ONCE => {
                    return Looked::Later(Pending(file));
                }
                Ok(original) => self.name_copy(file, &original),
                Err(error) => Err(error),
            },
            File::Text(live) => match live.stream() {
                Some(path) => self.name_stream(&file, &path),
                // Its text may need verifications and runs (`errors.json`).
                None => return Looked::Later(Pending(file)),
            },
            File::Version(version) => match self.try_version(version) {
                Some(kept) => self.name_kept(&file, version, kept),
                None => return Looked::Later(Pending(file)),
            },
        })
    }

    fn name_node(
        &self,
        file: File,
        fetched: std::result::Result<Fetched, Failure>,
    ) -> Result<Named> {
        let File::Node { key, part, names } = &file else {
            return Err(Errno(libc::EINVAL));
        };
        match fetched {
            Ok(fetched) => {
                self.failures.is_well(key);
                let names = *names;
                let original = self.original(&key.path)?;
                let original = self.readable(key, *part, &fetched.hash, original);
                Ok(self.name_version(file, names, &fetched, &original))
            }
            Err(failure) => {
                self.report(key, &failure);
                Err(Errno::from(&failure))
            }
        }
    }

    /// What an output of the source at `path` takes over, from what makes that file where it is none of the tree.
    pub(super) fn original(&self, path: &SourcePath) -> Result<Original> {
        let found = self.originals.stat(path);
        if found != Err(Errno(libc::ENOENT)) {
            return found;
        }
        let look = self.outputs.look();
        match self.view.maker(&*look, path) {
            Ok(Some(maker)) => self.originals.stat(&maker),
            Ok(None) => found,
            Err(failure) => Err(self.name_failed(path, &failure)),
        }
    }

    fn name_copy(&self, file: File, original: &Original) -> Result<Named> {
        let File::Copy(path) = &file else {
            return Err(Errno(libc::EINVAL));
        };
        let fetched = self.outputs.version(path);
        let fetched = fetched.map_err(|error| Errno::from(&error))?;
        Ok(self.name_version(file, 1, &fetched, original))
    }

    /// No version of an output is more readable than its source.
    pub(super) fn name_version(
        &self,
        file: File,
        names: u32,
        fetched: &Fetched,
        original: &Original,
    ) -> Named {
        let facts = Facts {
            len: fetched.len,
            modified: fetched.modified,
            perm: original.perm & 0o444,
            uid: original.uid,
            gid: original.gid,
        };
        let object = Object::File {
            file,
            hash: fetched.hash,
        };
        let ino = self.inodes.intern(object, facts);
        Named {
            attr: self.attr(ino, FileKind::Regular, names, &facts),
            generation: 0,
            entry_life: Duration::ZERO,
            attr_life: LONG,
        }
    }

    fn name_text(&self, file: &File, live: &dyn Live) -> Result<Named> {
        let text = live.text().map_err(|failure| {
            tracing::error!("cannot make `/~@/{}`: {failure}", live.identity());
            Errno::from(&failure)
        })?;
        let hash = ContentHash::of(&text);
        self.recent.put(hash, &Blob::Memory(text.clone()));
        let own = |perm| self.own_facts(text.len() as u64, perm);
        let quoted = match live.quotes() {
            Quotes::File(source) => self.originals.stat(source),
            Quotes::Node(key) => {
                let original = self.originals.stat(&key.path);
                original.map(|original| self.readable_report(key, original))
            }
            Quotes::Nothing | Quotes::Any => Err(Errno(libc::ENOENT)),
        };
        let facts = match live.quotes() {
            Quotes::Nothing => own(0o444),
            Quotes::Any => own(0o400),
            Quotes::File(_) | Quotes::Node(_) => match quoted {
                Ok(original) => Facts {
                    perm: original.perm & 0o444,
                    uid: original.uid,
                    gid: original.gid,
                    ..own(0)
                },
                Err(_) => own(0o400),
            },
        };
        let facts = Facts {
            modified: std::time::SystemTime::now(),
            ..facts
        };
        let object = Object::File {
            file: file.clone(),
            hash,
        };
        let ino = self.inodes.intern(object, facts);
        Ok(Named {
            attr: self.attr(ino, FileKind::Regular, 1, &facts),
            generation: 0,
            entry_life: Duration::ZERO,
            attr_life: LONG,
        })
    }

    /// A growing file: the number tells the real file behind it, so that `tail -F` sees when it is begun anew.
    fn name_stream(&self, file: &File, path: &std::path::Path) -> Result<Named> {
        let metadata = std::fs::metadata(path)?;
        let facts = Facts {
            modified: metadata.modified()?,
            ..self.own_facts(metadata.len(), 0o444)
        };
        let object = Object::File {
            file: file.clone(),
            hash: ContentHash::of(&metadata.ino().to_le_bytes()),
        };
        let ino = self.inodes.intern(object, facts);
        Ok(Named {
            attr: self.attr(ino, FileKind::Regular, 1, &facts),
            generation: 0,
            entry_life: Duration::ZERO,
            attr_life: Duration::ZERO,
        })
    }
}
