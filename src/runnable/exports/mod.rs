//! The names that a module imports: whether they are exported, and where they are defined.
//!
//! | computation | key | gives |
//! |---|---|---|
//! | `export NAME` | a file | what the file has for a name that no glance shows. Who imports it depends on this alone |
//! | [`OUTLINE`] | a file | all that the file exports by its own text |
//! | [`STARS`] | a file | all that its `export *` give |
//!
//! In the project, nearly every name is seen at a glance at the target's text ([`Computations::glance`]), without parsing
//! it, and the importer depends on what is seen of that name alone; for one that is not, the outlines say what the target exports exactly, types included. So it
//! is with ES modules of packages; what they import of each other is left to the browser to say.
//!
//! A file that its package marks as free of side effects, and that passes a name on to another
//! (`export { x } from './x'`), is left out: the importer gets the module that defines the name. That is what bundlers do,
//! and it spares whoever imports an icon the loading of a thousand. The order in which files are evaluated stays what it
//! would be with it.
//!
//! All this is about one file's own text and where its specifiers lead, so modules may import each other in circles.
//!
//! [`Computations::glance`]: crate::compute::Computations::glance

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::{Diagnostic, Part, SourcePath};
use crate::compiler::{self, Named, Request, RequestKind};
use crate::compute::{Context, Failure, Output};
use crate::resolver::{in_packages, nearest};
use crate::source::InputError;

use super::all::Runnable;
use super::common::{decode as decode_bytes, encode};
use super::imports::Imports;
use super::kind::{Kind, Query};
use super::svg;
use export::Export;
use outline::{Chain, Specifiers, is_code};

mod export;
mod free;
mod order;
mod outline;
mod runtime;
mod stars;

pub(super) use export::{name_of, run as export};
pub(super) use free::is_free;
pub(super) use outline::{OUTLINE, Outline, is_common, run as outline};
pub(super) use stars::{STARS, Table, run as stars};

/// The aspect of a glance that is the specifiers of `export *`: a list.
const STARS_SEEN: &str = "stars";

/// The aspect of a glance whether a name is surely exported: a `bool`.
fn name_seen(name: &str) -> String {
    format!("name {name}")
}

/// The aspect of a glance whether the file may say `export =`: a `bool`.
const ASSIGNED_SEEN: &str = "assigned";

/// The aspect of a glance that is whether the file is an ES module for sure.
const MODULE_SEEN: &str = "module";

/// What is seen at a glance of a file.
pub(super) fn glance(path: &SourcePath, content: &[u8]) -> Bytes {
    let likely = match is_code(path) {
        true if Kind::of_path(path) == Kind::Wasm => compiler::Likely {
            names: compiler::wasm_exports(content),
            ..compiler::Likely::default()
        },
        true => compiler::likely_exports(content),
        false => compiler::Likely::default(),
    };
    // Nothing seen is what is safe to say.
    let flags = (likely.is_assigned, likely.is_module);
    let glance = postcard::to_allocvec(&(likely.names, likely.stars, flags));
    glance.unwrap_or_default().into()
}

/// What a glance shows of an aspect.
pub(super) fn aspect(glance: &[u8], aspect: &str) -> Bytes {
    type Seen<'a> = (Vec<&'a str>, Vec<&'a str>, (bool, bool));
    let seen: Seen<'_> = postcard::from_bytes(glance).unwrap_or_default();
    let (names, stars, (is_assigned, is_module)) = seen;
    let flag = |is_so: bool| Bytes::from_static(if is_so { &[1] } else { &[0] });
    match aspect.strip_prefix("name ") {
        Some(name) => flag(names.binary_search(&name).is_ok()),
        None if aspect == ASSIGNED_SEEN => flag(is_assigned),
        None if aspect == MODULE_SEEN => flag(is_module),
        None => postcard::to_allocvec(&stars).unwrap_or_default().into(),
    }
}

/// Whether a glance at a file shows that it exports a name.
fn is_seen(context: &dyn Context, file: &SourcePath, name: &str) -> Result<bool, Failure> {
    is_so_seen(context, file, &name_seen(name))
}

/// Whether a glance at a file shows that it is an ES module. Where it does not, the file may be one all the same.
pub(super) fn is_module_seen(context: &dyn Context, file: &SourcePath) -> Result<bool, Failure> {
    is_so_seen(context, file, MODULE_SEEN)
}

/// An aspect of a glance that is a `bool`.
fn is_so_seen(context: &dyn Context, file: &SourcePath, aspect: &str) -> Result<bool, Failure> {
    match context.glance(file, aspect) {
        Ok(bytes) => decode(&bytes),
        Err(InputError::Absent(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Where a TypeScript file says `export =`, the names that its text tells, sorted.
pub(super) fn assigned(
    runnable: &Runnable,
    context: &dyn Context,
    file: &SourcePath,
) -> Result<Option<Vec<String>>, Failure> {
    let language = Kind::of_path(file).language();
    if !language.is_some_and(compiler::Language::is_typescript)
        || !is_so_seen(context, file, ASSIGNED_SEEN)?
    {
        return Ok(None);
    }
    let outline = outline::fetch(runnable, context, file)?;
    let outline = outline.filter(|outline| outline.own.is_open);
    let names = |outline: Arc<Outline>| {
        let names = outline.own.names.iter();
        names.filter(|name| *name != "default").cloned().collect()
    };
    Ok(outline.map(names))
}

/// Whether a module has a default export by its own text; of one with errors that is not known.
pub(super) fn has_default(
    runnable: &Runnable,
    context: &dyn Context,
    file: &SourcePath,
) -> Result<bool, Failure> {
    let outline = outline::fetch(runnable, context, file)?;
    Ok(outline.is_some_and(|outline| outline.own.names.contains("default")))
}

/// An output of one part.
fn output<T: Serialize>(value: &T) -> Result<Output, Failure> {
    Ok(Output {
        parts: vec![(Part::MAIN, encode(value)?)],
        links: Vec::new(),
    })
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    decode_bytes(bytes)
}

/// The most files of packages that are looked at for what one of them exports.
const MOST_FILES: usize = 200;

/// All that a file exports, through `export *` too: of one of the project as far as files of the project tell.
#[derive(Default)]
struct Exports {
    names: BTreeSet<String>,
    types: BTreeSet<String>,
    /// What the file declares at its top level and does not export.
    locals: BTreeSet<String>,
    /// It may export more: it is no ES module, or is of the project and exports what a package exports.
    is_open: bool,
}

impl Exports {
    fn of(
        runnable: &Runnable,
        context: &dyn Context,
        target: &SourcePath,
    ) -> Result<Self, Failure> {
        let mut all = Self::default();
        let mut chain = Chain::from(target);
        let in_package = in_packages(target);
        let mut seen = 0;
        while let Some(step) = chain.next() {
            seen += 1;
            if in_package && seen > MOST_FILES {
                all.is_open = true;
                break;
            }
            let Some(outline) = outline::fetch(runnable, context, &step.file)? else {
                // Its own fault is told where it is.
                all.is_open = true;
                continue;
            };
            let own = &outline.own;
            let is_target = step.file == *target;
            let passed_on = |name: &&String| is_target || *name != "default";
            if is_target {
                all.locals = own.locals.clone();
            }
            let names = own.names.iter().filter(passed_on).cloned();
            match step.as_types {
                true => all.types.extend(names),
                false => all.names.extend(names),
            }
            all.types
                .extend(own.types.iter().filter(passed_on).cloned());
            all.is_open |= own.is_open || outline.is_common;
            let specifiers = Specifiers::new(runnable, context, &step.file);
            for (stars, as_types) in [(&own.stars, step.as_types), (&own.type_stars, true)] {
                let (mut files, is_all) = specifiers.files(stars)?;
                let count = files.len();
                files.retain(|file| in_package || !in_packages(file));
                all.is_open |= !is_all || files.len() < count;
                chain.add(files, as_types);
            }
        }
        Ok(all)
    }
}

/// What the names of a request are.
#[derive(Default)]
pub(super) struct Names {
    /// Types, which are no values of the target.
    pub(super) types: Vec<String>,
    /// Those that another file defines.
    pub(super) passed: Vec<Passed>,
    /// So the members that are read of all as one, if that is so of each.
    pub(super) members: Vec<Passed>,
    /// Files that are evaluated before those.
    pub(super) first: Vec<SourcePath>,
}

/// A name, the file that defines it, and its name there (`None`: all of the file as one).
pub(super) type Passed = (String, SourcePath, Option<String>);

impl Names {
    fn pass(
        &mut self,
        name: &str,
        file: SourcePath,
        as_name: Option<String>,
        first: Vec<SourcePath>,
    ) {
        self.passed.push((name.to_owned(), file, as_name));
        self.put_first(first);
    }

    fn put_first(&mut self, files: Vec<SourcePath>) {
        for file in files {
            if !self.first.contains(&file) {
                self.first.push(file);
            }
        }
    }

    /// Whether they are all values of the file that was asked.
    pub(super) fn are_of_target(&self) -> bool {
        self.types.is_empty() && self.passed.is_empty() && self.members.is_empty()
    }
}

/// Adds where these members of a file are defined, if each is in another file.
fn members(
    context: &dyn Context,
    target: &SourcePath,
    names: &[String],
    found: &mut Names,
) -> Result<(), Failure> {
    let mut members = Vec::with_capacity(names.len());
    let mut before = Vec::new();
    for name in names {
        match export::fetch(context, target, name)? {
            Export::Passed(file, as_name, first) => {
                members.push((name.clone(), file, as_name));
                before.extend(first);
            }
            _ => return Ok(()),
        }
    }
    found.members = members;
    found.put_first(before);
    Ok(())
}

/// Looks for the names of a request in `target`. What is missing is told.
pub(super) fn check(
    imports: &mut Imports<'_>,
    request: &Request,
    target: &SourcePath,
    query: Option<Query>,
) -> Result<Names, Failure> {
    let mut found = Names::default();
    if request.names.is_empty() && request.members.is_empty() {
        return Ok(found);
    }
    if request.injected && query.is_none() {
        runtime::check(imports, request, target)?;
    }
    let (runnable, context) = (imports.runnable, imports.context);
    let is_told = !request.injected && !in_packages(imports.path);
    let is_value = match Kind::of_path(target) {
        Kind::Asset => true,
        Kind::Style => !super::style::is_module(target),
        _ => false,
    };
    let is_component = svg::of(target).is_some();
    let is_image = query.is_none() && target.extension() == Some(b"svg");
    if query.is_some() || is_value || is_component {
        let mut names = BTreeSet::from(["default".to_owned()]);
        if is_component {
            names.insert(svg::NAMED.to_owned());
        }
        let exports = Exports {
            names,
            ..Exports::default()
        };
        for wanted in &request.names {
            if is_image && wanted.name == svg::NAMED {
                let place = (svg::component(target), Some(svg::NAMED.to_owned()));
                found.passed.push((wanted.name.clone(), place.0, place.1));
            } else if is_told && !exports.names.contains(&wanted.name) {
                missing(imports, request, wanted, target, &exports);
            }
        }
        return Ok(found);
    }
    let is_packaged = in_packages(target);
    if !is_code(target) || (!is_packaged && !is_told) {
        return Ok(found);
    }
    let is_free = is_free(runnable, context, target)?;
    if is_packaged && !is_free && !is_told {
        return Ok(found);
    }
    let mut exports = None;
    for wanted in &request.names {
        if !is_packaged && !is_free && is_seen(context, target, &wanted.name)? {
            continue;
        }
        match export::fetch(context, target, &wanted.name)? {
            Export::Value => {}
            Export::Passed(file, name, first) => found.pass(&wanted.name, file, name, first),
            Export::Type => found.types.push(wanted.name.clone()),
            Export::Missing if !is_told => {}
            Export::Missing if is_packaged && may_be_type(imports, request, wanted)? => {
                found.types.push(wanted.name.clone());
            }
            Export::Missing => {
                let exports = match &exports {
                    Some(exports) => Arc::clone(exports),
                    None => {
                        let all = Arc::new(Exports::of(runnable, context, target)?);
                        exports.insert(all).clone()
                    }
                };
                missing(imports, request, wanted, target, &exports);
            }
        }
    }
    if !request.members.is_empty() && is_free {
        members(context, target, &request.members, &mut found)?;
    }
    Ok(found)
}

/// Whether a name that a package's module does not export may be one of its types, which its declarations alone would tell:
/// TypeScript passes it on (`export { T } from 'x'`, as for esbuild), or names it for decorators.
fn may_be_type(imports: &Imports<'_>, request: &Request, wanted: &Named) -> Result<bool, Failure> {
    let language = Kind::of_path(imports.path).language();
    if !language.is_some_and(compiler::Language::is_typescript) {
        return Ok(false);
    }
    let (runnable, context) = (imports.runnable, imports.context);
    let config = runnable.resolver.config(context, imports.path)?;
    if request.kind == RequestKind::ExportFrom || config.emit_decorator_metadata == Some(true) {
        return Ok(true);
    }
    let outline = outline::fetch(runnable, context, imports.path)?;
    let is_it = |passed: &compiler::Passed| {
        passed.specifier == request.specifier && passed.name.as_ref() == Some(&wanted.name)
    };
    Ok(outline.is_some_and(|outline| outline.own.passed.values().any(is_it)))
}

/// Tells of a name that is not exported.
fn missing(
    imports: &mut Imports<'_>,
    request: &Request,
    wanted: &Named,
    target: &SourcePath,
    exports: &Exports,
) {
    let specifier = &request.specifier;
    let name = &wanted.name;
    let message = match name.as_str() {
        "default" => format!("cannot import the default export of `{specifier}`"),
        name => format!("cannot import `{name}` from `{specifier}`"),
    };
    let hint = hint(imports, request, wanted, target, exports);
    let diagnostic = Diagnostic::new("missing-export", message).hint(hint);
    imports.problem_at(wanted.range.clone(), diagnostic);
}

/// What is likely meant; else what there is.
fn hint(
    imports: &Imports<'_>,
    request: &Request,
    wanted: &Named,
    target: &SourcePath,
    exports: &Exports,
) -> String {
    const MOST: usize = 5;
    let (specifier, name, local) = (&request.specifier, &wanted.name, &wanted.local);
    let shown = imports.runnable.layout.shown(target);
    let has = |name: &str| exports.names.contains(name);
    if name == "default" && Kind::of_path(target) == Kind::Wasm {
        return format!("`import {local} from '{specifier}?url'` gives its URL");
    }
    if name == "default" && has(local) {
        return format!("did you mean `import {{ {local} }} from '{specifier}'`?");
    }
    if exports.locals.contains(name) {
        return format!("`{shown}` declares `{name}` and does not export it");
    }
    let named = || exports.names.iter().filter(|name| *name != "default");
    if name == "default" {
        if let [only] = named().collect::<Vec<_>>()[..] {
            return format!("did you mean `import {{ {only} }} from '{specifier}'`?");
        }
    } else if let Some(near) = nearest(name, named().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    } else if has("default") {
        return format!("it has a default export: `import {local} from '{specifier}'`");
    }
    let mut names: Vec<String> = named().map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => return format!("`{shown}` exports nothing"),
        count if count > MOST => {
            names.truncate(MOST);
            names.push(format!("and {} more", count - MOST));
        }
        _ => {}
    }
    format!("`{shown}` exports {}", names.join(", "))
}
