//! Hooks that compute many files: `[slug].html.hook.tsx`, whose `paths` tells which.
//!
//! | computation | gives |
//! |---|---|
//! | [`PATTERNS`] | the names of such hooks in a folder, so that who looks for a name that is not there lists no folder |
//! | [`PATHS`] | all files of a hook, with the data of each |
//! | [`ENTRY`] `file` | the data of one, so that a change of another's reaches it not; that it is missing where there is none |
//! | [`super::HOOK`] `file` | the file |

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::base::{Computation, Diagnostic, Key, Location, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::router::{Found, ListedKind};
use crate::runnable::all::Runnable;
use crate::runnable::common::decode;
use crate::runnable::listing::{self, Names};
use crate::runnable::names;
use crate::runnable::versions;
use crate::script::{Export, Given, LIMITED};
use crate::source::{Entry, EntryKind};

use super::call::{self, Call};
use super::name::{self, Piece};
use super::{FILE, output, told};

/// The names of the hooks with parameters in a folder, the key's path.
pub(in crate::runnable) const PATTERNS: Computation = Computation::new("hook-patterns");
/// All files of a hook.
pub(in crate::runnable) const PATHS: Computation = Computation::new("hook-paths");
/// The data of one of them.
pub(in crate::runnable) const ENTRY: &str = "hook-entry";

/// The files by their paths from the hook's folder, each with its `params` and `props` in JSON.
type Files = BTreeMap<String, (String, String)>;

/// The longest name (NAME_MAX of limits.h(0p) on Linux).
const NAME_MAX: usize = 255;

/// The most files of one hook.
const MOST: usize = 100_000;

/// Runs [`PATTERNS`].
pub(in crate::runnable) fn patterns(
    context: &dyn Context,
    folder: &SourcePath,
) -> Result<Output, Failure> {
    encoded(&match context.entry(folder)? {
        Entry::Directory => names_in(context, folder)?,
        _ => Vec::new(),
    })
}

/// What [`patterns`] gives, of a folder that is there.
fn names_in(context: &dyn Context, folder: &SourcePath) -> Result<Vec<Vec<u8>>, Failure> {
    let entries = context.list(folder)?;
    let hooks = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::File && name::pattern(&entry.name).is_some());
    Ok(hooks.map(|entry| entry.name.clone()).collect())
}

/// Runs [`PATHS`].
pub(in crate::runnable) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let call = Call {
        entry: None,
        kind: LIMITED,
        export: Export::Paths,
        directory: "/".to_owned(),
        path: output(&runnable.layout.place(path)).to_string(),
        params: Value::Object(Map::new()),
        props: Value::Object(Map::new()),
    };
    let list = match call::call(runnable, context, path, &call)? {
        Given::Paths(list) => list,
        other => return Err(told::given(runnable, context, path, other)),
    };
    let files = name::pattern(path.name())
        .ok_or_else(|| "its name has no parameter".to_owned())
        .and_then(|pieces| files(&pieces, &list))
        .map_err(|message| {
            let at = Location {
                file: runnable.layout.shown(path),
                line: 0,
                column: 0,
            };
            Failure::Diagnostics([Diagnostic::new("hook", told::cut(&message)).at(at)].into())
        })?;
    encoded(&files)
}

/// Runs [`ENTRY`].
pub(in crate::runnable) fn entry(
    context: &dyn Context,
    path: &SourcePath,
    file: &str,
) -> Result<Output, Failure> {
    match fetch(context, path)?.get(file) {
        Some(data) => encoded(data),
        None => Err(Failure::Missing(beside(path, file))),
    }
}

/// The `params` and `props` of one file.
pub(super) fn data(
    context: &dyn Context,
    path: &SourcePath,
    file: &str,
) -> Result<(Value, Value), Failure> {
    let key = Key::new(Computation::of(ENTRY, file), path.clone());
    let (params, props): (String, String) = decode(&context.fetch(&key, Part::MAIN)?)?;
    let value = |text: &str| {
        serde_json::from_str(text).map_err(|error| Failure::Internal(error.to_string()))
    };
    Ok((value(&params)?, value(&props)?))
}

fn fetch(context: &dyn Context, path: &SourcePath) -> Result<Files, Failure> {
    decode(&context.fetch(&Key::new(PATHS, path.clone()), Part::MAIN)?)
}

fn encoded<T: serde::Serialize>(value: &T) -> Result<Output, Failure> {
    let bytes =
        postcard::to_allocvec(value).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(Output {
        parts: vec![(Part::MAIN, bytes.into())],
        links: Vec::new(),
    })
}

/// A path from the folder of a hook.
pub(super) fn beside(hook: &SourcePath, file: &str) -> SourcePath {
    let folder = hook.parent().unwrap_or_else(SourcePath::root);
    folder.join(file).unwrap_or(folder)
}

/// The files of a list of `{ params, props? }`.
fn files(pieces: &[Piece], list: &str) -> Result<Files, String> {
    let list: Vec<Value> = serde_json::from_str(list).map_err(|error| error.to_string())?;
    if list.len() > MOST {
        return Err(format!("`paths` gives more than {MOST} files"));
    }
    let mut files = Files::new();
    for item in &list {
        let params = item
            .get("params")
            .and_then(Value::as_object)
            .ok_or_else(|| format!("`paths` gives {item}, which has no `params`"))?;
        let mut file = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => file.push_str(text),
                Piece::One(name) => file.push_str(&one(name, params, item)?),
                Piece::Rest(name) => file.push_str(&rest(name, params, item)?),
            }
        }
        let is_name = |name: &str| {
            let is_plain = !name.is_empty() && !name.starts_with(['.', '~']);
            is_plain && name.len() <= NAME_MAX && !name.contains('\0') && name != "node_modules"
        };
        let is_version = file
            .rsplit('/')
            .next()
            .is_some_and(|name| versions::is_version(name.as_bytes()));
        if is_version || !file.split('/').all(is_name) {
            return Err(format!(
                "`paths` gives {item}, and `{file}` is no name of a file"
            ));
        }
        let props = item
            .get("props")
            .cloned()
            .unwrap_or(Value::Object(Map::new()));
        let data = (Value::Object(params.clone()).to_string(), props.to_string());
        if files.insert(file.clone(), data).is_some() {
            return Err(format!("`paths` gives `{file}` twice"));
        }
    }
    Ok(files)
}

/// A parameter's value for one component.
fn one(name: &str, params: &Map<String, Value>, item: &Value) -> Result<String, String> {
    let text = match params.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => {
            return Err(format!(
                "`paths` gives {item}, whose `params` have no string `{name}`"
            ));
        }
    };
    match text.contains('/') {
        true => Err(format!(
            "`paths` gives {item}, and `{text}` has a slash; `[...{name}]` spans folders"
        )),
        false => Ok(text),
    }
}

/// A parameter's value for several components: a path, or a list of names.
fn rest(name: &str, params: &Map<String, Value>, item: &Value) -> Result<String, String> {
    if let Some(Value::Array(names)) = params.get(name) {
        let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
        if let Some(names) = names {
            return Ok(names.join("/"));
        }
    }
    match params.get(name) {
        Some(Value::String(text)) => Ok(text.trim_matches('/').to_owned()),
        _ => Err(format!(
            "`paths` gives {item}, whose `params` have no path `{name}`"
        )),
    }
}

/// What a path is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    File,
    Folder,
    /// All names of a folder: whoever lists it computes nothing for that.
    Names,
}

/// A hook with parameters that may know of a path.
struct Candidate {
    hook: SourcePath,
    /// The path from the hook's folder.
    below: String,
    spans: bool,
}

/// The hooks that may give a file at this path, or below it, the nearest first; within a folder those of one component.
fn candidates(
    context: &dyn Context,
    source: &SourcePath,
    path: &SourcePath,
    asked: Asked,
) -> Result<Vec<Candidate>, Failure> {
    let mut all = Vec::new();
    let is_folder = asked != Asked::File;
    // Such a name is a version's alone, also where a pattern fits it: else no version of a hook's file would be found.
    if !is_folder && versions::is_version(path.name()) {
        return Ok(all);
    }
    let first = match is_folder {
        true => Some(path.clone()),
        false => path.parent(),
    };
    let folders = first.iter().flat_map(SourcePath::ancestors);
    for folder in folders.take_while(|folder| folder.starts_with(source)) {
        if !name::is_own(&folder) {
            return Ok(Vec::new());
        }
        // What is not there has no node.
        if context.entry(&folder)? != Entry::Directory {
            continue;
        }
        let names = match asked {
            Asked::Names => names_in(context, &folder)?,
            Asked::File | Asked::Folder => {
                let key = Key::new(PATTERNS, folder.clone());
                decode(&context.fetch(&key, Part::MAIN)?)?
            }
        };
        let is_first = Some(&folder) == first.as_ref();
        let mut here = Vec::new();
        for hook in &names {
            let Some(pieces) = name::pattern(hook) else {
                continue;
            };
            let spans = pieces.iter().any(|piece| matches!(piece, Piece::Rest(_)));
            let below = path.below(&folder).unwrap_or_default();
            let Ok(below) = std::str::from_utf8(below) else {
                continue;
            };
            if (is_first || spans) && (is_folder || name::may_match(&pieces, below)) {
                here.push(Candidate {
                    hook: folder.child(hook),
                    below: below.to_owned(),
                    spans,
                });
            }
        }
        here.sort_by_key(|candidate| candidate.spans);
        all.append(&mut here);
    }
    Ok(all)
}

/// What hooks with parameters have at a path where nothing else is. Where one hook alone can have it, that is asked when
/// the file is computed, not here.
pub fn find(
    context: &dyn Context,
    source: &SourcePath,
    path: &SourcePath,
) -> Result<Found, Failure> {
    let candidates = candidates(context, source, path, Asked::File)?;
    let node = |one: &Candidate| {
        let computation = Computation::of(FILE, &one.below);
        names::of_key(Key::new(computation, one.hook.clone()))
    };
    if let [only] = &candidates[..] {
        return Ok(node(only));
    }
    for one in &candidates {
        match fetch(context, &one.hook) {
            Ok(files) if !files.contains_key(&one.below) => {}
            // What is wrong is told when the file is computed.
            _ => return Ok(node(one)),
        }
    }
    // A folder of the files that span folders.
    for one in self::candidates(context, source, path, Asked::Folder)? {
        let start = format!("{}/", one.below);
        let has_files = match fetch(context, &one.hook) {
            Ok(files) => files.keys().any(|file| file.starts_with(&start)),
            Err(_) => false,
        };
        if has_files {
            return Ok(Found::Directory { source: None });
        }
    }
    Ok(Found::Absent)
}

/// Whether a hook with parameters may give a file at a path, as far as names tell.
pub fn may_give(
    context: &dyn Context,
    source: &SourcePath,
    path: &SourcePath,
) -> Result<bool, Failure> {
    Ok(!candidates(context, source, path, Asked::File)?.is_empty())
}

/// The node of the file that a hook with parameters gives at a path.
///
/// # Errors
/// That of a hook whose name may be the file's.
pub fn given(
    context: &dyn Context,
    source: &SourcePath,
    path: &SourcePath,
) -> Result<Option<Key>, Failure> {
    for one in candidates(context, source, path, Asked::File)? {
        if fetch(context, &one.hook)?.contains_key(&one.below) {
            return Ok(Some(Key::new(Computation::of(FILE, &one.below), one.hook)));
        }
    }
    Ok(None)
}

/// Adds the names that hooks with parameters give to a folder; tells whether there are any. What is wrong with such a hook
/// hides its names and no others.
pub fn list(
    names: &mut Names,
    context: &dyn Context,
    source: &SourcePath,
    folder: &SourcePath,
) -> Result<bool, Failure> {
    let mut has_names = false;
    for one in candidates(context, source, folder, Asked::Names)? {
        let start = match one.below.is_empty() {
            true => String::new(),
            false => format!("{}/", one.below),
        };
        let files = match fetch(context, &one.hook) {
            Ok(files) => files,
            Err(failure) => {
                tracing::error!("{failure}");
                continue;
            }
        };
        for file in files.keys().filter_map(|file| file.strip_prefix(&start)) {
            has_names = true;
            match file.split_once('/') {
                None => listing::made(names, file.as_bytes()),
                Some((folder, _)) => names.add(folder, ListedKind::Directory),
            }
        }
    }
    Ok(has_names)
}

/// All files of the hooks with parameters that lie directly in a folder, by their paths in the workspace.
///
/// # Errors
/// That of a hook.
pub fn all(context: &dyn Context, folder: &SourcePath) -> Result<Vec<SourcePath>, Failure> {
    let mut all = Vec::new();
    for entry in context.list(folder)?.iter() {
        if entry.kind == EntryKind::File && name::pattern(&entry.name).is_some() {
            let hook = folder.child(&entry.name);
            all.extend(
                fetch(context, &hook)?
                    .keys()
                    .map(|file| beside(&hook, file)),
            );
        }
    }
    Ok(all)
}
