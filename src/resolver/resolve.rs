//! The steps from a specifier to a file.

use super::config::CompilerOptions;
use super::importer::Importer;
use super::packages::Package;
use super::scope::Scope;
use super::{browser, files, hints, pattern};
use crate::base::SourcePath;
use crate::compute::Failure;
use crate::source::Entry;

/// What a specifier leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file, links resolved, and the text of a query that followed its name.
    File(SourcePath, Option<String>),
    /// The specifier itself: it is a URL.
    Url,
    /// A module of Node alone, by its name without `node:`.
    Builtin(String),
    /// A module that its package leaves out in browsers (`"browser": { "x": false }`).
    Empty,
}

/// Why a specifier leads nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unresolved {
    /// What to do about it.
    pub hint: Option<String>,
}

/// `Err` within: looked for everywhere, and not there.
pub type Resolved = Result<Result<Target, Unresolved>, Failure>;

/// The name of a package and the rest, of `name/rest` or `@scope/name/rest`. `None`: no package can have such a name.
pub fn split_package(specifier: &str) -> Option<(&str, &str)> {
    let skipped = match specifier.starts_with('@') {
        true => specifier.find('/')? + 1,
        false => 0,
    };
    let end = specifier[skipped..]
        .find('/')
        .map_or(specifier.len(), |slash| skipped + slash);
    let (name, rest) = specifier.split_at(end);
    let is_name = name.len() > skipped
        && skipped != 2
        && !name.starts_with('.')
        && !name[skipped..].starts_with('.')
        && !name.contains(['\\', '%', '\0']);
    is_name.then(|| (name, rest.trim_start_matches('/')))
}

/// Whether the specifier is a URL with a scheme that browsers load themselves.
fn is_url(specifier: &str) -> bool {
    ["http:", "https:", "data:", "blob:", "//"]
        .iter()
        .any(|scheme| specifier.starts_with(scheme))
}

impl Importer<'_> {
    /// What `specifier` leads to; `options` are those of the importer's file.
    ///
    /// # Errors
    /// [`Failure`] where an input could not be read, or a `package.json` on the way is wrong.
    pub fn resolve(&self, specifier: &str, options: &CompilerOptions) -> Resolved {
        if is_url(specifier) {
            return Ok(Ok(Target::Url));
        }
        if specifier.contains('\0') {
            return Ok(Err(Unresolved::default()));
        }
        self.learn(options);
        if let Some(found) = self.find(specifier, options)? {
            return Ok(Ok(found));
        }
        // A file may have a `?` in its name; so what follows it is a query only where there is no such file.
        let Some((name, query)) = specifier.split_once('?') else {
            return Ok(Err(hints::of(self, specifier, options)?));
        };
        match self.find(name, options)? {
            Some(Target::File(path, None)) => Ok(Ok(Target::File(path, Some(query.to_owned())))),
            Some(found) => Ok(Ok(found)),
            // Loaders of webpack have queries of their own.
            None if name.contains('!') || query.contains('!') => {
                Ok(Err(hints::of(self, specifier, options)?))
            }
            None => Ok(Err(hints::of(self, name, options)?)),
        }
    }

    fn find(&self, specifier: &str, options: &CompilerOptions) -> Result<Option<Target>, Failure> {
        let found = if is_relative(specifier) {
            let beside = self.file_or_directory(&self.directory, specifier)?;
            match beside {
                None => self.in_other_roots(specifier, options)?.map(file),
                Some(path) => Some(file(path)),
            }
        } else if let Some(absolute) = specifier.strip_prefix('/') {
            self.absolute(absolute)?.map(file)
        } else {
            self.bare(specifier, options)?
        };
        match found {
            Some(Target::File(path, query)) => browser::replaced(self, path, query).map(Some),
            None => browser::absent(self, specifier),
            other => Ok(other),
        }
    }

    fn bare(&self, specifier: &str, options: &CompilerOptions) -> Result<Option<Target>, Failure> {
        if let Some(name) = specifier.strip_prefix("node:") {
            return Ok(Some(Target::Builtin(name.to_owned())));
        }
        if let Some(found) = browser::bare(self, specifier)? {
            return Ok(Some(found));
        }
        if !files::in_packages(&self.directory)
            && let Some(path) = self.by_paths(specifier, options)?
        {
            return Ok(Some(file(path)));
        }
        if specifier.starts_with('#') {
            return self.imports(specifier);
        }
        if let Some(path) = self.package(specifier)? {
            return Ok(Some(file(path)));
        }
        if super::packages::is_builtin(specifier) {
            return Ok(Some(Target::Builtin(specifier.to_owned())));
        }
        match self.is_requiring {
            true => Ok(None),
            false => Ok(self.style_alone(specifier)?.map(file)),
        }
    }

    /// TypeScript's `paths` (the longest text before the `*` wins), then `baseUrl`.
    pub(super) fn by_paths(
        &self,
        specifier: &str,
        options: &CompilerOptions,
    ) -> Result<Option<SourcePath>, Failure> {
        let root = SourcePath::root();
        let base = options
            .base_url
            .as_ref()
            .or(options.paths_base.as_ref())
            .unwrap_or(&root);
        let best = options
            .paths
            .iter()
            .flatten()
            .filter_map(|(key, targets)| Some((key, pattern::star(key, specifier)?, targets)))
            .max_by_key(|(key, ..)| (!key.contains('*'), key.find('*')));
        if let Some((_, filling, targets)) = best {
            for target in targets {
                let target = target.replacen('*', filling, 1);
                let from = match target.starts_with('/') {
                    true => &root,
                    false => base,
                };
                if let Some(path) = self.file_or_directory(from, &target)? {
                    return Ok(Some(path));
                }
            }
        }
        match &options.base_url {
            Some(base) => self.file_or_directory(base, specifier),
            None => Ok(None),
        }
    }

    /// `#name`: what the importer's own package says.
    pub(super) fn imports(&self, specifier: &str) -> Result<Option<Target>, Failure> {
        let scope = self.scope(&self.directory)?;
        let Some(Scope { directory, package }) = &*scope else {
            return Ok(None);
        };
        let Some(imports) = &package.imports else {
            return Ok(None);
        };
        let holds = self.conditions()?;
        let Some(target) = imports.get(specifier, &holds, &|_| true) else {
            return Ok(None);
        };
        if let Some(inside) = target.strip_prefix("./") {
            return match super::exports::stays_inside(&target) {
                true => Ok(self.file_or_directory(directory, inside)?.map(file)),
                false => Ok(None),
            };
        }
        if let Some(name) = target.strip_prefix("node:") {
            return Ok(Some(Target::Builtin(name.to_owned())));
        }
        if is_relative(&target) || target.starts_with(['/', '#']) {
            return Ok(None);
        }
        match self.package(&target)? {
            Some(path) => Ok(Some(file(path))),
            None => Ok(super::packages::is_builtin(&target).then_some(Target::Builtin(target))),
        }
    }

    /// A package: the importer's own by its name, then in each `node_modules` upwards.
    pub(super) fn package(&self, specifier: &str) -> Result<Option<SourcePath>, Failure> {
        let Some((name, subpath)) = split_package(specifier) else {
            return Ok(None);
        };
        if let Some(Scope { directory, package }) = &*self.scope(&self.directory)?
            && package.name.as_deref() == Some(name)
            && package.exports.is_some()
        {
            return self.in_package(directory, Some(package), subpath);
        }
        for directory in self.installed(name) {
            let directory = directory?;
            let package = self.package_of(&directory)?;
            let found = self.in_package(&directory, package.as_ref().as_ref(), subpath)?;
            // What a package exports is final; without `exports` the search goes on, as `require` has it.
            let is_final = package
                .as_ref()
                .as_ref()
                .is_some_and(|package| package.exports.is_some());
            if found.is_some() || is_final {
                return Ok(found);
            }
        }
        self.single_file(specifier)
    }

    /// A package that is one file, `node_modules/a.js`, as `require` and bundlers have it. Only what is no directory in any
    /// `node_modules` is looked for in this way, so that no other package costs more.
    fn single_file(&self, specifier: &str) -> Result<Option<SourcePath>, Failure> {
        for modules in self.modules_above() {
            if let Some(found) = self.file_or_directory(&modules?, specifier)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn in_package(
        &self,
        directory: &SourcePath,
        package: Option<&Package>,
        subpath: &str,
    ) -> Result<Option<SourcePath>, Failure> {
        let Some(exports) = package.and_then(|package| package.exports.as_ref()) else {
            return match subpath {
                "" => self.directory_entry(directory),
                _ => self.file_or_directory(directory, subpath),
            };
        };
        let name = match subpath {
            "" => ".".to_owned(),
            _ => format!("./{subpath}"),
        };
        match exports.get(&name, &self.conditions()?) {
            // Node makes no guesses here. Vite does, and packages that were only ever bundled count on them.
            Some(target) => self.file_or_directory(directory, &target),
            None => Ok(None),
        }
    }

    /// A style sheet as `exports` names it: no guesses, but for sources of a workspace's own packages.
    pub(super) fn exact_in(
        &self,
        directory: &SourcePath,
        target: &str,
    ) -> Result<Option<SourcePath>, Failure> {
        let (above, name) = files::split(target.as_bytes());
        match files::walk(self.context, directory, above)? {
            Some((directory, Entry::Directory)) if !name.is_empty() => {
                files::exact(self.context, &directory, name)
            }
            _ => Ok(None),
        }
    }

    /// A path from `from`, a directory whose path holds no links.
    pub(super) fn file_or_directory(
        &self,
        from: &SourcePath,
        relative: &str,
    ) -> Result<Option<SourcePath>, Failure> {
        let (above, name) = files::split(relative.as_bytes());
        let Some((directory, Entry::Directory)) = files::walk(self.context, from, above)? else {
            return Ok(None);
        };
        if name.is_empty() {
            return self.directory_entry(&directory);
        }
        let (path, entry) = files::entry_in(self.context, &directory, name)?;
        if entry == Entry::File {
            return Ok(Some(path));
        }
        let suffixes = self.suffixes(&directory)?;
        if let Some(found) = files::rewritten(self.context, &directory, name, suffixes)? {
            return Ok(Some(found));
        }
        if let Some(found) = files::extended(self.context, &directory, name, suffixes)? {
            return Ok(Some(found));
        }
        match entry {
            Entry::Directory => self.directory_entry(&path),
            _ => Ok(None),
        }
    }

    /// What a directory stands for: what its `package.json` says, else its `index`.
    fn directory_entry(&self, directory: &SourcePath) -> Result<Option<SourcePath>, Failure> {
        if let (_, Entry::File) = files::entry_in(self.context, directory, b"package.json")? {
            let package = self.package_of(directory)?;
            let mains = package.iter().flat_map(|package| &package.mains);
            for main in mains {
                if let Some(found) = self.main(directory, main)? {
                    return Ok(Some(found));
                }
            }
        }
        files::extended(self.context, directory, b"index", self.suffixes(directory)?)
    }

    fn main(&self, directory: &SourcePath, main: &str) -> Result<Option<SourcePath>, Failure> {
        let (above, name) = files::split(main.as_bytes());
        let Some((directory, Entry::Directory)) = files::walk(self.context, directory, above)?
        else {
            return Ok(None);
        };
        let suffixes = self.suffixes(&directory)?;
        if name.is_empty() {
            return files::extended(self.context, &directory, b"index", suffixes);
        }
        if let Some(found) = files::exact(self.context, &directory, name)? {
            return Ok(Some(found));
        }
        if let Some(found) = files::extended(self.context, &directory, name, suffixes)? {
            return Ok(Some(found));
        }
        match files::entry_in(self.context, &directory, name)? {
            (path, Entry::Directory) => files::extended(self.context, &path, b"index", suffixes),
            _ => Ok(None),
        }
    }
}

fn file(path: SourcePath) -> Target {
    Target::File(path, None)
}

/// Whether the specifier is a path from the importer.
pub(super) fn is_relative(specifier: &str) -> bool {
    matches!(specifier, "." | "..") || specifier.starts_with("./") || specifier.starts_with("../")
}
