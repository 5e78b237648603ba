//! What a module asks for, answered: where each specifier leads, what its output is to say instead, and which nodes it then
//! refers to.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::base::{Diagnostic, Key, SourcePath};
use crate::compiler::{CommonJs, Elsewhere, Names, Replacement, Request, RequestKind};
use crate::compute::{Context, Failure, Link, LinkKind};
use crate::resolver::{CompilerOptions, Resolved, Target, in_packages};

use super::all::{MODULE, Runnable};
use super::common::{self, COMMONJS};
use super::hashed::{self, Scope};
use super::kind::{Kind, Query};
use super::layout::{self, versioned};
use super::made::{self, Made};
use super::versions::NAME_MAX;
use super::{accept, builtin, exports, names, plugins, requests, svg, wasm};

/// What Vite's guide for back ends has entries import. It gives browsers without `modulepreload` one; those have no import
/// maps either.
const PRELOADING: &str = "vite/modulepreload-polyfill";

/// Answers what a file asks for, and remembers what that means.
pub(super) struct Imports<'a> {
    pub(super) runnable: &'a Runnable,
    pub(super) context: &'a dyn Context,
    pub(super) path: &'a SourcePath,
    pub(super) source: &'a [u8],
    pub(super) importer: crate::resolver::Importer<'a>,
    requirer: crate::resolver::Importer<'a>,
    scope: Scope,
    /// Whether it is the body of a CommonJS file.
    is_common: bool,
    /// What it asks for, until what of it can be computed meanwhile has been told.
    asked: Rc<[Request]>,
    /// The files that the file accepts new versions of.
    pub(super) accepted: BTreeSet<SourcePath>,
    pub(super) links: Vec<Link>,
    /// Where in `links` each node is, under each suffix.
    linked: BTreeMap<(Key, String), usize>,
    pub(super) problems: Vec<Diagnostic>,
}

impl<'a> Imports<'a> {
    pub(super) fn new(
        runnable: &'a Runnable,
        context: &'a dyn Context,
        path: &'a SourcePath,
        source: &'a [u8],
        scope: Scope,
    ) -> Self {
        let from = svg::from(runnable.layout.source(), path);
        let importer = || {
            let importer = runnable.resolver.importer(context, &from);
            importer.in_program(scope == Scope::Function)
        };
        Self {
            runnable,
            context,
            path,
            source,
            importer: importer(),
            requirer: importer().requiring(),
            scope,
            is_common: false,
            asked: Rc::default(),
            accepted: BTreeSet::new(),
            links: Vec::new(),
            linked: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// The same for the body of a CommonJS file.
    pub(super) fn of_common(self) -> Self {
        Self {
            is_common: true,
            ..self
        }
    }

    /// All that will be asked.
    pub(super) fn ask(&mut self, requests: &Rc<[Request]>) {
        self.asked = requests.clone();
    }

    /// Has the files of the project that it imports computed on idle cores, where what is to be known of a package takes a
    /// while: else nothing would be done beside it. Where they are is asked again when they are answered for.
    fn go_on_beside(&mut self, package: &Key, config: &CompilerOptions) {
        let asked = std::mem::take(&mut self.asked);
        let package = self.scope.variant(LinkKind::Import, package.clone());
        self.context.meanwhile(&package, &mut || {
            let local = asked.iter().filter(|request| {
                let is_import = matches!(
                    request.kind,
                    RequestKind::Import | RequestKind::ExportFrom | RequestKind::Dynamic
                );
                is_import && request.glob.is_none() && request.specifier.starts_with('.')
            });
            let key = |request: &Request| {
                // What is wrong with it is told when it is asked for.
                let Ok(Ok(Target::File(path, None))) =
                    self.importer.resolve(&request.specifier, config)
                else {
                    return None;
                };
                let key = Key::new(Kind::of_path(&path).module()?, path);
                Some(self.scope.variant(LinkKind::Import, key))
            };
            local.filter_map(key).collect()
        });
    }

    /// What stands in the output in place of a request.
    pub(super) fn answer(
        &mut self,
        request: &Request,
        config: &CompilerOptions,
    ) -> Result<Replacement, Failure> {
        if request.kind.is_url() {
            return requests::url(self, request, config);
        }
        if request.kind == RequestKind::Accept {
            return accept::answer(self, request, config);
        }
        if let Some(glob) = &request.glob {
            return requests::many(self, request, glob, config);
        }
        let specifier = &request.specifier;
        let shown = self.runnable.layout.shown(self.path);
        let target = match self.resolve(specifier, config, request.kind.is_require())? {
            Ok(target) => target,
            Err(_) if specifier == PRELOADING => return Ok(Replacement::Empty),
            Err(unresolved) => return Ok(self.unresolved(request, unresolved.hint)),
        };
        if request.kind == RequestKind::ResolvedRequire {
            // As `__filename` has it; what is no file keeps its name, as built-in modules do in Node.
            return Ok(Replacement::Name(match target {
                Target::File(path, _) => self.runnable.layout.shown(&path),
                _ => specifier.clone(),
            }));
        }
        let (path, query) = match target {
            Target::Url => return Ok(Replacement::Keep),
            Target::Builtin(name) => {
                return Ok(builtin::answer(self.scope, request.kind, &name, &shown));
            }
            Target::Empty => return Ok(Replacement::Empty),
            Target::File(path, query) => svg::meant(path, query),
        };
        let kind = Kind::of_path(&path);
        if let Some(text) = query.as_deref()
            && Query::of(text).is_none()
            && !in_packages(self.path)
            && let Some(diagnostic) = plugins::of_query(&path, text)
        {
            self.problem(request, diagnostic);
            return Ok(Replacement::Keep);
        }
        let asked = query;
        let query = match asked.as_deref().and_then(Query::of) {
            None if request.is_source => match kind {
                Kind::Wasm => Query::source(),
                _ => return Ok(wasm::without_source(self, request)),
            },
            None if let Some(query) = Query::of_attributes(&request.attributes, kind) => {
                Some(query)
            }
            None if kind == Kind::Wasm && wasm::is_url(self, request, &path)? => Query::of("url"),
            query => query,
        };
        let suffix = layout::instance(&path, asked.as_deref(), query);
        let module = query.map(Query::module).or_else(|| kind.module());
        let Some(module) = module else {
            if kind == Kind::Declaration && request.nameless {
                // For its types alone, as bundlers have it: nothing of it runs.
                let message = format!("`{specifier}` holds types alone (imported by {shown})");
                return Ok(Replacement::Unavailable { message });
            }
            let hint = match kind {
                Kind::Declaration => "it holds types alone: import it with `import type`",
                _ => "a page is no module",
            };
            return Ok(self.unresolved(request, Some(hint.to_owned())));
        };
        let source = self.runnable.layout.source();
        if !super::views::is_reached(source, self.context, self.path, &path)? {
            let hint = match super::views::has_hidden_name(source, self.context, &path)? {
                true => format!(
                    "`{path}` has no output, for its name or that of a folder begins with a dot: README.md says under \"What can be imported\" which have one"
                ),
                false => format!(
                    "`{path}` lies outside the source folder and in no package of the workspace: mount a folder that holds both"
                ),
            };
            return Ok(self.unresolved(request, Some(hint)));
        }
        let key = Key::new(module, path.clone());
        if let Some(length) = self.runnable.layout.overlong(&key) {
            let hint = format!(
                "the name of its output would have {length} bytes, and no name has more than {NAME_MAX}: give it a shorter one"
            );
            return Ok(self.unresolved(request, Some(hint)));
        }
        let is_code = query.is_none() && matches!(kind, Kind::Module(_) | Kind::Script);
        let link = match request.kind {
            RequestKind::Dynamic => LinkKind::Dynamic,
            _ => LinkKind::Import,
        };
        if request.kind.is_require() && is_code {
            let specifier = self.refer(link, Key::new(COMMONJS, path), "")?;
            return Ok(Replacement::Specifier(specifier));
        }
        if let Some(hint) = self.taken(&path, query)? {
            return Ok(self.unresolved(request, Some(hint)));
        }
        if request.kind.is_require() {
            // Node knows no queries there.
            return Ok(Replacement::Value(self.refer(link, key, "")?));
        }
        if is_code && path != *self.path && svg::of(&path).is_none() {
            let is_node = self.importer.is_node()?;
            if !self.asked.is_empty() && in_packages(&path) && !in_packages(self.path) {
                self.go_on_beside(&key, config);
            }
            let names = match self.is_common {
                true => common::loaded(self.runnable, self.context, &path)?,
                false => common::imported(self.runnable, self.context, &path, self.scope)?,
            };
            if let Some(names) = names {
                return Ok(Replacement::CommonJs(CommonJs {
                    // Its body runs once, whatever the facade's query, as in Node.
                    facade: self.refer(link, key, &suffix)?,
                    body: self.refer(link, Key::new(COMMONJS, path), "")?,
                    names: names.names,
                    is_open: names.is_open,
                    is_node,
                }));
            }
        }
        let mut names = exports::check(self, request, &path, query)?;
        if self.accepted.contains(&path) {
            // What is accepted is this file, wherever what it passes on is defined.
            names.passed.retain(|(_, file, _)| svg::of(file).is_some());
            names.members.clear();
            names.first.clear();
        }
        if names.are_of_target() {
            return Ok(Replacement::Specifier(self.refer(link, key, &suffix)?));
        }
        let passed = names.passed.iter().chain(&names.members);
        for file in names.first.iter().chain(passed.map(|(_, file, _)| file)) {
            if let Some(hint) = self.taken(file, None)? {
                return Ok(self.unresolved(request, Some(hint)));
            }
        }
        // Where nothing is asked of the file itself, it is not loaded.
        let whole = request.whole && names.members.is_empty();
        let specifier = match whole || names.passed.len() < request.names.len() {
            true => Some(self.refer(link, key, &suffix)?),
            false => None,
        };
        Ok(Replacement::Names(Names {
            specifier,
            types: names.types,
            first: self.modules(link, names.first)?,
            passed: self.elsewhere(link, names.passed)?,
            members: self.elsewhere(link, names.members)?,
        }))
    }

    /// What a specifier leads to: a source, else what a hook makes.
    pub(super) fn resolve(
        &self,
        specifier: &str,
        config: &CompilerOptions,
        requires: bool,
    ) -> Resolved {
        let importer = match requires {
            true => &self.requirer,
            false => &self.importer,
        };
        let found = importer.resolve(specifier, config)?;
        if found.is_ok() || crate::resolver::in_packages(self.path) {
            return Ok(found);
        }
        let made = Made::names(self.context, self.runnable.layout.source());
        let importer = self.runnable.resolver.importer(&made, self.path);
        let importer = match requires {
            true => importer.requiring(),
            false => importer,
        };
        let second = importer.resolve(specifier, config);
        drop(importer);
        let second = made.ended(second)?;
        Ok(second.or(found))
    }

    /// See [`names::taken`].
    pub(super) fn taken(
        &self,
        path: &SourcePath,
        query: Option<Query>,
    ) -> Result<Option<String>, Failure> {
        names::taken(&self.runnable.layout, self.context, path, query)
    }

    fn modules(&mut self, link: LinkKind, files: Vec<SourcePath>) -> Result<Vec<String>, Failure> {
        let refer = |file| self.refer(link, Key::new(MODULE, file), "");
        files.into_iter().map(refer).collect()
    }

    fn elsewhere(
        &mut self,
        link: LinkKind,
        names: Vec<exports::Passed>,
    ) -> Result<Vec<Elsewhere>, Failure> {
        let mut all = Vec::with_capacity(names.len());
        for (name, file, as_name) in names {
            all.push(Elsewhere {
                name,
                specifier: self.refer(link, Key::new(MODULE, file), "")?,
                as_name,
            });
        }
        Ok(all)
    }

    /// The output refers to this node, by the URL that this gives, with `suffix` (a query, a fragment).
    pub(super) fn refer(
        &mut self,
        kind: LinkKind,
        key: Key,
        suffix: &str,
    ) -> Result<String, Failure> {
        let (key, url) = self.name(kind, key, suffix)?;
        // What is named by its URL is a file, and no instance of a module.
        let suffix = match kind {
            LinkKind::Import | LinkKind::Dynamic => suffix,
            LinkKind::Url => "",
        };
        self.link(kind, key, suffix);
        Ok(url)
    }

    /// The node that is meant, and the URL by which the output would refer to it.
    pub(super) fn name(
        &self,
        kind: LinkKind,
        key: Key,
        suffix: &str,
    ) -> Result<(Key, String), Failure> {
        let key = made::served(self.context, self.runnable.layout.source(), key)?;
        let mut key = self.scope.variant(kind, key);
        if kind == LinkKind::Url {
            key = hashed::by_url(self.runnable, self.context, key)?;
        }
        let version = self.scope.version(self.context, kind, &key)?;
        let url = self.runnable.layout.url(self.path, &key);
        let url = versioned(&url, suffix, version);
        Ok((key, url))
    }

    /// Whether the output is a piece of bundles.
    pub(super) fn in_bundle(&self) -> bool {
        matches!(self.scope, Scope::Bundle(_))
    }

    /// The specifier by which a bundle names the code that a module worker runs: that of a bundle of its own, whose version the
    /// runtime knows. `None`: it is no code.
    pub(super) fn bundle(&mut self, key: &Key, suffix: &str) -> Option<String> {
        let piece = self.scope.variant(LinkKind::Url, key.clone());
        let url = self.runnable.layout.url_of_bundle(self.path, &piece)?;
        self.link(LinkKind::Url, piece, "");
        Some(format!("{url}{suffix}"))
    }

    /// The output refers to this node; of several ways, the strongest counts.
    fn link(&mut self, kind: LinkKind, key: Key, suffix: &str) {
        match self.linked.entry((key, suffix.to_owned())) {
            Entry::Occupied(at) => {
                let link = &mut self.links[*at.get()];
                link.kind = link.kind.min(kind);
            }
            Entry::Vacant(place) => {
                let link = Link::new(kind, place.key().0.clone());
                place.insert(self.links.len());
                self.links.push(link.with_suffix(suffix));
            }
        }
    }
}
