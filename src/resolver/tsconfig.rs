//! Reading a `tsconfig.json` (<https://www.typescriptlang.org/tsconfig/>): `extends`, then `references`.

use serde_json::Value;

use super::config::{Config, Project};
use super::{files, jsonc, packages};
use crate::base::{Diagnostic, Location, SourcePath};
use crate::compute::{Context, Failure};
use crate::source::Entry;

const CODE: &str = "invalid-tsconfig";

/// The configuration at `path`, and those that it refers to.
pub fn load(context: &dyn Context, path: &SourcePath) -> Result<Config, Failure> {
    let value = read(context, path)?;
    let mut projects = vec![project(context, path, &value, path, &mut Vec::new())?];
    let references = value.get("references").and_then(Value::as_array);
    for reference in references.into_iter().flatten() {
        let Some(target) = reference.get("path").and_then(Value::as_str) else {
            continue;
        };
        let Some(file) = referred(context, path, target)? else {
            continue;
        };
        let value = read(context, &file)?;
        projects.push(project(context, &file, &value, &file, &mut Vec::new())?);
    }
    Ok(Config { projects })
}

/// A reference names a file, or a directory with a `tsconfig.json`.
fn referred(
    context: &dyn Context,
    from: &SourcePath,
    target: &str,
) -> Result<Option<SourcePath>, Failure> {
    Ok(
        match files::walk(context, &directory_of(from), target.as_bytes())? {
            Some((path, Entry::File)) => Some(path),
            Some((path, Entry::Directory)) => {
                match files::entry_in(context, &path, b"tsconfig.json")? {
                    (file, Entry::File) => Some(file),
                    _ => None,
                }
            }
            _ => None,
        },
    )
}

fn read(context: &dyn Context, path: &SourcePath) -> Result<Value, Failure> {
    let bytes = context.content(path)?;
    jsonc::parse_jsonc(&bytes, path, CODE)
}

fn directory_of(path: &SourcePath) -> SourcePath {
    path.parent().unwrap_or_else(SourcePath::root)
}

fn fault(path: &SourcePath, message: String) -> Failure {
    let at = Location {
        file: path.to_string(),
        line: 0,
        column: 0,
    };
    Failure::Diagnostics([Diagnostic::new(CODE, message).at(at)].into())
}

/// One file with all that it extends. `leaf` is the file that `${configDir}` speaks of.
fn project(
    context: &dyn Context,
    path: &SourcePath,
    value: &Value,
    leaf: &SourcePath,
    chain: &mut Vec<SourcePath>,
) -> Result<Project, Failure> {
    if chain.contains(path) {
        return Err(fault(path, "extends itself".to_owned()));
    }
    chain.push(path.clone());
    let bases: Vec<&str> = match value.get("extends") {
        Some(Value::String(base)) => vec![base],
        Some(Value::Array(bases)) => bases.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut merged = Project::default();
    for base in bases {
        let file = extended(context, path, base)?.ok_or_else(|| {
            fault(
                path,
                format!("cannot find the configuration `{base}` that it extends"),
            )
        })?;
        let value = read(context, &file)?;
        merged.overlay(project(context, &file, &value, leaf, chain)?);
    }
    chain.pop();
    merged.overlay(own(path, value, leaf));
    merged.directory = Some(directory_of(path));
    merged.options.is_of_typescript = leaf.name() != b"jsconfig.json";
    Ok(merged)
}

/// Finds what `extends` names: a path, or a file of a package (its `tsconfig.json` where it names none).
fn extended(
    context: &dyn Context,
    from: &SourcePath,
    base: &str,
) -> Result<Option<SourcePath>, Failure> {
    let directory = directory_of(from);
    let is_path = base.starts_with('.') || base.starts_with('/');
    if is_path {
        return named(context, &directory, base);
    }
    for ancestor in directory.ancestors() {
        let modules = match files::entry_in(context, &ancestor, b"node_modules")? {
            (path, Entry::Directory) => path,
            _ => continue,
        };
        let (name, subpath) = super::resolve::split_package(base).unwrap_or((base, ""));
        let Some((package, Entry::Directory)) = files::walk(context, &modules, name.as_bytes())?
        else {
            continue;
        };
        if let Some(file) = in_package(context, &package, subpath)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

fn in_package(
    context: &dyn Context,
    package: &SourcePath,
    subpath: &str,
) -> Result<Option<SourcePath>, Failure> {
    let manifest = match packages::read(context, &package.child("package.json"))? {
        Some(bytes) => {
            jsonc::parse_json(&bytes, &package.child("package.json"), "invalid-package")?
        }
        None => Value::Null,
    };
    if let Some(exports) = manifest
        .get("exports")
        .and_then(super::exports::Exports::of)
    {
        let name = match subpath {
            "" => ".".to_owned(),
            _ => format!("./{subpath}"),
        };
        let holds = |condition: &str| matches!(condition, "require" | "types" | "node");
        for name in [name.clone(), format!("{name}.json")] {
            if let Some(target) = exports.get(&name, &holds)
                && let Some(file) = named(context, package, &target)?
            {
                return Ok(Some(file));
            }
        }
    }
    match (subpath, manifest.get("tsconfig").and_then(Value::as_str)) {
        ("", Some(target)) => named(context, package, target),
        ("", None) => named(context, package, "tsconfig.json"),
        (subpath, _) => named(context, package, subpath),
    }
}

/// The file, with `.json` added where it needs it, or the `tsconfig.json` of the directory.
fn named(
    context: &dyn Context,
    directory: &SourcePath,
    name: &str,
) -> Result<Option<SourcePath>, Failure> {
    for name in [
        name.to_owned(),
        format!("{name}.json"),
        format!("{name}/tsconfig.json"),
    ] {
        if let Some((path, Entry::File)) = files::walk(context, directory, name.as_bytes())? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

impl Project {
    /// What `other` says wins.
    fn overlay(&mut self, other: Self) {
        macro_rules! take {
            ($($field:ident),*) => { $( if other.options.$field.is_some() { self.options.$field = other.options.$field; } )* };
        }
        if other.options.paths.is_some() {
            self.options.paths_base = other.options.paths_base;
        }
        take!(
            jsx,
            jsx_factory,
            jsx_fragment_factory,
            jsx_import_source,
            experimental_decorators,
            emit_decorator_metadata,
            use_define_for_class_fields,
            target,
            strict,
            strict_null_checks,
            verbatim_module_syntax,
            base_url,
            paths,
            custom_conditions,
            module_suffixes,
            root_dirs,
            out_dir
        );
        // `files`, `include` and `exclude` replace those of what is extended.
        self.files = other.files.or(self.files.take());
        self.include = other.include.or(self.include.take());
        self.exclude = other.exclude.or(self.exclude.take());
    }
}

/// What the file itself says, paths from the workspace root.
fn own(path: &SourcePath, value: &Value, leaf: &SourcePath) -> Project {
    let directory = directory_of(path);
    let options = value.get("compilerOptions").unwrap_or(&Value::Null);
    let text = |name: &str| options.get(name).and_then(Value::as_str).map(str::to_owned);
    let lower = |name: &str| text(name).map(|text| text.to_ascii_lowercase());
    let flag = |name: &str| options.get(name).and_then(Value::as_bool);
    // `None`: the path leaves the workspace, where nothing is looked for.
    let place = |text: &str| match text.strip_prefix("${configDir}") {
        Some(rest) => directory_of(leaf).join(rest).ok(),
        None => directory.join(text).ok(),
    };
    let list = |name: &str| {
        let texts = value
            .get(name)?
            .as_array()?
            .iter()
            .filter_map(Value::as_str);
        Some(
            texts
                .filter_map(|text| place(text)?.to_str().map(str::to_owned))
                .collect::<Vec<_>>(),
        )
    };
    let mut project = Project {
        files: list("files"),
        include: list("include"),
        exclude: list("exclude"),
        directory: Some(directory.clone()),
        ..Project::default()
    };
    let own = &mut project.options;
    own.jsx = lower("jsx");
    own.jsx_factory = text("jsxFactory")
        .or_else(|| text("reactNamespace").map(|name| format!("{name}.createElement")));
    own.jsx_fragment_factory = text("jsxFragmentFactory");
    own.jsx_import_source = text("jsxImportSource");
    own.experimental_decorators = flag("experimentalDecorators");
    own.emit_decorator_metadata = flag("emitDecoratorMetadata");
    own.use_define_for_class_fields = flag("useDefineForClassFields");
    own.target = lower("target");
    own.strict = flag("strict");
    own.strict_null_checks = flag("strictNullChecks");
    own.verbatim_module_syntax =
        flag("verbatimModuleSyntax").or_else(|| flag("preserveValueImports"));
    own.base_url = text("baseUrl").and_then(|text| place(&text));
    let texts = |name: &str| {
        let values = options.get(name)?.as_array()?.iter();
        Some(values.filter_map(Value::as_str).map(str::to_owned))
    };
    own.custom_conditions = texts("customConditions").map(Iterator::collect);
    own.module_suffixes = texts("moduleSuffixes").map(Iterator::collect);
    own.root_dirs = texts("rootDirs").map(|dirs| dirs.filter_map(|text| place(&text)).collect());
    own.out_dir = text("outDir").and_then(|text| place(&text));
    own.paths_base = Some(directory);
    own.paths = options
        .get("paths")
        .and_then(Value::as_object)
        .map(|paths| {
            let targets = |value: &Value| -> Vec<String> {
                let texts = value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str);
                let leaf = directory_of(leaf);
                texts
                    .map(|text| text.replace("${configDir}", &leaf.to_string()))
                    .collect()
            };
            paths
                .iter()
                .map(|(pattern, value)| (pattern.clone(), targets(value)))
                .collect()
        });
    project
}
