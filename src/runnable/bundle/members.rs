//! All that is evaluated with an entry. Import cycles are legal: this walks over links, it is no recursion of nodes.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Entry, Step, Variant, piece};
use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Link, LinkKind, Output};
use crate::resolver::in_packages;
use crate::router::shown_name;
use crate::runnable::all::Runnable;
use crate::runnable::common::{decode, encode};
use crate::runnable::page;

/// About so many pieces are on a shelf: with thousands of pieces there are about as many shelves.
const ON_A_SHELF: usize = 48;

/// The most volumes of the project's own pieces, and of those of packages. Each is a request of every page.
const VOLUMES: [usize; 2] = [16, 4];

/// The most importers that are named.
const CHAIN: usize = 8;

/// What a bundle has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::runnable) struct Members {
    pub(super) pieces: Vec<Member>,
    /// The pieces of each shelf, by their index. A piece has its shelf by its name, so that one more moves no other. Those of
    /// packages, which hardly ever change, stand on shelves of their own.
    pub(super) shelves: Vec<Vec<u32>>,
    /// The shelves in the bundle's own file.
    pub(super) inside: Vec<u32>,
    /// The shelves in each file besides it. Bundles that are not hot have none.
    volumes: Vec<Vec<u32>>,
    /// The pieces that it starts, in their order.
    pub(super) starts: Vec<Key>,
    /// The pieces that have bundles of their own: what is imported later, and workers. Sorted.
    pub(super) targets: Vec<(Key, LinkKind)>,
    /// What else is named by its URL. Sorted.
    pub(super) files: Vec<Key>,
}

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) key: Key,
    /// The first that imports it, by its index; `None`: it is an entry.
    importer: Option<u32>,
}

impl Members {
    /// Those of an entry.
    pub(super) fn fetch(
        runnable: &Runnable,
        context: &dyn Context,
        entry: &Entry,
    ) -> Result<Arc<Self>, Failure> {
        let key = Step::Members.key(entry);
        runnable.bundles.fetch(context, &key)
    }

    /// The pieces of a shelf, with their index.
    pub(super) fn shelf(&self, number: u32) -> impl Iterator<Item = (u32, &Key)> {
        let shelf = self
            .shelves
            .get(number as usize)
            .map_or(&[][..], |shelf| shelf);
        let member = |at: &u32| Some((*at, self.piece(*at)?));
        shelf.iter().filter_map(member)
    }

    /// A piece by its index.
    pub(in crate::runnable) fn piece(&self, at: u32) -> Option<&Key> {
        Some(&self.pieces.get(at as usize)?.key)
    }

    /// All pieces.
    pub(in crate::runnable) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.pieces.iter().map(|member| &member.key)
    }

    /// How many shelves there are.
    pub(super) fn shelves(&self) -> u32 {
        u32::try_from(self.shelves.len()).unwrap_or(u32::MAX)
    }

    /// How many files a bundle has besides its own: an edit makes one of them anew, and a browser goes on with what it has read
    /// and compiled of all others.
    pub(super) fn volumes(&self) -> u32 {
        u32::try_from(self.volumes.len()).unwrap_or(u32::MAX)
    }

    /// The shelves in a volume; `None`: there is none with this number.
    pub(super) fn volume(&self, number: u32) -> Option<&[u32]> {
        self.volumes.get(number as usize).map(Vec::as_slice)
    }

    /// The bundles that the pieces lead to.
    pub(super) fn bundles(&self) -> impl Iterator<Item = Entry> {
        let mut entries: Vec<Entry> = self
            .targets
            .iter()
            .filter_map(|(key, _)| Entry::of_piece(key))
            .collect();
        entries.dedup();
        entries.into_iter()
    }

    /// The files from a piece's importer to an entry, as their user knows them; `page`: whose modules the entries are.
    pub(super) fn importers(
        &self,
        source: &SourcePath,
        at: u32,
        page: Option<&SourcePath>,
    ) -> Vec<String> {
        let mut chain = Vec::new();
        let member = |at: u32| self.pieces.get(at as usize);
        let mut here = member(at);
        while let Some(member_here) = here
            && chain.len() < CHAIN
        {
            let above = member_here.importer.and_then(member);
            // The modules of one file are one to its user.
            if let Some(above) = above.filter(|above| above.key.path != member_here.key.path) {
                chain.push(shown_name(source, &above.key.path));
            }
            here = above;
        }
        // A module in the page itself is the page to its user.
        let is_in_page = |page: &&SourcePath| member(at).is_none_or(|one| one.key.path != **page);
        chain.extend(page.filter(is_in_page).map(|page| shown_name(source, page)));
        chain
    }

    fn add(&mut self, known: &mut HashMap<Key, u32>, importer: Option<u32>, key: &Key) {
        let Ok(at) = u32::try_from(self.pieces.len()) else {
            return;
        };
        if known.contains_key(key) {
            return;
        }
        known.insert(key.clone(), at);
        self.pieces.push(Member {
            key: key.clone(),
            importer,
        });
    }

    fn arrange(&mut self, variant: Variant) {
        let all = (0..).zip(&self.pieces);
        let (packages, own): (Vec<_>, Vec<_>) =
            all.partition(|(_, member)| in_packages(&member.key.path));
        let mut shelves = shelved(&own);
        let own = u32::try_from(shelves.len()).unwrap_or(u32::MAX);
        if !packages.is_empty() {
            shelves.append(&mut shelved(&packages));
        }
        for shelf in &mut shelves {
            // In the order of names: where the walk meets a piece may change with any of its importers.
            shelf.sort_by(|a, b| {
                self.pieces[*a as usize]
                    .key
                    .cmp(&self.pieces[*b as usize].key)
            });
        }
        self.shelves = shelves;
        let all = self.shelves();
        // A few pieces of the project's own are in the bundle's file.
        let inside = match (variant, own) {
            (Variant::Plain, _) => all,
            (Variant::Hot, 1) => 1,
            (Variant::Hot, _) => 0,
        };
        self.inside = (0..inside).collect();
        self.volumes = dealt(inside..own, VOLUMES[0]);
        self.volumes
            .append(&mut dealt(own.max(inside)..all, VOLUMES[1]));
    }
}

/// These shelves in as many volumes, and in so many at the most.
fn dealt(shelves: Range<u32>, most: usize) -> Vec<Vec<u32>> {
    let count = shelves.len().min(most);
    let mut volumes = vec![Vec::new(); count];
    for (at, shelf) in shelves.enumerate() {
        volumes[at % count].push(shelf);
    }
    volumes
}

/// The shelves of these pieces.
fn shelved(pieces: &[(u32, &Member)]) -> Vec<Vec<u32>> {
    let count = (pieces.len() / ON_A_SHELF).next_power_of_two();
    let mut shelves = vec![Vec::new(); count];
    for (at, member) in pieces {
        let hash = ContentHash::of(member.key.to_string().as_bytes());
        let first = hash
            .as_bytes()
            .first_chunk()
            .map_or(0, |bytes| u32::from_le_bytes(*bytes));
        shelves[first as usize % count].push(*at);
    }
    shelves
}

/// Runs `bundle-members`.
pub(super) fn run(context: &dyn Context, entry: &Entry) -> Result<Output, Failure> {
    let starts = starts(context, entry)?;
    context.prepare(&starts);
    let mut members = Members::default();
    let mut known = HashMap::new();
    let (mut targets, mut files) = (BTreeSet::new(), BTreeSet::new());
    for key in &starts {
        members.add(&mut known, None, key);
    }
    let mut at = 0;
    while let Some(Member { key, .. }) = members.pieces.get(at as usize) {
        let links: Vec<Link> = match context.fetch(key, Part::LINKS) {
            Ok(bytes) => decode(&bytes)?,
            Err(failure) if failure.is_of_file() => Vec::new(),
            Err(other) => return Err(other),
        };
        // All instances of a module are made of one piece.
        for Link { key, kind, .. } in links {
            match (kind, piece::of(&key.computation)) {
                (LinkKind::Import, _) => members.add(&mut known, Some(at), &key),
                (_, Some(_)) => _ = targets.insert((key, kind)),
                (_, None) => _ = files.insert(key),
            }
        }
        at += 1;
    }
    // What is there already is not fetched by an `import()`.
    let has_bundle =
        |(key, kind): &(Key, LinkKind)| *kind == LinkKind::Url || !known.contains_key(key);
    members.targets = targets.into_iter().filter(has_bundle).collect();
    members.files = files.into_iter().collect();
    members.starts = starts;
    members.arrange(entry.variant);
    Ok(Output {
        parts: vec![(Part::MAIN, encode(&members)?)],
        links: Vec::new(),
    })
}

/// The pieces that a bundle starts.
fn starts(context: &dyn Context, entry: &Entry) -> Result<Vec<Key>, Failure> {
    let modules = match entry.page() {
        Some(page) => page::starts(context, &page)?,
        None => vec![entry.plain()],
    };
    let piece = |plain| piece::of_plain(entry.variant, plain);
    Ok(modules.into_iter().map(piece).collect())
}
