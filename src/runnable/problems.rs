//! What is wrong with what a module asks for, at its place in the text.

use crate::base::{Diagnostic, Location, code_frame};
use crate::compiler::{self, Replacement, Request, RequestKind};
use crate::resolver::in_packages;

use super::imports::Imports;

impl Imports<'_> {
    /// In the project, what is not there is an error of the file; in a package and under `import()` it is one of the
    /// moment when it is wanted, for packages try what may be missing; so is what a `try` is around.
    pub(super) fn unresolved(&mut self, request: &Request, hint: Option<String>) -> Replacement {
        let specifier = &request.specifier;
        let file = self.runnable.layout.shown(self.path);
        let message = format!("cannot resolve `{specifier}`");
        let in_package = in_packages(self.path);
        let may_fail = matches!(
            request.kind,
            RequestKind::Dynamic | RequestKind::TriedRequire | RequestKind::ResolvedRequire
        );
        if in_package || may_fail {
            return Replacement::Throw {
                message: format!("{message} from {file}:{}:{}", request.line, request.column),
            };
        }
        let mut diagnostic = Diagnostic::new("unresolved-import", message);
        let hint = match request.injected {
            true => Some(format!(
                "JSX needs it: {}; or set `jsxImportSource` in tsconfig.json",
                hint.unwrap_or_default()
            )),
            false => hint,
        };
        diagnostic.hint = hint;
        self.problem(request, diagnostic);
        Replacement::Keep
    }

    /// Something is wrong with these bytes of the text.
    pub(super) fn problem_at(&mut self, range: std::ops::Range<usize>, diagnostic: Diagnostic) {
        let file = self.runnable.layout.shown(self.path);
        let text = String::from_utf8_lossy(self.source);
        let text = text.trim_start_matches('\u{feff}');
        self.problems
            .push(compiler::located(diagnostic, &file, text, range));
    }

    /// Something is wrong at the place of a request.
    pub(super) fn problem(&mut self, request: &Request, diagnostic: Diagnostic) {
        let file = self.runnable.layout.shown(self.path);
        let text = String::from_utf8_lossy(self.source);
        self.problems.push(
            diagnostic
                .at(Location {
                    file,
                    line: request.line,
                    column: request.column,
                })
                .frame(code_frame(
                    &text,
                    request.line,
                    request.column,
                    request.width,
                )),
        );
    }
}
