//! `/~@/~bundle/`: the bundle of each module and page, and its map.

use std::sync::Arc;

use super::{Entry, Step};
use crate::base::{Part, SourcePath};
use crate::compute::{Context, Failure};
use crate::router::{File, Found, Listed, View};
use crate::runnable::function::only_found;
use crate::runnable::kind::{Kind, PAGE};
use crate::runnable::names::of_key;
use crate::runnable::versions;

/// See the module.
pub struct BundleView(Arc<dyn View>);

impl BundleView {
    /// Of the modules and pages that this view has.
    pub fn new(modules: Arc<dyn View>) -> Self {
        Self(modules)
    }

    /// What stands at a path as it is now.
    pub(super) fn plain(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let (name, step, suffix) = match path.name().strip_suffix(b".map") {
            Some(name) if name.ends_with(b".js") => (name, Step::Map, &b".map"[..]),
            _ => (path.name(), Step::File, &b""[..]),
        };
        let Some(stem) = name.strip_suffix(b".js").filter(|stem| !stem.is_empty()) else {
            return Ok(match self.0.lookup(context, path)? {
                Found::File(_) => Found::Absent,
                found => found,
            });
        };
        let is_page = Kind::of(stem) == Kind::Page;
        let (name, added) = match is_page {
            true => (stem, [b".js", suffix].concat()),
            false => (name, suffix.to_vec()),
        };
        let Some(parent) = path.parent() else {
            return Ok(Found::Absent);
        };
        Ok(match self.0.lookup(context, &parent.child(name))? {
            Found::File(File::Node { key, part, .. })
                if part == Part::MAIN && (key.computation == PAGE) == is_page =>
            {
                match Entry::of_plain(key) {
                    Some(entry) => of_key(step.key(&entry)),
                    None => Found::Absent,
                }
            }
            Found::Link(target) => Found::Link([target, added].concat()),
            found @ Found::Directory { .. } if added.is_empty() => found,
            _ => Found::Absent,
        })
    }
}

impl View for BundleView {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        match self.plain(context, path)? {
            Found::Absent => versions::lookup(path, |path| self.plain(context, path)),
            found => Ok(found),
        }
    }

    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        only_found(self, context, path, self.0.list(context, path)?)
    }
}
