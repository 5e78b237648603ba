//! Function form as bytecode of QuickJS, for the workers that run it: a node of its own behind each module's, so that it is
//! made once, and kept with the other outputs. It has no name under `/~@/`.
//!
//! | computation | gives |
//! |---|---|
//! | `bytecode FORM` | the bytecode of what FORM gives; nothing, where that is no script to QuickJS |
//! | [`RUNTIME`] | the bytecode of the runtime of `src/client` |

use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Link, Output};
use crate::script::{self, Failed};
use crate::worker::Error;

use super::all::Runnable;
use super::common;
use super::function;

const FAMILY: &str = "bytecode";

/// See the module. Its path is the root.
const RUNTIME: Computation = Computation::new("bytecode-of-runtime");

/// The bytecode of a module in function form.
pub fn of(key: Key) -> Key {
    Key::new(Computation::of(FAMILY, key.computation.name()), key.path)
}

/// The bytecode of the runtime.
pub fn runtime() -> Key {
    Key::new(RUNTIME, SourcePath::root())
}

/// Whether a computation is one of those here.
pub(super) fn is(computation: &Computation) -> bool {
    *computation == RUNTIME || computation.detail(FAMILY).is_some()
}

/// Runs one.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Result<Output, Failure> {
    let Some(form) = key.computation.detail(FAMILY) else {
        let bytes = outside(context, || script::Runtime::compile(&runnable.workers))?;
        return Ok(output(bytes.unwrap_or_default(), Vec::new()));
    };
    let form = Key::new(function::of_name(form)?, key.path.clone());
    let text = context.fetch(&form, Part::MAIN)?;
    let text = String::from_utf8_lossy(&text);
    let links: Vec<Link> = common::decode(&context.fetch(&form, Part::LINKS)?)?;
    let id = function::id_of_form(&runnable.layout, &form);
    let compiled = outside(context, || {
        script::bytecode(&runnable.workers, &id, &text, true)
    })?;
    let of_link = |link: Link| match function::plain(&link.key.computation).is_some() {
        true => link.to(of),
        false => link,
    };
    let links = links.into_iter().map(of_link).collect();
    Ok(output(compiled.flatten().unwrap_or_default(), links))
}

fn output(bytes: Vec<u8>, links: Vec<Link>) -> Output {
    Output {
        parts: vec![(Part::MAIN, bytes.into())],
        links,
    }
}

/// Has a worker do something.
fn outside<T>(
    context: &dyn Context,
    work: impl Fn() -> Result<T, Failed>,
) -> Result<Option<T>, Failure> {
    let mut result = None;
    context.outside(&mut || result = Some(work()));
    match result {
        Some(Ok(given)) => Ok(Some(given)),
        // What no worker can compile has none, and is run as the text that it is.
        Some(Err(Failed::Worker(Error::Time(_) | Error::Memory(_) | Error::Stack))) => Ok(None),
        Some(Err(failed)) => Err(Failure::Internal(failed.to_string())),
        None => Err(Failure::Internal("nobody made the bytecode".into())),
    }
}
