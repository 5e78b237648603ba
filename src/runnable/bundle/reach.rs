//! What the versions of bundles are told apart by in their names: all that a bundle leads to, for each has in it the names
//! of others.

use std::collections::{BTreeSet, VecDeque};

use super::{CLIENT, Entry, Members, Step};
use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;
use crate::runnable::assets;

/// Runs `bundle-reach`.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
) -> Result<Output, Failure> {
    let mut hasher = blake3::Hasher::new();
    let client = Key::new(CLIENT, SourcePath::root());
    hasher.update(context.hash(&client, Part::MAIN)?.as_bytes());
    let mut known = BTreeSet::from([entry.clone()]);
    let mut waiting = VecDeque::from([entry.clone()]);
    while let Some(entry) = waiting.pop_front() {
        let body = Step::Body.key(&entry);
        hasher.update(body.to_string().as_bytes());
        hasher.update(context.hash(&body, Part::MAIN)?.as_bytes());
        let members = Members::fetch(runnable, context, &entry)?;
        // Which pieces a page starts, and in which order, shows in its file alone.
        for start in &members.starts {
            hasher.update(start.to_string().as_bytes());
            hasher.update(b"\n");
        }
        for target in members.bundles() {
            if known.insert(target.clone()) {
                waiting.push_back(target);
            }
        }
    }
    let hash = ContentHash::from_bytes(*hasher.finalize().as_bytes());
    Ok(assets::module(hash.to_hex(), Vec::new()))
}
