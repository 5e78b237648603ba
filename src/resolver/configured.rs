//! What `compilerOptions` say of resolution beside `paths` and `baseUrl`: `customConditions`, `moduleSuffixes`, `rootDirs`.

use super::config::CompilerOptions;
use super::files;
use super::resolve::Importer;
use crate::base::SourcePath;
use crate::compute::Failure;

impl Importer<'_> {
    /// The options of the importer's own file. They are nobody's in packages.
    fn own(&self) -> Result<Option<&CompilerOptions>, Failure> {
        if files::in_packages(&self.directory) {
            return Ok(None);
        }
        if let Some(own) = self.own.get() {
            return Ok(Some(own));
        }
        let own = self.resolver.config(self.context, &self.file)?;
        Ok(Some(self.own.get_or_init(|| own)))
    }

    /// Which conditions of `exports` and `imports` hold.
    pub(super) fn conditions(&self) -> Result<impl Fn(&str) -> bool + '_, Failure> {
        let custom = self.own()?.and_then(|own| own.custom_conditions.as_ref());
        Ok(move |condition: &str| {
            self.holds(condition) || custom.into_iter().flatten().any(|name| name == condition)
        })
    }

    /// What may stand between a name in `directory` and its ending.
    pub(super) fn suffixes(&self, directory: &SourcePath) -> Result<&[String], Failure> {
        if files::in_packages(directory) {
            return Ok(&[]);
        }
        let suffixes = self.own()?.and_then(|own| own.module_suffixes.as_deref());
        Ok(suffixes.unwrap_or_default())
    }

    /// `rootDirs` are directories that count as one: what is not beside the importer is looked for in the same place below
    /// the others.
    pub(super) fn in_other_roots(
        &self,
        relative: &str,
        options: &CompilerOptions,
    ) -> Result<Option<SourcePath>, Failure> {
        let roots = options.root_dirs.as_deref().unwrap_or_default();
        let Ok(meant) = self.directory.join(relative) else {
            return Ok(None);
        };
        let holding = roots.iter().filter(|root| meant.starts_with(root));
        let Some(own) = holding.max_by_key(|root| root.as_bytes().len()) else {
            return Ok(None);
        };
        let inside = meant.below(own).unwrap_or_default();
        let Ok(inside) = std::str::from_utf8(inside) else {
            return Ok(None);
        };
        for root in roots.iter().filter(|root| *root != own) {
            if let Some(found) = self.file_or_directory(root, inside)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
