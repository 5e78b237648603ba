//! A page that is hot: one bundle in place of its modules, and a slot for where changes are told, which is filled when the
//! page is read.

use std::path::Path;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::assemble::Page;
use super::markup::escaped;
use super::plan::{Form, Piece, Plan};
use super::{Step, Which, overlay, script};
use crate::base::{Computation, ContentHash, Diagnostic, Part};
use crate::compute::{Context, Failure, Link, Output, Recipe};
use crate::runnable::all::Runnable;
use crate::runnable::bundle;
use crate::runnable::layout::{self, versioned};
use crate::runnable::{hashed, hook};

/// What a page that is hot has of its own.
pub(super) const STANDING: Computation = Computation::new("page-standing");

/// What fills the slot of a page: where the page's client finds the socket, and what it says there to be let in; and where
/// SRC and the workspace are on this machine, for an editor to open their files.
pub fn meta(url: &str, token: &str, source: &Path, workspace: &Path) -> Bytes {
    let path = |path: &Path| escaped(&path.to_string_lossy());
    format!(
        "<meta name=\"hookfs-hot\" content=\"{}\" data-source=\"{}\" data-workspace=\"{}\">\n",
        escaped(&format!("{url} {token}")),
        path(source),
        path(workspace)
    )
    .into()
}

/// Runs `hot page`.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    which: &Which,
) -> Result<Output, Failure> {
    let plan = Plan::fetch(context, which)?;
    let mut page = Page::new(runnable, context, &plan, which);
    page.version(&which.key(Step::Faults), &[])?;
    let (before, after) = page.texts(&plan)?;
    let mut recipe = Recipe::default();
    let mut links = plan.links.clone();
    recipe.text(&before);
    if let Some(after) = after {
        let bundle = bundle::of_plain(which.variant, which.plain.clone())
            .ok_or_else(|| Failure::Internal(format!("`{}` has no bundle", which.page())))?;
        let version = hashed::named(context, &bundle)?;
        let url = page.url(&runnable.layout.output_of(&bundle));
        let url = versioned(&url, "", Some(version));
        if let Some(map) = &plan.own_map {
            recipe.text(&script::map_element(plan.nonce.as_deref(), map));
        }
        // Who loads the page can tell whether it is the present one.
        let text = super::standing_of(context, which.plain.clone())?.text;
        recipe.text(&format!("<meta name=\"hookfs-page\" content=\"{text}\">\n"));
        recipe.slot();
        recipe.text(&script::module_element(plan.nonce.as_deref(), &url));
        recipe.text(&after);
        links.insert(0, Link::url(bundle));
    }
    if !page.faults.is_empty() {
        recipe.text(&overlay::of(&page.faults, plan.nonce.as_deref()));
    }
    let mut parts = vec![(Part::MAIN, recipe.encode()?)];
    if let Some(reply) = hook::reply_part(&which.plain.computation) {
        match context.fetch(&which.plain, reply) {
            Ok(said) => parts.push((reply, said)),
            Err(Failure::Missing(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(Output { parts, links })
}

/// What a page has besides its modules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::runnable) struct Standing {
    /// Of all that can't be exchanged while the page is there.
    pub(in crate::runnable) text: ContentHash,
    /// The style sheets, by the ids of their links or elements.
    pub(in crate::runnable) styles: Vec<(String, Style)>,
}

/// A style sheet of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Style {
    /// Behind a link: the name from `/~@/` of its present version.
    Link(String),
    /// In the page itself: its text.
    Text(String),
    /// It does not compile: what is wrong, in the form that [`crate::runnable::HotContent::Fault`] has. The page goes on with
    /// the one that it has.
    Fault(String),
}

/// Runs `hot page-standing`.
pub(super) fn run_standing(
    runnable: &Runnable,
    context: &dyn Context,
    which: &Which,
) -> Result<Output, Failure> {
    let plan = Plan::fetch(context, which)?;
    let mut page = Page::new(runnable, context, &plan, which);
    page.version(&which.key(Step::Faults), &[])?;
    let importers = page.importers();
    let mut own: Vec<String> = Vec::new();
    let mut styles = Vec::new();
    for piece in &plan.pieces {
        match piece {
            Piece::Text(text) => own.push(text.clone()),
            Piece::Map => own.push(String::new()),
            // Whatever stands there, nothing in the page is another.
            Piece::Url(reference) if reference.form == Form::Beside => {
                own.push(format!("{}{}", reference.url, reference.suffix));
            }
            Piece::Url(reference) => {
                if !reference.is_sheet() {
                    let version = page.reference(reference, &importers)?;
                    own.push(versioned(&reference.url, &reference.suffix, version));
                    continue;
                }
                own.push(format!("{}{}", reference.url, reference.suffix));
                let url = layout::url(reference.place.as_bytes());
                let version = page.apart(|page| page.reference(reference, &importers))?;
                // What follows it in the link stays.
                let name = |version| versioned(&url[2..], "", Some(version));
                let style = told(version, |version| Style::Link(name(version)));
                styles.push((url[1..].to_owned(), style));
            }
            Piece::Sheet(key, attributes) => {
                let id = bundle::id(&runnable.layout, key);
                own.push(format!("{attributes} {id}"));
                let css = page.apart(|page| page.sheet(key, &importers))?;
                styles.push((id, told(css, Style::Text)));
            }
        }
    }
    let rest = (&plan.roots, &plan.own_map, &plan.nonce, &page.faults);
    let text = ContentHash::of(&super::encoded(&(own, rest))?);
    super::output(&Standing { text, styles })
}

fn told<T>(sheet: Result<T, Vec<Diagnostic>>, style: impl FnOnce(T) -> Style) -> Style {
    sheet.map_or_else(|problems| Style::Fault(bundle::fault_of(&problems)), style)
}
