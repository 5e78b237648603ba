//! What a file exports by its own text, and where its `export *` lead.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::all::Runnable;
use super::super::common;
use super::super::kind::Kind;
use super::super::module::diagnostics;
use super::super::views::is_reached;
use super::super::wasm;
use crate::base::{Computation, Key, Part, SourcePath};
use crate::compiler;
use crate::compute::{Context, Failure, Output};
use crate::resolver::Target;

/// What a file exports by its own text: an [`Outline`].
pub(in super::super) const OUTLINE: Computation = Computation::new("outline");

/// Of [`OUTLINE`]: whether the file is no ES module.
const IS_COMMON: Part = Part(3);

/// Of [`OUTLINE`]: the specifiers of what is evaluated before the file. Apart, for other files' exports do not depend on it.
const LOADED: Part = Part(4);

/// What a file is to those who import it.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct Outline {
    /// What its text says.
    pub(super) own: compiler::Outline,
    /// It is no ES module.
    pub(super) is_common: bool,
}

/// Runs [`OUTLINE`].
pub(in super::super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let source = wasm::text(runnable, path, context.content(path)?)?;
    let language = Kind::of_path(path)
        .language()
        .ok_or_else(|| Failure::Internal(format!("`{path}` is no module")))?;
    let shown = runnable.layout.shown(path);
    let parsed =
        compiler::parse(&source, language, shown.trim_start_matches('/')).map_err(diagnostics)?;
    let outline = Outline {
        own: parsed.outline(),
        is_common: common::is_common(runnable, context, path, parsed.form())?,
    };
    let mut output = super::output(&outline)?;
    output
        .parts
        .push((IS_COMMON, common::encode(&outline.is_common)?));
    let loaded = match outline.is_common {
        true => Vec::new(),
        false => parsed.loaded(),
    };
    output.parts.push((LOADED, common::encode(&loaded)?));
    Ok(output)
}

/// Whether a file is known to be CommonJS. Of a file with errors of its own it is not.
pub(in super::super) fn is_common(
    context: &dyn Context,
    file: &SourcePath,
) -> Result<bool, Failure> {
    match context.fetch(&Key::new(OUTLINE, file.clone()), IS_COMMON) {
        Ok(bytes) => common::decode(&bytes),
        Err(failure) if failure.is_of_file() => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// The specifiers of what is evaluated before an ES module, in that order. Of a file with errors of its own there are none.
pub(super) fn loaded(context: &dyn Context, file: &SourcePath) -> Result<Vec<String>, Failure> {
    match context.fetch(&Key::new(OUTLINE, file.clone()), LOADED) {
        Ok(bytes) => common::decode(&bytes),
        Err(failure) if failure.is_of_file() => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

/// The outline of a file. `None`: the file is gone, or has errors of its own.
pub(super) fn fetch(
    runnable: &Runnable,
    context: &dyn Context,
    file: &SourcePath,
) -> Result<Option<Arc<Outline>>, Failure> {
    let key = Key::new(OUTLINE, file.clone());
    match runnable.outlines.fetch(context, &key) {
        Ok(outline) => Ok(Some(outline)),
        Err(failure) if failure.is_of_file() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// A file's specifiers, as it means them.
pub(super) struct Specifiers<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    path: &'a SourcePath,
}

impl<'a> Specifiers<'a> {
    pub(super) fn new(
        runnable: &'a Runnable,
        context: &'a dyn Context,
        path: &'a SourcePath,
    ) -> Self {
        Self {
            runnable,
            context,
            path,
        }
    }

    /// The files of code that these lead to, and whether that is all.
    pub(super) fn files<'b>(
        &self,
        specifiers: impl IntoIterator<Item = &'b String>,
    ) -> Result<(Vec<SourcePath>, bool), Failure> {
        let mut files = Vec::new();
        let mut all = true;
        let mut specifiers = specifiers.into_iter().peekable();
        if specifiers.peek().is_none() {
            return Ok((files, all));
        }
        let config = self.runnable.resolver.config(self.context, self.path)?;
        let importer = self.runnable.resolver.importer(self.context, self.path);
        let source = self.runnable.layout.source();
        for specifier in specifiers {
            match importer.resolve(specifier, &config)? {
                Ok(Target::File(file, None))
                    if is_code(&file) && is_reached(source, self.context, self.path, &file)? =>
                {
                    files.push(file);
                }
                _ => all = false,
            }
        }
        Ok((files, all))
    }
}

/// Whether a file is one of code.
pub(super) fn is_code(path: &SourcePath) -> bool {
    matches!(
        Kind::of_path(path),
        Kind::Module(_) | Kind::Script | Kind::Wasm
    )
}

/// A file and the files of its `export *`, each once.
#[derive(Default)]
pub(super) struct Chain {
    known: BTreeSet<Step>,
    waiting: VecDeque<Step>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) file: SourcePath,
    /// Reached by `export type *`.
    pub(super) as_types: bool,
}

impl Chain {
    pub(super) fn from(file: &SourcePath) -> Self {
        let mut chain = Self::default();
        chain.add(vec![file.clone()], false);
        chain
    }

    pub(super) fn add(&mut self, files: Vec<SourcePath>, as_types: bool) {
        for file in files {
            let step = Step { file, as_types };
            if self.known.insert(step.clone()) {
                self.waiting.push_back(step);
            }
        }
    }

    pub(super) fn next(&mut self) -> Option<Step> {
        self.waiting.pop_front()
    }
}
