//! The hashes in the names that outputs call other outputs by, so that no cache gives an old one for a new, and an old
//! page goes on with the versions that it began with.
//!
//! A page's modules name each other plainly, and the page's import map tells the hash of each: so an edit reaches its own
//! module and the page, and no importer. What is named by its URL (an image, a font, a worker) is in no import map; its
//! hash is in the module or style sheet that names it.
//!
//! Workers and worklets have no import map (HTML, 8.1.6.2 "import maps": of windows only). They get the modules of
//! [`IN_WORKER`], whose specifiers carry hashes. That of a module is made of all that it leads to ([`REACH`]), for else
//! those of two that import each other would be made of one another:
//!
//! | computation | gives |
//! |---|---|
//! | [`IN_WORKER`], [`COMMONJS_IN_WORKER`] | what `module` and `commonjs` give to pages, for workers |
//! | [`REACH`] | nothing; its hash is that of a module with all that it leads to |
//! | [`BARE`] | what `module` gives, without the hashes of workers: what [`REACH`] is made of, so that a worker's modules may start that worker |

use std::collections::{BTreeSet, VecDeque};

use crate::base::{Computation, ContentHash, Key, Part, ShortHash, SourcePath};
use crate::compute::{Context, Failure, Link, LinkKind, Output};

use super::MODULE;
use super::common::COMMONJS;
use super::kind::{COPY, Kind, PAGE, Query};

/// A module for workers.
pub(super) const IN_WORKER: Computation = Computation::new("in-worker");
/// The module of a CommonJS file's body, for workers.
pub(super) const COMMONJS_IN_WORKER: Computation = Computation::new("commonjs-in-worker");
/// A module with all that it leads to, as a hash.
pub(super) const REACH: Computation = Computation::new("reach");
/// A module without the hashes of workers.
pub(super) const BARE: Computation = Computation::new("bare");

/// Modules besides the one that a page's imports get, and what stands between the file's name and `.js` in their names.
const FORMS: [(&str, Computation); 3] = [
    ("commonjs", COMMONJS),
    ("in-worker", IN_WORKER),
    ("commonjs-in-worker", COMMONJS_IN_WORKER),
];

/// The form that a name without its `.js` ends in, and the file's name.
pub(super) fn form(name: &[u8]) -> Option<(&[u8], &'static str, Computation)> {
    let dot = name.iter().rposition(|&byte| byte == b'.')?;
    let (stem, infix) = (&name[..dot], &name[dot + 1..]);
    let (infix, computation) = FORMS
        .into_iter()
        .find(|(known, _)| known.as_bytes() == infix)?;
    Some((stem, infix, computation))
}

/// What stands between a file's name and `.js` in the name of this module of it; `None`: nothing does.
pub(super) fn infix(computation: &Computation) -> Option<&'static str> {
    let form = FORMS.into_iter().find(|(_, known)| known == computation);
    form.map(|(infix, _)| infix)
}

/// Who evaluates a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A page, which has an import map.
    Page,
    /// A worker or worklet, which has none.
    Worker,
    /// Nobody: for [`BARE`].
    Bare,
    /// The runtime of `src/client`, which knows modules in function form.
    Function,
}

impl Scope {
    /// The node that is meant where a module names `key`.
    pub(super) fn variant(self, kind: LinkKind, key: Key) -> Key {
        // Code that is named by its URL is a worker's.
        let by_url = kind == LinkKind::Url;
        if self == Self::Function && !by_url {
            return super::function::of_plain(key);
        }
        let in_worker = match self {
            Self::Worker => true,
            Self::Page | Self::Function => by_url,
            Self::Bare => false,
        };
        match &key.computation {
            computation if in_worker && *computation == MODULE => Key::new(IN_WORKER, key.path),
            computation if in_worker && *computation == COMMONJS => {
                Key::new(COMMONJS_IN_WORKER, key.path)
            }
            _ => key,
        }
    }

    /// The hash that goes with the URL of such a node; `None`: none does.
    pub(super) fn version(
        self,
        context: &dyn Context,
        kind: LinkKind,
        key: &Key,
    ) -> Result<Option<ShortHash>, Failure> {
        match kind {
            LinkKind::Url => version(context, key),
            _ if self == Self::Worker => version(context, key),
            _ => Ok(None),
        }
    }
}

/// The hash in the name of what is at a node's URL. `None` where that cannot be computed, which whoever loads it is told; and
/// for pages and their modules, which would depend on themselves.
pub(super) fn version(context: &dyn Context, key: &Key) -> Result<Option<ShortHash>, Failure> {
    let computation = &key.computation;
    if *computation == PAGE || *computation == MODULE || *computation == COMMONJS {
        return Ok(None);
    }
    match named(context, key) {
        Ok(hash) => Ok(Some(hash)),
        Err(Failure::Diagnostics(_) | Failure::Missing(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The hash in the name of a node's present version.
pub(super) fn named(context: &dyn Context, key: &Key) -> Result<ShortHash, Failure> {
    let computation = &key.computation;
    let hash = if *computation == IN_WORKER || *computation == COMMONJS_IN_WORKER {
        context.hash(&Key::new(REACH, key.path.clone()), Part::MAIN)?
    } else if *computation == COPY {
        super::assets::hash_of_copy(context, &key.path)?
    } else {
        context.hash(key, Part::MAIN)?
    };
    Ok(hash.short())
}

/// The output of a module for workers, with that by which others name it.
pub(super) fn with_name(
    context: &dyn Context,
    path: &SourcePath,
    mut output: Output,
) -> Result<Output, Failure> {
    let reach = context.fetch(&Key::new(REACH, path.clone()), Part::MAIN)?;
    output.parts.push((Part::NAME, reach));
    Ok(output)
}

/// Runs [`REACH`].
pub(super) fn reach(context: &dyn Context, path: &SourcePath) -> Result<Output, Failure> {
    let mut hasher = blake3::Hasher::new();
    let first = Key::new(MODULE, path.clone());
    let mut known = BTreeSet::from([first.clone()]);
    let mut waiting = VecDeque::from([first]);
    while let Some(key) = waiting.pop_front() {
        let node = reached(context, &key)?;
        hasher.update(key.to_string().as_bytes());
        match context.hash(&node, Part::MAIN) {
            Ok(hash) => hasher.update(hash.as_bytes()),
            Err(failure @ (Failure::Diagnostics(_) | Failure::Missing(_))) => {
                hasher.update(failure.to_string().as_bytes());
                continue;
            }
            Err(other) => return Err(other),
        };
        let links: Vec<Link> = super::common::decode(&context.fetch(&node, Part::LINKS)?)?;
        for link in links {
            let key = meant(link.key);
            if key.computation != PAGE && known.insert(key.clone()) {
                waiting.push_back(key);
            }
        }
    }
    let hash = ContentHash::from_bytes(*hasher.finalize().as_bytes());
    Ok(super::assets::module(hash.to_hex(), Vec::new()))
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
        Err(error) => return Err(error.into()),
    };
    Ok(match speaks {
        true => Key::new(BARE, key.path.clone()),
        false => key.clone(),
    })
}
