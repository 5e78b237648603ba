//! Tailwind 3: a plugin of PostCSS that reads the project's files itself. Here it is given the words in them, so that it runs
//! anew only where there are others.

use serde_json::json;

use super::{CONTENT, Classic, PROGRAM, Postcss, config, folder, program};
use crate::base::{Key, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;
use crate::runnable::style::bundle::Work;
use crate::runnable::style::tailwind::{Source, Statement, named, version};
use crate::runnable::style::whole::{decoded, encoded};

/// What it makes something else of. Whatever else is in a sheet it leaves as it is.
const MARKS: [&str; 8] = [
    "@tailwind",
    "@apply",
    "@layer",
    "@screen",
    "@variants",
    "@responsive",
    "theme(",
    "screen(",
];

/// The first version that is none.
const NEXT: u64 = 4;

/// Whether a text has something that it is for.
pub(super) fn is_for(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark))
}

impl Work<'_> {
    /// What it needs for the sheet at `path`, found from the file `from`. `None`: it is not installed, or of another version.
    pub(super) fn classic(
        &self,
        path: &SourcePath,
        from: &SourcePath,
    ) -> Result<Option<Classic>, Failure> {
        let Some((resolve, features)) = self.modules_of_classic(from)? else {
            return Ok(None);
        };
        let asked = self
            .asked
            .iter()
            .find_map(|(from, statement)| match statement {
                Statement::Module(name, true) => Some((from, name)),
                _ => None,
            });
        let config = match asked {
            Some((from, name)) => {
                let module = self.module_of(from, name)?;
                Some(module.map_err(|hint| self.unresolved(from, name, None, hint))?)
            }
            None => {
                let mut found = None;
                for folder in [folder(from), folder(path)] {
                    for folder in folder.ancestors() {
                        found = match found {
                            None => config::of_tailwind(self.context, &folder)?,
                            found => found,
                        };
                    }
                }
                found.map(|file| Key::new(crate::runnable::MODULE, file))
            }
        };
        Ok(Some(Classic {
            resolve,
            features,
            config,
        }))
    }

    fn modules_of_classic(&self, from: &SourcePath) -> Result<Option<(Key, Key)>, Failure> {
        let Ok(resolve) = self.module_of(from, "tailwindcss/resolveConfig.js")? else {
            return Ok(None);
        };
        if version(self.context, &resolve.path)? >= Some(NEXT) {
            return Ok(None);
        }
        let features = self.module_of(from, "tailwindcss/lib/processTailwindFeatures.js")?;
        Ok(features.ok().map(|features| (resolve, features)))
    }
}

/// Where the classes of a sheet are looked for.
pub(in crate::runnable::style) fn sources(
    runnable: &Runnable,
    context: &dyn Context,
    postcss: &Postcss,
) -> Result<Vec<Source>, Failure> {
    let config = postcss.tailwind.as_ref();
    let Some(config) = config.and_then(|tailwind| tailwind.config.as_ref()) else {
        return Ok(Vec::new());
    };
    let patterns: Vec<String> = decoded(context, &Key::new(CONTENT, config.path.clone()))?;
    let here = folder(&config.path);
    let mut all = Vec::new();
    for pattern in patterns {
        let (pattern, is_out) = match pattern.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (pattern.as_str(), false),
        };
        // One that `__dirname` begins is from the root.
        let (from, pattern) = match pattern.starts_with('/') {
            true => runnable.layout.begun(pattern),
            false => (here.clone(), pattern),
        };
        all.extend(named(context, &from, pattern, is_out)?);
    }
    Ok(all)
}

/// Runs the computation of a configuration's patterns.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    file: &SourcePath,
) -> Result<Output, Failure> {
    let work = Work::new(runnable, context, false);
    let Some((resolve, features)) = work.modules_of_classic(file)? else {
        return encoded(&Vec::<String>::new());
    };
    let classic = Classic {
        resolve,
        features,
        config: Some(Key::new(crate::runnable::MODULE, file.clone())),
    };
    let program = program(runnable, context, None, None, Some(&classic))?.beside(runnable, file);
    let props = json!({ "action": "content" });
    let given = program.run(runnable, context, file, PROGRAM, props)?;
    let patterns: Vec<String> = serde_json::from_value(given["patterns"].clone())
        .map_err(|cause| Failure::Internal(cause.to_string()))?;
    encoded(&patterns)
}
