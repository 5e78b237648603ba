//! Who may read an output, where other users may come: nobody who may not read all that is in it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Computed;
use super::originals::Original;
use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::graph::Sources;

/// So many outputs, and files that have content in them, are remembered; then all are forgotten.
const MOST: usize = 1 << 14;
const MOST_PATHS: usize = 1 << 20;

/// The right to read a file, and to walk through a folder, of those whom the last bits are for.
const READ: u16 = 0o4;
pub(super) const SEARCH: u16 = 0o1;

/// One version of a part.
type Output = (Key, Part, ContentHash);

struct Known {
    sources: Sources,
    /// What was found out, and when: [`crate::graph::Graph::revision`].
    found: Option<(u16, u64)>,
}

/// What is known of the outputs that were asked for.
#[derive(Default)]
pub(super) struct Readers {
    known: Mutex<(HashMap<Output, Known>, usize)>,
}

impl Readers {
    fn get(&self, output: &Output) -> Option<(Sources, Option<(u16, u64)>)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.0.get(output)?;
        Some((known.sources.clone(), known.found))
    }

    fn put(&self, output: Output, known: Known) {
        let mut guard = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, paths) = &mut *guard;
        if all.len() >= MOST || *paths >= MOST_PATHS {
            all.clear();
            *paths = 0;
        }
        *paths += known.sources.paths.len();
        if let Some(before) = all.insert(output, known) {
            *paths = paths.saturating_sub(before.sources.paths.len());
        }
    }
}

impl Computed {
    /// What one version of a part takes over from its source: no more rights than all have that have content in it. A `chmod`
    /// of one of them counts from the next lookup, for it is told as every change is.
    pub(super) fn readable(
        &self,
        key: &Key,
        part: Part,
        hash: &ContentHash,
        original: Original,
    ) -> Original {
        let closed = Original {
            perm: original.perm & 0o700,
            ..original
        };
        // Nobody comes, or nobody else may read it anyhow.
        if !self.is_shared || original.perm & 0o044 == 0 && !self.is_owned_by_other(&original) {
            return original;
        }
        let output = (key.clone(), part, *hash);
        let revision = self.outputs.revision();
        let known = self.readers.get(&output);
        let last = known.as_ref().and_then(|(_, found)| *found);
        if let (Some((perm, at)), Some(now)) = (last, revision)
            && at == now
        {
            return Original { perm, ..original };
        }
        let mut sources = known.map(|(sources, _)| sources);
        for _ in 0..2 {
            let Some(all) = sources.or_else(|| self.outputs.sources(key, part, Some(hash))) else {
                return closed;
            };
            if let Some((perm, is_told)) = self.narrowed(&key.path, &original, &all.paths) {
                let is_lasting = all.is_present && is_told;
                let found = revision.filter(|_| is_lasting).map(|now| (perm, now));
                let sources = all;
                self.readers.put(output, Known { sources, found });
                return Original { perm, ..original };
            }
            // One has gone: the same version may be made of others by now.
            sources = None;
        }
        match last {
            Some((perm, _)) => Original { perm, ..original },
            None => closed,
        }
    }

    /// As [`Computed::readable`], of a text that tells of a node, whatever that gave last.
    pub(super) fn readable_report(&self, key: &Key, original: Original) -> Original {
        let sources = || self.outputs.sources(key, Part::MAIN, None);
        let narrowed = |all: Sources| Some(self.narrowed(&key.path, &original, &all.paths)?.0);
        let perm = match self.is_shared {
            true => sources().and_then(narrowed),
            false => Some(original.perm),
        };
        Original {
            perm: perm.unwrap_or(original.perm & 0o700),
            ..original
        }
    }

    fn is_owned_by_other(&self, original: &Original) -> bool {
        let own = rustix::process::geteuid().as_raw();
        original.uid != own && original.uid != 0
    }

    /// The permissions of an output of the file at `own`, and whether every change of them is told: not of the folders on the way
    /// to what is elsewhere. `None`: a file is not there.
    fn narrowed(
        &self,
        own: &SourcePath,
        original: &Original,
        sources: &[SourcePath],
    ) -> Option<(u16, bool)> {
        let daemon = rustix::process::geteuid().as_raw();
        let mut perm = original.perm;
        let mut is_told = true;
        let mut folders: HashMap<SourcePath, u16> = HashMap::new();
        for path in sources.iter().filter(|path| *path != own) {
            let source = self.originals.stat(path).ok()?;
            perm &= rights(original, &source, READ, daemon);
            is_told &= !source.is_elsewhere;
            // What the mount itself lies at is for everybody.
            let top = match path.starts_with(&self.source) {
                true => self.source.clone(),
                false => SourcePath::root(),
            };
            let above = path.ancestors().skip(1);
            for folder in above.take_while(|folder| *folder != top) {
                let known = folders.get(&folder).copied();
                let allowed = match known {
                    Some(allowed) => allowed,
                    None => {
                        let found = self.originals.stat(&folder).ok()?;
                        let allowed = rights(original, &found, SEARCH, daemon);
                        folders.insert(folder, allowed);
                        allowed
                    }
                };
                perm &= allowed;
            }
        }
        Some((perm, is_told))
    }
}

/// Who of those that a file's permissions are for, by their classes there, has a right to another one too.
pub(super) fn rights(file: &Original, other: &Original, right: u16, daemon: u32) -> u16 {
    let has = |shift: u16| other.perm >> shift & right != 0;
    let (group, others) = (has(3), has(0));
    // Whoever is no owner there may be in its group, or not.
    let both = group && others;
    // The daemon's user has read them all.
    let is_trusted = file.uid == daemon || file.uid == 0;
    let owner = is_trusted || (file.uid == other.uid && has(6)) || both;
    let is_same = file.gid == other.gid;
    let group = if is_same { group } else { both };
    let others = if is_same { others } else { both };
    let class = |has: bool, bits: u16| if has { bits } else { 0 };
    class(owner, 0o700) | class(group, 0o070) | class(others, 0o007)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn file(perm: u16, uid: u32, gid: u32) -> Original {
        Original {
            perm,
            uid,
            gid,
            size: 0,
            modified: UNIX_EPOCH,
            is_elsewhere: false,
        }
    }

    #[test]
    fn nobody_reads_what_he_may_not_read_elsewhere() {
        const DAEMON: u32 = 1;
        let own = file(0o644, DAEMON, 5);
        for (perm, gid, left) in [
            (0o644, 5, 0o777),
            (0o600, 5, 0o700),
            (0o640, 5, 0o770),
            // Another group: who is in the one may not be in the other.
            (0o640, 6, 0o700),
            (0o644, 6, 0o777),
            (0o604, 6, 0o700),
            (0o604, 5, 0o707),
        ] {
            let other = file(perm, DAEMON, gid);
            assert_eq!(rights(&own, &other, READ, DAEMON), left, "{perm:o} {gid}");
        }
        let folder = file(0o710, DAEMON, 5);
        assert_eq!(rights(&own, &folder, SEARCH, DAEMON), 0o770);
        // Another owner, who is not the daemon's user.
        let theirs = file(0o644, 2, 5);
        assert_eq!(rights(&theirs, &file(0o600, 2, 5), READ, DAEMON), 0o700);
        assert_eq!(rights(&theirs, &file(0o600, 3, 5), READ, DAEMON), 0);
        assert_eq!(rights(&theirs, &file(0o644, 3, 5), READ, DAEMON), 0o777);
    }

    #[test]
    fn so_much_is_remembered_and_no_more() {
        let readers = Readers::default();
        let paths: Vec<SourcePath> = vec![SourcePath::root(); MOST_PATHS / 4];
        let output = |at: usize| {
            let path = SourcePath::parse(at.to_string()).unwrap();
            let key = Key::new(crate::base::Computation::new("x"), path);
            (key, Part::MAIN, ContentHash::of(b""))
        };
        for at in 0..6 {
            let sources = Sources {
                paths: paths.clone().into(),
                is_present: true,
            };
            readers.put(
                output(at),
                Known {
                    sources,
                    found: Some((0o600, 1)),
                },
            );
        }
        assert!(readers.get(&output(0)).is_none());
        assert!(readers.get(&output(5)).is_some());
    }
}
