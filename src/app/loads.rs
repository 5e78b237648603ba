//! The modules that a program of a source is given, and whether they are still what they were.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Error, Result};
use super::service::{Named, Service};
use crate::base::{ContentHash, SourcePath};
use crate::runnable::{function_of_id, ids_of, map_of_id};
use crate::script::{Blob, Code, Loaded, Maps, Place, Wanted};

/// What a name stood for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// A module of this hash.
    Module(Option<ContentHash>),
    /// One with these errors.
    Fault(String),
    /// No module, for whatever reason: no event tells of one that comes.
    Nothing(String),
}

/// What was asked for.
struct Asked {
    seen: Seen,
    /// By which ids.
    ids: BTreeSet<String>,
}

/// See the module.
pub(super) struct Loads<S> {
    service: S,
    asked: BTreeMap<SourcePath, Asked>,
    /// That of the service when all of them were what they are noted to be.
    revision: Option<u64>,
    maps: Maps,
}

impl<S: Service> Loads<S> {
    /// None yet.
    pub(super) fn new(service: S) -> Self {
        Self {
            service,
            asked: BTreeMap::new(),
            revision: None,
            maps: Maps::default(),
        }
    }

    /// Forgets what was given.
    pub(super) fn clear(&mut self) {
        self.asked.clear();
        self.maps = Maps::default();
    }

    /// A module by its id.
    pub(super) fn load(&mut self, Wanted { id: wanted, has }: &Wanted) -> Loaded {
        let missing = || Loaded::Missing(format!("no such module `{wanted}`"));
        for id in ids_of(wanted) {
            let Some(path) = function_of_id(&id) else {
                return missing();
            };
            self.note(&path, [wanted, &id]);
            match self.code(&path) {
                Ok(code) => {
                    let loaded = Loaded::module(id.clone(), code);
                    let is_known =
                        matches!(&loaded, Loaded::Module { hash, .. } if Some(*hash) == *has);
                    return if is_known { Loaded::Known(id) } else { loaded };
                }
                Err(Error::NoFile(_)) => {}
                Err(error @ Error::Diagnostics(_)) => return Loaded::Fault(error.to_string()),
                Err(error) => return Loaded::Failed(format!("cannot load `{wanted}`: {error}")),
            }
        }
        missing()
    }

    /// The runtime of programs; `None`: the worker compiles it.
    pub(super) fn runtime(&self) -> Option<Blob> {
        self.bytecode(None)
    }

    fn code(&self, path: &SourcePath) -> Result<Code> {
        match self.bytecode(Some(path)) {
            Some(bytecode) => Ok(Code::Bytecode(bytecode)),
            None => Ok(Code::Text(self.text(path)?)),
        }
    }

    /// What is there; `None`: the worker compiles the text.
    fn bytecode(&self, of: Option<&SourcePath>) -> Option<Blob> {
        match self.service.bytecode(of) {
            Ok(bytes) => bytes.map(Blob),
            Err(error) => {
                tracing::debug!("without bytecode: {error}");
                None
            }
        }
    }

    /// Notes what a name stands for before it is read, so that no change is missed.
    fn note(&mut self, path: &SourcePath, ids: [&str; 2]) {
        let seen = self.look(path);
        let asked = self.asked.entry(path.clone()).or_insert_with(|| Asked {
            seen: seen.clone(),
            ids: BTreeSet::new(),
        });
        asked.seen = seen;
        asked.ids.extend(ids.map(str::to_owned));
    }

    fn look(&self, path: &SourcePath) -> Seen {
        match self.service.describe(path) {
            Ok(Named::File(file)) => Seen::Module(file.hash),
            Err(error @ Error::Diagnostics(_)) => Seen::Fault(error.to_string()),
            Ok(other) => Seen::Nothing(format!("{other:?}")),
            Err(error) => Seen::Nothing(error.to_string()),
        }
    }

    fn text(&self, path: &SourcePath) -> Result<String> {
        let mut bytes = Vec::new();
        self.service.read(path, &mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The places in the sources of places in modules.
    pub(super) fn places(&mut self, places: &[Place]) -> Vec<Option<Place>> {
        let mut maps = std::mem::take(&mut self.maps);
        let read = |id: &str| self.text(&map_of_id(id)?).ok();
        let found = places.iter().map(|place| maps.place(place, read)).collect();
        self.maps = maps;
        found
    }

    /// The ids of those that are other ones now; each is told once. It takes no time where the service vouches for all.
    pub(super) fn changed(&mut self) -> Vec<String> {
        // Asked before they are looked at: what changes meanwhile is found the next time.
        let now = self.service.revision().ok().flatten();
        let is_vouched = now.is_some() && now == self.revision;
        self.revision = now;
        let mut changed = Vec::new();
        for (path, asked) in &self.asked {
            let is_same = is_vouched && !matches!(asked.seen, Seen::Nothing(_));
            if !is_same && self.look(path) != asked.seen {
                changed.push(path.clone());
            }
        }
        if !is_vouched {
            self.maps = Maps::default();
        }
        let asked = changed.iter().filter_map(|path| self.asked.remove(path));
        asked.flat_map(|asked| asked.ids).collect()
    }
}
