//! From a page's source to its plan: which of its URLs lead to files of the tree, and to which.

use std::ops::Range;

use super::markup::{self, Attribute, Tag, escaped};
use super::place::{self, Base, Target};
use super::plan::{Form, Piece, Plan, Reference};
use super::urls::{OF_PAGE, PRELOADED, SETS, URLS, is_loaded, is_url};
use super::{script, styles};
use crate::base::{Diagnostic, Key, Location, SourcePath, code_frame};
use crate::compute::{Context, Failure, Link};
use crate::runnable::all::Runnable;
use crate::runnable::assets::url_computation;
use crate::runnable::bundle::Variant;
use crate::runnable::kind::{COPY, Kind};
use crate::runnable::made;
use crate::runnable::style::place as line_and_column;

/// One page being read.
pub(super) struct Reader<'a> {
    pub(super) runnable: &'a Runnable,
    pub(super) context: &'a dyn Context,
    pub(super) path: &'a SourcePath,
    pub(super) text: &'a str,
    pub(super) base: Base,
    pub(super) plan: Plan,
    /// For whom the page is.
    pub(super) variant: Variant,
    /// The inline modules so far.
    pub(super) inline: u32,
    /// Up to where the text is in the plan.
    done: usize,
    mapped: bool,
}

/// Reads the page at `path`, whose text (variables filled in) is `text`.
pub(super) fn plan(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    text: &str,
    variant: Variant,
) -> Result<Plan, Failure> {
    let as_it_is = |directory: SourcePath, problem: Option<Diagnostic>| {
        let mut plan = Plan::new(directory);
        plan.text(text);
        plan.problems.extend(problem);
        plan
    };
    let place = runnable.layout.place(path);
    let own = place.parent().unwrap_or_else(SourcePath::root);
    let tags = match markup::read(text) {
        Ok(tags) => tags,
        Err(message) => {
            let diagnostic = Diagnostic::new("html", message).at(Location {
                file: runnable.layout.shown(path),
                line: 0,
                column: 0,
            });
            return Ok(as_it_is(own, Some(diagnostic)));
        }
    };
    let href = tags.iter().find(|tag| tag.name == "base");
    let href = href.and_then(|tag| tag.value("href"));
    let Some(base) = Base::of(runnable, path, href) else {
        // All its URLs are another site's.
        return Ok(as_it_is(own, None));
    };
    let mut reader = Reader::new(runnable, context, path, text, base, variant);
    let mut scripts = tags.iter().filter(|tag| tag.name == "script");
    reader.plan.nonce = scripts.find_map(|tag| tag.value("nonce").map(str::to_owned));
    for tag in &tags {
        reader.tag(tag)?;
    }
    if let Some(range) = markup::template(text, &tags) {
        let diagnostic = Diagnostic::new(
            "html",
            "`<%` begins a template, which browsers show as text",
        )
        .hint("hookfs runs no plugins: let the page be what the template gives");
        reader.problem(diagnostic, &range);
    }
    reader.end();
    Ok(reader.plan)
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        runnable: &'a Runnable,
        context: &'a dyn Context,
        path: &'a SourcePath,
        text: &'a str,
        base: Base,
        variant: Variant,
    ) -> Self {
        Self {
            plan: Plan::new(base.directory.clone()),
            runnable,
            context,
            path,
            text,
            base,
            variant,
            inline: 0,
            done: 0,
            mapped: false,
        }
    }

    /// Takes the rest of the text.
    pub(super) fn end(&mut self) {
        self.copy(self.text.len());
        if self.variant == Variant::Hot {
            // A page without modules has style sheets, and a text, that can change.
            self.map_before(self.text.len());
        }
    }

    /// Takes the text up to `end` as it is.
    pub(super) fn copy(&mut self, end: usize) {
        if end > self.done {
            self.plan.text(&self.text[self.done..end]);
            self.done = end;
        }
    }

    /// Leaves a part of the text out; what is put in next stands in its place.
    pub(super) fn skip(&mut self, range: &Range<usize>) {
        self.copy(range.start);
        self.done = self.done.max(range.end);
    }

    /// The import map goes before `at`, if it has no place yet.
    pub(super) fn map_before(&mut self, at: usize) {
        if !self.mapped {
            self.mapped = true;
            self.copy(at);
            self.plan.pieces.push(Piece::Map);
        }
    }

    fn tag(&mut self, tag: &Tag) -> Result<(), Failure> {
        if tag.is_ignored {
            return Ok(());
        }
        let mut moves = false;
        match tag.name.as_str() {
            "meta" if is_url(tag) => {
                if let Some(content) = tag.attribute("content") {
                    self.url_in(Form::Beside, content)?;
                }
            }
            "script" => script::of(self, tag)?,
            "link" => moves = self.link(tag)?,
            "style" => {
                if let Some(range) = tag.content.clone() {
                    styles::of(self, range, Form::Css)?;
                }
            }
            _ => {}
        }
        for attribute in &tag.attributes {
            let is = |pair: &(&str, &[&str])| {
                pair.0 == tag.name && pair.1.contains(&attribute.name.as_str())
            };
            if URLS.iter().any(is) {
                self.url(attribute)?;
            } else if SETS.contains(&(tag.name.as_str(), attribute.name.as_str())) {
                self.set(attribute)?;
            } else if attribute.name == "style" && attribute.value.contains("url") {
                self.style_attribute(attribute)?;
            }
        }
        if moves {
            self.copy(tag.range.end);
            let pin = script::pin_element(self.plan.nonce.as_deref());
            self.plan.text(&pin);
        }
        Ok(())
    }

    /// Gives whether a browser asks for the file again, from elsewhere, once the page's address changes
    /// (`history.pushState`): it does so for icons, whose relative URLs are then those of another folder.
    fn link(&mut self, tag: &Tag) -> Result<bool, Failure> {
        let Some(href) = tag.attribute("href") else {
            return Ok(false);
        };
        let rel = tag.value("rel").unwrap_or_default().to_ascii_lowercase();
        let has = |wanted: &str| rel.split_ascii_whitespace().any(|one| one == wanted);
        let kind = tag.value("as").unwrap_or_default().to_ascii_lowercase();
        let preloads = (has("preload") || has("prefetch")) && PRELOADED.contains(&kind.as_str());
        if !rel.split_ascii_whitespace().any(is_loaded) && !preloads {
            return Ok(false);
        }
        if has("modulepreload") {
            self.map_before(tag.range.start);
        }
        let Some((path, suffix)) = place::split(&href.value) else {
            return Ok(false);
        };
        let Some(target) = self.base.find(self.runnable, self.context, path)? else {
            return Ok(false);
        };
        if let (true, Target::File(file)) = (has("stylesheet"), &target)
            && Kind::of_path(file) == Kind::Style
            && file.extension() != Some(&b"css"[..])
        {
            self.sheet(tag, file)?;
            return Ok(false);
        }
        if let (true, Target::File(file)) = (has("modulepreload"), &target)
            && self.variant == Variant::Hot
            && matches!(Kind::of_path(file), Kind::Module(_) | Kind::Script)
        {
            // The bundle has it.
            self.skip(&tag.range);
            return Ok(false);
        }
        let suffix = suffix.to_owned();
        let is_part = preloads || OF_PAGE.iter().any(|relation| has(relation));
        let form = if is_part {
            Form::Attribute
        } else {
            Form::Beside
        };
        self.reference_in(form, target, &suffix, href)?;
        Ok(has("icon") && self.runnable.options.base.is_none())
    }

    /// A style sheet in place of the link to it: servers tell browsers of `.scss` that it is none.
    fn sheet(&mut self, tag: &Tag, file: &SourcePath) -> Result<(), Failure> {
        let kept = tag.attributes.iter().filter(|one| {
            !matches!(
                one.name.as_str(),
                "rel" | "href" | "type" | "crossorigin" | "integrity" | "as"
            )
        });
        let attributes = kept.map(|one| format!(" {}=\"{}\"", one.name, escaped(&one.value)));
        let attributes: String = attributes.collect();
        self.skip(&tag.range);
        let key = Key::new(url_computation(Kind::Style), file.clone());
        self.plan.link(Link::url(key.clone()));
        self.plan.pieces.push(Piece::Sheet(key, attributes));
        Ok(())
    }

    /// An attribute that is a URL.
    fn url(&mut self, attribute: &Attribute) -> Result<(), Failure> {
        self.url_in(Form::Attribute, attribute)
    }

    fn url_in(&mut self, form: Form, attribute: &Attribute) -> Result<(), Failure> {
        if let Some((path, suffix)) = place::split(&attribute.value)
            && let Some(target) = self.base.find(self.runnable, self.context, path)?
        {
            self.reference_in(form, target, suffix, attribute)?;
        }
        Ok(())
    }

    /// Puts the URL of a target in place of an attribute's value.
    pub(super) fn reference(
        &mut self,
        target: Target,
        suffix: &str,
        attribute: &Attribute,
    ) -> Result<(), Failure> {
        self.reference_in(Form::Attribute, target, suffix, attribute)
    }

    fn reference_in(
        &mut self,
        form: Form,
        target: Target,
        suffix: &str,
        attribute: &Attribute,
    ) -> Result<(), Failure> {
        self.open(attribute);
        let reference = self.refer(target, suffix, form)?;
        self.plan.pieces.push(Piece::Url(reference));
        self.close(attribute);
        Ok(())
    }

    /// The page names this node by its place.
    fn linked(&mut self, key: Key) -> (Key, SourcePath) {
        self.plan.link(Link::url(key.clone()));
        let place = self.runnable.layout.output_of(&key);
        (key, place)
    }

    /// Up to the value of an attribute, which gets quotes where it has none.
    fn open(&mut self, attribute: &Attribute) {
        self.copy(attribute.range.start);
        if !self.is_quoted(attribute) {
            self.plan.text("\"");
        }
        self.done = attribute.range.end;
    }

    fn close(&mut self, attribute: &Attribute) {
        if !self.is_quoted(attribute) {
            self.plan.text("\"");
        }
    }

    fn is_quoted(&self, attribute: &Attribute) -> bool {
        self.text[..attribute.range.start].ends_with(['"', '\''])
    }

    /// The reference to a target, and the link.
    pub(super) fn refer(
        &mut self,
        target: Target,
        suffix: &str,
        form: Form,
    ) -> Result<Reference, Failure> {
        let (key, place) = match target {
            // It stands where the page's own place is, which its key does not tell; a build copies all of them.
            Target::Public(file, place) => (Key::new(COPY, file), place),
            Target::File(file) => {
                let key = Key::new(url_computation(Kind::of_path(&file)), file);
                self.linked(made::served(
                    self.context,
                    self.runnable.layout.source(),
                    key,
                )?)
            }
            Target::Node(key) => self.linked(key),
        };
        Ok(Reference {
            key,
            url: self.base.url(self.runnable, &place),
            place,
            suffix: suffix.to_owned(),
            form,
        })
    }

    /// `a.png 1x, b.png 2x` (HTML, 4.8.4.2.1).
    fn set(&mut self, attribute: &Attribute) -> Result<(), Failure> {
        let mut pieces = Vec::new();
        let mut rest = attribute.value.as_str();
        let mut changed = false;
        loop {
            let start = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',')
                    .len();
            pieces.push(Piece::Text(escaped(&rest[..start])));
            rest = &rest[start..];
            if rest.is_empty() {
                break;
            }
            let end = rest
                .find(|c: char| c.is_ascii_whitespace())
                .unwrap_or(rest.len());
            let url = rest[..end].trim_end_matches(',');
            let after = match url.len() == end {
                // Descriptors follow, up to a comma outside parentheses.
                true => descriptors(&rest[end..]),
                false => 0,
            };
            let found = match place::split(url) {
                Some((path, suffix)) => {
                    let target = self.base.find(self.runnable, self.context, path)?;
                    target.map(|target| (target, suffix))
                }
                None => None,
            };
            match found {
                Some((target, suffix)) => {
                    changed = true;
                    pieces.push(Piece::Url(self.refer(target, suffix, Form::Attribute)?));
                }
                None => pieces.push(Piece::Text(escaped(url))),
            }
            pieces.push(Piece::Text(escaped(&rest[url.len()..end + after])));
            rest = &rest[end + after..];
        }
        if changed {
            self.open(attribute);
            self.put(pieces);
            self.close(attribute);
        }
        Ok(())
    }

    fn style_attribute(&mut self, attribute: &Attribute) -> Result<(), Failure> {
        if let Some(pieces) = styles::pieces(self, &attribute.value, Form::CssAttribute)? {
            self.open(attribute);
            self.put(pieces);
            self.close(attribute);
        }
        Ok(())
    }

    pub(super) fn put(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.plan.text(&text),
                other => self.plan.pieces.push(other),
            }
        }
    }

    /// Something is wrong at a place of the page.
    pub(super) fn problem(&mut self, diagnostic: Diagnostic, range: &Range<usize>) {
        let (line, column) = line_and_column(self.text, range.start);
        let width = self.text[range.clone()].chars().count();
        let width = u32::try_from(width).unwrap_or(u32::MAX);
        let diagnostic = diagnostic
            .at(Location {
                file: self.runnable.layout.shown(self.path),
                line,
                column,
            })
            .frame(code_frame(self.text, line, column, width));
        self.plan.problems.push(diagnostic);
    }

    /// The page starts this module, or what is in it imports it.
    pub(super) fn start(&mut self, link: Link) {
        if !self.plan.roots.contains(&link) {
            self.plan.roots.push(link.clone());
        }
        // What is behind a bundle, the page does not load itself.
        if self.variant == Variant::Plain {
            self.plan.link(link);
        }
    }
}

/// How long the descriptors are that follow a URL in a `srcset`.
fn descriptors(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in rest.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return at,
            _ => {}
        }
    }
    rest.len()
}
