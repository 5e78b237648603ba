//! Names of directories that specifiers begin with.

use super::config::CompilerOptions;
use super::importer::Importer;
use super::resolve::split_package;
use super::scope::Scope;
use super::{files, pattern};
use crate::base::{ABOVE, ELSEWHERE, SourcePath, holds_packages};
use crate::compute::Failure;
use crate::source::Entry;

/// The files that a pattern of `imports` means, of which a name is left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subpaths {
    /// The directory that they are in or below.
    pub directory: SourcePath,
    /// What the pattern says of what is left open.
    pub filling: String,
    /// What stands in a specifier, and what in a path from the directory, before what is left open.
    pub before: (String, String),
    /// And after it.
    pub after: (String, String),
}

impl Importer<'_> {
    /// What a pattern means by the `imports` of the importer's package; `None`: it does not begin with `#`, or leads to no
    /// files of the package.
    ///
    /// # Errors
    /// [`Failure`] where a `package.json` on the way can't be read or is wrong.
    pub fn subpaths(&self, name: &str) -> Result<Option<Subpaths>, Failure> {
        if !name.starts_with('#') {
            return Ok(None);
        }
        let scope = self.scope(&self.directory)?;
        let Some(Scope { directory, package }) = &*scope else {
            return Ok(None);
        };
        let holds = self.conditions()?;
        let imports = package.imports.as_ref();
        let Some(found) = imports.and_then(|all| all.pattern(name, &holds, &|_| true)) else {
            return Ok(None);
        };
        let inside = found.target.strip_prefix("./").unwrap_or_default();
        let (above, end) = match inside.split_once('*') {
            Some((above, end)) => (above, end),
            None if inside.ends_with('/') => (inside, ""),
            None => return Ok(None),
        };
        let (folder, start) = match above.rfind('/') {
            Some(slash) => above.split_at(slash + 1),
            None => ("", above),
        };
        let rest = format!("{start}{}{end}", found.filling);
        let stays = super::exports::stays_inside(&format!("./{folder}{rest}"));
        let directory = directory.join(folder).ok().filter(|_| stays);
        Ok(directory.map(|directory| Subpaths {
            directory,
            filling: found.filling.to_owned(),
            before: (found.before.to_owned(), start.to_owned()),
            after: (found.after.to_owned(), end.to_owned()),
        }))
    }

    /// The longest beginning of a pattern that a key of `paths` has before its `*`, up to its last slash: brackets in it are
    /// the name's own, and no signs of the pattern.
    pub fn written<'b>(&self, pattern: &'b str, options: &CompilerOptions) -> Option<&'b str> {
        let keys = options.paths.iter().flatten().map(|(key, _)| key);
        let named = keys.filter_map(|key| {
            let (before, _) = key.split_once('*')?;
            let folders = &before[..=before.rfind('/')?];
            pattern.strip_prefix(folders)?;
            Some(folders.len())
        });
        named.max().map(|length| &pattern[..length])
    }

    /// The directory that `name` means, without guesses at files: by `paths` and `baseUrl` of `options`, then in
    /// packages. Relative and absolute names are the caller's.
    ///
    /// # Errors
    /// [`Failure`] where an input could not be read.
    pub fn directory(
        &self,
        name: &str,
        options: &CompilerOptions,
    ) -> Result<Option<SourcePath>, Failure> {
        let root = SourcePath::root();
        let base = options.base_url.as_ref().or(options.paths_base.as_ref());
        let base = base.unwrap_or(&root);
        // `@/x` fits `@/*`; so does `@` itself.
        let slashed = format!("{name}/");
        let keys = options.paths.iter().flatten();
        let best = keys
            .filter_map(|(key, targets)| {
                let filling = pattern::star(key, &slashed).filter(|_| key.contains('*'))?;
                Some((key.find('*'), filling.trim_end_matches('/'), targets))
            })
            .max_by_key(|(specific, ..)| *specific);
        let mut candidates = Vec::new();
        if let Some((_, filling, targets)) = best {
            let filled = targets
                .iter()
                .map(|target| target.replacen('*', filling, 1));
            candidates.extend(filled.map(|target| match target.starts_with('/') {
                true => (root.clone(), target),
                false => (base.clone(), target),
            }));
        }
        if let Some(base) = &options.base_url {
            candidates.push((base.clone(), name.to_owned()));
        }
        for (from, target) in candidates {
            if let Some((found, Entry::Directory)) =
                files::walk(self.context, &from, target.as_bytes())?
            {
                return Ok(Some(found));
            }
        }
        self.package_directory(name)
    }

    /// `name` or `name/rest`, a directory in the nearest `node_modules` that has it.
    pub(super) fn package_directory(&self, name: &str) -> Result<Option<SourcePath>, Failure> {
        if split_package(name).is_none() {
            return Ok(None);
        }
        self.installed(name).next().transpose()
    }

    /// The directories of a name in each `node_modules` upwards, the nearest first. Looks no farther than it is asked.
    pub(super) fn installed<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = Result<SourcePath, Failure>> + 'a {
        self.modules_above().filter_map(move |modules| {
            let found =
                modules.and_then(|modules| files::walk(self.context, &modules, name.as_bytes()));
            match found {
                Ok(Some((found, Entry::Directory))) => Some(Ok(found)),
                Ok(_) => None,
                Err(failure) => Some(Err(failure)),
            }
        })
    }

    /// Each `node_modules` upwards, the nearest first, then those above linked packages.
    pub(super) fn modules_above(&self) -> impl Iterator<Item = Result<SourcePath, Failure>> + '_ {
        let ancestors = self.directory.ancestors();
        let ancestors = ancestors.filter(|ancestor| ancestor.name() != b"node_modules");
        let upwards = ancestors.filter_map(|ancestor| {
            match files::entry_in(self.context, &ancestor, b"node_modules") {
                Ok((modules, Entry::Directory)) => Some(Ok(modules)),
                Ok(_) => None,
                Err(failure) => Some(Err(failure)),
            }
        });
        upwards.chain(self.modules_elsewhere())
    }

    /// Where the linked packages that the importer lies in look last. What stands there looks there last, too, so that what the
    /// project has is found by all of them.
    fn modules_elsewhere(&self) -> impl Iterator<Item = Result<SourcePath, Failure>> + '_ {
        let ancestors = self.directory.ancestors();
        ancestors.filter_map(|ancestor| {
            let (name, above) = (ancestor.name(), ancestor.parent()?);
            if name.starts_with(ELSEWHERE) && above.name() == b"node_modules" {
                return Some(Ok(ancestor));
            }
            let is_scoped = above.name().starts_with(b"@");
            let holder = if is_scoped { above.parent()? } else { above };
            if !holds_packages(holder.name()) || name.starts_with(b".") || name.starts_with(b"@") {
                return None;
            }
            match files::entry_in(self.context, &ancestor, ABOVE) {
                Ok((modules, Entry::Directory)) => Some(Ok(modules)),
                Ok(_) => None,
                Err(failure) => Some(Err(failure)),
            }
        })
    }
}
