//! The inputs by the paths that they are about.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::memo::InputKind;
use crate::base::{QuickMap, SourcePath};

/// No input of that kind.
const NONE: u32 = u32::MAX;

/// Which inputs there are of each path. Every question of a run begins here, so a path is found by its hash; that all below a
/// directory are neighbours in `ordered` counts only where something has happened to one.
#[derive(Default)]
pub(super) struct Paths {
    ids: QuickMap<SourcePath, [u32; InputKind::COUNT]>,
    ordered: BTreeSet<SourcePath>,
}

impl Paths {
    /// The input of that kind.
    pub(super) fn get(&self, kind: InputKind, path: &SourcePath) -> Option<u32> {
        let id = self.ids.get(path)?[kind as usize];
        (id != NONE).then_some(id)
    }

    /// Adds an input, and gives the path with the one allocation that all asked of it share.
    pub(super) fn insert(&mut self, kind: InputKind, path: &SourcePath, id: u32) -> SourcePath {
        let path = match self.ids.get_key_value(path) {
            Some((known, _)) => known.clone(),
            None => {
                self.ordered.insert(path.clone());
                path.clone()
            }
        };
        let ids = self.ids.entry(path.clone());
        ids.or_insert([NONE; InputKind::COUNT])[kind as usize] = id;
        path
    }

    /// Forgets an input.
    pub(super) fn remove(&mut self, kind: InputKind, path: &SourcePath) {
        let Some(ids) = self.ids.get_mut(path) else {
            return;
        };
        ids[kind as usize] = NONE;
        if *ids == [NONE; InputKind::COUNT] {
            self.ids.remove(path);
            self.ordered.remove(path);
        }
    }

    /// All inputs of a path that is not the root, and of all below it.
    pub(super) fn at_and_below(&self, path: &SourcePath) -> Vec<u32> {
        let first = [path.as_bytes(), b"/"].concat();
        // `0` follows `/`: the range holds exactly the paths that begin with the directory and a slash.
        let end = [path.as_bytes(), b"0"].concat();
        let range = (Bound::Included(&first[..]), Bound::Excluded(&end[..]));
        let below = self.ordered.range::<[u8], _>(range);
        let ids = std::iter::once(path).chain(below);
        let ids = ids.filter_map(|path| self.ids.get(path)).flatten();
        ids.copied().filter(|id| *id != NONE).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_is_found() {
        let path = |text: &str| SourcePath::parse(text).unwrap();
        let mut paths = Paths::default();
        let kinds = [InputKind::Content, InputKind::Entry];
        for (id, text) in (0..).zip(["a", "a/b", "a/b/c", "a.b", "a0", "a/b.c", "ab/c", "b"]) {
            let shared = paths.insert(kinds[id as usize % 2], &path(text), id);
            assert_eq!(shared, path(text));
        }
        paths.insert(InputKind::Listing, &path("a/b"), 9);
        let below = |paths: &Paths, text| {
            let mut ids = paths.at_and_below(&path(text));
            ids.sort_unstable();
            ids
        };
        assert_eq!(below(&paths, "a"), [0, 1, 2, 5, 9]);
        assert_eq!(below(&paths, "a/b"), [1, 2, 9]);
        assert!(below(&paths, "c").is_empty());
        assert_eq!(paths.get(InputKind::Entry, &path("a/b")), Some(1));
        assert_eq!(paths.get(InputKind::Content, &path("a/b")), None);
        paths.remove(InputKind::Entry, &path("a/b"));
        assert_eq!(below(&paths, "a/b"), [2, 9]);
        paths.remove(InputKind::Listing, &path("a/b"));
        assert_eq!(below(&paths, "a"), [0, 2, 5]);
        assert_eq!(paths.ids.len(), paths.ordered.len());
    }
}
