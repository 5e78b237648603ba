//! `hookfs build`: all outputs as files.

use std::fmt::Write as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::arguments::BuildArguments;
use super::completions::print;
use super::places::asked;
use super::{report, style};
use crate::app::build::{Progress, build as build_outputs};
use crate::app::project;
use crate::app::{Access, Asked, DEFAULT_CACHE_SIZE, Error, Result, Status};
use crate::base::{Diagnostic, SourcePath};

struct Bar(ProgressBar);

impl Progress for Bar {
    fn at(&self, known: usize, done: usize) {
        self.0.set_length(known as u64);
        self.0.set_position(done as u64);
    }
}

/// The texts of what failed, in the order of the names. A file that fails under each of its names is told of once: as
/// the name that is imported has it.
fn failures(failed: &[(SourcePath, Error)]) -> Vec<String> {
    let colours = style::colours_errors();
    let mut told: Vec<(&SourcePath, &Error)> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for (path, error) in failed {
        let Error::Diagnostics(all) = error else {
            told.push((path, error));
            continue;
        };
        let importers = all.iter().map(|one| one.importers.len()).sum::<usize>();
        let same: Vec<Diagnostic> = all
            .iter()
            .cloned()
            .map(Diagnostic::without_importers)
            .collect();
        match known.get_mut(&same) {
            None => {
                known.insert(same, (told.len(), importers));
                told.push((path, error));
            }
            Some((at, most)) if importers > *most => {
                *most = importers;
                told[*at] = (path, error);
            }
            Some(_) => {}
        }
    }
    let text = |(path, error): (&SourcePath, &Error)| match error {
        Error::Diagnostics(_) => report::render(error, colours),
        other => format!("{path}: {}", report::render(other, colours)),
    };
    told.into_iter().map(text).collect()
}

/// Writes all outputs.
pub(super) fn build(arguments: &BuildArguments) -> Result<Status> {
    let place = arguments.state.place(&arguments.source)?;
    let asked = match asked(&arguments.options)? {
        Asked::Its => Asked::Lasting,
        asked => asked,
    };
    let access = Access::open(&place, &asked, DEFAULT_CACHE_SIZE, false)?;
    // Draws nothing where standard error is no terminal.
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(look) = ProgressStyle::with_template("{bar:40.cyan/blue} {pos}/{len}") {
        bar.set_style(look);
    }
    let bar = Bar(bar);
    let summary = build_outputs(
        &access,
        &place,
        &asked,
        &arguments.target,
        arguments.all,
        &bar,
    );
    bar.0.finish_and_clear();
    let summary = summary?;
    let no_page = || (summary.has_no_entry).then(|| "there is no page".into());
    if !arguments.all
        && let Some(reason) = project::without_page(&place).or_else(no_page)
    {
        let all = match summary.has_no_entry {
            true => "; everything is written, as with `--all`",
            false => "",
        };
        report::to_stderr(&format!("note: {reason}{all}\n"));
    }
    if let Some(unread) = project::unread(&place) {
        report::to_stderr(&format!("note: {unread}\n"));
    }
    for text in failures(&summary.left_out) {
        report::to_stderr(&format!(
            "left out, for a package asks for it only later:\n{text}"
        ));
    }
    for text in failures(&summary.unused) {
        report::to_stderr(&format!("left out, for nothing asks for it:\n{text}"));
    }
    for text in failures(&summary.failed) {
        report::to_stderr(&text);
    }
    let mut text = format!("{} written, {} unchanged", summary.written, summary.kept);
    if summary.removed > 0 {
        let _ = write!(text, ", {} removed", summary.removed);
    }
    if !summary.failed.is_empty() {
        let _ = write!(text, ", {} failed", summary.failed.len());
    }
    let _ = writeln!(text, " in {}", arguments.target.display());
    print(text.as_bytes())?;
    let worst = summary
        .failed
        .iter()
        .map(|(_, error)| error.status() as u8)
        .max();
    Ok(match worst {
        None => Status::Done,
        Some(status) if status == Status::Internal as u8 => Status::Internal,
        Some(status) if status == Status::Environment as u8 => Status::Environment,
        Some(_) => Status::Files,
    })
}
