//! A graph whose outputs are what a test says, over a real folder.

use std::collections::HashMap;
use std::result::Result;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use tempfile::TempDir;

use super::super::*;
use crate::base::{Computation, ContentHash, Key, Part, ShortHash};
use crate::compute::{Context, Failure};
use crate::fs::types::Result as Answer;
use crate::graph::{Fetched, Kept, Sources};
use crate::router::{File, Found, Listed, ListedKind, LiveText, Version};
use crate::source::{Entry, InputError, ListedEntry};
use crate::store::Blob;

/// A graph whose outputs are what the test says, over a real folder.
pub(crate) struct Fake {
    pub(super) outputs: Mutex<HashMap<SourcePath, Result<Bytes, Failure>>>,
    /// Blobs by hash; one that is missing was lost.
    pub(super) blobs: Mutex<HashMap<ContentHash, Bytes>>,
    pub(crate) busy: Mutex<bool>,
    pub(crate) folder: TempDir,
}

/// The folder as it is.
pub(super) struct Look<'a>(&'a Fake);

pub(super) fn path(text: &str) -> SourcePath {
    SourcePath::parse(text).unwrap()
}

pub(super) fn fetched(bytes: &Bytes) -> Fetched {
    Fetched {
        hash: ContentHash::of(bytes),
        len: bytes.len() as u64,
        modified: UNIX_EPOCH + Duration::from_secs(1_000_000),
    }
}

impl Fake {
    pub(super) fn real(&self, path: &SourcePath) -> PathBuf {
        self.folder.path().join(path.as_path())
    }

    pub(crate) fn set(&self, name: &str, output: Result<&str, Failure>) {
        let real = self.real(&path(name));
        std::fs::create_dir_all(real.parent().unwrap()).unwrap();
        if !real.exists() {
            std::fs::write(real, name).unwrap();
        }
        let output = output.map(|text| Bytes::from(text.to_owned()));
        if let Ok(bytes) = &output {
            let hash = ContentHash::of(bytes);
            self.blobs.lock().unwrap().insert(hash, bytes.clone());
        }
        self.outputs.lock().unwrap().insert(path(name), output);
    }
}

impl Context for Look<'_> {
    fn content(&self, path: &SourcePath) -> Result<Bytes, InputError> {
        Err(InputError::Absent(path.clone()))
    }
    fn glance(&self, path: &SourcePath, _aspect: &str) -> Result<Bytes, InputError> {
        self.content(path)
    }
    fn entry(&self, path: &SourcePath) -> Result<Entry, InputError> {
        let found = std::fs::symlink_metadata(self.0.real(path));
        Ok(match found {
            Ok(found) if found.is_dir() => Entry::Directory,
            Ok(_) => Entry::File,
            Err(_) => Entry::Absent,
        })
    }
    fn list(&self, path: &SourcePath) -> Result<Arc<[ListedEntry]>, InputError> {
        Err(InputError::Absent(path.clone()))
    }
    fn fetch(&self, key: &Key, _part: Part) -> Result<Bytes, Failure> {
        Err(Failure::Missing(key.path.clone()))
    }
    fn measure(&self, key: &Key, _part: Part) -> Result<(ContentHash, u64), Failure> {
        Err(Failure::Missing(key.path.clone()))
    }
}

impl Outputs for Fake {
    fn fetch(&self, key: &Key, _part: Part) -> Result<Fetched, Failure> {
        assert!(key.path.name() != b"panics.ts", "it panics");
        let outputs = self.outputs.lock().unwrap();
        match outputs.get(&key.path) {
            Some(Ok(bytes)) => Ok(fetched(bytes)),
            Some(Err(failure)) => Err(failure.clone()),
            None => Err(Failure::Missing(key.path.clone())),
        }
    }
    fn try_fetch(&self, key: &Key, part: Part) -> Option<Result<Fetched, Failure>> {
        let is_busy = *self.busy.lock().unwrap();
        (!is_busy).then(|| self.fetch(key, part))
    }
    fn kept(&self, key: &Key, part: Part, hash: ShortHash) -> Result<Option<Kept>, Failure> {
        let known = self.try_kept(key, part, hash);
        match known {
            Some(kept) => Ok(Some(kept)),
            None => self.fetch(key, part).map(|_| None),
        }
    }
    fn try_kept(&self, _key: &Key, _part: Part, hash: ShortHash) -> Option<Kept> {
        let blobs = self.blobs.lock().unwrap();
        let (hash, bytes) = blobs.iter().find(|(known, _)| known.short() == hash)?;
        Some(Kept {
            hash: *hash,
            len: bytes.len() as u64,
        })
    }
    fn blob(&self, _key: &Key, _part: Part, hash: &ContentHash) -> Result<Blob, Failure> {
        let blobs = self.blobs.lock().unwrap();
        let lost = || Failure::Internal("the version is gone".into());
        blobs.get(hash).cloned().map(Blob::Memory).ok_or_else(lost)
    }
    fn fetch_later(&self, key: &Key, part: Part, then: Then) {
        then(self.fetch(key, part));
    }
    fn try_blob(&self, _key: &Key, _part: Part, hash: &ContentHash) -> Option<Blob> {
        let blobs = self.blobs.lock().unwrap();
        let known = blobs.get(hash).filter(|_| !*self.busy.lock().unwrap());
        known.cloned().map(Blob::Memory)
    }
    fn version(&self, path: &SourcePath) -> Result<Fetched, InputError> {
        let bytes = std::fs::read(self.real(path));
        let bytes = bytes.map_err(|_| InputError::Absent(path.clone()))?;
        Ok(fetched(&Bytes::from(bytes)))
    }
    fn sources(&self, _: &Key, _: Part, _: Option<&ContentHash>) -> Option<Sources> {
        None
    }

    fn revision(&self) -> Option<u64> {
        None
    }

    fn moving_content(&self, hash: &ContentHash) -> Option<Bytes> {
        self.blobs.lock().unwrap().get(hash).cloned()
    }
    fn look(&self) -> Box<dyn Context + '_> {
        Box::new(Look(self))
    }
    fn importers(&self, _key: &Key) -> Vec<Key> {
        vec![Key::new(Computation::new("module"), path("main.ts"))]
    }
}

/// `panic` panics, and so does what asks for `panics.ts`; `.ts` files are nodes under their name and their name with `.js`; others are copies; `live` is live text; `NAME@HASH`
/// is a version of `NAME`.
pub(super) struct Mirror;

impl View for Mirror {
    fn lookup(&self, context: &dyn Context, at: &SourcePath) -> Result<Found, Failure> {
        assert!(at.name() != b"panic", "it says panic");
        if at.name() == b"live" {
            let mut count = 0;
            let text = std::sync::Mutex::new(move || {
                count += 1;
                Bytes::from(format!("{count}"))
            });
            let live = LiveText::new("live", move || Ok(text.lock().unwrap()()));
            return Ok(Found::File(File::Text(Arc::new(live))));
        }
        if let Some((name, hash)) = at.to_str().unwrap().split_once('@') {
            let Found::File(file) = self.lookup(context, &path(name))? else {
                return Ok(Found::Absent);
            };
            return Ok(Found::File(File::Version(Arc::new(Version {
                file,
                hash: ShortHash::parse(hash.as_bytes()).unwrap(),
                node: Key::new(Computation::new("module"), path(name)),
                part: Part::MAIN,
            }))));
        }
        let bytes = at.as_bytes();
        let plain = bytes
            .strip_suffix(b".js")
            .map(|name| path(std::str::from_utf8(name).unwrap()));
        for source in [Some(at.clone()), plain].into_iter().flatten() {
            match context.entry(&source)? {
                Entry::Directory => {
                    return Ok(Found::Directory {
                        source: Some(source),
                    });
                }
                Entry::File if source.extension() == Some(&b"ts"[..]) => {
                    return Ok(Found::File(File::Node {
                        key: Key::new(Computation::new("module"), source),
                        part: Part::MAIN,
                        names: 2,
                    }));
                }
                Entry::File if source == *at => return Ok(Found::File(File::Copy(source))),
                _ => {}
            }
        }
        Ok(Found::Absent)
    }

    fn list(&self, _context: &dyn Context, _at: &SourcePath) -> Result<Vec<Listed>, Failure> {
        Ok((0..100)
            .map(|n| Listed {
                name: format!("f{n:03}.ts").into_bytes(),
                kind: ListedKind::File,
            })
            .collect())
    }
}

pub(crate) fn mounted() -> (Arc<Fake>, Computed) {
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().canonicalize().unwrap();
    let fake = Arc::new(Fake {
        outputs: Mutex::default(),
        blobs: Mutex::default(),
        busy: Mutex::new(false),
        folder,
    });
    let computed = Computed::new(ComputedConfig {
        view: Arc::new(Mirror),
        outputs: fake.clone(),
        workspace,
        source: SourcePath::root(),
        allowed: Vec::new(),
        is_shared: false,
    });
    (fake, computed)
}

pub(super) fn lookup(computed: &Computed, parent: Ino, name: &str) -> Answer<Attr> {
    let named = match computed.lookup(parent, name.as_bytes()) {
        Looked::Now(named) => named,
        Looked::Later(pending) => computed.finish(pending),
    };
    named.map(|named| named.attr)
}

pub(super) fn read(computed: &Computed, ino: Ino) -> Answer<Bytes> {
    let opened = computed.open(ino, libc::O_RDONLY, Wait::Yes).unwrap()?;
    let bytes = opened.content.read(0, 1 << 20);
    computed.release(opened.handle);
    bytes
}

pub(super) fn failed(number: i32) -> Errno {
    Errno(number)
}
