//! One source file to one ES module.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::base::{Diagnostic, Key, Location, Part, SourcePath, code_frame};
use crate::compiler::{
    self, CommonJs, Decorators, Define, Elsewhere, EnvironmentUse, Jsx, Names, Parsed, Replacement,
    Request, RequestKind, Transformed,
};
use crate::compute::{Context, Failure, Link, LinkKind, Output};
use crate::resolver::{CompilerOptions, Resolved, Target};
use crate::source::Entry;

use super::all::{MODULE, Runnable};
use super::bundle::piece;
use super::common::{self, COMMONJS};
use super::hashed::Scope;
use super::kind::{Kind, Query};
use super::layout::versioned;
use super::made::{self, Made};
use super::versions::NAME_MAX;
use super::{accept, builtin, environment, exports, function, requests};

/// Runs the computation `module`, or that which gives the same for another scope.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    scope: Scope,
) -> Result<Output, Failure> {
    let source = context.content(path)?;
    let language = Kind::of_path(path)
        .language()
        .ok_or_else(|| Failure::Internal(format!("`{path}` is no module")))?;
    // Who is asked first makes no difference but in time.
    if common::is_likely(path, &source)
        && let Some(facade) = common::facade(runnable, context, path, scope)?
    {
        return Ok(facade);
    }
    let config = runnable.resolver.config(context, path)?;
    let shown = runnable.layout.shown(path);
    let parsed =
        compiler::parse(&source, language, shown.trim_start_matches('/')).map_err(diagnostics)?;
    if common::is_common(runnable, context, path, parsed.form())?
        && let Some(facade) = common::facade(runnable, context, path, scope)?
    {
        return Ok(facade);
    }
    let mut options = options(runnable, context, &config, path, &parsed)?;
    match scope {
        Scope::Page => {}
        Scope::Worker => {
            let name = super::layout::with_suffix(path, ".in-worker.js.map");
            options.map_url = Some(super::layout::url_segment(name.name()));
        }
        Scope::Bare => options.map_url = None,
        Scope::Function => {
            function::set(&mut options, path, "");
            function::keep_runtime(runnable, &mut options.defines);
        }
        Scope::Bundle(variant) => piece::set(runnable, &mut options, path, variant),
    }
    let transformed = parsed.transform(&options).map_err(diagnostics)?;
    let imports = Imports::new(runnable, context, path, &source, scope);
    emit(imports, &config, transformed)
}

/// Resolves what a compiled file asks for, and prints it.
pub(super) fn emit(
    mut imports: Imports<'_>,
    config: &CompilerOptions,
    transformed: Transformed,
) -> Result<Output, Failure> {
    let requests = transformed.requests().to_vec();
    let mut answers = Vec::with_capacity(requests.len());
    for request in &requests {
        if request.kind == RequestKind::Accept {
            accept::note(&mut imports, request, config)?;
        }
    }
    for request in &requests {
        answers.push(imports.answer(request, config)?);
    }
    if !imports.problems.is_empty() {
        return Err(diagnostics(imports.problems));
    }
    let mut answers = answers.into_iter();
    let emitted = transformed
        .emit(&mut |_| answers.next().unwrap_or(Replacement::Keep))
        .map_err(diagnostics)?;
    // Copies of their own size: what was printed into has room for twice as much, and these are kept.
    let kept = |text: &str| Bytes::copy_from_slice(text.as_bytes());
    let mut parts = vec![(Part::MAIN, kept(&emitted.code))];
    if let Some(map) = &emitted.map {
        parts.push((Part::MAP, kept(map)));
    }
    Ok(Output {
        parts,
        links: imports.links,
    })
}

/// Runs the computation `json`.
pub fn json(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let source = context.content(path)?;
    let shown = runnable.layout.shown(path);
    let code =
        compiler::json_module(&source, shown.trim_start_matches('/')).map_err(diagnostics)?;
    Ok(Output {
        parts: vec![(Part::MAIN, code.into())],
        links: Vec::new(),
    })
}

pub(super) fn diagnostics(problems: Vec<Diagnostic>) -> Failure {
    Failure::Diagnostics(problems.into())
}

/// How the file is compiled: by its configuration, and by what the daemon was told.
pub(super) fn options(
    runnable: &Runnable,
    context: &dyn Context,
    config: &CompilerOptions,
    path: &SourcePath,
    parsed: &Parsed,
) -> Result<compiler::Options, Failure> {
    let has_own_map = Kind::of_path(path) == Kind::Script
        && context.entry(&super::layout::with_suffix(path, ".map"))? != Entry::Absent;
    let jsx = match config.jsx.as_deref() {
        Some("react") => {
            let pragma = config.jsx_factory.clone();
            Jsx::Classic {
                pragma: pragma.unwrap_or_else(|| "React.createElement".to_owned()),
                fragment: config
                    .jsx_fragment_factory
                    .clone()
                    .unwrap_or_else(|| "React.Fragment".to_owned()),
            }
        }
        _ => Jsx::Automatic {
            import_source: config
                .jsx_import_source
                .clone()
                .unwrap_or_else(|| "react".to_owned()),
        },
    };
    let decorators = match config.experimental_decorators {
        Some(true) => Decorators::Legacy {
            emit_metadata: config.emit_decorator_metadata == Some(true),
        },
        _ => Decorators::Standard,
    };
    let name = |suffix: &str| super::layout::with_suffix(path, suffix);
    let map_name = match Kind::of_path(path) {
        Kind::Script => name(".map"),
        _ => name(".js.map"),
    };
    Ok(compiler::Options {
        jsx,
        development: !runnable.options.production,
        decorators,
        use_define_for_class_fields: config.defines_class_fields(),
        verbatim_module_syntax: config.verbatim_module_syntax == Some(true),
        defines: defines(runnable, context, path, parsed)?,
        minify: runnable.options.production,
        compact: false,
        function_form: false,
        hot: false,
        map_source: Some(String::from_utf8_lossy(path.name()).into_owned()),
        map_comment: true,
        map_url: (!has_own_map).then(|| super::layout::url_segment(map_name.name())),
    })
}

/// `process.env` (as Vite gives it: `NODE_ENV`, nothing else), `global`, `import.meta.env` as Vite documents it, and the
/// user's own. Of ours, those alone that the text can name: most files name none.
fn defines(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    parsed: &Parsed,
) -> Result<Vec<Define>, Failure> {
    let options = &runnable.options;
    let text = parsed.text();
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut defines = Vec::new();
    if text.contains("process") {
        let node = match options.production {
            true => "production",
            false => "development",
        };
        let process = serde_json::json!({ "NODE_ENV": node }).to_string();
        defines.extend([
            Define::new("process.env.NODE_ENV", quoted(node)),
            Define::new("process.env", &*process),
            Define::new("global.process.env", &*process),
            Define::new("globalThis.process.env", process),
        ]);
    }
    if text.contains("global") {
        defines.push(Define::new("global", "globalThis"));
    }
    if text.contains("meta") {
        defines.push(Define::new("import.meta.hot", "undefined"));
        if text.contains("env") {
            let variables = match parsed.environment_use() {
                EnvironmentUse::Whole => environment::fetch(runnable, context)?,
                EnvironmentUse::Names(names) => {
                    let names = names.iter().map(String::as_str);
                    environment::fetch_named(runnable, context, names)?
                }
            };
            let environment = import_meta_env(runnable, path, &variables);
            defines.push(Define::new("import.meta.env", environment));
        }
    }
    for (name, value) in &options.defines {
        defines.retain(|define| define.path != *name);
        defines.push(Define::new(name, value));
    }
    Ok(defines)
}

/// The object that `import.meta.env` stands for, as JavaScript.
fn import_meta_env(
    runnable: &Runnable,
    path: &SourcePath,
    variables: &[(String, String)],
) -> String {
    let options = &runnable.options;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    // Routers take it for the beginning of `location.pathname`: it has to be a path, wherever the tree is served.
    let base = options.base.as_deref().map_or_else(
        || {
            let root = quoted(&runnable.layout.url_of_root(path));
            format!("new URL({root}, import.meta.url).pathname")
        },
        quoted,
    );
    let mut environment = format!("{{\"BASE_URL\":{base}");
    for (name, value) in environment::constants(options, variables) {
        environment.push_str(&format!(",{}:{value}", quoted(&name)));
    }
    environment.push('}');
    environment
}

/// Answers what a file asks for, and remembers what that means.
pub(super) struct Imports<'a> {
    pub(super) runnable: &'a Runnable,
    pub(super) context: &'a dyn Context,
    pub(super) path: &'a SourcePath,
    source: &'a [u8],
    pub(super) importer: crate::resolver::Importer<'a>,
    requirer: crate::resolver::Importer<'a>,
    scope: Scope,
    /// The files that the file accepts new versions of.
    pub(super) accepted: BTreeSet<SourcePath>,
    links: Vec<Link>,
    /// Where in `links` each node is.
    linked: BTreeMap<Key, usize>,
    problems: Vec<Diagnostic>,
}

impl<'a> Imports<'a> {
    pub(super) fn new(
        runnable: &'a Runnable,
        context: &'a dyn Context,
        path: &'a SourcePath,
        source: &'a [u8],
        scope: Scope,
    ) -> Self {
        let importer = || {
            let importer = runnable.resolver.importer(context, path);
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
            accepted: BTreeSet::new(),
            links: Vec::new(),
            linked: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    fn answer(
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
            Err(unresolved) => return Ok(self.unresolved(request, unresolved.hint)),
        };
        let (path, query) = match target {
            Target::Url => return Ok(Replacement::Keep),
            Target::Builtin(name) => {
                return Ok(builtin::answer(self.scope, request.kind, &name, &shown));
            }
            Target::Empty => return Ok(Replacement::Empty),
            Target::File(path, query) => (path, query),
        };
        let query = query.as_deref().and_then(Query::of);
        let kind = Kind::of_path(&path);
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
        if !super::views::is_served(self.runnable.layout.source(), self.context, &path)? {
            let hint = format!(
                "`{path}` lies outside the source folder and in no package of the workspace: mount a folder that holds both"
            );
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
        if request.kind.is_require() {
            return Ok(Replacement::Value(self.refer(link, key, "")?));
        }
        if is_code && path != *self.path {
            let is_node = self.importer.is_node()?;
            if let Some(names) = common::target(self.runnable, self.context, &path)? {
                return Ok(Replacement::CommonJs(CommonJs {
                    facade: self.refer(link, key, "")?,
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
            names.passed.clear();
            names.members.clear();
        }
        if names.are_of_target() {
            return Ok(Replacement::Specifier(self.refer(link, key, "")?));
        }
        // Where nothing is asked of the file itself, it is not loaded.
        let whole = request.whole && names.members.is_empty();
        let specifier = match whole || names.passed.len() < request.names.len() {
            true => Some(self.refer(link, key, "")?),
            false => None,
        };
        Ok(Replacement::Names(Names {
            specifier,
            types: names.types,
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
        self.link(kind, key);
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
        let key = self.scope.variant(kind, key);
        let version = self.scope.version(self.context, kind, &key)?;
        let url = self.runnable.layout.url(self.path, &key);
        let url = versioned(&url, suffix, version);
        Ok((key, url))
    }

    /// The specifier by which code is named in a bundle that is meant by its URL: that of a bundle of its own, whose version
    /// the runtime knows. `None`: it is no code, or this is no bundle.
    pub(super) fn bundle(&mut self, key: &Key, suffix: &str) -> Option<String> {
        let Scope::Bundle(_) = self.scope else {
            return None;
        };
        let piece = self.scope.variant(LinkKind::Url, key.clone());
        let url = self.runnable.layout.url_of_bundle(self.path, &piece)?;
        self.link(LinkKind::Url, piece);
        Some(format!("{url}{suffix}"))
    }

    /// The output refers to this node; of several ways, the strongest counts.
    fn link(&mut self, kind: LinkKind, key: Key) {
        match self.linked.get(&key) {
            Some(&at) => self.links[at].kind = self.links[at].kind.min(kind),
            None => {
                self.linked.insert(key.clone(), self.links.len());
                self.links.push(Link::new(kind, key));
            }
        }
    }

    /// In the project, what is not there is an error of the file; in a package and under `import()` it is one of the
    /// moment when it is wanted, for packages try what may be missing; so is what a `try` is around.
    pub(super) fn unresolved(&mut self, request: &Request, hint: Option<String>) -> Replacement {
        let specifier = &request.specifier;
        let file = self.runnable.layout.shown(self.path);
        let message = format!("cannot resolve `{specifier}`");
        let in_package = self.path.components().any(|name| name == b"node_modules");
        let may_fail = matches!(
            request.kind,
            RequestKind::Dynamic | RequestKind::TriedRequire
        );
        if in_package || may_fail {
            return Replacement::Throw {
                message: format!("{message} from {file}:{}:{}", request.line, request.column),
            };
        }
        let mut diagnostic = Diagnostic::new("unresolved-import", message);
        let hint = match request.injected {
            true => Some(format!(
                "JSX needs it: install `{}`, or set `jsxImportSource` in tsconfig.json",
                specifier
                    .rsplit_once('/')
                    .map_or(&**specifier, |(package, _)| package)
            )),
            false => hint,
        };
        diagnostic.hint = hint;
        self.problem(request, diagnostic);
        Replacement::Keep
    }

    /// Something is wrong with these bytes of the text.
    pub(super) fn problem_at(&mut self, range: std::ops::Range<usize>, diagnostic: Diagnostic) {
        let file = self.runnable.layout.shown(self.path);
        let text = String::from_utf8_lossy(self.source);
        let text = text.trim_start_matches('\u{feff}');
        self.problems
            .push(compiler::located(diagnostic, &file, text, range));
    }

    /// Something is wrong at the place of a request.
    pub(super) fn problem(&mut self, request: &Request, diagnostic: Diagnostic) {
        let file = self.runnable.layout.shown(self.path);
        let text = String::from_utf8_lossy(self.source);
        self.problems.push(
            diagnostic
                .at(Location {
                    file,
                    line: request.line,
                    column: request.column,
                })
                .frame(code_frame(
                    &text,
                    request.line,
                    request.column,
                    request.width,
                )),
        );
    }
}
