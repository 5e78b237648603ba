//! All modules that a page leads to. Import cycles are legal: this walks over links, it is no recursion of nodes.

use std::collections::{HashSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::Which;
use super::plan::Plan;
use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure, Link, LinkKind, Output};
use crate::runnable::bundle::Variant;
use crate::runnable::kind::PAGE;

/// A module that a page leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) key: Key,
    /// What follows its name in the URL: see [`Link::suffix`].
    pub(super) suffix: Option<Box<str>>,
    /// The first that imports it, by its index; `None`: the page itself.
    pub(super) importer: Option<u32>,
    /// Whether it is evaluated as soon as the page is there: no `import()` on the way.
    pub(super) is_static: bool,
}

/// Runs [`super::CLOSURE`]: the static modules, those nearest to the page first, then the others.
pub(super) fn run(context: &dyn Context, path: &SourcePath) -> Result<Output, Failure> {
    let page = Key::new(PAGE, path.clone());
    let plan = Plan::fetch(context, &Which::new(Variant::Plain, page))?;
    let roots: Vec<Key> = plan.roots.iter().map(|link| link.key.clone()).collect();
    context.prepare(&roots);
    let members = walk(context, &plan.roots)?;
    super::output(&members)
}

/// Follows links from `roots`.
pub(super) fn walk(context: &dyn Context, roots: &[Link]) -> Result<Vec<Member>, Failure> {
    let mut walk = Walk::default();
    walk.add(None, roots);
    while let Some(at) = walk.next() {
        let key = walk.members[at as usize].key.clone();
        let links = match context.fetch(&key, Part::LINKS) {
            Ok(bytes) => super::decode::<Vec<Link>>(&bytes)?,
            // It leads nowhere; that it fails is told where its hash is asked for.
            Err(_) => continue,
        };
        walk.add(Some(at), &links);
    }
    Ok(walk.members)
}

#[derive(Default)]
struct Walk {
    members: Vec<Member>,
    known: HashSet<Key>,
    /// Those with a suffix.
    instances: HashSet<(Key, Box<str>)>,
    /// Static modules whose links are still to be followed.
    waiting: VecDeque<u32>,
    /// What is imported later, with its importer.
    later: VecDeque<(Option<u32>, Link)>,
}

impl Walk {
    fn add(&mut self, importer: Option<u32>, links: &[Link]) {
        let is_static = importer.is_none_or(|at| self.members[at as usize].is_static);
        for link in links {
            match link.kind {
                LinkKind::Import => self.member(importer, link, is_static),
                LinkKind::Dynamic => self.later.push_back((importer, link.clone())),
                LinkKind::Url => {}
            }
        }
    }

    fn member(&mut self, importer: Option<u32>, link: &Link, is_static: bool) {
        let Link { key, suffix, .. } = link;
        let is_known = match suffix {
            None => self.known.contains(key),
            Some(suffix) => {
                let instance = (key.clone(), suffix.clone());
                self.instances.contains(&instance)
            }
        };
        let Ok(at) = u32::try_from(self.members.len()) else {
            return;
        };
        if is_known {
            return;
        }
        _ = match suffix {
            None => self.known.insert(key.clone()),
            Some(suffix) => self.instances.insert((key.clone(), suffix.clone())),
        };
        self.members.push(Member {
            key: key.clone(),
            suffix: suffix.clone(),
            importer,
            is_static,
        });
        self.waiting.push_back(at);
    }

    /// The next whose links are to be followed: all static ones come before the first of the others.
    fn next(&mut self) -> Option<u32> {
        loop {
            if let Some(at) = self.waiting.pop_front() {
                return Some(at);
            }
            let (importer, link) = self.later.pop_front()?;
            self.member(importer, &link, false);
        }
    }
}
