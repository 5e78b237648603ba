//! Function form: `/~@/~run/x.ts.js` is what `/~@/x.ts.js` is, as a definition that the runtime of `src/client` links and
//! evaluates ([`crate::compiler`] says what it looks like). Its imports name the other modules as those of the plain form
//! do, relative to the module's own name under `/~@/`.

use std::sync::Arc;

use bytes::Bytes;

use crate::base::{Computation, Key, Part, SourcePath};
use crate::compiler::{self, Define};
use crate::compute::{Context, Failure, Link, LinkKind, Output};
use crate::router::{File, Found, Listed, ListedKind, View};

use super::all::Runnable;
use super::common::{self, COMMONJS};
use super::hashed::Scope;
use super::kind::{ASSET, JSON, Kind, Query, STYLE_MODULE};
use super::layout::Layout;
use super::module::{self, diagnostics};
use super::{MODULE, assets, inline, layout, requests};

/// Where the view stands.
pub(super) const PREFIX: &[u8] = b"~run";

/// The modules besides those of queries, and their function form.
const FORMS: [(Computation, Computation); 5] = [
    (MODULE, Computation::new("run")),
    (COMMONJS, Computation::new("run-commonjs")),
    (JSON, Computation::new("run-json")),
    (STYLE_MODULE, Computation::new("run-style-module")),
    (ASSET, Computation::new("run-asset")),
];

/// The modules of queries, by their infix.
const QUERIES: [(&str, Computation); 11] = [
    ("url-inline", Computation::new("run-url-inline")),
    ("url", Computation::new("run-url")),
    ("worker-inline", Computation::new("run-worker-inline")),
    ("sharedworker", Computation::new("run-sharedworker")),
    ("worker", Computation::new("run-worker")),
    ("raw", Computation::new("run-raw")),
    ("inline", Computation::new("run-inline")),
    ("init", Computation::new("run-init")),
    ("source", Computation::new("run-source")),
    ("bytes", Computation::new("run-bytes")),
    ("constructed", Computation::new("run-constructed")),
];

/// The function form of a module; what is none stays as it is.
pub(super) fn of_plain(key: Key) -> Key {
    match form(&key.computation) {
        Some(form) => Key::new(form, key.path),
        None => key,
    }
}

/// Whether a computation gives a plain module, which has a function form.
pub(super) fn is_module(computation: &Computation) -> bool {
    form(computation).is_some() || inline::number(computation).is_some()
}

/// The computation of a plain module that has this name.
pub(super) fn named(name: &str) -> Option<Computation> {
    let plain = FORMS.into_iter().map(|(plain, _)| plain);
    let queries = QUERIES
        .into_iter()
        .filter_map(|(infix, _)| Some(Query::of_infix(infix.as_bytes())?.module()));
    let mut plain = plain.chain(queries);
    plain
        .find(|plain| plain.name() == name)
        .or_else(|| inline::named(name))
}

fn form(computation: &Computation) -> Option<Computation> {
    if let Some((_, form)) = FORMS.iter().find(|(plain, _)| plain == computation) {
        return Some(form.clone());
    }
    let infix = Query::of_computation(computation)?.infix();
    let (_, form) = QUERIES.into_iter().find(|(known, _)| *known == infix)?;
    Some(form)
}

/// The module that a function form is of; `None`: the computation is none.
pub(super) fn plain(computation: &Computation) -> Option<Computation> {
    if let Some((plain, _)) = FORMS.iter().find(|(_, form)| form == computation) {
        return Some(plain.clone());
    }
    let (infix, _) = QUERIES.into_iter().find(|(_, form)| form == computation)?;
    Some(Query::of_infix(infix.as_bytes())?.module())
}

/// The form with this name.
pub(super) fn of_name(name: &str) -> Result<Computation, Failure> {
    let forms = FORMS.into_iter().map(|(_, form)| form);
    let mut all = forms.chain(QUERIES.into_iter().map(|(_, form)| form));
    all.find(|form| form.name() == name)
        .ok_or_else(|| Failure::Internal(format!("`{name}` is no function form")))
}

/// What the runtime calls the module of a source file: its path under `/~@/` as a URL has it.
pub fn id_of(layout: &Layout, path: &SourcePath) -> String {
    let url = layout::url(layout.output(path, None).as_bytes());
    format!("/{}", url.trim_start_matches("./"))
}

/// The same of a module by its function form.
pub(super) fn id_of_form(layout: &Layout, form: &Key) -> String {
    let url = layout::url(layout.module_of(form).as_bytes());
    format!("/{}", url.trim_start_matches("./"))
}

/// Where the function form of the module with this id stands under `/~@/`; `None`: nowhere. Whatever query an id has, it is
/// of the same text.
pub fn function_of_id(id: &str) -> Option<SourcePath> {
    let path = plain_id(id).strip_prefix('/')?;
    let path = SourcePath::parse(requests::unescaped(path)).ok()?;
    SourcePath::parse(PREFIX).ok()?.join(path.as_bytes()).ok()
}

/// Where its map stands.
pub fn map_of_id(id: &str) -> Option<SourcePath> {
    function_of_id(&format!("{}.map", plain_id(id)))
}

/// The ids that a module may have which is asked for by this one: a name that was put together at run time may lack the
/// ending that all modules have.
pub fn ids_of(wanted: &str) -> [String; 2] {
    let plain = plain_id(wanted);
    let guessed = format!("{plain}.js{}", &wanted[plain.len()..]);
    [wanted.to_owned(), guessed]
}

/// An id without its query and fragment.
fn plain_id(id: &str) -> &str {
    &id[..id.find(['?', '#']).unwrap_or(id.len())]
}

/// Runs the function form of a module, for programs or for bundles.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    plain: Computation,
    path: &SourcePath,
    scope: Scope,
) -> Result<Output, Failure> {
    if plain == MODULE {
        return module::run(runnable, context, path, scope);
    }
    if let Some(number) = inline::number(&plain) {
        return inline::run(runnable, context, path, number, scope);
    }
    if plain == COMMONJS {
        return common::run(runnable, context, path, scope);
    }
    // Short texts of our own, which have no map.
    let (text, links) = text(runnable, context, plain, path, scope)?;
    let text = String::from_utf8_lossy(&text);
    let shown = runnable.layout.shown(path);
    let code =
        compiler::function_form(&text, shown.trim_start_matches('/')).map_err(diagnostics)?;
    let of_link = |link: Link| match link.kind {
        LinkKind::Url => link,
        kind => link.to(|key| scope.variant(kind, key)),
    };
    Ok(Output {
        parts: vec![(Part::MAIN, code.into())],
        links: links.into_iter().map(of_link).collect(),
    })
}

/// The plain module's text. One that speaks of code by its URL means another one in a bundle.
fn text(
    runnable: &Runnable,
    context: &dyn Context,
    plain: Computation,
    path: &SourcePath,
    scope: Scope,
) -> Result<(Bytes, Vec<Link>), Failure> {
    let is_code = matches!(Kind::of_path(path), Kind::Module(_) | Kind::Script);
    if let Some(query) = Query::of_computation(&plain).filter(|_| is_code) {
        let Output { parts, links } = assets::query(runnable, context, query, path, scope)?;
        let main = parts.into_iter().find(|(part, _)| *part == Part::MAIN);
        return Ok((main.map(|(_, text)| text).unwrap_or_default(), links));
    }
    let key = Key::new(plain, path.clone());
    let text = context.fetch(&key, Part::MAIN)?;
    let links = common::decode(&context.fetch(&key, Part::LINKS)?)?;
    Ok((text, links))
}

/// What is compiled otherwise than for a plain module. `infix` stands before the name's `.js`.
pub(super) fn set(options: &mut compiler::Options, path: &SourcePath, infix: &str) {
    options.function_form = true;
    let suffix = match (Kind::of_path(path), infix) {
        (Kind::Script, "") => ".map".to_owned(),
        _ => format!("{infix}.js.map"),
    };
    let name = layout::with_suffix(path, &suffix);
    options.map_url = Some(layout::url_segment(name.name()));
}

/// What the runtime gives stays: the environment of its process, of which only `NODE_ENV` decides what is compiled at all,
/// and `import.meta.hot`, which only some have, and none in production.
pub(super) fn keep_runtime(runnable: &Runnable, defines: &mut Vec<Define>) {
    let is_production = runnable.options.production;
    let is_given =
        |path: &str| path.ends_with("process.env") || path == "import.meta.hot" && !is_production;
    keep(runnable, defines, is_given);
}

/// Leaves alone what the runtime gives, unless the user says what it is.
pub(super) fn keep(
    runnable: &Runnable,
    defines: &mut Vec<Define>,
    is_given: impl Fn(&str) -> bool,
) {
    let own = |path: &str| {
        let mut names = runnable.options.defines.iter().map(|(name, _)| name);
        names.any(|name| name == path)
    };
    defines.retain(|define| !is_given(&define.path) || own(&define.path));
}

/// `/~@/~run/`: the modules among the outputs, in function form, and their maps.
pub struct FunctionView(Arc<dyn View>);

impl FunctionView {
    /// Of the modules that this view has.
    pub fn new(modules: Arc<dyn View>) -> Self {
        Self(modules)
    }
}

impl View for FunctionView {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let name = path.name();
        let is_output = name.ends_with(b".js") || name.ends_with(b".js.map");
        Ok(match self.0.lookup(context, path)? {
            Found::File(File::Node { key, part, .. }) if is_output => {
                match form(&key.computation) {
                    Some(form) => Found::File(File::Node {
                        key: Key::new(form, key.path),
                        part,
                        names: 1,
                    }),
                    None => Found::Absent,
                }
            }
            Found::File(_) => Found::Absent,
            found => found,
        })
    }

    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        only_found(self, context, path, self.0.list(context, path)?)
    }
}

/// Of the names of a folder those of files that the view has, and all others.
pub(super) fn only_found(
    view: &dyn View,
    context: &dyn Context,
    folder: &SourcePath,
    mut listed: Vec<Listed>,
) -> Result<Vec<Listed>, Failure> {
    let mut failure = None;
    listed.retain(|entry| {
        if entry.kind != ListedKind::File {
            return true;
        }
        match view.lookup(context, &folder.child(&entry.name)) {
            Ok(found) => matches!(found, Found::File(_)),
            Err(other) => {
                failure.get_or_insert(other);
                false
            }
        }
    });
    failure.map_or(Ok(listed), Err)
}
