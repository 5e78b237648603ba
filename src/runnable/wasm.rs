//! WebAssembly as modules: `import { add } from './add.wasm'` (<https://webassembly.github.io/esm-integration/>).

use bytes::Bytes;

use super::all::{Runnable, whole_file};
use super::exports;
use super::imports::Imports;
use super::kind::Kind;
use super::layout::url_segment;
use crate::base::{Diagnostic, SourcePath};
use crate::compiler::{self, Replacement, Request};
use crate::compute::Failure;

/// The text of a file as it is compiled: of WebAssembly that of the module around it.
pub(super) fn text(
    runnable: &Runnable,
    path: &SourcePath,
    content: Bytes,
) -> Result<Bytes, Failure> {
    if Kind::of_path(path) != Kind::Wasm {
        return Ok(content);
    }
    let url = format!("./{}", url_segment(path.name()));
    match compiler::wasm_module(&content, &url) {
        Ok(text) => Ok(text.into()),
        Err(what) => {
            let message = format!("no module of WebAssembly: {what}");
            let diagnostic =
                Diagnostic::new("wasm", message).hint("import it with `?url` for its URL");
            Err(whole_file(runnable, path, diagnostic))
        }
    }
}

/// Whether a request for a `.wasm` means its URL, as for other files: `require`, or a default import of what has no default
/// export, which would be an error else.
pub(super) fn is_url(
    imports: &Imports<'_>,
    request: &Request,
    path: &SourcePath,
) -> Result<bool, Failure> {
    if request.kind.is_require() {
        return Ok(true);
    }
    let is_default = request.names.iter().all(|one| one.name == "default");
    if request.names.is_empty() || request.whole || !is_default {
        return Ok(false);
    }
    Ok(!exports::has_default(
        imports.runnable,
        imports.context,
        path,
    )?)
}

/// The source of anything else is asked for.
pub(super) fn without_source(imports: &mut Imports<'_>, request: &Request) -> Replacement {
    let message = format!(
        "`{}` is no WebAssembly, and has no source",
        request.specifier
    );
    let hint = "`?raw` gives the text of a file";
    imports.problem(request, Diagnostic::new("unsupported", message).hint(hint));
    Replacement::Keep
}

/// What is wrong with the imports of a file that has no lines.
pub(super) fn as_a_whole(failure: Failure) -> Failure {
    let Failure::Diagnostics(problems) = failure else {
        return failure;
    };
    let problems = problems.iter().cloned().map(|mut problem| {
        problem.frame = None;
        if let Some(location) = &mut problem.at {
            (location.line, location.column) = (0, 0);
        }
        if problem.hint.is_none() {
            let hint = "the WebAssembly asks for it: a file of that name beside it may give it, or code, to what `?init` gives";
            problem.hint = Some(hint.to_owned());
        }
        problem
    });
    Failure::Diagnostics(problems.collect())
}
