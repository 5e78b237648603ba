//! What this version has no computation for: said plainly, where the file is opened.

use crate::base::{Computation, Diagnostic, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::source::{Entry, InputError};

use super::all::{Runnable, whole_file};
use super::kind::{ASSET, Kind, Query, STYLE, STYLE_MODULE};

/// Fails with what the file is, or because it is not there.
pub fn run(
    runnable: &Runnable,
    context: &dyn Context,
    computation: &Computation,
    path: &SourcePath,
) -> Result<Output, Failure> {
    if context.entry(path)? != Entry::File {
        return Err(InputError::Absent(path.clone()).into());
    }
    let what = if *computation == STYLE || *computation == STYLE_MODULE {
        "style sheets are not compiled".to_owned()
    } else if *computation == ASSET && Kind::of_path(path) == Kind::Asset {
        "assets have no module".to_owned()
    } else if *computation == ASSET {
        "no loader knows such a file".to_owned()
    } else if let Some(query) = Query::of_computation(computation) {
        format!("imports with `?{}` have no module", query.text())
    } else {
        return Err(Failure::Internal(format!(
            "no computation `{}`",
            computation.name()
        )));
    };
    Err(whole_file(
        runnable,
        path,
        Diagnostic::new("unsupported", what),
    ))
}
