//! One source file to one ES module.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::base::{Diagnostic, Key, Location, Part, SourcePath, code_frame};
use crate::compiler::{
    self, Decorators, Define, Form, Jsx, Language, Replacement, Request, RequestKind,
};
use crate::compute::{Context, Failure, Output};
use crate::resolver::{CompilerOptions, Target};
use crate::source::Entry;

use super::all::{Runnable, whole_file};
use super::kind::{Kind, Query};
use super::{environment, requests};

/// Runs the computation `module`.
pub fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let source = context.content(path)?;
    let language = Kind::of_path(path)
        .language()
        .ok_or_else(|| Failure::Internal(format!("`{path}` is no module")))?;
    let config = runnable.resolver.config(context, path)?;
    let shown = runnable.layout.shown(path);
    let parsed =
        compiler::parse(&source, language, shown.trim_start_matches('/')).map_err(diagnostics)?;
    if parsed.form() == Form::CommonJs
        || (language == Language::Cjs && parsed.form() != Form::Module)
    {
        let diagnostic = Diagnostic::new("unsupported", "a CommonJS module is no ES module")
            .hint("it uses `require` or `module.exports`; import a build with `export`, where the package has one");
        return Err(whole_file(runnable, path, diagnostic));
    }
    let has_own_map = language == Language::Js
        && context.entry(&super::layout::with_suffix(path, ".map"))? != Entry::Absent;
    let mut options = options(runnable, &config, path, has_own_map);
    if contains(&source, b"import.meta") && contains(&source, b"env") {
        let variables = environment::fetch(runnable, context)?;
        options.defines = defines(runnable, &variables);
    }
    let transformed = parsed.transform(&options).map_err(diagnostics)?;
    let requests = transformed.requests().to_vec();
    let mut imports = Imports::new(runnable, context, path, &source);
    let mut answers = Vec::with_capacity(requests.len());
    for request in &requests {
        answers.push(imports.answer(request, &config)?);
    }
    if !imports.problems.is_empty() {
        return Err(diagnostics(imports.problems));
    }
    let mut answers = answers.into_iter();
    let emitted = transformed
        .emit(&mut |_| answers.next().unwrap_or(Replacement::Keep))
        .map_err(diagnostics)?;
    let mut parts = vec![(Part::MAIN, Bytes::from(emitted.code))];
    if let Some(map) = emitted.map {
        parts.push((Part::MAP, map.into()));
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

fn diagnostics(problems: Vec<Diagnostic>) -> Failure {
    Failure::Diagnostics(problems.into())
}

/// How the file is compiled: by its configuration, and by what the daemon was told.
fn options(
    runnable: &Runnable,
    config: &CompilerOptions,
    path: &SourcePath,
    has_own_map: bool,
) -> compiler::Options {
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
    compiler::Options {
        jsx,
        development: !runnable.options.production,
        decorators,
        use_define_for_class_fields: config.defines_class_fields(),
        verbatim_module_syntax: config.verbatim_module_syntax == Some(true),
        defines: defines(runnable, &[]),
        map_source: Some(String::from_utf8_lossy(path.name()).into_owned()),
        map_url: (!has_own_map).then(|| super::layout::url_segment(map_name.name())),
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// `process.env.NODE_ENV`, `import.meta.env` as Vite documents it, and the user's own.
fn defines(runnable: &Runnable, variables: &[(String, String)]) -> Vec<Define> {
    let options = &runnable.options;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut environment = serde_json::json!({
        "BASE_URL": options.base,
        "DEV": !options.production,
        "MODE": options.mode(),
        "PROD": options.production,
        "SSR": false,
    });
    for (name, value) in variables {
        environment[name] = value.as_str().into();
    }
    let node = match options.production {
        true => "production",
        false => "development",
    };
    let mut defines = vec![
        Define::new("process.env.NODE_ENV", quoted(node)),
        Define::new("import.meta.env", environment.to_string()),
        Define::new("import.meta.hot", "undefined"),
    ];
    for (name, value) in &options.defines {
        defines.retain(|define| define.path != *name);
        defines.push(Define::new(name, value));
    }
    defines
}

/// Answers what a file asks for, and remembers what that means.
pub(super) struct Imports<'a> {
    pub(super) runnable: &'a Runnable,
    pub(super) context: &'a dyn Context,
    pub(super) path: &'a SourcePath,
    source: &'a [u8],
    pub(super) importer: crate::resolver::Importer<'a>,
    links: Vec<Key>,
    linked: BTreeSet<Key>,
    problems: Vec<Diagnostic>,
}

impl<'a> Imports<'a> {
    fn new(
        runnable: &'a Runnable,
        context: &'a dyn Context,
        path: &'a SourcePath,
        source: &'a [u8],
    ) -> Self {
        Self {
            runnable,
            context,
            path,
            source,
            importer: runnable.resolver.importer(context, path),
            links: Vec::new(),
            linked: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    fn answer(
        &mut self,
        request: &Request,
        config: &CompilerOptions,
    ) -> Result<Replacement, Failure> {
        if request.kind == RequestKind::Url {
            return requests::url(self, request, config);
        }
        if let Some(glob) = &request.glob {
            return requests::many(self, request, glob, config);
        }
        let specifier = &request.specifier;
        let shown = self.runnable.layout.shown(self.path);
        let target = match self.importer.resolve(specifier, config)? {
            Ok(target) => target,
            Err(unresolved) => return Ok(self.unresolved(request, unresolved.hint)),
        };
        let (path, query) = match target {
            Target::Url => return Ok(Replacement::Keep),
            Target::Builtin(name) => {
                return Ok(Replacement::Unavailable {
                    message: format!(
                        "`{name}` is a module of Node.js and does not exist in browsers (imported by {shown})"
                    ),
                });
            }
            Target::Empty => {
                return Ok(Replacement::Unavailable {
                    message: format!(
                        "`{specifier}` is left out in browsers by its package (imported by {shown})"
                    ),
                });
            }
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
        self.link(Key::new(module, path.clone()));
        let specifier = self.runnable.layout.specifier(self.path, &path, query);
        Ok(Replacement::Specifier(specifier))
    }

    /// The output refers to this node.
    pub(super) fn link(&mut self, key: Key) {
        if self.linked.insert(key.clone()) {
            self.links.push(key);
        }
    }

    /// In the project, what is not there is an error of the file; in a package and under `import()` it is one of the
    /// moment when it is wanted, for packages try what may be missing.
    pub(super) fn unresolved(&mut self, request: &Request, hint: Option<String>) -> Replacement {
        let specifier = &request.specifier;
        let file = self.runnable.layout.shown(self.path);
        let message = format!("cannot resolve `{specifier}`");
        let in_package = self.path.components().any(|name| name == b"node_modules");
        if in_package || request.kind == RequestKind::Dynamic {
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
