//! Which watch stands for which directories.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use crate::base::SourcePath;

/// Watches by path and paths by watch. Two paths share a watch where they lead to one inode: a bind mount, or a
/// directory under its former and its present name while the event of its move is still queued.
#[derive(Default)]
pub(super) struct Table {
    by_path: BTreeMap<SourcePath, i32>,
    by_watch: HashMap<i32, Vec<Watched>>,
}

/// What a watch stands for.
struct Watched {
    path: SourcePath,
    /// The path is that of this one name in the directory: a file elsewhere.
    only: Option<Vec<u8>>,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.by_path.len()
    }

    pub(super) fn contains(&self, path: &SourcePath) -> bool {
        self.by_path.contains_key(path)
    }

    /// The paths that an event is about: of a name in a directory, or of that itself.
    pub(super) fn paths(&self, wd: i32, name: Option<&[u8]>) -> Vec<SourcePath> {
        let all = self.by_watch.get(&wd).into_iter().flatten();
        let path = |watched: &Watched| match (&watched.only, name) {
            (None, Some(name)) => Some(watched.path.child(name)),
            (Some(only), Some(name)) if only != name => None,
            _ => Some(watched.path.clone()),
        };
        all.filter_map(path).collect()
    }

    /// `only`: of that one name in the directory, which is what `path` stands for.
    pub(super) fn insert(&mut self, path: SourcePath, wd: i32, only: Option<&[u8]>) {
        let all = self.by_watch.entry(wd).or_default();
        if all.iter().all(|watched| watched.path != path) {
            all.push(Watched {
                path: path.clone(),
                only: only.map(<[u8]>::to_vec),
            });
        }
        self.by_path.insert(path, wd);
    }

    /// Drops `path` and all below it; `unwatch` is called for the watches that stand for nothing any more.
    pub(super) fn forget(&mut self, path: &SourcePath, mut unwatch: impl FnMut(i32)) {
        let mut gone: Vec<SourcePath> = Vec::new();
        if path.is_root() {
            return self.clear(unwatch);
        }
        if self.by_path.contains_key(path) {
            gone.push(path.clone());
        }
        // All that begins with `path/`, and nothing else, stands together in the order of bytes.
        let first = [path.as_bytes(), b"/"].concat();
        let below = self
            .by_path
            .range::<[u8], _>((Bound::Included(&first[..]), Bound::Unbounded));
        gone.extend(
            below
                .map(|(below, _)| below)
                .take_while(|below| below.as_bytes().starts_with(&first))
                .cloned(),
        );
        for path in gone {
            let Some(wd) = self.by_path.remove(&path) else {
                continue;
            };
            if let Some(all) = self.by_watch.get_mut(&wd) {
                all.retain(|watched| watched.path != path);
                if all.is_empty() {
                    self.by_watch.remove(&wd);
                    unwatch(wd);
                }
            }
        }
    }

    pub(super) fn clear(&mut self, unwatch: impl FnMut(i32)) {
        self.by_path.clear();
        let watches = std::mem::take(&mut self.by_watch);
        watches.into_keys().for_each(unwatch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_a_directory_with_all_below_it_and_no_other() {
        let path = |text: &str| SourcePath::parse(text).unwrap();
        let mut table = Table::default();
        for (wd, text) in [(1, ""), (2, "a"), (3, "a-b"), (4, "a/c"), (5, "a0")] {
            table.insert(path(text), wd, None);
        }
        table.insert(path("z"), 4, None);
        let mut gone = Vec::new();
        table.forget(&path("a"), |wd| gone.push(wd));
        assert_eq!(gone, [2]);
        assert_eq!(table.paths(4, None), [path("z")]);
        assert!(table.contains(&path("a-b")) && table.contains(&path("a0")));
        assert_eq!(table.len(), 4);
    }
    #[test]
    fn one_name_of_a_directory_may_stand_for_a_path() {
        let path = |text: &str| SourcePath::parse(text).unwrap();
        let mut table = Table::default();
        table.insert(path("a"), 1, None);
        table.insert(path("f"), 1, Some(b"g"));
        assert_eq!(table.paths(1, Some(b"x")), [path("a/x")]);
        assert_eq!(table.paths(1, Some(b"g")), [path("a/g"), path("f")]);
        assert_eq!(table.paths(1, None), [path("a"), path("f")]);
        table.forget(&path("a"), |_| panic!("it stands for another one"));
        assert_eq!(table.paths(1, Some(b"x")), []);
        assert!(table.contains(&path("f")));
    }
}
