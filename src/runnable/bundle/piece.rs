//! Modules in function form as browsers get them. What `~run` has is for programs: those have a process, and workers and
//! modules of Node are other things there.

use super::Variant;
use crate::base::{Computation, Key, SourcePath};
use crate::compiler;
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;
use crate::runnable::function;
use crate::runnable::hashed::Scope;
use crate::runnable::layout::url_segment;

const PIECE: &str = "piece";

/// The piece of a plain module; what is none stays as it is.
pub(in crate::runnable) fn of_plain(variant: Variant, key: Key) -> Key {
    match function::is_module(&key.computation) {
        true => {
            let piece = Computation::of(PIECE, key.computation.name());
            Key::new(variant.of(piece), key.path)
        }
        false => key,
    }
}

/// For whom a piece is, and of which plain module; `None`: the computation is none.
pub(in crate::runnable) fn of(computation: &Computation) -> Option<(Variant, Computation)> {
    let (variant, name) = Variant::split(computation);
    let plain = name.strip_prefix(PIECE)?.strip_prefix(' ')?;
    Some((variant, function::named(plain)?))
}

/// What is compiled otherwise than for a plain module.
pub(in crate::runnable) fn set(
    runnable: &Runnable,
    options: &mut compiler::Options,
    path: &SourcePath,
    variant: Variant,
) {
    options.function_form = true;
    // Nobody reads it but engines, again with every load.
    options.compact = true;
    // Only that there is a map counts: it stands in that of the bundle.
    options.map_url = Some(url_segment(path.name()));
    options.map_comment = false;
    if variant == Variant::Hot && !runnable.options.production {
        options.hot = true;
        function::keep(runnable, &mut options.defines, |path| {
            path == "import.meta.hot"
        });
    }
}

/// Runs a piece.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    variant: Variant,
    plain: Computation,
    path: &SourcePath,
) -> Result<Output, Failure> {
    function::run(runnable, context, plain, path, Scope::Bundle(variant))
}
