//! Tailwind's own module, and those that a sheet asks for.

use super::{Statement, Tailwind, sources};
use crate::base::{Key, SourcePath};
use crate::compute::{Context, Failure};
use crate::resolver::{Target, read_file};
use crate::runnable::MODULE;
use crate::runnable::all::Runnable;
use crate::runnable::kind::Kind;
use crate::runnable::style::bundle::Work;
use crate::runnable::views;

/// The first version that has `compile`.
const FIRST: u64 = 4;

impl Work<'_> {
    /// What Tailwind needs for the sheet at `path`, of which all files are read. `None`: it has nothing of Tailwind's, or there
    /// is no Tailwind 4 that can be asked.
    pub(in crate::runnable::style) fn tailwind(
        &self,
        path: &SourcePath,
    ) -> Result<Option<Tailwind>, Failure> {
        if self.hint.is_none() {
            return Ok(None);
        }
        let Ok(module) = self.module_of(path, "tailwindcss")? else {
            return Ok(None);
        };
        if version(self.context, &module.path)? < Some(FIRST) {
            return Ok(None);
        }
        let (mut plugins, mut references) = (Vec::new(), Vec::new());
        for (from, statement) in &self.asked {
            match statement {
                Statement::Module(name, _) => {
                    let module = self.module_of(from, name)?;
                    let module = module.map_err(|hint| self.unresolved(from, name, None, hint))?;
                    plugins.push((name.clone(), module));
                }
                Statement::Reference(name) => {
                    references.push((name.clone(), self.style(from, name, None)?));
                }
                Statement::Source { .. } | Statement::Base(_) => {}
            }
        }
        let sources = sources::of(self.runnable, self.context, &self.asked)?;
        Ok(Some(Tailwind {
            module,
            plugins,
            references,
            sources,
        }))
    }

    /// The module that a name in a file leads to. `Err` within: it leads to none, and what to do about it.
    pub(in crate::runnable::style) fn module_of(
        &self,
        from: &SourcePath,
        name: &str,
    ) -> Result<Result<Key, Option<String>>, Failure> {
        let Runnable {
            resolver, layout, ..
        } = self.runnable;
        let config = resolver.config(self.context, from)?;
        let importer = resolver.importer(self.context, from);
        let file = match importer.resolve(name, &config)? {
            Ok(Target::File(file, None)) => file,
            Ok(_) => return Ok(Err(None)),
            Err(unresolved) => return Ok(Err(unresolved.hint)),
        };
        if !matches!(Kind::of_path(&file), Kind::Module(_) | Kind::Script) {
            return Ok(Err(Some(format!("`{file}` is no module"))));
        }
        Ok(
            match views::is_served(layout.source(), self.context, &file)? {
                true => Ok(Key::new(MODULE, file)),
                false => Err(Some(format!(
                    "`{file}` lies outside the source folder: mount a folder that holds both"
                ))),
            },
        )
    }
}

/// The first number of the version of the package that a file is in.
pub(in crate::runnable::style) fn version(
    context: &dyn Context,
    file: &SourcePath,
) -> Result<Option<u64>, Failure> {
    for folder in file.ancestors().skip(1) {
        let Some(bytes) = read_file(context, &folder.child("package.json"))? else {
            continue;
        };
        let manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if let Some(version) = manifest["version"].as_str() {
            let first = version.split('.').next().unwrap_or_default();
            return Ok(first.parse().ok());
        }
    }
    Ok(None)
}
