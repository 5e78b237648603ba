//! What JSX is compiled to has to be there. `"jsx": "preserve"` leaves JSX to another tool, which here is React's way of
//! compiling it, as in Vite and Next; a library that has a compiler of its own for it (Solid) names itself as
//! `jsxImportSource` too, for the types, and has none of the functions.

use super::super::imports::Imports;
use super::outline::is_code;
use super::{Export, Exports, export};
use crate::base::{Diagnostic, SourcePath};
use crate::compiler::Request;
use crate::compute::Failure;
use crate::resolver::in_packages;

/// Tells where the file that JSX is compiled to imports of has no such export.
pub(super) fn check(
    imports: &mut Imports<'_>,
    request: &Request,
    target: &SourcePath,
) -> Result<(), Failure> {
    if !is_code(target) || in_packages(imports.path) {
        return Ok(());
    }
    let (runnable, context) = (imports.runnable, imports.context);
    let packaged = match in_packages(target) {
        true => Some(Exports::of(runnable, context, target)?),
        false => None,
    };
    for wanted in &request.names {
        let is_there = match &packaged {
            Some(exports) => exports.is_open || exports.names.contains(&wanted.name),
            None => export::fetch(context, target, &wanted.name)? != Export::Missing,
        };
        if is_there {
            continue;
        }
        let (specifier, name) = (&request.specifier, &wanted.name);
        let message = format!("cannot compile JSX: `{specifier}` exports no `{name}`");
        let hint = "JSX becomes calls of that. A library with a compiler of its own for JSX, as Solid has, has to be built \
                    with that; for others set `jsxImportSource` in tsconfig.json";
        imports.problem(
            request,
            Diagnostic::new("missing-export", message).hint(hint),
        );
        // One tells enough.
        break;
    }
    Ok(())
}
