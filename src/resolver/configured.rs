//! What `compilerOptions` say of resolution beside `paths` and `baseUrl`: `customConditions`, `moduleSuffixes`, `rootDirs`.

use super::config::CompilerOptions;
use super::files;
use super::importer::Importer;
use crate::base::SourcePath;
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
        self.own
            .get_or_init(|| match files::in_packages(&self.directory) {
                true => Own::default(),
                false => Own {
                    conditions: texts(&options.custom_conditions),
                    suffixes: texts(&options.module_suffixes),
                },
            });
    }

    fn own(&self) -> Result<&Own, Failure> {
        if self.own.get().is_none() {
            let options = match files::in_packages(&self.directory) {
                true => CompilerOptions::default(),
                false => self.resolver.config(self.context, &self.file)?,
            };
            self.learn(&options);
        }
        Ok(self.own.get_or_init(Own::default))
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
