//! Where one name of one file leads. Each is a node of its own, so that who imports a name depends on that name, and not
//! on all that the file exports.

use serde::{Deserialize, Serialize};

use super::super::all::Runnable;
use super::free::is_free;
use super::order;
use super::outline::{self, Chain, Outline, Specifiers};
use super::stars::STARS;
use super::{Exports, MOST_FILES, STARS_SEEN, decode, is_seen};
use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::resolver::in_packages;
use crate::source::InputError;

/// Where a name leads: an [`Export`].
const EXPORT: &str = "export";

/// What a file has for a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Export {
    /// A value, as far as is known.
    Value,
    /// What this other file exports by this name (`None`: all of it as one object). All files on the way there are free of
    /// side effects and do nothing but pass it on; instead of them these are evaluated first.
    Passed(SourcePath, Option<String>, Vec<SourcePath>),
    /// A type, gone when the module runs.
    Type,
    /// Nothing.
    Missing,
}

/// The name that a computation of this family is about.
pub(in super::super) fn name_of(computation: &Computation) -> Option<&str> {
    computation.detail(EXPORT)
}

pub(super) fn fetch(
    context: &dyn Context,
    file: &SourcePath,
    name: &str,
) -> Result<Export, Failure> {
    let key = Key::new(Computation::of(EXPORT, name), file.clone());
    decode(&context.fetch(&key, Part::MAIN)?)
}

/// Runs the computation for `name`.
pub(in super::super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    file: &SourcePath,
    name: &str,
) -> Result<Output, Failure> {
    let search = Search { runnable, context };
    let export = match search.follow(file, name)? {
        Some(((found, as_name), first)) => Export::Passed(found, as_name, first),
        None => search.exported(file, name)?,
    };
    super::output(&export)
}

struct Search<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
}

/// A file, and what it exports by this name; `None`: all that it exports.
type Place = (SourcePath, Option<String>);

/// One step from a file that passes a name on.
enum Step {
    /// It is the file's own; or nothing beyond it is sure.
    Stay,
    /// To another module.
    To(Place),
    /// There is no such value.
    Nowhere,
}

impl Search<'_> {
    /// Where `name` of `file` is defined, if that is another file, and what is evaluated before. What leads to an error, or
    /// in a circle, is left to who evaluates it.
    fn follow(
        &self,
        file: &SourcePath,
        name: &str,
    ) -> Result<Option<(Place, Vec<SourcePath>)>, Failure> {
        let mut way = vec![(file.clone(), Some(name.to_owned()))];
        while let Some((here, Some(wanted))) = way.last() {
            match self.step(here, wanted)? {
                Step::Stay => break,
                Step::To(next) if !way.contains(&next) => way.push(next),
                Step::To(_) | Step::Nowhere => return Ok(None),
            }
        }
        let is_there = match &way[..] {
            [] | [_] => false,
            [.., (found, Some(as_name))] => self.may_have(found, as_name)?,
            [.., (_, None)] => true,
        };
        // Of what is not there the file that passes it on tells.
        if !is_there {
            return Ok(None);
        }
        let files: Vec<&SourcePath> = way.iter().map(|(file, _)| file).collect();
        let order = order::of(self.runnable, self.context, &files)?;
        way.truncate(order.end + 1);
        let place = way.pop().filter(|_| order.end > 0);
        Ok(place.map(|place| (place, order.first)))
    }

    /// Whether a file exports a value of this name, as far as is known.
    fn may_have(&self, file: &SourcePath, name: &str) -> Result<bool, Failure> {
        Ok(match self.module(file)? {
            Some(outline) if !outline.own.names.contains(name) => {
                matches!(self.exported(file, name)?, Export::Value)
            }
            _ => true,
        })
    }

    fn step(&self, here: &SourcePath, name: &str) -> Result<Step, Failure> {
        if !is_free(self.runnable, self.context, here)? {
            return Ok(Step::Stay);
        }
        let Some(outline) = self.module(here)? else {
            return Ok(Step::Stay);
        };
        let own = &outline.own;
        if let Some(passed) = own.passed.get(name) {
            let specifiers = Specifiers::new(self.runnable, self.context, here);
            let (mut files, _) = specifiers.files([&passed.specifier])?;
            return Ok(match files.pop() {
                Some(next) if self.module(&next)?.is_some() => {
                    Step::To((next, passed.name.clone()))
                }
                _ => Step::Stay,
            });
        }
        if own.names.contains(name) {
            return Ok(Step::Stay);
        }
        if own.stars.is_empty() || name == "default" {
            return Ok(Step::Nowhere);
        }
        let key = Key::new(STARS, here.clone());
        let table = self.runnable.tables.fetch(self.context, &key)?;
        Ok(match table.place(name) {
            Some(Some(next)) => Step::To((next.clone(), Some(name.to_owned()))),
            Some(None) => Step::Stay,
            None => Step::Nowhere,
        })
    }

    /// The outline of an ES module, but one that is to its importers as CommonJS is.
    fn module(&self, file: &SourcePath) -> Result<Option<std::sync::Arc<Outline>>, Failure> {
        let outline = outline::fetch(self.runnable, self.context, file)?;
        Ok(outline.filter(|outline| !outline.is_common && !outline.own.is_open))
    }

    /// What a file exports by this name.
    fn exported(&self, file: &SourcePath, name: &str) -> Result<Export, Failure> {
        if self.is_seen_at_a_glance(file, name)? {
            return Ok(Export::Value);
        }
        let exports = Exports::of(self.runnable, self.context, file)?;
        Ok(if exports.names.contains(name) {
            Export::Value
        } else if exports.types.contains(name) {
            Export::Type
        } else if exports.is_open {
            Export::Value
        } else {
            Export::Missing
        })
    }

    fn is_seen_at_a_glance(&self, file: &SourcePath, name: &str) -> Result<bool, Failure> {
        let mut chain = Chain::from(file);
        let in_package = in_packages(file);
        let mut seen = 0;
        while let Some(step) = chain.next() {
            seen += 1;
            if in_package && seen > MOST_FILES {
                break;
            }
            let is_passed_on = step.file == *file || name != "default";
            if is_passed_on && is_seen(self.context, &step.file, name)? {
                return Ok(true);
            }
            let stars: Vec<String> = match self.context.glance(&step.file, STARS_SEEN) {
                Ok(bytes) => decode(&bytes)?,
                Err(InputError::Absent(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let specifiers = Specifiers::new(self.runnable, self.context, &step.file);
            let (files, _) = specifiers.files(&stars)?;
            chain.add(
                files
                    .into_iter()
                    .filter(|file| in_package || !in_packages(file))
                    .collect(),
                false,
            );
        }
        Ok(false)
    }
}
