//! The two views: what is in SRC, and the packages outside.

use std::sync::Arc;

use crate::base::{SourcePath, holds_packages};
use crate::compute::{Context, Failure};
use crate::router::{File, Found, Listed, ListedKind, MountTable, View};
use crate::source::{Entry, EntryKind, InputError};

use super::bundle::{BundleView, ModuleView, Variant, VolumeView};
use super::function::{self, FunctionView};
use super::kind::Kind;
use super::layout::{Layout, ROOT};
use super::listing::{self, Names};
use super::names::{self, is_hidden};
use super::style::is_configuration;
use super::{dots, hook, links, made, members, page, public, versions};

const MODULES: &[u8] = b"node_modules";

/// What stands under `/~@/` of this SRC: its outputs, those of packages, the function form of all modules, and their bundles.
pub fn outputs(source: &SourcePath) -> MountTable {
    let modules = || modules(source);
    modules()
        .with(
            SourcePath::root().child(function::PREFIX),
            Arc::new(FunctionView::new(Arc::new(modules()))),
        )
        .with(
            SourcePath::root().child(Variant::Plain.prefix()),
            Arc::new(BundleView::new(Variant::Plain, Arc::new(modules()))),
        )
        .with(
            SourcePath::root().child(Variant::Hot.prefix()),
            Arc::new(BundleView::new(Variant::Hot, Arc::new(modules()))),
        )
        .with(
            ModuleView::place(),
            Arc::new(ModuleView::new(Arc::new(modules()))),
        )
        .with(
            VolumeView::place(),
            Arc::new(VolumeView::new(Arc::new(modules()))),
        )
}

/// The same with pages that are hot.
pub fn hot_outputs(source: &SourcePath) -> MountTable {
    let pages = HotPages(RunnableView::new(source.clone()));
    outputs(source).with(SourcePath::root(), Arc::new(pages))
}

/// The outputs of this SRC and of packages.
pub(super) fn modules(source: &SourcePath) -> MountTable {
    modules_with(source, WorkspaceView::new(source.clone()))
}

fn modules_with(source: &SourcePath, workspace: WorkspaceView) -> MountTable {
    MountTable::new()
        .with(
            SourcePath::root(),
            Arc::new(RunnableView::new(source.clone())),
        )
        .with(SourcePath::root().child(ROOT), Arc::new(workspace))
}

/// What the programs of tools load from: outputs and the function form of all that they or a configuration may import.
pub(super) fn of_tools(source: &SourcePath) -> MountTable {
    let modules = || modules_with(source, WorkspaceView::of_tools(source.clone()));
    modules().with(
        SourcePath::root().child(function::PREFIX),
        Arc::new(FunctionView::new(Arc::new(modules()))),
    )
}

/// `/~@/`: SRC, computed.
pub struct RunnableView(Layout);

impl RunnableView {
    /// For this SRC.
    pub fn new(source: SourcePath) -> Self {
        Self(Layout::new(source))
    }

    /// A name that no source of its own place gives: from a folder of public files, the nearest first.
    fn published(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        Ok(match public::find(context, self.0.source(), path)? {
            Some((source, Entry::Directory)) => Found::Directory {
                source: Some(source),
            },
            Some((source, _)) => Found::File(File::Copy(source)),
            None => self.of_adopted(context, path)?,
        })
    }

    /// The module of a public file that SRC adopts. Of others it stands beside the file itself, in `public/`.
    fn of_adopted(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let source = self.0.source();
        let adopted = public::folder(context, source, source)?;
        let Some(folder) = adopted.filter(|folder| !folder.starts_with(source)) else {
            return Ok(Found::Absent);
        };
        let Ok(path) = folder.join(path.below(source).unwrap_or_default()) else {
            return Ok(Found::Absent);
        };
        Ok(match names::lookup(&self.0, context, &path)? {
            Found::File(File::Node { key, part, names })
                if !matches!(Kind::of_path(&key.path), Kind::Module(_) | Kind::Script) =>
            {
                Found::File(File::Node { key, part, names })
            }
            _ => Found::Absent,
        })
    }
}

impl RunnableView {
    /// The source at whose place a path is; `None`: no source has such a place.
    fn source(&self, path: &SourcePath) -> Option<SourcePath> {
        self.0.source().join(dots::meant(path)?.as_bytes()).ok()
    }

    /// What stands at a path as it is now.
    fn plain(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let Some(source) = self.source(path) else {
            return Ok(Found::Absent);
        };
        if path.is_root() {
            return Ok(Found::Directory {
                source: Some(source),
            });
        }
        let found = names::lookup(&self.0, context, &source)?;
        if is_hidden(path.name()) || dots::is_marked(path) {
            return Ok(found);
        }
        // A hook wins over a plain copy.
        if matches!(found, Found::Absent | Found::File(File::Copy(_)))
            && let Some(key) = hook::find(context, &source)?
        {
            return Ok(names::of_key(key));
        }
        if !matches!(found, Found::Absent) {
            return Ok(found);
        }
        if path.as_bytes() == b"index.html"
            && let Some(page) = public::adopted_page(context, self.0.source())?
        {
            return Ok(names::own(&page));
        }
        self.published(context, &source)
    }

    /// What a hook with parameters gives at a path, or the module of what a hook makes.
    fn given(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let Some(source) = self.source(path).filter(|_| !dots::is_marked(path)) else {
            return Ok(Found::Absent);
        };
        match names::of_made(&self.0, context, &source)? {
            Found::Absent => hook::find_file(context, self.0.source(), &source),
            found => Ok(found),
        }
    }
}

impl View for RunnableView {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        // Hooks with parameters come last: whether there are any, only the listings of folders tell.
        match versions::plain_or_version(path, |path| self.plain(context, path))? {
            Found::Absent => versions::plain_or_version(path, |path| self.given(context, path)),
            found => Ok(found),
        }
    }

    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        let missing = || Failure::Missing(path.clone());
        let source = self.source(path).ok_or_else(missing)?;
        let mut names = Names::default();
        let mirrored = source.is_root() || context.entry(&source)? == Entry::Directory;
        if dots::is_marked(path) {
            return if mirrored {
                Ok(Vec::new())
            } else {
                Err(missing())
            };
        }
        if mirrored {
            listing::mirror(&mut names, context, &source)?;
            hook::list(&mut names, context, &source)?;
        }
        if path.is_root() && public::adopted_page(context, self.0.source())?.is_some() {
            names.add("index.html", ListedKind::File);
        }
        let mut published = false;
        for directory in source
            .ancestors()
            .take_while(|above| above.starts_with(self.0.source()))
        {
            let Some(public) = public::folder(context, self.0.source(), &directory)? else {
                continue;
            };
            let below = source.below(&directory).unwrap_or_default();
            if let Some((folder, Entry::Directory)) =
                public::at(context, self.0.source(), &public, below)?
            {
                published = true;
                listing::copies(&mut names, context, self.0.source(), &folder)?;
            }
        }
        let given = hook::list_files(&mut names, context, self.0.source(), &source)?;
        match mirrored || published || given {
            true => Ok(names.into_listed()),
            false => Err(missing()),
        }
    }

    fn entries(&self, context: &dyn Context) -> Result<Vec<SourcePath>, Failure> {
        super::entries::entries(context, self.0.source())
    }

    fn maker(
        &self,
        context: &dyn Context,
        path: &SourcePath,
    ) -> Result<Option<SourcePath>, Failure> {
        Ok(made::find(context, self.0.source(), path)?.map(|key| key.path))
    }
}

/// `/~@/` with pages that are hot. Their versions by name, which nobody loads a page by, are as they would be.
struct HotPages(RunnableView);

impl View for HotPages {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let mut found = self.0.lookup(context, path)?;
        if let Found::File(File::Node { key, .. }) = &mut found
            && page::is_page(key)
        {
            *key = page::Which::new(Variant::Hot, key.clone()).page();
        }
        Ok(found)
    }

    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        self.0.list(context, path)
    }

    fn entries(&self, context: &dyn Context) -> Result<Vec<SourcePath>, Failure> {
        self.0.entries(context)
    }

    fn maker(
        &self,
        context: &dyn Context,
        path: &SourcePath,
    ) -> Result<Option<SourcePath>, Failure> {
        self.0.maker(context, path)
    }
}

/// `/~@/~root/`: installed packages and those of the workspace, outside SRC. Directories on the way to them resolve;
/// other files of the workspace do not.
pub struct WorkspaceView {
    layout: Layout,
    /// Other files do, too.
    is_whole: bool,
}

impl WorkspaceView {
    /// For this SRC.
    pub fn new(source: SourcePath) -> Self {
        Self {
            layout: Layout::new(source),
            is_whole: false,
        }
    }

    /// For programs of tools, which load what configurations import.
    fn of_tools(source: SourcePath) -> Self {
        Self {
            is_whole: true,
            ..Self::new(source)
        }
    }
}

/// Whether `path` lies in a package: below a `node_modules`, or in a member of the workspace.
fn in_package(context: &dyn Context, path: &SourcePath) -> Result<bool, Failure> {
    if path.components().any(|name| name == MODULES) {
        return Ok(true);
    }
    members::holds(context, path)
}

/// Whether the output of a source file can be reached: inside SRC, in a package or as a public file, and at no hidden name.
pub fn is_served(
    source: &SourcePath,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<bool, Failure> {
    Ok(!has_hidden_name(source, context, path)?
        && (path.starts_with(source)
            || in_package(context, path)?
            || is_configuration(path)
            || public::is_adopted(context, source, path)?))
}

/// Whether `importer` can load the output of `path`. What a configuration outside SRC imports has one for tools alone.
pub fn is_reached(
    source: &SourcePath,
    context: &dyn Context,
    importer: &SourcePath,
    path: &SourcePath,
) -> Result<bool, Failure> {
    Ok(is_served(source, context, path)?
        || !importer.starts_with(source)
            && !in_package(context, importer)?
            && !has_hidden_name(source, context, path)?)
}

/// Whether a source file has no output because of a name that is hidden, its own or that of a folder.
pub fn has_hidden_name(
    source: &SourcePath,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<bool, Failure> {
    let is_packages = path
        .parent()
        .is_some_and(|parent| holds_packages(parent.name()));
    let is_kept = is_packages && names::is_store(path.name());
    Ok(is_hidden(path.name()) && !is_kept
        || !dots::is_open(context, source, path)?
        || !names::is_packaged(context, path)?)
}

impl WorkspaceView {
    /// What stands at a path as it is now.
    fn plain(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let source = self.layout.source();
        let Some(path) = dots::meant(path) else {
            return Ok(Found::Absent);
        };
        let path = &*path;
        if path.is_root() {
            return Ok(Found::Directory { source: None });
        }
        if path == source {
            // What is in SRC has its name from SRC.
            let depth = path.components().count();
            return Ok(Found::Link(
                [&b"../"[..]].repeat(depth).concat()[..depth * 3 - 1].to_vec(),
            ));
        }
        if path.starts_with(source) {
            return Ok(Found::Absent);
        }
        if !self.is_whole && !is_configuration(path) && !in_package(context, path)? {
            return Ok(match context.entry(path)? {
                Entry::Directory if !is_hidden(path.name()) => Found::Directory {
                    source: Some(path.clone()),
                },
                _ => Found::Absent,
            });
        }
        if path.name() == MODULES
            && let Entry::Link(stored) = context.entry(path)?
        {
            return Ok(Found::Link(links::target(
                &self.layout,
                context,
                path,
                &stored,
                "",
            )?));
        }
        names::lookup(&self.layout, context, path)
    }
}

impl WorkspaceView {
    /// Whether a folder is a package, or packages can be reached by way of it.
    fn leads_to_packages(
        &self,
        context: &dyn Context,
        folder: &SourcePath,
    ) -> Result<bool, Failure> {
        let source = self.layout.source();
        if folder == source {
            return Ok(false);
        }
        if in_package(context, folder)? || members::may_lie_below(context, folder)? {
            return Ok(true);
        }
        // What SRC imports is looked for in every folder above it.
        let above = source.ancestors().skip(1);
        let on_the_way = above.take_while(|above| above.starts_with(folder));
        for folder in on_the_way.chain([folder.clone()]) {
            if context.entry(&folder.child(MODULES))? != Entry::Absent {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl View for WorkspaceView {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        versions::plain_or_version(path, |path| self.plain(context, path))
    }

    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        if path.starts_with(self.layout.source()) {
            return match path.is_root() {
                true => Ok(Vec::new()),
                false => Err(InputError::Absent(path.clone()).into()),
            };
        }
        let mut names = Names::default();
        match dots::meant(path) {
            None => return Err(InputError::Absent(path.clone()).into()),
            Some(_) if dots::is_marked(path) => return Ok(Vec::new()),
            Some(_) => {}
        }
        if !path.is_root() && in_package(context, path)? {
            let source = self.layout.source();
            if source.parent().as_ref() == Some(path) {
                names.add(source.name(), ListedKind::Link);
            }
            listing::mirror(&mut names, context, path)?;
            return Ok(names.into_listed());
        }
        for entry in context.list(path)?.iter() {
            let folder = path.child(&entry.name);
            if entry.kind == EntryKind::Directory
                && !is_hidden(&entry.name)
                && entry.name != MODULES
                && self.leads_to_packages(context, &folder)?
            {
                names.add(&*entry.name, ListedKind::Directory);
            }
        }
        Ok(names.into_listed())
    }
}
