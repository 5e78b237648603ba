//! The plugins of PostCSS that a project has configured, and Tailwind 3, which is one of them.
//!
//! | node | of | gives |
//! |---|---|---|
//! | [`CONFIG`] | a folder | the configuration that holds in it |
//! | [`PLAN`] | a folder with one | the plugins that it lists: a run of the configuration |
//! | [`CONTENT`] | a configuration of Tailwind 3 | where it looks for classes |
//!
//! What is done here anyway is left out: Tailwind 4, `postcss-import`, `cssnano`. Where nothing else is listed, nothing runs.

mod classic;
mod config;
mod find;
mod plan;
mod run;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::program::ToolProgram;
use crate::base::{Computation, Key, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;

pub(super) use classic::sources;
pub(in crate::runnable) use config::is_configuration;
pub(super) use run::compiled;

/// The configuration of a folder.
const CONFIG: Computation = Computation::new("postcss-config");
/// The plugins of a configuration.
const PLAN: Computation = Computation::new("postcss-plan");
/// The patterns of a configuration of Tailwind 3.
const CONTENT: Computation = Computation::new("tailwind-content");

/// What all runs are.
const PROGRAM: &str = include_str!("program.js");

/// Plugins whose work is done without them.
const DONE: [&str; 3] = ["@tailwindcss/postcss", "postcss-import", "cssnano"];

/// Tailwind as a plugin: of version 3. Of version 4 it is no plugin.
const TAILWIND: &str = "tailwindcss";

/// What the plugins of a sheet need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Postcss {
    /// What lists them, and where that is.
    config: Data,
    file: SourcePath,
    /// The modules that it names.
    modules: Vec<(String, Key)>,
    /// PostCSS itself.
    module: Key,
    /// `browserslist`, and what the project asks of it.
    browsers: Option<(Key, Vec<String>)>,
    tailwind: Option<Classic>,
}

/// A configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Data {
    /// A module.
    Module(Key),
    /// JSON.
    Text(String),
}

/// Tailwind 3, and what it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Classic {
    /// The module that completes a configuration.
    resolve: Key,
    /// The module that does the work.
    features: Key,
    config: Option<Key>,
}

/// Whether a computation is one of those here.
pub(super) fn is(computation: &Computation) -> bool {
    [CONFIG, PLAN, CONTENT].contains(computation)
}

/// Runs one of these computations.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Result<Output, Failure> {
    match &key.computation {
        computation if *computation == CONFIG => config::run(runnable, context, &key.path),
        computation if *computation == PLAN => plan::run(runnable, context, &key.path),
        _ => classic::run(runnable, context, &key.path),
    }
}

/// A program with what it always has; `None`: undefined.
fn program(
    runnable: &Runnable,
    context: &dyn Context,
    config: Option<&Data>,
    postcss: Option<&Postcss>,
    tailwind: Option<&Classic>,
) -> Result<ToolProgram, Failure> {
    let optional = |program: ToolProgram, name: &str, module: Option<&Key>| match module {
        Some(module) => program.import(runnable, name, module),
        None => program.constant(name, "undefined"),
    };
    let program = ToolProgram::new("postcss");
    let program = match config {
        Some(Data::Text(text)) => program.constant("config", &format!("{{ default: {text} }}")),
        Some(Data::Module(module)) => program.configuration(runnable, context, "config", module)?,
        None => program.constant("config", "undefined"),
    };
    let program = optional(program, "postcss", postcss.map(|postcss| &postcss.module));
    let browsers = postcss.and_then(|postcss| postcss.browsers.as_ref());
    let program = optional(program, "browserslist", browsers.map(|(module, _)| module));
    let modules = postcss.map_or(&[][..], |postcss| &postcss.modules);
    let modules = modules.iter().map(|(name, key)| (name, key));
    let program = program.table(runnable, "modules", modules);
    let Some(classic) = tailwind else {
        return Ok(program.constant("tailwind", "undefined"));
    };
    let program = program
        .import(runnable, "resolve", &classic.resolve)
        .import(runnable, "features", &classic.features);
    let program = match &classic.config {
        Some(config) => program.configuration(runnable, context, "theming", config)?,
        None => program.constant("theming", "undefined"),
    };
    Ok(program.constant("tailwind", "{ resolve, features, config: theming }"))
}

/// The folder of a sheet.
fn folder(path: &SourcePath) -> SourcePath {
    path.parent().unwrap_or_else(SourcePath::root)
}
