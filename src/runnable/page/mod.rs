//! Pages (design.md section 8): HTML whose URLs lead to outputs, each with its hash, so that no browser's cache can give
//! an old one.
//!
//! | computation | gives | depends on |
//! |---|---|---|
//! | [`PLAN`] | the page in pieces: which of its URLs lead where, inline modules compiled | the source, and how names resolve |
//! | [`CLOSURE`] | all modules that it leads to | the plan, and the links of these modules |
//! | [`FAULTS`] | nothing, or fails with what is wrong in the page itself | the plan |
//! | `page` | the page | all of these, and the hashes of what it leads to |
//!
//! So the edit of a module runs that module and assembles the page anew; only where it imports something else are the
//! links followed again.
//!
//! Of a page that is hot ([`hot`]), `hot page` is what `page` is of others, and `hot page-plan` and `hot page-faults` likewise;
//! it loads a bundle, and its closure is that bundle's members. `hot page-standing` tells what is to be done where it changes.
//! A page that a hook makes is as the hook gives it, unless it is hot: `hot hook`, `hot page-plan hook` and so on.

mod assemble;
mod closure;
mod hot;
mod loaded;
mod made;
mod markup;
mod overlay;
mod place;
mod plan;
mod read;
mod script;
mod styles;
#[cfg(test)]
mod tests;
mod urls;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::{Computation, Diagnostic, Key, Location, Part, SourcePath};
use crate::compute::{Context, Failure, LinkKind, Output};

use super::all::Runnable;
use super::bundle::Variant;
use super::hashed::Scope;
use super::kind::PAGE;
use super::{assets, environment, hook, module};
pub(super) use hot::Standing;
pub use hot::{Style, meta};
pub(super) use loaded::loaded;
use plan::Plan;

/// A page in pieces.
pub(super) const PLAN: Computation = Computation::new("page-plan");
/// The part of it that holds the modules which the page starts: the rest of its text is nothing to bundles.
const STARTS: Part = Part(3);
/// The modules that a page leads to.
pub(super) const CLOSURE: Computation = Computation::new("closure");
/// What is wrong in a page's own text.
pub(super) const FAULTS: Computation = Computation::new("page-faults");

/// Which page, and for whom.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Which {
    variant: Variant,
    /// The page as others have it: of a source, or of a hook.
    plain: Key,
}

/// What a computation of pages gives of one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Page,
    Plan,
    Faults,
    Standing,
}

/// Whether a node is a page that is not hot, a hook's too.
pub(super) fn is_page(key: &Key) -> bool {
    key.computation == PAGE || hook::is_page(key)
}

impl Which {
    pub(super) fn new(variant: Variant, plain: Key) -> Self {
        Self { variant, plain }
    }

    /// The step that a node is, and of which page.
    fn of(key: &Key) -> Option<(Step, Self)> {
        let (variant, name) = Variant::split(&key.computation);
        let which = |step, plain| {
            let plain = Key::new(plain, key.path.clone());
            Some((step, Self { variant, plain }))
        };
        if name == PAGE.name() {
            return which(Step::Page, PAGE);
        }
        let hook = |name: &str| hook::named(name).filter(|_| variant == Variant::Hot);
        if let Some(plain) = hook(name) {
            return which(Step::Page, plain);
        }
        let all = [
            (PLAN, Step::Plan),
            (FAULTS, Step::Faults),
            (hot::STANDING, Step::Standing),
        ];
        all.into_iter().find_map(|(computation, step)| {
            let rest = name.strip_prefix(computation.name())?;
            match rest.strip_prefix(' ') {
                None if rest.is_empty() => which(step, PAGE),
                None => None,
                Some(plain) => which(step, hook(plain)?),
            }
        })
    }

    fn key(&self, step: Step) -> Key {
        let family = match step {
            Step::Page => return self.node(self.plain.computation.clone()),
            Step::Plan => PLAN,
            Step::Faults => FAULTS,
            Step::Standing => hot::STANDING,
        };
        match self.plain.computation == PAGE {
            true => self.node(family),
            false => {
                let name = format!("{} {}", family.name(), self.plain.computation.name());
                self.node(Computation::named(name))
            }
        }
    }

    fn node(&self, computation: Computation) -> Key {
        Key::new(self.variant.of(computation), self.plain.path.clone())
    }

    /// The page itself.
    pub(super) fn page(&self) -> Key {
        self.key(Step::Page)
    }

    fn path(&self) -> &SourcePath {
        &self.plain.path
    }
}

/// The page that a page is another variant of.
pub(super) fn plain(key: &Key) -> Option<Computation> {
    match Which::of(key)? {
        (Step::Page, which) if which.variant == Variant::Hot => Some(which.plain.computation),
        _ => None,
    }
}

/// The page that a hot one is of, where a node is one.
pub(super) fn hook_of(computation: &Computation) -> Option<Computation> {
    let key = Key::new(computation.clone(), SourcePath::root());
    plain(&key).filter(|plain| *plain != PAGE)
}

/// The node that fails where something is wrong in a page's own text. The page itself does not: it shows what is wrong.
pub fn faults_of(key: &Key) -> Option<Key> {
    match Which::of(key)? {
        (Step::Page, which) => Some(which.key(Step::Faults)),
        _ => None,
    }
}

/// Runs a computation of pages; `None`: it is none.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    key: &Key,
) -> Option<Result<Output, Failure>> {
    if key.computation == CLOSURE {
        return Some(closure::run(context, &key.path));
    }
    let (step, which) = Which::of(key)?;
    Some(match step {
        Step::Page if which.variant == Variant::Plain => assemble::run(runnable, context, &which),
        Step::Page => hot::run(runnable, context, &which),
        Step::Plan => plan(runnable, context, &which),
        Step::Faults => faults(context, &which),
        Step::Standing => hot::run_standing(runnable, context, &which),
    })
}

/// Whether a computation is a step on the way to a page.
pub(super) fn is_step(computation: &Computation) -> bool {
    let key = Key::new(computation.clone(), SourcePath::root());
    let is_step = |(step, _)| matches!(step, Step::Plan | Step::Standing);
    *computation == CLOSURE || Which::of(&key).is_some_and(is_step)
}

/// Whether a part is put together when it is read.
pub(super) fn is_assembled(key: &Key, part: Part) -> bool {
    part == Part::MAIN && plain(key).is_some()
}

/// Runs [`PLAN`].
fn plan(runnable: &Runnable, context: &dyn Context, which: &Which) -> Result<Output, Failure> {
    let plan = match which.plain.computation == PAGE {
        true => plan_of_source(runnable, context, which.path(), which.variant)?,
        false => made::plan(runnable, context, &which.plain)?,
    };
    let starts = encoded(&starts_of(&plan))?;
    let mut output = output(&plan)?;
    output.parts.push((STARTS, starts));
    output.links = plan.links;
    Ok(output)
}

fn plan_of_source(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    variant: Variant,
) -> Result<Plan, Failure> {
    let source = context.content(path)?;
    Ok(match std::str::from_utf8(&source) {
        Ok(text) => {
            let text = variables(runnable, context, path, text)?;
            read::plan(runnable, context, path, &text, variant)?
        }
        Err(error) => {
            let text = String::from_utf8_lossy(&source);
            let (line, column) = super::style::place(&text, error.valid_up_to());
            let mut plan = Plan::new(SourcePath::root());
            plan.text(&text);
            plan.problems.push(
                Diagnostic::new("encoding", "the file is not valid UTF-8")
                    .at(Location {
                        file: runnable.layout.shown(path),
                        line,
                        column,
                    })
                    .hint("save the file as UTF-8"),
            );
            plan
        }
    })
}

/// Runs [`FAULTS`].
fn faults(context: &dyn Context, which: &Which) -> Result<Output, Failure> {
    let plan = Plan::fetch(context, which)?;
    match plan.problems.is_empty() {
        true => Ok(assets::module(String::new(), Vec::new())),
        false => Err(module::diagnostics(plan.problems)),
    }
}

/// One of a page's inline modules, for whom `scope` says.
pub(super) fn inline(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    number: u32,
    scope: Scope,
) -> Result<Output, Failure> {
    let source = context.content(path)?;
    let text = variables(runnable, context, path, &String::from_utf8_lossy(&source))?;
    script::numbered(runnable, context, path, &text, number, scope)
}

impl Plan {
    fn fetch(context: &dyn Context, which: &Which) -> Result<Self, Failure> {
        decode(&context.fetch(&which.key(Step::Plan), Part::MAIN)?)
    }
}

/// The modules that a page starts, in their order. Of inline ones: those that they import, or, where the page is hot,
/// themselves.
pub(super) fn starts(context: &dyn Context, which: &Which) -> Result<Vec<Key>, Failure> {
    decode(&context.fetch(&which.key(Step::Plan), STARTS)?)
}

fn starts_of(plan: &Plan) -> Vec<&Key> {
    let roots = plan.roots.iter();
    // What has a suffix, a script in the page imports.
    let modules = roots.filter(|link| link.kind == LinkKind::Import && link.suffix.is_none());
    modules.map(|link| &link.key).collect()
}

/// The node that gives what a page that is hot has besides its modules.
pub(super) fn standing_key(plain: Key) -> Key {
    Which::new(Variant::Hot, plain).key(Step::Standing)
}

/// What a page that is hot has besides its modules.
pub(super) fn standing_of(context: &dyn Context, plain: Key) -> Result<Standing, Failure> {
    decode(&context.fetch(&standing_key(plain), Part::MAIN)?)
}

/// `%NAME%` in a page is the variable of that name, as in Vite (<https://vite.dev/guide/env-and-mode#html-constant-replacement>);
/// what is none stays.
fn variables(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    text: &str,
) -> Result<String, Failure> {
    let mut parts = text.split('%');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    let parts: Vec<&str> = parts.collect();
    if parts.len() < 2 {
        return Ok(text.to_owned());
    }
    let options = &runnable.options;
    let mut known: Vec<(String, String)> = vec![(
        "BASE_URL".to_owned(),
        options
            .base
            .clone()
            .unwrap_or_else(|| runnable.layout.url_of_root(path)),
    )];
    let fetched = environment::fetch_named(runnable, context, parts.iter().copied())?;
    let constants = environment::constants(options, &fetched);
    let defined = options.defines.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix("import.meta.env.")?;
        Some((name.to_owned(), value.clone()))
    });
    // What was defined counts.
    for (name, value) in constants.into_iter().chain(defined) {
        let plain = serde_json::from_str::<String>(&value).unwrap_or(value);
        known.retain(|(other, _)| *other != name);
        known.push((name, plain));
    }
    let mut index = 0;
    while index < parts.len() {
        let found = known.iter().find(|(name, _)| name == parts[index]);
        match (found, parts.get(index + 1)) {
            // The percent sign after the name is part of it.
            (Some((_, value)), Some(after)) => {
                filled.push_str(value);
                filled.push_str(after);
                index += 2;
            }
            _ => {
                filled.push('%');
                filled.push_str(parts[index]);
                index += 1;
            }
        }
    }
    Ok(filled)
}

fn encoded<T: Serialize>(value: &T) -> Result<Bytes, Failure> {
    let bytes = postcard::to_allocvec(value)
        .map_err(|error| Failure::Internal(format!("a page does not encode: {error}")))?;
    Ok(bytes.into())
}

fn output<T: Serialize>(value: &T) -> Result<Output, Failure> {
    Ok(Output {
        parts: vec![(Part::MAIN, encoded(value)?)],
        links: Vec::new(),
    })
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    postcard::from_bytes(bytes)
        .map_err(|error| Failure::Internal(format!("a page does not decode: {error}")))
}
