//! The hash of a module with all that it leads to, by which modules of workers name each other ([`super::hashed`]).
//!
//! | computation | gives |
//! |---|---|
//! | [`REACH`], [`COMMONJS_REACH`] | the hash, of the node that `module` or `commonjs` gives |
//! | [`REACHES`], [`COMMONJS_REACHES`] | those of all nodes that this one leads to, itself among them |
//!
//! Modules that import each other in a circle lead to the same, and have one hash, made of all of them; every other's is
//! made of itself and of the hashes of what it names. So one walk from a worker's entry gives them all, and what it gives
//! for a node is what a walk from that node itself would give. Whose table a node is looked up in makes a difference to
//! the time that it takes, and to nothing else: that is remembered beside the graph ([`Roots`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::base::{Computation, ContentHash, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Link, Memo, Output};

use super::MODULE;
use super::all::Runnable;
use super::common::COMMONJS;
use super::hashed::BARE;
use super::kind::{Kind, PAGE, Query};

/// A module with all that it leads to, as a hash.
pub(super) const REACH: Computation = Computation::new("reach");
/// The same of a CommonJS file's body.
pub(super) const COMMONJS_REACH: Computation = Computation::new("commonjs-reach");
/// The hashes of all that a module leads to.
const REACHES: Computation = Computation::new("reaches");
/// The same of a CommonJS file's body.
const COMMONJS_REACHES: Computation = Computation::new("commonjs-reaches");

/// The node itself, its hash and the hashes of all that it leads to.
static TABLES: [(Computation, Computation, Computation); 2] = [
    (MODULE, REACH, REACHES),
    (COMMONJS, COMMONJS_REACH, COMMONJS_REACHES),
];

/// Whether a computation is one of those here.
pub(super) fn is_of_reach(computation: &Computation) -> bool {
    TABLES
        .iter()
        .any(|(_, hash, table)| hash == computation || table == computation)
}

/// The hashes by the text of the node's key.
pub(super) type Table = BTreeMap<String, ContentHash>;

/// So many nodes are remembered; then all are forgotten, which costs a walk each.
const LIMIT: usize = 100_000;

/// In whose table a node was seen, of several the largest.
#[derive(Default)]
pub(super) struct Roots(Mutex<HashMap<String, (Key, usize)>>);

impl Roots {
    fn of(&self, node: &Key) -> Option<Key> {
        let roots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        roots.get(&node.to_string()).map(|(root, _)| root.clone())
    }

    fn remember(&self, root: &Key, table: &Table) {
        let mut roots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if roots.len() + table.len() > LIMIT {
            roots.clear();
        }
        for node in table.keys() {
            let known = roots.get(node);
            if known.is_none_or(|(of, size)| of == root || *size < table.len()) {
                roots.insert(node.clone(), (root.clone(), table.len()));
            }
        }
    }
}

/// Runs one of the computations.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Result<Output, Failure> {
    let of = |computation: &Computation| Key::new(computation.clone(), key.path.clone());
    for (node, hash, table) in &TABLES {
        if key.computation == *hash {
            let hash = look_up(runnable, context, &of(node))?;
            return Ok(super::assets::module(hash.to_hex(), Vec::new()));
        }
        if key.computation == *table {
            let hashes = walk(context, &of(node))?;
            runnable.roots.remember(&of(node), &hashes);
            let bytes = postcard::to_allocvec(&hashes)
                .map_err(|error| Failure::Internal(format!("a table does not encode: {error}")))?;
            return Ok(Output {
                parts: vec![(Part::MAIN, bytes.into())],
                links: Vec::new(),
            });
        }
    }
    Err(Failure::Internal(format!("`{key}` is no reach")))
}

/// The hash of a node, from the table that is likely to be there for others as well, else from its own.
fn look_up(runnable: &Runnable, context: &dyn Context, node: &Key) -> Result<ContentHash, Failure> {
    let likely = runnable.roots.of(node);
    for root in likely.iter().chain([node]) {
        let tables: &Memo<Table> = &runnable.reaches;
        let table = tables.fetch(context, &table_of(root)?)?;
        if let Some(hash) = table.get(&node.to_string()) {
            return Ok(*hash);
        }
    }
    Err(Failure::Internal(format!(
        "`{node}` does not lead to itself"
    )))
}

fn table_of(root: &Key) -> Result<Key, Failure> {
    let table = TABLES.iter().find(|(node, ..)| *node == root.computation);
    let (.., table) = table.ok_or_else(|| Failure::Internal(format!("`{root}` is no module")))?;
    Ok(Key::new(table.clone(), root.path.clone()))
}

/// What one node is made of.
struct Node {
    key: Key,
    own: Vec<u8>,
    /// Where the nodes that it names are.
    named: Vec<usize>,
}

/// The hashes of all that a node leads to.
fn walk(context: &dyn Context, first: &Key) -> Result<Table, Failure> {
    let nodes = collect(context, first)?;
    let mut hashes: Vec<Option<ContentHash>> = vec![None; nodes.len()];
    // Circles come in such an order that all that one names has its hash before it.
    for circle in circles(&nodes) {
        let mut own: Vec<&Node> = circle.iter().map(|at| &nodes[*at]).collect();
        own.sort_by(|a, b| a.key.cmp(&b.key));
        let mut hasher = blake3::Hasher::new();
        for node in &own {
            hasher.update(node.key.to_string().as_bytes());
            hasher.update(&node.own);
        }
        let named = own.iter().flat_map(|node| &node.named);
        let named: BTreeSet<&[u8; 32]> = named
            .filter_map(|at| hashes[*at].as_ref())
            .map(ContentHash::as_bytes)
            .collect();
        for hash in named {
            hasher.update(hash);
        }
        let hash = ContentHash::from_bytes(*hasher.finalize().as_bytes());
        for at in circle {
            hashes[at] = Some(hash);
        }
    }
    let named = nodes.iter().zip(hashes);
    let known = named.filter_map(|(node, hash)| Some((node.key.to_string(), hash?)));
    Ok(known.collect())
}

/// Each node that `first` leads to, itself the first.
fn collect(context: &dyn Context, first: &Key) -> Result<Vec<Node>, Failure> {
    let mut places = HashMap::from([(first.clone(), 0)]);
    let mut keys = vec![first.clone()];
    let mut nodes: Vec<Node> = Vec::new();
    while let Some(key) = keys.get(nodes.len()).cloned() {
        let node = reached(context, &key)?;
        let (own, links) = match context.hash(&node, Part::MAIN) {
            Ok(hash) => {
                let links: Vec<Link> = super::common::decode(&context.fetch(&node, Part::LINKS)?)?;
                (hash.as_bytes().to_vec(), links)
            }
            Err(failure) if failure.is_of_file() => (failure.to_string().into_bytes(), Vec::new()),
            Err(other) => return Err(other),
        };
        let mut named = Vec::new();
        for link in links {
            let key = meant(link.key);
            if key.computation == PAGE {
                continue;
            }
            let next = keys.len();
            let place = *places.entry(key.clone()).or_insert(next);
            if place == next {
                keys.push(key);
            }
            named.push(place);
        }
        nodes.push(Node { key, own, named });
    }
    Ok(nodes)
}

/// The strongly connected components, each after those that it leads to (Tarjan 1972), without recursion: chains of imports
/// are long.
fn circles(nodes: &[Node]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let mut found = Vec::new();
    let (mut order, mut low) = (vec![UNSEEN; nodes.len()], vec![UNSEEN; nodes.len()]);
    let mut is_open = vec![false; nodes.len()];
    let (mut open, mut next) = (Vec::new(), 0);
    // All are reached from the first: a node, and how many of its own were looked at.
    let mut path: Vec<(usize, usize)> = Vec::new();
    if !nodes.is_empty() {
        path.push((0, 0));
    }
    while let Some((at, looked)) = path.pop() {
        if looked == 0 {
            (order[at], low[at]) = (next, next);
            next += 1;
            open.push(at);
            is_open[at] = true;
        }
        match nodes[at].named.get(looked) {
            Some(&named) => {
                path.push((at, looked + 1));
                if order[named] == UNSEEN {
                    path.push((named, 0));
                } else if is_open[named] {
                    low[at] = low[at].min(order[named]);
                }
            }
            None => {
                if let Some((above, _)) = path.last() {
                    low[*above] = low[*above].min(low[at]);
                }
                if low[at] == order[at] {
                    let start = open.iter().rposition(|one| *one == at).unwrap_or(0);
                    let circle = open.split_off(start);
                    circle.iter().for_each(|one| is_open[*one] = false);
                    found.push(circle);
                }
            }
        }
    }
    found
}

/// The module behind one that does no more than to start a worker of it, or to give its URL: that one's text has the hash
/// which is being made.
fn meant(key: Key) -> Key {
    let is_code = matches!(Kind::of_path(&key.path), Kind::Module(_) | Kind::Script);
    let names = Query::of_computation(&key.computation)
        .is_some_and(|query| query.text() == "url" || query.text().contains("worker"));
    match is_code && names {
        true => Key::new(MODULE, key.path),
        false => key,
    }
}

/// The node that tells of a module without the hashes of workers. Only what speaks of its own URL has any.
fn reached(context: &dyn Context, key: &Key) -> Result<Key, Failure> {
    if key.computation != MODULE {
        return Ok(key.clone());
    }
    let speaks = match context.content(&key.path) {
        // It is text if it compiles at all.
        Ok(text) => {
            let has = |word| std::str::from_utf8(&text).is_ok_and(|text| text.contains(word));
            has("URL") && has("meta")
        }
        Err(crate::source::InputError::Absent(_)) => false,
        Err(error) => return Err(error.into()),
    };
    Ok(match speaks {
        true => Key::new(BARE, key.path.clone()),
        false => key.clone(),
    })
}

/// The hash of the node that this one is for workers.
pub(super) fn of_worker(computation: &Computation, path: &SourcePath) -> Key {
    let hash = match *computation == super::hashed::IN_WORKER {
        true => REACH,
        false => COMMONJS_REACH,
    };
    Key::new(hash, path.clone())
}
