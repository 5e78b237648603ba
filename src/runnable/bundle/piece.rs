//! Modules in function form as browsers get them. What `~run` has is for programs: those have a process, and workers and
//! modules of Node are other things there.

use crate::base::{Computation, Key, SourcePath};
use crate::compiler;
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;
use crate::runnable::function;
use crate::runnable::hashed::Scope;
use crate::runnable::layout::url_segment;

const PIECE: &str = "piece";

/// The piece of a plain module; what is none stays as it is.
pub(in crate::runnable) fn of_plain(key: Key) -> Key {
    match function::is_module(&key.computation) {
        true => Key::new(Computation::of(PIECE, key.computation.name()), key.path),
        false => key,
    }
}

/// The plain module that a piece is of; `None`: the computation is none.
pub(in crate::runnable) fn plain(computation: &Computation) -> Option<Computation> {
    function::named(computation.detail(PIECE)?)
}

/// What is compiled otherwise than for a plain module.
pub(in crate::runnable) fn set(options: &mut compiler::Options, path: &SourcePath) {
    options.function_form = true;
    // Only that there is a map counts: it stands in that of the bundle.
    options.map_url = Some(url_segment(path.name()));
    options.map_comment = false;
}

/// Runs a piece.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    plain: Computation,
    path: &SourcePath,
) -> Result<Output, Failure> {
    function::run(runnable, context, plain, path, Scope::Bundle)
}
