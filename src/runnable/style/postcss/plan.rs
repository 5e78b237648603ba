//! What a configuration of PostCSS lists. It is a program: it may choose by the mode.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{DONE, PLAN, PROGRAM, TAILWIND, config, program};
use crate::base::{Key, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;
use crate::runnable::style::whole::{decoded, encoded};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) plugins: Vec<Listed>,
    /// Modules that read or write another syntax.
    pub(super) syntaxes: Vec<String>,
}

/// A plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) name: String,
    /// Whether the name is all there is, and leads to its module.
    pub(super) is_named: bool,
}

impl Listed {
    pub(super) fn is_tailwind(&self) -> bool {
        self.name == TAILWIND
    }

    /// Whether it has to be run for what it does.
    pub(super) fn is_wanted(&self) -> bool {
        !DONE.contains(&self.name.as_str()) && !self.is_tailwind()
    }
}

/// The plan of the configuration in a folder.
pub(super) fn of(context: &dyn Context, folder: &SourcePath) -> Result<Plan, Failure> {
    decoded(context, &Key::new(PLAN, folder.clone()))
}

/// Runs the computation of a plan.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    folder: &SourcePath,
) -> Result<Output, Failure> {
    let Some(config) = config::of(context, folder)? else {
        return encoded(&Plan::default());
    };
    let program = program(runnable, context, Some(&config.data), None, None)?
        .beside(runnable, &config.file)
        .stays();
    let props = json!({ "action": "plan", "mode": runnable.options.node() });
    let given = program.run(runnable, context, &config.file, PROGRAM, props)?;
    let plan: Plan =
        serde_json::from_value(given).map_err(|cause| Failure::Internal(cause.to_string()))?;
    encoded(&plan)
}
