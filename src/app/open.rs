//! The outputs of an engine as open files: what a server gives.

use std::cell::Cell;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::engine::Engine;
use super::error::{Error, Result};
use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::compute::{Context, Failure};
use crate::graph::{Fetched, Graph, Look};
use crate::http::{Content, Fault, Found, Head, Opened, Site};
use crate::router::{File, Found as Named, Version};
use crate::runnable::reply_part;
use crate::script::Reply;
use crate::source::{Entry, Held, InputError, ListedEntry};
use crate::store::Blob;

/// Source files up to this size in bytes are held in memory while they are sent.
const WHOLE: u64 = 1 << 20;

/// How often a file that changes under the opening is opened again.
const TRIES: usize = 20;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::NoFile(_) => Self::Missing,
            Error::Diagnostics(diagnostics) => Self::Diagnostics(diagnostics),
            other => Self::Other(other.to_string()),
        }
    }
}

impl Content for Blob {
    fn at_hand(&self) -> Option<Bytes> {
        match self {
            Self::Memory(bytes) => Some(bytes.clone()),
            Self::File(_) | Self::Pieces(_) => None,
        }
    }

    fn read_at(&self, offset: u64, size: usize) -> io::Result<Bytes> {
        Self::read_at(self, offset, size)
    }
}

impl Content for Held {
    fn read_at(&self, offset: u64, size: usize) -> io::Result<Bytes> {
        Self::read_at(self, offset, size)
    }
}

impl Site for Engine {
    fn try_find(&self, path: &SourcePath) -> Option<std::result::Result<Found, Fault>> {
        let glimpse = Glimpse {
            look: self.graph.look(),
            graph: &self.graph,
            is_short: Cell::new(false),
        };
        let found = self.served.find(&glimpse, path);
        if glimpse.is_short.get() {
            return None;
        }
        let file = match found {
            Ok(Named::File(file)) => file,
            Ok(other) => return Some(Ok(without_file(&other))),
            Err(failure) => return Some(Err(Error::from(failure).into())),
        };
        drop(glimpse);
        let opened = self.try_open(&file)?;
        Some(opened.map(Found::File).map_err(Fault::from))
    }

    fn find(&self, path: &SourcePath) -> std::result::Result<Found, Fault> {
        Ok(self.open(path)?)
    }
}

fn without_file(found: &Named) -> Found {
    match found {
        Named::Directory { .. } => Found::Folder,
        Named::Absent | Named::Link(_) | Named::File(_) => Found::Absent,
    }
}

impl Engine {
    /// What a path leads to, links followed; a file is open.
    ///
    /// # Errors
    /// The diagnostics of an output that can't be computed; I/O.
    pub fn open(&self, path: &SourcePath) -> Result<Found> {
        let opened = match self.served.find(&self.graph.look(), path)? {
            Named::File(File::Node { key, part, .. }) => self.open_node(&key, part)?,
            Named::File(File::Copy(source)) => self.open_copy(&source)?,
            Named::File(File::Version(version)) => match self.open_version(&version)? {
                Some(opened) => opened,
                None => return Ok(Found::Absent),
            },
            Named::File(File::Text(live)) => {
                let text = live.text()?;
                of_blob(ContentHash::of(&text), Blob::Memory(text))
            }
            other => return Ok(without_file(&other)),
        };
        Ok(Found::File(opened))
    }

    /// A file that is in memory, and known to be as it is there.
    fn try_open(&self, file: &File) -> Option<Result<Opened>> {
        match file {
            File::Node { key, part, .. } => {
                let fetched = match self.graph.try_fetch(key, *part)? {
                    Ok(fetched) => fetched,
                    Err(failure) => return Some(Err(self.explain(key, failure))),
                };
                let blob = self.graph.try_blob(key, *part, &fetched.hash)?;
                let mut opened = of_blob(self.told_hash(key, *part, fetched.hash), blob);
                if let Some(reply) = reply_part(&key.computation) {
                    let reply = match self.graph.try_fetch(key, reply)? {
                        Ok(fetched) => Some(self.graph.try_blob(key, reply, &fetched.hash)?),
                        Err(_) => None,
                    };
                    // What it said belongs to what it gave.
                    let again = self.graph.try_fetch(key, *part)?.ok()?;
                    if again.hash != fetched.hash {
                        return None;
                    }
                    take_reply(&mut opened.head, reply.as_ref());
                }
                Some(Ok(opened))
            }
            File::Version(version) => {
                let (key, part) = (&version.node, version.part);
                let kept = self.graph.try_kept(key, part, version.hash)?;
                let blob = self.graph.try_blob(key, part, &kept.hash)?;
                Some(Ok(immutable(of_blob(kept.hash, blob))))
            }
            File::Copy(_) | File::Text(_) => None,
        }
    }

    fn open_node(&self, key: &Key, part: Part) -> Result<Opened> {
        for _ in 0..TRIES {
            let fetched = self.fetched(key, part)?;
            // A version that an edit has overtaken between the two questions is asked for again.
            let Ok(blob) = self.graph.blob(key, part, &fetched.hash) else {
                continue;
            };
            let mut opened = of_blob(self.told_hash(key, part, fetched.hash), blob);
            if let Some(reply) = reply_part(&key.computation) {
                let reply = self.graph.fetch(key, reply).ok().and_then(|fetched_reply| {
                    self.graph.blob(key, reply, &fetched_reply.hash).ok()
                });
                // What it said belongs to what it gave.
                if self.fetched(key, part)?.hash != fetched.hash {
                    continue;
                }
                take_reply(&mut opened.head, reply.as_ref());
            }
            return Ok(opened);
        }
        Err(Error::Internal(format!("`{key}` does not hold still")))
    }

    /// What tells versions apart for who keeps some from one life of the daemon to the next: what stands in a slot belongs
    /// to it.
    fn told_hash(&self, key: &Key, part: Part, hash: ContentHash) -> ContentHash {
        match self.graph.slot(key, part) {
            Some(slot) => ContentHash::of(&[hash.as_bytes(), &*slot.text].concat()),
            None => hash,
        }
    }

    fn fetched(&self, key: &Key, part: Part) -> Result<Fetched> {
        let fetched = self.graph.fetch(key, part);
        fetched.map_err(|failure| self.explain(key, failure))
    }

    /// A source's bytes: small ones from memory, so that they are of one version whoever writes meanwhile.
    fn open_copy(&self, path: &SourcePath) -> Result<Opened> {
        for _ in 0..TRIES {
            let fetched = self.graph.version(path).map_err(Failure::from)?;
            if let Some(bytes) = self.graph.moving_content(&fetched.hash) {
                return Ok(of_blob(fetched.hash, Blob::Memory(bytes)));
            }
            if fetched.len <= WHOLE {
                let bytes = self.graph.look().content(path).map_err(Failure::from)?;
                if ContentHash::of(&bytes) == fetched.hash {
                    return Ok(of_blob(fetched.hash, Blob::Memory(bytes)));
                }
                continue;
            }
            let held = self.tree.hold(path).map_err(Failure::from)?;
            // The same before and after the opening: it is the one that was opened.
            let again = self.graph.version(path).map_err(Failure::from)?;
            if again.hash == fetched.hash && held.size() == fetched.len {
                return Ok(Opened {
                    head: Head::new(fetched.hash, fetched.len),
                    content: Arc::new(held),
                });
            }
        }
        Err(Error::Internal(format!("`{path}` does not hold still")))
    }

    /// One version of a file; `None`: it is gone, or never was.
    fn open_version(&self, version: &Version) -> Result<Option<Opened>> {
        let Some(hash) = self.hash_of(version)? else {
            return Ok(None);
        };
        // Where it has gone since, it is gone.
        if let Some(blob) = self.kept_blob(version, &hash) {
            return Ok(Some(immutable(of_blob(hash, blob))));
        }
        let File::Copy(source) = &version.file else {
            return Ok(None);
        };
        let opened = self.open_copy(source)?;
        // The identity of a large one is not its content's hash, by which it is called.
        let is_it = match opened.content.at_hand() {
            Some(bytes) => ContentHash::of(&bytes) == hash,
            None => self.hash_of(version)? == Some(hash),
        };
        Ok(is_it.then(|| immutable(opened)))
    }
}

fn of_blob(hash: ContentHash, blob: Blob) -> Opened {
    Opened {
        head: Head::new(hash, blob.len()),
        content: Arc::new(blob),
    }
}

fn immutable(mut opened: Opened) -> Opened {
    opened.head.is_immutable = true;
    opened
}

fn take_reply(head: &mut Head, reply: Option<&Blob>) {
    let reply = reply.and_then(|blob| serde_json::from_slice::<Reply>(&blob.read_all().ok()?).ok());
    if let Some(Reply { status, headers }) = reply {
        head.status = status;
        head.headers = headers;
    }
}

/// A look that does no work: what takes some is noted, and given up.
struct Glimpse<'a> {
    look: Look,
    graph: &'a Graph,
    is_short: Cell<bool>,
}

impl Glimpse<'_> {
    fn too_short(&self, path: &SourcePath) -> InputError {
        self.is_short.set(true);
        InputError::Io {
            path: path.clone(),
            cause: Arc::new(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn fetched(&self, key: &Key, part: Part) -> std::result::Result<Fetched, Failure> {
        match self.graph.try_fetch(key, part) {
            Some(fetched) => fetched,
            None => Err(self.too_short(&key.path).into()),
        }
    }
}

impl Context for Glimpse<'_> {
    fn content(&self, path: &SourcePath) -> std::result::Result<Bytes, InputError> {
        Err(self.too_short(path))
    }

    fn glance(&self, path: &SourcePath, _aspect: &str) -> std::result::Result<Bytes, InputError> {
        Err(self.too_short(path))
    }

    fn entry(&self, path: &SourcePath) -> std::result::Result<Entry, InputError> {
        self.look.entry(path)
    }

    fn list(&self, path: &SourcePath) -> std::result::Result<Arc<[ListedEntry]>, InputError> {
        self.look.list(path)
    }

    fn fetch(&self, key: &Key, part: Part) -> std::result::Result<Bytes, Failure> {
        let fetched = self.fetched(key, part)?;
        let blob = self.graph.try_blob(key, part, &fetched.hash);
        let bytes = blob.and_then(|blob| Content::at_hand(&blob));
        bytes.ok_or_else(|| self.too_short(&key.path).into())
    }

    fn measure(&self, key: &Key, part: Part) -> std::result::Result<(ContentHash, u64), Failure> {
        let fetched = self.fetched(key, part)?;
        Ok((fetched.hash, fetched.len))
    }
}
