//! What hooks compute, as files of the tree: `import data from './data.json'` where `data.json.hook.ts` makes it.
//!
//! A source wins over what a hook makes of the same name, and names are first resolved without hooks, so that a project
//! without any asks no more questions. The exception is `.js`: such a file stands under `/~@/` as the hook gives it, and a
//! module of it would have the same name.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;

use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::compute::{Context, Failure};
use crate::source::{Entry, InputError, ListedEntry};

use super::kind::{COPY, Kind, PAGE, STYLE};
use super::svg::{self, SVG};
use super::{dots, exports, hook};

/// The node of the file at a path of SRC that a hook makes. That nothing else is there is the caller's to know.
pub(super) fn find(
    context: &dyn Context,
    source: &SourcePath,
    path: &SourcePath,
) -> Result<Option<Key>, Failure> {
    if let Some(image) = svg::of(path) {
        let is_there = context.entry(&image)? == Entry::File
            || is_source(source, &image) && find(context, source, &image)?.is_some();
        return Ok(is_there.then(|| Key::new(SVG, image)));
    }
    if !is_source(source, path) {
        return Ok(None);
    }
    match hook::find(context, path)? {
        None => hook::find_given(context, source, path),
        found => Ok(found),
    }
}

/// Whether a hook may make the file at a path of SRC, as far as names tell: nothing is run.
pub(super) fn may_be(
    context: &dyn Context,
    source: &SourcePath,
    path: &SourcePath,
) -> Result<bool, Failure> {
    Ok(is_source(source, path)
        && (hook::find(context, path)?.is_some() || hook::may_give(context, source, path)?))
}

/// Whether such a file would be a source.
fn is_source(source: &SourcePath, path: &SourcePath) -> bool {
    path.starts_with(source)
        && !dots::is_in(path.below(source).unwrap_or_default())
        && !matches!(Kind::of_path(path), Kind::Script | Kind::Declaration)
}

/// The node of what stands at the URL of `key`: of a file that a hook makes, as the hook gives it. A hook wins over a plain
/// copy there too (design.md section 2, "Names").
pub(super) fn served(context: &dyn Context, source: &SourcePath, key: Key) -> Result<Key, Failure> {
    let is_copy = key.computation == COPY;
    if !is_copy && ![STYLE, PAGE].contains(&key.computation) {
        return Ok(key);
    }
    let made = match context.entry(&key.path)? {
        Entry::Absent => find(context, source, &key.path)?,
        _ if is_copy && is_source(source, &key.path) => hook::find(context, &key.path)?,
        _ => None,
    };
    Ok(made.unwrap_or(key))
}

/// A context in which what hooks make are sources.
pub(super) struct Made<'a> {
    context: &'a dyn Context,
    source: &'a SourcePath,
    /// Of their names; else of their contents alone.
    named: bool,
    /// What went wrong with a hook.
    failure: RefCell<Option<Failure>>,
}

impl<'a> Made<'a> {
    /// Whoever knows that there is such a file can read it.
    pub(super) fn contents(context: &'a dyn Context, source: &'a SourcePath) -> Self {
        Self {
            context,
            source,
            named: false,
            failure: RefCell::default(),
        }
    }

    /// They are found by name.
    pub(super) fn names(context: &'a dyn Context, source: &'a SourcePath) -> Self {
        Self {
            named: true,
            ..Self::contents(context, source)
        }
    }

    /// What came of work in this context: where a hook's file could not be computed, that.
    ///
    /// # Errors
    /// The failure of a hook, or the work's own.
    pub(super) fn ended<T>(self, result: Result<T, Failure>) -> Result<T, Failure> {
        match self.failure.into_inner() {
            Some(failure) => Err(failure),
            None => result,
        }
    }

    /// `answer` of the node that makes the file, where the tree has none.
    fn or_made<T>(
        &self,
        path: &SourcePath,
        found: Result<T, InputError>,
        answer: impl FnOnce(&Key) -> Result<T, Failure>,
    ) -> Result<T, InputError> {
        let Err(InputError::Absent(_)) = &found else {
            return found;
        };
        let made = match find(self.context, self.source, path) {
            Ok(None) => return found,
            Ok(Some(key)) => answer(&key),
            Err(failure) => Err(failure),
        };
        made.or_else(|failure| {
            self.failure.borrow_mut().get_or_insert(failure);
            found
        })
    }
}

impl Context for Made<'_> {
    fn content(&self, path: &SourcePath) -> Result<Bytes, InputError> {
        let found = self.context.content(path);
        self.or_made(path, found, |key| self.context.fetch(key, Part::MAIN))
    }

    fn digest(&self, path: &SourcePath) -> Result<(ContentHash, Option<Bytes>), InputError> {
        let found = self.context.digest(path);
        // Nobody need hold what that node keeps.
        self.or_made(path, found, |key| {
            Ok((self.context.hash(key, Part::MAIN)?, None))
        })
    }

    fn glance(&self, path: &SourcePath, aspect: &str) -> Result<Bytes, InputError> {
        let found = self.context.glance(path, aspect);
        self.or_made(path, found, |key| {
            let bytes = self.context.fetch(key, Part::MAIN)?;
            Ok(exports::aspect(&exports::glance(path, &bytes), aspect))
        })
    }

    fn entry(&self, path: &SourcePath) -> Result<Entry, InputError> {
        let found = self.context.entry(path)?;
        if !self.named || found != Entry::Absent {
            return Ok(found);
        }
        match find(self.context, self.source, path) {
            Ok(None) => Ok(found),
            Ok(Some(_)) => Ok(Entry::File),
            Err(failure) => {
                self.failure.borrow_mut().get_or_insert(failure);
                Ok(found)
            }
        }
    }

    fn list(&self, path: &SourcePath) -> Result<Arc<[ListedEntry]>, InputError> {
        self.context.list(path)
    }

    fn fetch(&self, key: &Key, part: Part) -> Result<Bytes, Failure> {
        self.context.fetch(key, part)
    }

    fn measure(&self, key: &Key, part: Part) -> Result<(ContentHash, u64), Failure> {
        self.context.measure(key, part)
    }

    fn outside(&self, work: &mut dyn FnMut()) {
        self.context.outside(work);
    }

    fn meanwhile(&self, key: &Key, others: &mut dyn FnMut() -> Vec<Key>) {
        self.context.meanwhile(key, others);
    }

    fn prepare(&self, keys: &[Key]) {
        self.context.prepare(keys);
    }
}
