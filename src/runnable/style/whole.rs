//! A style sheet's file with all that it imports, and what the tools of the project make of that: Tailwind 4 first, then the
//! plugins of PostCSS, as with their plugins for Vite. Names are scoped and URLs placed after it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::bundle::Work;
use super::is_module;
use super::postcss::{self, Postcss};
use super::tailwind::{self, Tailwind};
use super::urls::renumbered;
use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;

/// A file with what it imports, before the tools: only of sheets that tools are for.
pub(in crate::runnable) const WHOLE: Computation = Computation::new("whole-sheet");
/// The same after them.
pub(super) const PROCESSED: Computation = Computation::new("processed-sheet");

/// What both give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Whole {
    /// With marks in place of its URLs.
    pub(super) text: String,
    /// The files and URLs that the marks stand for.
    pub(super) marks: Vec<(SourcePath, String)>,
    pub(super) tools: Tools,
}

/// What makes CSS of a text that is not CSS yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tools {
    pub(super) tailwind: Option<Tailwind>,
    pub(super) postcss: Option<Postcss>,
}

impl Whole {
    /// That of the sheet at `path`, before the tools.
    pub(super) fn fetch(context: &dyn Context, path: &SourcePath) -> Result<Self, Failure> {
        decoded(context, &Key::new(WHOLE, path.clone()))
    }
}

impl Tools {
    fn are_any(&self) -> bool {
        self.tailwind.is_some() || self.postcss.is_some()
    }
}

/// Runs [`WHOLE`].
pub(in crate::runnable) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let mut work = Work::new(runnable, context, is_module(path));
    let text = work.whole(path)?;
    let tools = work.tools(path, &text)?;
    encoded(&Whole {
        text,
        marks: work.marks,
        tools,
    })
}

/// Runs [`PROCESSED`].
pub(super) fn process(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let mut whole = Whole::fetch(context, path)?;
    if let Some(tailwind) = &whole.tools.tailwind {
        whole.text = tailwind::compiled(runnable, context, path, tailwind, &whole.text)?;
    }
    if let Some(postcss) = &whole.tools.postcss {
        whole.text = postcss::compiled(runnable, context, path, postcss, &whole.text)?;
    }
    whole.tools = Tools::default();
    encoded(&whole)
}

impl Work<'_> {
    /// The text of a file with what it imports, as the tools make it.
    pub(super) fn ready(&mut self, path: &SourcePath) -> Result<String, Failure> {
        let text = self.whole(path)?;
        if !self.tools(path, &text)?.are_any() {
            return Ok(text);
        }
        let whole: Whole = decoded(self.context, &Key::new(PROCESSED, path.clone()))?;
        self.hint = None;
        let first = self.marks.len();
        self.marks.extend(whole.marks);
        Ok(renumbered(&whole.text, first))
    }

    /// What is to be done to the text of a sheet, of which all files are read.
    fn tools(&self, path: &SourcePath, text: &str) -> Result<Tools, Failure> {
        Ok(Tools {
            tailwind: self.tailwind(path)?,
            postcss: self.postcss(path, text)?,
        })
    }
}

pub(super) fn encoded<T: Serialize>(value: &T) -> Result<Output, Failure> {
    let bytes = postcard::to_allocvec(value)
        .map_err(|error| Failure::Internal(format!("a sheet does not encode: {error}")))?;
    Ok(Output {
        parts: vec![(Part::MAIN, bytes.into())],
        links: Vec::new(),
    })
}

pub(super) fn decoded<T: DeserializeOwned>(context: &dyn Context, key: &Key) -> Result<T, Failure> {
    let bytes = context.fetch(key, Part::MAIN)?;
    postcard::from_bytes(&bytes)
        .map_err(|error| Failure::Internal(format!("a sheet does not decode: {error}")))
}
