//! What of an edit can be shown before hooks have run again that read every source, as one that runs Tailwind does.

use std::collections::BTreeMap;

use crate::base::{Key, Part, ShortHash};
use crate::compute::Failure;
use crate::graph::{Graph, Known};
use crate::runnable::{Hot, HotBody, HotEntry, HotLast, is_of_hook};

/// More pieces that may have changed are no edit of a module.
const MOST: usize = 256;

/// The pieces of a page's entries that have changed, where that is known before the style sheets that hooks make, and these
/// alone change nothing that linking goes by: each imports and exports what it did. None where there is no such sheet to wait
/// for, in whichever of the entries. `has`: the versions that the page has.
pub(super) fn changes(
    graph: &Graph,
    hot: &Hot,
    entries: &[HotEntry],
    has: &dyn Fn(&str) -> Option<ShortHash>,
) -> Result<BTreeMap<String, HotBody>, Failure> {
    let nothing = Ok(BTreeMap::new());
    let last: Option<Vec<HotLast>> = entries.iter().map(|entry| hot.last(entry)).collect();
    let (Some(last), Some(revision)) = (last, graph.revision()) else {
        return nothing;
    };
    let waits = |key: &Key| graph.waits_for(key, is_of_hook);
    // Mostly none is stale, and that is known at once.
    let sheets: Vec<&Key> = last.iter().flat_map(HotLast::sheets).collect();
    let standing = sheets.iter().zip(graph.known(&sheets));
    let left: Vec<&Key> = standing
        .filter(|(key, known)| *known == Known::Stale && waits(key))
        .map(|(key, _)| *key)
        .collect();
    if left.is_empty() {
        return nothing;
    }
    let pieces = last.iter().flat_map(HotLast::pieces);
    let others: Vec<&Key> = pieces.filter(|key| !left.contains(key)).collect();
    let mut asked = Vec::new();
    for (key, known) in others.iter().zip(graph.known(&others)) {
        let id = hot.id(key);
        match (known, has(&id)) {
            (Known::Fresh(hash), Some(has)) if hash.short() == has => {}
            // What is wrong is told with who imports it.
            (Known::Failed, _) | (_, None) => return nothing,
            (_, Some(has)) => asked.push((id, *key, has)),
        }
    }
    if asked.len() > MOST || asked.iter().any(|(_, key, _)| waits(key)) {
        return nothing;
    }
    let mut changes = BTreeMap::new();
    for (id, key, has) in asked {
        let Some(older) = graph.kept(key, Part::MAIN, has)? else {
            return nothing;
        };
        let older = graph.blob(key, Part::MAIN, &older.hash)?.read_all();
        let older = older.map_err(|cause| Failure::Internal(cause.to_string()))?;
        match hot.text(&graph.look(), key)? {
            Some(body) if body.hash == has => {}
            Some(body) if body.fits(&older) => _ = changes.insert(id, body),
            _ => return nothing,
        }
    }
    match graph.revision() == Some(revision) {
        true => Ok(changes),
        // They are of several moments.
        false => nothing,
    }
}
