//! What the plugins need that a sheet is for.

use super::plan::Plan;
use super::{Data, Postcss, TAILWIND, classic, config, folder, plan};
use crate::base::{Key, SourcePath};
use crate::compute::Failure;
use crate::resolver::in_packages;
use crate::runnable::style::bundle::Work;

impl Work<'_> {
    /// What of PostCSS is to be done to the text of a sheet, of which all files are read. What a package ships is finished.
    pub(in crate::runnable::style) fn postcss(
        &self,
        path: &SourcePath,
        text: &str,
    ) -> Result<Option<Postcss>, Failure> {
        if in_packages(path) {
            return Ok(None);
        }
        let Some(config) = config::of(self.context, &folder(path))? else {
            return self.tailwind_alone(path, text);
        };
        let plan = plan::of(self.context, &folder(&config.file))?;
        let asked = plan.plugins.iter().any(|plugin| plugin.is_tailwind());
        let tailwind = match asked && classic::is_for(text) {
            true => self.classic(path, &config.file)?,
            false => None,
        };
        if tailwind.is_none() && !plan.plugins.iter().any(|plugin| plugin.is_wanted()) {
            return Ok(None);
        }
        let modules = self.named(&config.file, &plan)?;
        let module = self.postcss_itself(&config.file, &modules, tailwind.as_ref())?;
        let browsers = match config.browsers {
            None => None,
            Some(queries) => {
                let found = self.beside(&config.file, &modules, "browserslist")?;
                found.map(|module| (module, queries))
            }
        };
        Ok(Some(Postcss {
            config: config.data,
            file: config.file,
            modules,
            module,
            browsers,
            tailwind,
        }))
    }

    /// Tailwind 3 where no configuration lists it (create-react-app has it built in).
    fn tailwind_alone(&self, path: &SourcePath, text: &str) -> Result<Option<Postcss>, Failure> {
        if self.hint.is_none() || !classic::is_for(text) {
            return Ok(None);
        }
        let Some(tailwind) = self.classic(path, path)? else {
            return Ok(None);
        };
        Ok(Some(Postcss {
            config: Data::Text(format!("{{ \"plugins\": [\"{TAILWIND}\"] }}")),
            file: path.clone(),
            modules: Vec::new(),
            module: self.postcss_itself(path, &[], Some(&tailwind))?,
            browsers: None,
            tailwind: Some(tailwind),
        }))
    }

    /// The modules that a configuration names.
    fn named(&self, file: &SourcePath, plan: &Plan) -> Result<Vec<(String, Key)>, Failure> {
        let plugins = plan
            .plugins
            .iter()
            .filter(|plugin| plugin.is_named && plugin.is_wanted());
        let names = plugins.map(|plugin| &plugin.name).chain(&plan.syntaxes);
        let mut modules: Vec<(String, Key)> = Vec::new();
        for name in names {
            if modules.iter().any(|(known, _)| known == name) {
                continue;
            }
            let module = self.module_of(file, name)?;
            let module = module.map_err(|hint| self.unresolved(file, name, None, hint))?;
            modules.push((name.clone(), module));
        }
        Ok(modules)
    }

    /// PostCSS itself: the project's own, or that of its tools.
    fn postcss_itself(
        &self,
        file: &SourcePath,
        modules: &[(String, Key)],
        tailwind: Option<&super::Classic>,
    ) -> Result<Key, Failure> {
        if let Some(found) = self.beside(file, modules, "postcss")? {
            return Ok(found);
        }
        if let Some(tailwind) = tailwind
            && let Ok(found) = self.module_of(&tailwind.features.path, "postcss")?
        {
            return Ok(found);
        }
        if let Ok(vite) = self.module_of(file, "vite")?
            && let Ok(found) = self.module_of(&vite.path, "postcss")?
        {
            return Ok(found);
        }
        Err(self.unresolved(
            file,
            "postcss",
            None,
            Some("run `npm install postcss`".into()),
        ))
    }

    /// A package that the configuration or what it names can import.
    fn beside(
        &self,
        file: &SourcePath,
        modules: &[(String, Key)],
        name: &str,
    ) -> Result<Option<Key>, Failure> {
        let others = modules.iter().map(|(_, module)| &module.path);
        for from in std::iter::once(file).chain(others) {
            if let Ok(found) = self.module_of(from, name)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
