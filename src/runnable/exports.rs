//! Whether the names that a module imports are exported.
//!
//! Nearly every name is seen at a glance at the target's text ([`Computations::glance`]), without parsing it; for one that
//! is not, the node [`OUTLINE`] says what the target exports exactly, types included. Both are about one file's own text
//! and where its `export *` lead, so modules may import each other in circles; and an importer depends on names, not on
//! what they stand for. What is in packages is left to the browser to say.
//!
//! [`Computations::glance`]: crate::compute::Computations::glance

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::base::{Computation, Diagnostic, Key, Part, SourcePath};
use crate::compiler::{self, Form, Named, Request};
use crate::compute::{Context, Failure, Output};
use crate::resolver::{Target, in_packages, nearest};
use crate::source::InputError;

use super::all::Runnable;
use super::common::{decode, encode};
use super::kind::{Kind, Query};
use super::module::{Imports, diagnostics};

/// What a file exports: an [`Outline`].
pub(super) const OUTLINE: Computation = Computation::new("outline");

/// Names that are surely exported, sorted, and the specifiers of `export *`.
type Glance = (Vec<String>, Vec<String>);

/// All that a file exports by its own text.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outline {
    names: BTreeSet<String>,
    types: BTreeSet<String>,
    stars: Vec<SourcePath>,
    type_stars: Vec<SourcePath>,
    locals: BTreeSet<String>,
    /// It may export more: it is no ES module, or exports what a package exports.
    is_open: bool,
}

/// What is seen at a glance of a file of the project.
pub(super) fn glance(path: &SourcePath, content: &[u8]) -> Bytes {
    let glance: Glance = match is_known(path) {
        true => {
            let likely = compiler::likely_exports(content);
            (likely.names, likely.stars)
        }
        false => Glance::default(),
    };
    // Nothing seen is what is safe to say.
    postcard::to_allocvec(&glance).unwrap_or_default().into()
}

/// Runs [`OUTLINE`].
pub(super) fn outline(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let source = context.content(path)?;
    let language = Kind::of_path(path)
        .language()
        .ok_or_else(|| Failure::Internal(format!("`{path}` is no module")))?;
    let shown = runnable.layout.shown(path);
    let parsed =
        compiler::parse(&source, language, shown.trim_start_matches('/')).map_err(diagnostics)?;
    let own = parsed.outline();
    let resolver = Stars::new(runnable, context, path);
    let (stars, all) = resolver.files(&own.stars)?;
    let (type_stars, all_types) = resolver.files(&own.type_stars)?;
    let outline = Outline {
        names: own.names,
        types: own.types,
        stars,
        type_stars,
        locals: own.locals,
        is_open: own.is_open || !all || !all_types || parsed.form() == Form::CommonJs,
    };
    Ok(Output {
        parts: vec![(Part::MAIN, encode(&outline)?)],
        links: Vec::new(),
    })
}

/// Where the `export *` of a file lead.
struct Stars<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    path: &'a SourcePath,
}

impl<'a> Stars<'a> {
    fn new(runnable: &'a Runnable, context: &'a dyn Context, path: &'a SourcePath) -> Self {
        Self {
            runnable,
            context,
            path,
        }
    }

    /// The files of the project's own, and whether that is all.
    fn files(&self, specifiers: &[String]) -> Result<(Vec<SourcePath>, bool), Failure> {
        let mut files = Vec::new();
        let mut all = true;
        if specifiers.is_empty() {
            return Ok((files, all));
        }
        let config = self.runnable.resolver.config(self.context, self.path)?;
        let importer = self.runnable.resolver.importer(self.context, self.path);
        for specifier in specifiers {
            match importer.resolve(specifier, &config)? {
                Ok(Target::File(file, None)) if is_known(&file) => files.push(file),
                _ => all = false,
            }
        }
        Ok((files, all))
    }
}

/// Whether a file's exports are looked at: code of the project.
fn is_known(path: &SourcePath) -> bool {
    matches!(Kind::of_path(path), Kind::Module(_) | Kind::Script) && !in_packages(path)
}

/// Looks for the names of a request in `target`. What is missing is told; gives the names that are types.
pub(super) fn check(
    imports: &mut Imports<'_>,
    request: &Request,
    target: &SourcePath,
    query: Option<Query>,
) -> Result<Vec<String>, Failure> {
    if request.names.is_empty() || request.injected || in_packages(imports.path) {
        return Ok(Vec::new());
    }
    let is_value = match Kind::of_path(target) {
        Kind::Asset => true,
        Kind::Style => !super::style::is_module(target),
        _ => false,
    };
    if query.is_some() || is_value {
        let exports = Outline {
            names: BTreeSet::from(["default".to_owned()]),
            ..Outline::default()
        };
        for wanted in request.names.iter().filter(|one| one.name != "default") {
            missing(imports, request, wanted, target, &exports);
        }
        return Ok(Vec::new());
    }
    if !is_known(target) {
        return Ok(Vec::new());
    }
    let mut wanted: Vec<&Named> = request.names.iter().collect();
    seen_at_a_glance(imports.runnable, imports.context, target, &mut wanted)?;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let exports = exports(imports.context, target)?;
    let mut types = Vec::new();
    for name in wanted {
        if exports.names.contains(&name.name) {
            continue;
        }
        if exports.types.contains(&name.name) {
            types.push(name.name.clone());
        } else if !exports.is_open {
            missing(imports, request, name, target, &exports);
        }
    }
    Ok(types)
}

/// Takes away the names that are exported at a glance.
fn seen_at_a_glance(
    runnable: &Runnable,
    context: &dyn Context,
    target: &SourcePath,
    wanted: &mut Vec<&Named>,
) -> Result<(), Failure> {
    let mut chain = Chain::from(target);
    while let Some(step) = chain.next() {
        let bytes = match context.glance(&step.file) {
            Ok(bytes) => bytes,
            Err(InputError::Absent(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        let (names, stars): Glance = decode(&bytes)?;
        wanted.retain(|one| {
            let is_passed_on = step.file == *target || one.name != "default";
            !is_passed_on || names.binary_search(&one.name).is_err()
        });
        if wanted.is_empty() {
            break;
        }
        let (files, _) = Stars::new(runnable, context, &step.file).files(&stars)?;
        chain.add(files, false);
    }
    Ok(())
}

/// All that a file exports, through `export *` too.
fn exports(context: &dyn Context, target: &SourcePath) -> Result<Outline, Failure> {
    let mut all = Outline::default();
    let mut chain = Chain::from(target);
    while let Some(step) = chain.next() {
        let Some(mut outline) = fetch_outline(context, &step.file)? else {
            // Its own fault is told where it is.
            all.is_open = true;
            continue;
        };
        match step.file == *target {
            true => all.locals = std::mem::take(&mut outline.locals),
            false => {
                outline.names.remove("default");
                outline.types.remove("default");
            }
        }
        match step.as_types {
            true => all.types.append(&mut outline.names),
            false => all.names.append(&mut outline.names),
        }
        all.types.append(&mut outline.types);
        all.is_open |= outline.is_open;
        chain.add(outline.stars, step.as_types);
        chain.add(outline.type_stars, true);
    }
    Ok(all)
}

/// A file and the files of its `export *`, each once.
#[derive(Default)]
struct Chain {
    known: BTreeSet<Step>,
    waiting: VecDeque<Step>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    file: SourcePath,
    /// Reached by `export type *`.
    as_types: bool,
}

impl Chain {
    fn from(file: &SourcePath) -> Self {
        let mut chain = Self::default();
        chain.add(vec![file.clone()], false);
        chain
    }

    fn add(&mut self, files: Vec<SourcePath>, as_types: bool) {
        for file in files {
            let step = Step { file, as_types };
            if self.known.insert(step.clone()) {
                self.waiting.push_back(step);
            }
        }
    }

    fn next(&mut self) -> Option<Step> {
        self.waiting.pop_front()
    }
}

/// `None`: the file is gone, or has errors of its own.
fn fetch_outline(context: &dyn Context, file: &SourcePath) -> Result<Option<Outline>, Failure> {
    match context.fetch(&Key::new(OUTLINE, file.clone()), Part::MAIN) {
        Ok(bytes) => decode(&bytes).map(Some),
        Err(Failure::Diagnostics(_) | Failure::Missing(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Tells of a name that is not exported.
fn missing(
    imports: &mut Imports<'_>,
    request: &Request,
    wanted: &Named,
    target: &SourcePath,
    exports: &Outline,
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
    exports: &Outline,
) -> String {
    const MOST: usize = 5;
    let (specifier, name, local) = (&request.specifier, &wanted.name, &wanted.local);
    let shown = imports.runnable.layout.shown(target);
    let has = |name: &str| exports.names.contains(name);
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
