//! One source file to one ES module.

use std::rc::Rc;

use bytes::Bytes;

use crate::base::{Diagnostic, Part, SourcePath, has};
use crate::compiler::{
    self, DecoratorMetadata, Decorators, Define, EnvironmentUse, Jsx, Language, Parsed,
    Replacement, Request, RequestKind, Transformed,
};
use crate::compute::{Context, Failure, Output};
use crate::resolver::{CompilerOptions, in_packages};
use crate::source::Entry;

use super::all::Runnable;
use super::bundle::piece;
use super::common;
use super::hashed::Scope;
use super::imports::Imports;
use super::kind::Kind;
use super::{accept, environment, function, svg, wasm};

/// Runs the computation `module`, or that which gives the same for another scope.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    scope: Scope,
) -> Result<Output, Failure> {
    let kind = Kind::of_path(path);
    let source = wasm::text(runnable, path, context.content(path)?)?;
    let language = kind
        .language()
        .ok_or_else(|| Failure::Internal(format!("`{path}` is no module")))?;
    // Who is asked first makes no difference but in time.
    if kind != Kind::Wasm
        && common::is_likely(path, &source)
        && let Some(facade) = common::facade(runnable, context, path, scope)?
    {
        return Ok(facade);
    }
    let from = svg::from(runnable.layout.source(), path);
    let config = runnable.resolver.config(context, &from)?;
    let shown = runnable.layout.shown(path);
    let parsed =
        compiler::parse(&source, language, shown.trim_start_matches('/')).map_err(diagnostics)?;
    if common::is_common(runnable, context, path, parsed.form())?
        && let Some(facade) = common::facade(runnable, context, path, scope)?
    {
        return Ok(facade);
    }
    if !in_packages(path)
        && let Some(range) = parsed.context_call()
    {
        let diagnostic = Diagnostic::new("unsupported", "`require.context` is webpack's")
            .hint("`import.meta.glob('./folder/*.js', { eager: true })` gives an object of the modules by their paths");
        let problem = compiler::located(diagnostic, &shown, parsed.text(), range);
        return Err(diagnostics(vec![problem]));
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
    if kind == Kind::Wasm {
        // No line of it comes from a source.
        options.map_url = None;
    }
    let transformed = parsed.transform(&options).map_err(diagnostics)?;
    let imports = Imports::new(runnable, context, path, &source, scope);
    let emitted = emit(imports, &config, transformed);
    match kind {
        Kind::Wasm => emitted.map_err(wasm::as_a_whole),
        _ => emitted,
    }
}

/// Runs the computation `classic`. A script is sloppy, declares globals, and may be UMD, which looks for a `module`: it stays what
/// it is. What is no JavaScript is compiled; it can import nothing.
pub(super) fn classic(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let is_plain = matches!(
        Kind::of_path(path).language(),
        Some(Language::Js | Language::Mjs | Language::Cjs)
    );
    if !is_plain {
        return run(runnable, context, path, Scope::Bare);
    }
    Ok(Output {
        parts: vec![(Part::MAIN, context.content(path)?)],
        links: Vec::new(),
    })
}

/// Resolves what a compiled file asks for, and prints it.
pub(super) fn emit(
    mut imports: Imports<'_>,
    config: &CompilerOptions,
    transformed: Transformed,
) -> Result<Output, Failure> {
    let requests: Rc<[Request]> = transformed.requests().into();
    let mut answers = Vec::with_capacity(requests.len());
    for request in &*requests {
        if request.kind == RequestKind::Accept {
            accept::note(&mut imports, request, config)?;
        }
    }
    imports.ask(&requests);
    for request in &*requests {
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
            metadata: (config.emit_decorator_metadata == Some(true)).then(|| DecoratorMetadata {
                strict_null_checks: config.checks_nulls(),
            }),
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
        is_script: false,
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
    if has(text, "process") {
        let node = options.node();
        let process = serde_json::json!({ "NODE_ENV": node }).to_string();
        defines.extend([
            Define::new("process.env.NODE_ENV", quoted(node)),
            Define::new("process.env", &*process),
            Define::new("global.process.env", &*process),
            Define::new("globalThis.process.env", process),
        ]);
    }
    if has(text, "global") {
        defines.push(Define::new("global", "globalThis"));
    }
    if has(text, "meta") {
        defines.push(Define::new("import.meta.hot", "undefined"));
        if has(text, "env") {
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
    // What the user defines is in the whole as well, and goes before what a file says.
    for (name, value) in &options.defines {
        if let Some(name) = name.strip_prefix("import.meta.env.")
            && !name.contains('.')
        {
            environment.push_str(&format!(",{}:({value})", quoted(name)));
        }
    }
    environment.push('}');
    environment
}
