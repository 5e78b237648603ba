//! `/~@/~bundle/` and `/~@/~hot/`: the bundle of each module and page, and its map.

use std::sync::Arc;

use super::{Entry, Step, Variant, module, volume};
use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure};
use crate::router::{File, Found, Listed, View};
use crate::runnable::function::only_found;
use crate::runnable::inline;
use crate::runnable::kind::{Kind, PAGE};
use crate::runnable::names::of_key;
use crate::runnable::page;
use crate::runnable::versions;

/// The bundles of one variant.
pub struct BundleView {
    variant: Variant,
    modules: Arc<dyn View>,
}

impl BundleView {
    /// Of the modules and pages that this view has.
    pub(in crate::runnable) fn new(variant: Variant, modules: Arc<dyn View>) -> Self {
        Self { variant, modules }
    }

    /// What stands at a path as it is now.
    pub(super) fn plain(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let steps = [Step::File, Step::Map];
        find(self.variant, &*self.modules, context, path, steps)
    }
}

/// What stands at a path: of each module and page what this step gives, and its map.
fn find(
    variant: Variant,
    modules: &dyn View,
    context: &dyn Context,
    path: &SourcePath,
    [file, map]: [Step; 2],
) -> Result<Found, Failure> {
    let (name, step, suffix) = match path.name().strip_suffix(b".map") {
        Some(name) if name.ends_with(b".js") => (name, map, &b".map"[..]),
        _ => (path.name(), file, &b""[..]),
    };
    let Some(stem) = name.strip_suffix(b".js").filter(|stem| !stem.is_empty()) else {
        return Ok(match modules.lookup(context, path)? {
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
    Ok(match modules.lookup(context, &parent.child(name))? {
        Found::File(File::Node { key, part, .. })
            if part == Part::MAIN && page::is_page(&key) == is_page =>
        {
            match Entry::of_plain(variant, key) {
                Some(entry) => of_key(step.key(&entry)),
                None => Found::Absent,
            }
        }
        Found::Link(target) => Found::Link([target, added].concat()),
        found @ Found::Directory { .. } if added.is_empty() => found,
        _ => Found::Absent,
    })
}

impl View for BundleView {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        versions::plain_or_version(path, |path| self.plain(context, path))
    }

    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        only_found(self, context, path, self.modules.list(context, path)?)
    }
}

/// `/~@/~hot/~volume/`: the volumes of bundles that are hot, by their numbers, and their maps. Which there are, the bundles say:
/// nothing is listed.
pub struct VolumeView(Arc<dyn View>);

impl VolumeView {
    /// Of the modules and pages that this view has.
    pub(in crate::runnable) fn new(modules: Arc<dyn View>) -> Self {
        Self(modules)
    }

    /// Where it stands.
    pub(in crate::runnable) fn place() -> SourcePath {
        SourcePath::root()
            .child(Variant::Hot.prefix())
            .child(volume::FOLDER)
    }

    fn plain(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let mut names = path.components();
        let Some(first) = names.next() else {
            return Ok(Found::Directory { source: None });
        };
        // Each number has one spelling.
        let number = std::str::from_utf8(first).ok().and_then(|text| {
            let number: u32 = text.parse().ok()?;
            (number.to_string() == text).then_some(number)
        });
        let Some(number) = number else {
            return Ok(Found::Absent);
        };
        let rest = names.fold(SourcePath::root(), |path, name| path.child(name));
        if rest.is_root() {
            return Ok(Found::Directory { source: None });
        }
        let steps = [Step::Volume(number), Step::VolumeMap(number)];
        find(Variant::Hot, &*self.0, context, &rest, steps)
    }
}

impl View for VolumeView {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        versions::plain_or_version(path, |path| self.plain(context, path))
    }

    fn list(&self, _: &dyn Context, _: &SourcePath) -> Result<Vec<Listed>, Failure> {
        Ok(Vec::new())
    }
}

/// `/~@/~hot/~module/`: the pieces of bundles that are hot, each as an ES module, and their maps.
pub struct ModuleView(Arc<dyn View>);

impl ModuleView {
    /// Of the modules that this view has, and of those in its pages.
    pub(in crate::runnable) fn new(modules: Arc<dyn View>) -> Self {
        Self(modules)
    }

    /// Where it stands.
    pub(in crate::runnable) fn place() -> SourcePath {
        crate::runnable::layout::joined(&module::folder(Variant::Hot), b"")
    }

    fn plain(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let (name, step) = match path.name().strip_suffix(b".map") {
            Some(name) => (name, Step::ModuleMap),
            None => (path.name(), Step::Module),
        };
        if !name.ends_with(b".js") {
            return Ok(match self.0.lookup(context, path)? {
                Found::File(_) => Found::Absent,
                found => found,
            });
        }
        let Some(parent) = path.parent() else {
            return Ok(Found::Absent);
        };
        let of_page = inline::parse(name);
        let looked = of_page.map_or(name, |(page, _)| page);
        let key = match (self.0.lookup(context, &parent.child(looked))?, of_page) {
            (Found::File(File::Node { key, part, .. }), None) if part == Part::MAIN => key,
            (Found::File(File::Node { key, .. }), Some((_, number))) if key.computation == PAGE => {
                Key::new(inline::of(number), key.path)
            }
            (Found::Link(target), None) if step == Step::ModuleMap => {
                return Ok(Found::Link([target, b".map".to_vec()].concat()));
            }
            (found @ Found::Link(_), None) => return Ok(found),
            _ => return Ok(Found::Absent),
        };
        let entry = Entry::of_plain(Variant::Hot, key).filter(|entry| entry.page().is_none());
        Ok(entry.map_or(Found::Absent, |entry| of_key(step.key(&entry))))
    }
}

impl View for ModuleView {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        versions::plain_or_version(path, |path| self.plain(context, path))
    }

    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        only_found(self, context, path, self.0.list(context, path)?)
    }
}
