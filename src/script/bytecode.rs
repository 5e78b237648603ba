//! Making bytecode, in workers that do nothing else.

use serde::{Deserialize, Serialize};

use super::COMPILE;
use super::code::{self, Blob};
use super::run::Failed;
use crate::worker::{Asking, Workers};

/// What of the stack is left to the engine's own code that does not look at its depth.
const RESERVE: usize = 1 << 20;

/// A script to be compiled.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    name: String,
    text: String,
    keeps_text: bool,
}

/// The bytecode of a script, which calls itself `name` in stacks; `None` where it is no script, which running it tells.
/// Functions know the text that they were made of, for `toString`, where that is kept.
///
/// # Errors
/// [`Failed`].
pub fn bytecode(
    workers: &Workers,
    name: &str,
    text: &str,
    keeps_text: bool,
) -> Result<Option<Vec<u8>>, Failed> {
    let encoded = |error: postcard::Error| Failed::Engine(error.to_string());
    let request = Request {
        name: name.to_owned(),
        text: text.to_owned(),
        keeps_text,
    };
    let request = postcard::to_allocvec(&request).map_err(encoded)?;
    let result = workers.run(&COMPILE, &request, &mut |_| Vec::new())?;
    let compiled: Result<Option<Blob>, String> = postcard::from_bytes(&result).map_err(encoded)?;
    let compiled = compiled.map_err(Failed::Engine)?;
    Ok(compiled.map(|Blob(bytes)| bytes))
}

/// Does a request of [`bytecode`].
pub(super) fn work(request: &[u8], _: &Asking) -> Vec<u8> {
    let memory = usize::try_from(COMPILE.memory).unwrap_or(usize::MAX);
    let compiled = match postcard::from_bytes::<Request>(request) {
        Ok(request) => code::compile(
            &request.text,
            &request.name,
            request.keeps_text,
            memory,
            COMPILE.stack.saturating_sub(RESERVE),
        ),
        Err(error) => Err(error.to_string()),
    };
    // Plain data in memory; what could not be encoded could not be decoded, which the parent says.
    postcard::to_allocvec(&compiled.map(|bytes| bytes.map(Blob))).unwrap_or_default()
}
