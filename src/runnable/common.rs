//! CommonJS files: the module of the body, what a file exports, and the facade that ES modules import.
//!
//! | computation | gives |
//! |---|---|
//! | [`COMMONJS`] | `x.js.commonjs.js`: a function that runs `x.js` as Node would and gives `module.exports`; for an ES module, what `require` makes of it. Its part [`SHAPE`]: what the file exports by its own text |
//! | [`NAMES`] | all that it exports, through `module.exports = require('…')` and the like; of the bodies that are for the same scope, so that no file is compiled for this alone |
//!
//! A body asks of the files that it requires, and of the CommonJS files that it `import()`s, no more than where they are and
//! whether they are CommonJS, so files may require, load and re-export each other in circles.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::base::{Computation, Key, Part, SourcePath, has};
use crate::compiler::{self, Exports, Form, Language, Parsed};
use crate::compute::{Context, Failure, Link, LinkKind, Output};
use crate::resolver::{CompilerOptions, Target, in_packages};

use super::all::Runnable;
use super::bundle::{Variant, piece};
use super::exports;
use super::hashed::Scope;
use super::imports::Imports;
use super::kind::Kind;
use super::layout::versioned;
use super::module::{diagnostics, emit, options};
use super::{MODULE, function};

/// The module of a CommonJS file's body.
pub const COMMONJS: Computation = Computation::new("commonjs");

/// What a file exports in all.
const NAMES: Computation = Computation::new(FAMILY);
const FAMILY: &str = "commonjs-names";

/// The details of the family for programs and for bundles.
const OF_FUNCTION: &str = "run";
const OF_PIECE: &str = "piece";

/// What a file exports by its own text: a [`Shape`].
const SHAPE: Part = Part(3);

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Shape {
    is_common: bool,
    names: Vec<String>,
    /// The files whose names it exports too.
    reexports: Vec<SourcePath>,
    is_open: bool,
}

/// What a file exports in all.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Names {
    /// Whether it is CommonJS; if not, nothing else is said.
    pub(super) is_common: bool,
    /// The names, sorted, without `default`.
    pub(super) names: Vec<String>,
    /// Whether there may be others.
    pub(super) is_open: bool,
}

/// The computation of what a file exports in all, by its body for `scope`.
fn names_for(scope: Scope) -> Computation {
    let of = |detail| Computation::of(FAMILY, detail);
    match scope {
        Scope::Page | Scope::Worker | Scope::Bare => NAMES,
        Scope::Function => of(OF_FUNCTION),
        Scope::Bundle(variant) => variant.of(of(OF_PIECE)),
    }
}

/// Whether a computation gives what a file exports in all.
pub(super) fn is_names(computation: &Computation) -> bool {
    scope_of_names(computation).is_some()
}

/// The scope of such a computation; `None`: it is none.
fn scope_of_names(computation: &Computation) -> Option<Scope> {
    let (variant, name) = Variant::split(computation);
    let (family, detail) = name.split_once(' ').unwrap_or((name, ""));
    if family != FAMILY {
        return None;
    }
    match detail {
        "" => Some(Scope::Page),
        OF_FUNCTION => Some(Scope::Function),
        OF_PIECE => Some(Scope::Bundle(variant)),
        _ => None,
    }
}

/// Runs [`COMMONJS`], or what gives the same for another scope.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    scope: Scope,
) -> Result<Output, Failure> {
    let (source, parsed) = parsed(runnable, context, path)?;
    let config = runnable.resolver.config(context, path)?;
    let form = parsed.form();
    let is_common = is_common(runnable, context, path, form)?;
    // A file that says nothing runs when it is required.
    if !is_common && form != Form::Script {
        let exports = parsed.exports();
        let shape = shape(runnable, context, path, &config, &exports, false)?;
        let (module, link) = own(runnable, context, path, scope, MODULE)?;
        return Ok(Output {
            parts: vec![
                (
                    Part::MAIN,
                    written(scope, compiler::stand_in(&module), path)?.into(),
                ),
                (SHAPE, encode(&shape)?),
            ],
            links: vec![link],
        });
    }
    let mut options = options(runnable, context, &config, path, &parsed)?;
    let infix = match scope {
        Scope::Worker => "commonjs-in-worker",
        _ => "commonjs",
    };
    let name = super::layout::with_suffix(path, &format!(".{infix}.js.map"));
    options.map_url = Some(super::layout::url_segment(name.name()));
    if scope == Scope::Function {
        function::set(&mut options, path, ".commonjs");
        function::keep_runtime(runnable, &mut options.defines);
    } else if let Scope::Bundle(variant) = scope {
        piece::set(runnable, &mut options, path, variant);
    }
    let transformed = parsed.transform_common(&options).map_err(diagnostics)?;
    let exports = transformed.exports().cloned().unwrap_or_default();
    let shape = match is_common {
        true => shape(runnable, context, path, &config, &exports, true)?,
        false => Shape::default(),
    };
    let imports = Imports::new(runnable, context, path, &source, scope).of_common();
    let mut output = emit(imports, &config, transformed)?;
    output.parts.push((SHAPE, encode(&shape)?));
    Ok(output)
}

/// What runs a CommonJS file that a worker is started with; of any other file the module.
pub(super) fn script(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let (source, parsed) = parsed(runnable, context, path)?;
    if !is_common(runnable, context, path, parsed.form())? {
        return super::module::run(runnable, context, path, Scope::Worker);
    }
    let config = runnable.resolver.config(context, path)?;
    let mut options = options(runnable, context, &config, path, &parsed)?;
    let name = super::layout::with_suffix(path, ".script-in-worker.js.map");
    options.map_url = Some(super::layout::url_segment(name.name()));
    options.is_script = true;
    let transformed = parsed.transform_common(&options).map_err(diagnostics)?;
    let imports = Imports::new(runnable, context, path, &source, Scope::Worker).of_common();
    emit(imports, &config, transformed)
}

fn parsed(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<(Bytes, Parsed), Failure> {
    let source = context.content(path)?;
    let language = Kind::of_path(path)
        .language()
        .filter(|language| *language != Language::Json)
        .ok_or_else(|| Failure::Internal(format!("`{path}` is no module")))?;
    let shown = runnable.layout.shown(path);
    let parsed =
        compiler::parse(&source, language, shown.trim_start_matches('/')).map_err(diagnostics)?;
    Ok((source, parsed))
}

/// Whether a file is CommonJS: by its text, and where that says nothing, in packages, by Node's rule
/// (<https://nodejs.org/api/packages.html#determining-module-system>). In the project such a file is a module, as for
/// bundlers.
pub(super) fn is_common(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    form: Form,
) -> Result<bool, Failure> {
    Ok(match form {
        Form::CommonJs => true,
        Form::Module => false,
        Form::Script => {
            in_packages(path)
                && Kind::of_path(path) == Kind::Script
                && !runnable.resolver.importer(context, path).is_node()?
        }
    })
}

fn shape(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    config: &CompilerOptions,
    exports: &Exports,
    is_common: bool,
) -> Result<Shape, Failure> {
    let mut importer = runnable.resolver.importer(context, path);
    if is_common {
        importer = importer.requiring();
    }
    let mut shape = Shape {
        is_common,
        names: exports.names.clone(),
        reexports: Vec::new(),
        is_open: exports.is_open,
    };
    for specifier in &exports.reexports {
        match importer.resolve(specifier, config)? {
            Ok(Target::File(target, None)) => match Kind::of_path(&target) {
                Kind::Module(_) | Kind::Script => shape.reexports.push(target),
                _ => shape.is_open = true,
            },
            _ => shape.is_open = true,
        }
    }
    Ok(shape)
}

/// Runs [`NAMES`], or what gives the same by the bodies for another scope; `None`: the key is of neither.
pub(super) fn run_names(context: &dyn Context, key: &Key) -> Option<Result<Output, Failure>> {
    let scope = scope_of_names(&key.computation)?;
    Some(names(context, &key.path, scope))
}

fn names(context: &dyn Context, path: &SourcePath, scope: Scope) -> Result<Output, Failure> {
    let first = shape_of(context, path, scope)?;
    let mut all = Names {
        is_common: first.is_common,
        ..Names::default()
    };
    if first.is_common {
        let mut names = BTreeSet::new();
        let mut known = BTreeSet::from([path.clone()]);
        let mut waiting = VecDeque::from([first]);
        while let Some(shape) = waiting.pop_front() {
            names.extend(shape.names);
            all.is_open |= shape.is_open;
            for target in shape.reexports {
                if !known.insert(target.clone()) {
                    continue;
                }
                match shape_of(context, &target, scope) {
                    Ok(shape) => waiting.push_back(shape),
                    // It has an error of its own, which its importer meets when it loads it.
                    Err(failure) if failure.is_of_file() => all.is_open = true,
                    Err(failure) => return Err(failure),
                }
            }
        }
        // It stands for the whole where an ES module says what `require` of it gives, and is nothing that is imported.
        names.remove("module.exports");
        all.names = names.into_iter().collect();
    }
    Ok(Output {
        parts: vec![(Part::MAIN, encode(&all)?)],
        links: Vec::new(),
    })
}

fn shape_of(context: &dyn Context, path: &SourcePath, scope: Scope) -> Result<Shape, Failure> {
    let body = Key::new(COMMONJS, path.clone());
    let body = match scope {
        Scope::Function | Scope::Bundle(_) => scope.variant(LinkKind::Import, body),
        Scope::Page | Scope::Worker | Scope::Bare => body,
    };
    decode(&context.fetch(&body, SHAPE)?)
}

/// The facade of a CommonJS file; `None` where the file is none.
pub(super) fn facade(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    scope: Scope,
) -> Result<Option<Output>, Failure> {
    let key = Key::new(names_for(scope), path.clone());
    let names: Names = decode(&context.fetch(&key, Part::MAIN)?)?;
    if !names.is_common {
        return Ok(None);
    }
    let (body, link) = own(runnable, context, path, scope, COMMONJS)?;
    // No line of it comes from a source; but who opens the map finds one.
    let map = r#"{"version":3,"sources":[],"names":[],"mappings":""}"#;
    Ok(Some(Output {
        parts: vec![
            (
                Part::MAIN,
                written(scope, compiler::facade(&body, &names.names), path)?.into(),
            ),
            (Part::MAP, Bytes::from_static(map.as_bytes())),
        ],
        links: vec![link],
    }))
}

/// A module that was put together here, as the scope wants it.
fn written(scope: Scope, code: String, path: &SourcePath) -> Result<String, Failure> {
    match scope {
        Scope::Function | Scope::Bundle(_) => {
            compiler::function_form(&code, &path.to_string()).map_err(diagnostics)
        }
        _ => Ok(code),
    }
}

/// How a file's module names the other module of the file, and the link to it.
fn own(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    scope: Scope,
    other: Computation,
) -> Result<(String, Link), Failure> {
    let key = scope.variant(LinkKind::Import, Key::new(other, path.clone()));
    let version = scope.version(context, LinkKind::Import, &key)?;
    let url = runnable.layout.url(path, &key);
    Ok((versioned(&url, "", version), Link::import(key)))
}

/// Whether a text may well be CommonJS: it has a word of it, and no line that begins as only ES modules' do. No more
/// than a guess of what to ask first.
pub(super) fn is_likely(path: &SourcePath, source: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(source) else {
        return false;
    };
    let is_of_module = |line: &str| {
        let line = line.trim_start();
        ["import ", "import{", "import\"", "export "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    (has(text, "exports") || has(text, "require") || in_packages(path))
        && !text.lines().any(is_of_module)
}

/// What an ES module that imports `target` has to know of it; `None`: it is neither a CommonJS file nor one that says
/// `export =`, which is like one: of its value, too, the text does not tell all.
pub(super) fn imported(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    scope: Scope,
) -> Result<Option<Names>, Failure> {
    match exports::assigned(runnable, context, path)? {
        Some(names) => Ok(Some(Names {
            is_common: true,
            names,
            is_open: true,
        })),
        None => target(runnable, context, path, scope),
    }
}

/// Whether a file can be CommonJS, by its name, by what its package says and by a glance at it: it is not parsed to find out.
fn may_be(
    runnable: &Runnable,
    context: &dyn Context,
    target: &SourcePath,
) -> Result<bool, Failure> {
    let may_be = match Kind::of_path(target) {
        Kind::Script | Kind::Module(Language::Cjs | Language::Cts) => true,
        Kind::Module(Language::Jsx) => in_packages(target),
        _ => false,
    };
    if !may_be || exports::is_module_seen(context, target)? {
        return Ok(false);
    }
    Ok(!in_packages(target) || !runnable.resolver.importer(context, target).is_node()?)
}

/// What the body of a CommonJS file that `import()`s `target` has to know of it: that it is CommonJS. What it exports is
/// not asked, for the other may `import()` the first.
pub(super) fn loaded(
    runnable: &Runnable,
    context: &dyn Context,
    target: &SourcePath,
) -> Result<Option<Names>, Failure> {
    let is_common = may_be(runnable, context, target)? && exports::is_common(context, target)?;
    Ok(is_common.then(|| Names {
        is_common,
        names: Vec::new(),
        is_open: true,
    }))
}

/// What is to be known of a CommonJS file; `None`: it is none. Only those that can be are looked at.
pub(super) fn target(
    runnable: &Runnable,
    context: &dyn Context,
    target: &SourcePath,
    scope: Scope,
) -> Result<Option<Names>, Failure> {
    if !may_be(runnable, context, target)? {
        return Ok(None);
    }
    // What is left out where it passes names on alone is not compiled either.
    if exports::is_free(runnable, context, target)? && !exports::is_common(context, target)? {
        return Ok(None);
    }
    let key = Key::new(names_for(scope), target.clone());
    let names: Names = match context.fetch(&key, Part::MAIN) {
        Ok(bytes) => decode(&bytes)?,
        // It has an error of its own.
        Err(failure) if failure.is_of_file() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    Ok(Some(names).filter(|names| names.is_common))
}

pub(super) fn encode<T: Serialize>(value: &T) -> Result<Bytes, Failure> {
    let bytes = postcard::to_allocvec(value)
        .map_err(|error| Failure::Internal(format!("a shape does not encode: {error}")))?;
    Ok(bytes.into())
}

pub(super) fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    postcard::from_bytes(bytes)
        .map_err(|error| Failure::Internal(format!("a shape does not decode: {error}")))
}
