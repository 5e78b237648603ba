//! What `@import`, `composes … from` and `url()` of style sheets name: as Vite has it, with the condition and the field
//! `style` of packages.

use super::config::CompilerOptions;
use super::exports::Exports;
use super::files;
use super::importer::Importer;
use super::resolve::{Target, is_relative, split_package};
use crate::base::SourcePath;
use crate::compute::Failure;
use crate::source::Entry;

/// Endings that may be left out.
const ENDINGS: [&str; 4] = ["", ".css", ".scss", ".sass"];

impl Importer<'_> {
    /// The style sheet that `specifier` names: a path from the file, with or without `./`; from the root; by `paths`,
    /// `imports`; in a package. `None`: there is none.
    ///
    /// # Errors
    /// [`Failure`] where an input could not be read, or a `package.json` on the way is wrong.
    pub fn style(
        &self,
        specifier: &str,
        options: &CompilerOptions,
    ) -> Result<Option<SourcePath>, Failure> {
        self.style_for(specifier, options, false)
    }

    /// As [`Importer::style`] for what `@use` and `@import` of Sass name: with the condition and the field `sass` as well.
    ///
    /// # Errors
    /// Those of [`Importer::style`].
    pub fn sass_style(
        &self,
        specifier: &str,
        options: &CompilerOptions,
    ) -> Result<Option<SourcePath>, Failure> {
        self.style_for(specifier, options, true)
    }

    fn style_for(
        &self,
        specifier: &str,
        options: &CompilerOptions,
        sass: bool,
    ) -> Result<Option<SourcePath>, Failure> {
        if specifier.is_empty() || specifier.contains('\0') {
            return Ok(None);
        }
        self.learn(options);
        if let Some(inside) = specifier.strip_prefix('/') {
            return self.absolute(inside);
        }
        if let Some(found) = self.style_at(&self.directory, specifier)? {
            return Ok(Some(found));
        }
        if is_relative(specifier) {
            return Ok(None);
        }
        // A tilde is webpack's sign for packages.
        let name = specifier.strip_prefix('~').unwrap_or(specifier);
        if name.starts_with('#') {
            return Ok(match self.imports(name)? {
                Some(Target::File(path, _)) => Some(path),
                _ => None,
            });
        }
        if !files::in_packages(&self.directory) {
            for ending in ENDINGS {
                if let Some(path) = self.by_paths(&format!("{name}{ending}"), options)? {
                    return Ok(Some(path));
                }
            }
        }
        self.style_of_package(name, sass)
    }

    /// What code means by a package that has nothing but a style sheet, under the condition or in the field `style`: that. So
    /// an import of it, and one with `?raw` or `?url`, finds what `@import` does; Vite has it found by `@import` alone.
    pub(super) fn style_alone(&self, specifier: &str) -> Result<Option<SourcePath>, Failure> {
        let Some((name, subpath)) = split_package(specifier) else {
            return Ok(None);
        };
        let Some(directory) = self.package_directory(name)? else {
            return Ok(None);
        };
        let package = self.package_of(&directory)?;
        let Some(package) = package.as_ref() else {
            return Ok(None);
        };
        match &package.exports {
            Some(exports) => match self.exported_style(exports, subpath, false)? {
                Some(target) if is_style(&target) => self.exact_in(&directory, &target),
                _ => Ok(None),
            },
            None => match &package.style {
                Some(style) if subpath.is_empty() && is_style(style) => {
                    self.style_at(&directory, style)
                }
                _ => Ok(None),
            },
        }
    }

    /// What a package exports to style sheets.
    fn exported_style(
        &self,
        exports: &Exports,
        subpath: &str,
        sass: bool,
    ) -> Result<Option<String>, Failure> {
        let key = match subpath {
            "" => ".".to_owned(),
            _ => format!("./{subpath}"),
        };
        let holds = self.conditions()?;
        Ok(exports.get(&key, &|condition| {
            condition == "style" || (sass && condition == "sass") || holds(condition)
        }))
    }

    fn style_at(&self, from: &SourcePath, relative: &str) -> Result<Option<SourcePath>, Failure> {
        for ending in ENDINGS {
            let name = format!("{relative}{ending}");
            if let Some((path, Entry::File)) = files::walk(self.context, from, name.as_bytes())? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    fn style_of_package(&self, specifier: &str, sass: bool) -> Result<Option<SourcePath>, Failure> {
        let Some((name, subpath)) = split_package(specifier) else {
            return Ok(None);
        };
        let Some(directory) = self.package_directory(name)? else {
            return Ok(None);
        };
        let package = self.package_of(&directory)?;
        let package = package.as_ref().as_ref();
        if let Some(exports) = package.and_then(|package| package.exports.as_ref())
            && let Some(target) = self.exported_style(exports, subpath, sass)?
            && (!subpath.is_empty() || is_style(&target))
        {
            return self.exact_in(&directory, &target);
        }
        if !subpath.is_empty() {
            return self.style_at(&directory, subpath);
        }
        let named = package.and_then(|package| {
            let own = package.sass.as_deref().filter(|_| sass);
            own.or(package.style.as_deref())
        });
        self.style_at(&directory, named.unwrap_or("index.css"))
    }
}

fn is_style(name: &str) -> bool {
    ENDINGS[1..].iter().any(|ending| name.ends_with(ending))
}
