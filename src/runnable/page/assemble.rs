//! The page itself: the plan with the hashes of all that it leads to.

use std::collections::HashMap;
use std::fmt::Write;

use super::closure::Member;
use super::markup::escaped;
use super::place::Base;
use super::plan::{Form, Piece, Plan, Reference};
use super::{CLOSURE, Step, Which, overlay, script};
use crate::base::{Diagnostic, Key, Part, ShortHash, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;
use crate::runnable::assets::quoted;
use crate::runnable::bundle::{self, Variant};
use crate::runnable::hashed;
use crate::runnable::kind::PAGE;
use crate::runnable::layout::versioned;
use crate::runnable::style;

/// Modules that are preloaded at most. Further ones are found through those; that many links more would hold up the
/// parser longer than they save.
const PRELOADS: usize = 1000;

/// Importers that are named at most.
const CHAIN: usize = 8;

/// Runs the computation `page`.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    which: &Which,
) -> Result<Output, Failure> {
    let path = which.path();
    let plan = Plan::fetch(context, which)?;
    let mut page = Page::new(runnable, context, &plan, which);
    page.version(&which.key(Step::Faults), &[])?;
    let members: Vec<Member> =
        super::decode(&context.fetch(&Key::new(CLOSURE, path.clone()), Part::MAIN)?)?;
    let map = page.map(&plan, &members, &runnable.layout.shown(path))?;
    let (mut text, after) = page.texts(&plan)?;
    if let Some(after) = after {
        text.push_str(&map);
        text.push_str(&after);
    }
    if !page.faults.is_empty() {
        text.push_str(&overlay::of(&page.faults, plan.nonce.as_deref()));
    }
    Ok(Output {
        parts: vec![(Part::MAIN, text.into())],
        links: plan.links,
    })
}

/// A URL as it stands in its place.
fn written(reference: &Reference, version: Option<ShortHash>) -> String {
    let url = versioned(&reference.url, &reference.suffix, version);
    match reference.form {
        Form::Attribute | Form::Beside => escaped(&url),
        Form::Css => style::escaped(&url).replace("</", "<\\/"),
        Form::CssAttribute => escaped(&style::escaped(&url)),
    }
}

/// A page being put together.
pub(super) struct Page<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    base: Base,
    which: &'a Which,
    pub(super) faults: Vec<Diagnostic>,
    /// Hashes that are known.
    seen: HashMap<Key, ShortHash>,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        runnable: &'a Runnable,
        context: &'a dyn Context,
        plan: &Plan,
        which: &'a Which,
    ) -> Self {
        Self {
            runnable,
            context,
            base: Base::at(&plan.directory),
            which,
            faults: Vec::new(),
            seen: HashMap::new(),
        }
    }

    /// Who names what the page names.
    pub(super) fn importers(&self) -> [String; 1] {
        [self.runnable.layout.shown(self.which.path())]
    }

    /// The URL of a place under `/~@/`.
    pub(super) fn url(&self, place: &SourcePath) -> String {
        self.base.url(self.runnable, place)
    }

    /// The text before the place of the import map, and, where it has one, that after it.
    pub(super) fn texts(&mut self, plan: &Plan) -> Result<(String, Option<String>), Failure> {
        let importers = self.importers();
        let is_hot = self.which.variant == Variant::Hot;
        let mut before = None;
        let mut text = String::new();
        for piece in &plan.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Map => before = Some(std::mem::take(&mut text)),
                Piece::Url(reference) if is_hot && reference.is_sheet() => {
                    let version = self.apart(|page| page.reference(reference, &importers))?;
                    text.push_str(&written(reference, version.ok()));
                }
                Piece::Url(reference) => {
                    let version = self.reference(reference, &importers)?;
                    text.push_str(&written(reference, version));
                }
                Piece::Sheet(key, attributes) => {
                    let css = match is_hot {
                        // Its text may come later.
                        true => {
                            let css = self.apart(|page| page.sheet(key, &importers))?;
                            Some(css.unwrap_or_default())
                        }
                        false => self.sheet(key, &importers)?,
                    };
                    if let Some(css) = css {
                        // By it a new text finds the element.
                        let id = match is_hot {
                            false => String::new(),
                            true => {
                                let id = bundle::id(&self.runnable.layout, key);
                                format!(" data-hookfs=\"{}\"", escaped(&id))
                            }
                        };
                        let css = css.replace("</", "<\\/");
                        let _ = write!(text, "<style{id}{attributes}>\n{css}</style>");
                    }
                }
            }
        }
        Ok(match before {
            Some(before) => (before, Some(text)),
            None => (text, None),
        })
    }

    /// Asks about a style sheet of a page that is hot: what is wrong with it is told apart, and not in the page.
    pub(super) fn apart<T>(
        &mut self,
        ask: impl FnOnce(&mut Self) -> Result<Option<T>, Failure>,
    ) -> Result<Result<T, Vec<Diagnostic>>, Failure> {
        let faults = std::mem::take(&mut self.faults);
        let answer = ask(self);
        let own = std::mem::replace(&mut self.faults, faults);
        Ok(answer?.ok_or(own))
    }

    /// The hash in a URL of the page.
    pub(super) fn reference(
        &mut self,
        reference: &Reference,
        importers: &[String],
    ) -> Result<Option<ShortHash>, Failure> {
        // It is there whatever is wrong in it.
        if let Some(faults) = bundle::faults_of(&reference.key) {
            self.version(&faults, importers)?;
        }
        self.version(&reference.key, importers)
    }

    /// The text of a style sheet that stands in the page; `None`: it fails.
    pub(super) fn sheet(
        &mut self,
        key: &Key,
        importers: &[String],
    ) -> Result<Option<String>, Failure> {
        if self.version(key, importers)?.is_none() {
            return Ok(None);
        }
        let folder = self.url(&self.runnable.layout.output_of(key));
        let folder = &folder[..folder.rfind('/').map_or(0, |slash| slash + 1)];
        style::placed(self.context, &key.path, folder).map(Some)
    }

    /// The hash in the name of a node's file; `None` where it fails, which the overlay then tells, unless nobody waits for
    /// it.
    pub(super) fn version(
        &mut self,
        key: &Key,
        importers: &[String],
    ) -> Result<Option<ShortHash>, Failure> {
        if let Some(known) = self.seen.get(key) {
            return Ok(Some(*known));
        }
        if key.computation == PAGE || crate::runnable::hook::is_page(key) {
            // It may be this very page.
            return Ok(None);
        }
        match hashed::named(self.context, key) {
            Ok(hash) => {
                self.seen.insert(key.clone(), hash);
                Ok(Some(hash))
            }
            Err(failure) => {
                self.fault(failure, importers)?;
                Ok(None)
            }
        }
    }

    fn fault(&mut self, failure: Failure, importers: &[String]) -> Result<(), Failure> {
        for diagnostic in self.told(failure, importers)? {
            if !self.faults.contains(&diagnostic) {
                self.faults.push(diagnostic);
            }
        }
        Ok(())
    }

    /// What is wrong with the sources. What is no fact about them is given back: nothing made of it is to be kept.
    fn told(&self, failure: Failure, importers: &[String]) -> Result<Vec<Diagnostic>, Failure> {
        let mut all = match failure {
            Failure::Diagnostics(diagnostics) | Failure::Limit(diagnostics) => diagnostics.to_vec(),
            Failure::Missing(path) => {
                let message = format!("no such file `{}`", self.runnable.layout.shown(&path));
                vec![Diagnostic::new("missing", message)]
            }
            other => return Err(other),
        };
        for diagnostic in &mut all {
            diagnostic.importers = importers.to_vec();
        }
        Ok(all)
    }

    /// The import map and the preloads.
    fn map(&mut self, plan: &Plan, members: &[Member], page: &str) -> Result<String, Failure> {
        let mut imports = String::new();
        let mut preloads = String::new();
        let mut preloaded = 0;
        for (at, member) in members.iter().enumerate() {
            let url = self
                .base
                .url(self.runnable, &self.runnable.layout.output_of(&member.key));
            let suffix = member.suffix.as_deref().unwrap_or_default();
            let of_version = match hashed::named(self.context, &member.key) {
                Ok(version) => versioned(&url, suffix, Some(version)),
                Err(failure) => {
                    let chain = chain(self.runnable, members, at, page);
                    if member.is_static {
                        self.fault(failure, &chain)?;
                        continue;
                    }
                    // What is imported later fails when it is, and says why: a server could only say 404.
                    throwing(&self.told(failure, &chain)?)
                }
            };
            if !imports.is_empty() {
                imports.push_str(",\n");
            }
            let (name, target) = (quoted(&format!("{url}{suffix}")), quoted(&of_version));
            let _ = write!(imports, "{name}:{target}");
            if member.is_static && preloaded < PRELOADS {
                preloaded += 1;
                let url = escaped(&of_version);
                let _ = writeln!(preloads, "<link rel=\"modulepreload\" href=\"{url}\">");
            }
        }
        let Some(json) = merged(&imports, plan.own_map.as_deref()) else {
            return Ok(String::new());
        };
        Ok(script::map_element(plan.nonce.as_deref(), &json) + &preloads)
    }
}

/// The URL of a module that tells what is wrong when it is evaluated.
fn throwing(problems: &[Diagnostic]) -> String {
    let text = quoted(&Diagnostic::render_all(problems));
    let code = format!("const text = {text}; console.error(text); throw new Error(text);");
    let mut url = "data:text/javascript,".to_owned();
    for byte in code.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'(' | b')' => {
                url.push(char::from(byte));
            }
            other => {
                let _ = write!(url, "%{other:02X}");
            }
        }
    }
    url
}

/// Our map, and what the page's own has besides; `None`: there is nothing in it.
fn merged(imports: &str, own: Option<&str>) -> Option<String> {
    let own = own.and_then(|own| serde_json::from_str::<serde_json::Value>(own).ok());
    let Some(mut own) = own else {
        return (!imports.is_empty()).then(|| format!("{{\"imports\":{{\n{imports}\n}}}}"));
    };
    // What is in ours is not to be asked for under another URL.
    let ours: serde_json::Value = serde_json::from_str(&format!("{{{imports}}}")).ok()?;
    if let (Some(map), Some(ours)) = (own.as_object_mut(), ours.as_object()) {
        let all = map
            .entry("imports")
            .or_insert_with(|| serde_json::json!({}));
        if let Some(all) = all.as_object_mut() {
            all.extend(ours.clone());
        }
    }
    Some(own.to_string())
}

/// Who leads to a member, nearest first, the page last.
fn chain(runnable: &Runnable, members: &[Member], at: usize, page: &str) -> Vec<String> {
    let mut chain = Vec::new();
    let mut here = members[at].importer;
    while let Some(member) = here.and_then(|at| members.get(at as usize)) {
        let shown = runnable.layout.shown(&member.key.path);
        // The facade and the body of a file are one to its user.
        if chain.last() != Some(&shown) && chain.len() < CHAIN {
            chain.push(shown);
        }
        here = member.importer;
    }
    chain.push(page.to_owned());
    chain
}
