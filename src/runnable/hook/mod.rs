//! Hooks: files computed by running code. `feed.xml.hook.ts` is a module like any other, and what its default export gives
//! is the file `/~@/feed.xml`.
//!
//! ```text
//! name      which files are hooks, and what they compute
//! call      runs one, in a worker, and makes an output or diagnostics of what comes of it
//! host      what is around it: its modules, and the answers to what it asks; each a question to the context
//! files     the files, folders and outputs that it may ask for
//! links     what a page that a hook gives loads
//! paths     hooks that compute many files, `[slug].html.hook.tsx`
//! told      what went wrong, as diagnostics
//! ```
//!
//! A hook's modules are asked for anew at each run, so that a change of any of them reaches it; what it reads is asked for
//! through the context, absent names too. It has no other way to learn of anything but its clock and its random numbers.

mod call;
mod files;
mod host;
mod links;
mod name;
mod paths;
#[cfg(test)]
pub(super) mod tests;
mod told;

use serde_json::json;

use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;
use crate::runnable::page;
use crate::script::{Export, Given, LIMITED};

pub(in crate::runnable) use call::{Call, Entry, call};
pub(super) use links::linked;
pub use name::{find, list, target};
pub use paths::{
    all as all_files, find as find_file, given as find_given, list as list_files, may_give,
};

pub(in crate::runnable) use told::given as wrong;

#[cfg(test)]
pub(super) use paths::PATTERNS;

/// The part of a file that says how a server gives it ([`crate::script::Reply`] as JSON); where a Response came.
const REPLY: Part = Part(3);

/// The part of a node that says how a server gives its file, where it may have one.
pub fn reply_part(computation: &Computation) -> Option<Part> {
    let is_page = || page::hook_of(computation).is_some();
    (named(computation.name()).is_some() || is_page()).then_some(REPLY)
}

/// The computation of a hook's file that has this name.
pub(super) fn named(name: &str) -> Option<Computation> {
    let file = name.strip_prefix(FILE)?;
    match file.strip_prefix(' ') {
        None => file.is_empty().then_some(HOOK),
        Some(file) => Some(Computation::of(FILE, file)),
    }
}

/// The family of the files of hooks with parameters, and [`HOOK`]'s own name.
const FILE: &str = "hook";
/// A file that a hook computes; the key's path is the hook.
pub(super) const HOOK: Computation = Computation::new(FILE);

/// Whether a computation is one of those here.
pub(super) fn is_of_hooks(computation: &Computation) -> bool {
    *computation == HOOK
        || *computation == paths::PATHS
        || *computation == paths::PATTERNS
        || computation.detail(FILE).is_some()
        || is_step(computation)
}

/// Whether it gives a file.
pub(super) fn is_file(computation: &Computation) -> bool {
    *computation == HOOK || computation.detail(FILE).is_some()
}

/// Whether it is no more than a step on the way to a file.
pub(super) fn is_step(computation: &Computation) -> bool {
    *computation == paths::PATTERNS || computation.detail(paths::ENTRY).is_some()
}

/// Runs a computation of hooks.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Result<Output, Failure> {
    let path = &key.path;
    if key.computation == paths::PATHS {
        return paths::run(runnable, context, path);
    }
    if key.computation == paths::PATTERNS {
        return paths::patterns(context, path);
    }
    if let Some(file) = key.computation.detail(paths::ENTRY) {
        return paths::entry(context, path, file);
    }
    let (params, props) = match key.computation.detail(FILE) {
        Some(file) => paths::data(context, path, file)?,
        None => (json!({}), json!({})),
    };
    let place = output_of(key, &runnable.layout.place(path));
    let call = Call {
        entry: None,
        kind: LIMITED,
        export: Export::Default,
        directory: "/".to_owned(),
        path: place.to_string(),
        params,
        props,
    };
    match call::call(runnable, context, path, &call)? {
        Given::Bytes(bytes, reply) => {
            let links = links::of(runnable, context, &place, &bytes)?;
            let mut parts = vec![(Part::MAIN, bytes.into())];
            if let Some(reply) = reply {
                let reply = serde_json::to_vec(&reply);
                let reply = reply.map_err(|cause| Failure::Internal(cause.to_string()))?;
                parts.push((REPLY, reply.into()));
            }
            Ok(Output { parts, links })
        }
        other => Err(told::given(runnable, context, path, other)),
    }
}

/// Whether a node gives a page that a hook makes.
pub(super) fn is_page(key: &Key) -> bool {
    is_of_hooks(&key.computation) && output_of(key, &key.path).extension() == Some(b"html")
}

/// The place of the file of a node, whose hook is at this place.
pub(super) fn output_of(key: &Key, place: &SourcePath) -> SourcePath {
    match key.computation.detail(FILE) {
        Some(file) => paths::beside(place, file),
        None => output(place),
    }
}

/// The place of the file that the hook at this place computes.
fn output(place: &SourcePath) -> SourcePath {
    let name = name::stem(place.name()).unwrap_or(place.name());
    match place.parent() {
        Some(parent) => parent.child(name),
        None => SourcePath::root().child(name),
    }
}
