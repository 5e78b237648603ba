//! The hashes in the names that outputs call other outputs by, so that no cache gives an old one for a new, and an old
//! page goes on with the versions that it began with.
//!
//! A page's modules name each other plainly, and the page's import map tells the hash of each: so an edit reaches its own
//! module and the page, and no importer. What is named by its URL (an image, a font, a worker) is in no import map; its
//! hash is in the module or style sheet that names it.
//!
//! Workers and worklets have no import map (HTML, 8.1.6.2 "import maps": of windows only). They get the modules of
//! [`IN_WORKER`], whose specifiers carry hashes. That of a module is made of all that it leads to ([`super::reach`]), for
//! else those of two that import each other would be made of one another:
//!
//! | computation | gives |
//! |---|---|
//! | [`IN_WORKER`], [`COMMONJS_IN_WORKER`] | what `module` and `commonjs` give to pages, for workers |
//! | [`SCRIPT_IN_WORKER`] | of a CommonJS file that is named by its URL: what runs the file, for classic workers too where it requires nothing |
//! | [`CLASSIC`] | of a file that a page runs as a classic script: its text, which no import leads to; TypeScript and JSX compiled |
//! | [`BARE`] | what `module` gives, without the hashes of workers: what those are made of, so that a worker's modules may start that worker |

use crate::base::{Computation, Key, Part, ShortHash};
use crate::compute::{Context, Failure, LinkKind, Output};

use super::all::Runnable;
use super::bundle::{self, Variant, piece};
use super::common::{self, COMMONJS};
use super::kind::{COPY, PAGE};
use super::{MODULE, reach};

/// A module for workers.
pub(super) const IN_WORKER: Computation = Computation::new("in-worker");
/// The module of a CommonJS file's body, for workers.
pub(super) const COMMONJS_IN_WORKER: Computation = Computation::new("commonjs-in-worker");
/// A CommonJS file that runs by itself, for workers.
pub(super) const SCRIPT_IN_WORKER: Computation = Computation::new("script-in-worker");
/// A file that a page runs as a classic script.
pub(super) const CLASSIC: Computation = Computation::new("classic");
/// A module without the hashes of workers.
pub(super) const BARE: Computation = Computation::new("bare");

/// Modules besides the one that a page's imports get, and what stands between the file's name and `.js` in their names.
const FORMS: [(&str, Computation); 5] = [
    ("commonjs", COMMONJS),
    ("in-worker", IN_WORKER),
    ("commonjs-in-worker", COMMONJS_IN_WORKER),
    ("script-in-worker", SCRIPT_IN_WORKER),
    ("classic", CLASSIC),
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
    /// The runtime of `src/client` in a program, which knows modules in function form.
    Function,
    /// The same in a browser.
    Bundle(Variant),
}

/// Whether a node gives code for workers.
pub(super) fn is_in_worker(key: &Key) -> bool {
    [IN_WORKER, COMMONJS_IN_WORKER, SCRIPT_IN_WORKER].contains(&key.computation)
}

/// The node that is meant where a URL leads to `key`: a worker's own file is evaluated and not imported, so that of a
/// CommonJS file nothing has to be exported, and a classic worker can run it.
pub(super) fn by_url(runnable: &Runnable, context: &dyn Context, key: Key) -> Result<Key, Failure> {
    if key.computation != IN_WORKER {
        return Ok(key);
    }
    let found = common::target(runnable, context, &key.path, Scope::Worker)?;
    Ok(match found {
        Some(_) => Key::new(SCRIPT_IN_WORKER, key.path),
        None => key,
    })
}

impl Scope {
    /// The node that is meant where a module names `key`.
    pub(super) fn variant(self, kind: LinkKind, key: Key) -> Key {
        // Code that is named by its URL is a worker's.
        let by_url = kind == LinkKind::Url;
        if let Self::Bundle(variant) = self {
            // Workers live for as long as they do: nothing in them is replaced.
            let variant = if by_url { Variant::Plain } else { variant };
            return piece::of_plain(variant, key);
        }
        if self == Self::Function && !by_url {
            return super::function::of_plain(key);
        }
        let in_worker = match self {
            Self::Worker => true,
            Self::Page | Self::Function => by_url,
            Self::Bare | Self::Bundle(_) => false,
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

/// The hash in the name of what is at a node's URL. `None` where that cannot be computed, which whoever loads it is told;
/// for pages and their modules, which would depend on themselves; and for pieces of bundles, whose versions bundles name.
pub(super) fn version(context: &dyn Context, key: &Key) -> Result<Option<ShortHash>, Failure> {
    let computation = &key.computation;
    let is_page = *computation == PAGE || super::hook::is_page(key);
    let is_code = *computation == MODULE || *computation == COMMONJS;
    if is_page || is_code || piece::of(computation).is_some() {
        return Ok(None);
    }
    match named(context, key) {
        Ok(hash) => Ok(Some(hash)),
        Err(failure) if failure.is_of_file() => Ok(None),
        Err(other) => Err(other),
    }
}

/// The hash in the name of a node's present version.
pub(super) fn named(context: &dyn Context, key: &Key) -> Result<ShortHash, Failure> {
    let computation = &key.computation;
    let hash = if let Some(reach) = bundle::reach_of(key) {
        context.hash(&reach, Part::MAIN)?
    } else if is_in_worker(key) {
        context.hash(&reach::of_worker(computation, &key.path), Part::MAIN)?
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
    key: &Key,
    mut output: Output,
) -> Result<Output, Failure> {
    let reach = context.fetch(&reach::of_worker(&key.computation, &key.path), Part::MAIN)?;
    output.parts.push((Part::NAME, reach));
    Ok(output)
}
