//! What `compilerOptions` say of resolution beside `paths` and `baseUrl`: `customConditions`, `moduleSuffixes`, `rootDirs`.

use super::config::{CONDITIONS, CompilerOptions};
use super::files;
use super::importer::Importer;
use crate::base::{Key, SourcePath};
use crate::compute::Failure;

/// What an importer's own file says of every resolution.
#[derive(Default)]
pub(super) struct Own {
    conditions: Vec<String>,
    suffixes: Vec<String>,
}

impl Importer<'_> {
    /// Whoever has the options of the importer's own file spares it the question.
    pub(super) fn learn(&self, options: &CompilerOptions) {
        let texts = |texts: &Option<Vec<String>>| texts.clone().unwrap_or_default();
        // In packages they are nobody's.
        if !files::in_packages(&self.directory) {
            self.own.get_or_init(|| Own {
                conditions: texts(&options.custom_conditions),
                suffixes: texts(&options.module_suffixes),
            });
        }
    }

    fn own(&self) -> Result<&Own, Failure> {
        if self.own.get().is_none() {
            match files::in_packages(&self.directory) {
                true => {
                    let conditions = self.conditions_of_user()?;
                    self.own.get_or_init(|| Own {
                        conditions,
                        suffixes: Vec::new(),
                    });
                }
                false => self.learn(&self.resolver.config(self.context, &self.file)?),
            }
        }
        Ok(self.own.get_or_init(Own::default))
    }

    /// `customConditions` of who uses a package: they hold in the whole program, as with TypeScript and Vite
    /// (`resolve.conditions`), for a package has one form for all its users. Who that is, the folder tells that it is
    /// installed in; above SRC it is SRC.
    fn conditions_of_user(&self) -> Result<Vec<String>, Failure> {
        let source = &self.resolver.settings.source;
        let mut above = self.directory.ancestors();
        let installed = above.find(|folder| !files::in_packages(folder));
        let folder = installed.filter(|folder| !source.starts_with(folder));
        let folder = folder.as_ref().unwrap_or(source);
        let key = Key::new(CONDITIONS, folder.clone());
        let conditions = &self.resolver.conditions;
        Ok(Vec::clone(&*conditions.fetch(self.context, &key)?))
    }

    /// Which conditions of `exports` and `imports` hold.
    pub(super) fn conditions(&self) -> Result<impl Fn(&str) -> bool + '_, Failure> {
        let custom = &self.own()?.conditions;
        Ok(move |condition: &str| {
            self.holds(condition) || custom.iter().any(|name| name == condition)
        })
    }

    /// What may stand between a name in `directory` and its ending.
    pub(super) fn suffixes(&self, directory: &SourcePath) -> Result<&[String], Failure> {
        if files::in_packages(directory) {
            return Ok(&[]);
        }
        Ok(&self.own()?.suffixes)
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
