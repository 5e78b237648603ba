//! Source text to syntax tree.

use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::sync::Lrc;
use swc_core::common::{FileName, GLOBALS, Globals, SourceFile, SourceMap};
use swc_core::ecma::ast::{EsVersion, Module, Program};
use swc_core::ecma::parser::{
    EsSyntax, PResult, Syntax, TsSyntax,
    error::{Error, SyntaxError},
    parse_file_as_module, parse_file_as_program,
};

use super::{Exports, Form, Language, Options, Outline, Transformed, depth, faults, form, guard};
use crate::base::{Diagnostic, Location, has};

/// The longest text that is compiled, in bytes: its tree takes many times as much memory.
const MOST: usize = 64 << 20;

/// A file that parsed.
pub struct Parsed {
    pub(super) program: Program,
    pub(super) file: File,
    pub(super) language: Language,
}

/// What all steps share about one file.
pub(super) struct File {
    /// The file as diagnostics name it, with a leading slash.
    pub(super) shown: String,
    pub(super) source: Lrc<SourceFile>,
    pub(super) map: Lrc<SourceMap>,
    pub(super) globals: Globals,
    /// Holds something only where the text has a JSX pragma or a comment to keep; nothing else needs comments.
    pub(super) comments: SingleThreadedComments,
}

impl File {
    /// The text, without a byte order mark.
    pub(super) fn text(&self) -> &str {
        &self.source.src
    }

    /// Whether the text holds a JSX pragma, or at least its name.
    pub(super) fn has_pragma(&self) -> bool {
        has(self.text(), "@jsx")
    }
}

/// Parses `source`, a file in `language` that the project calls `name` (from its root, without a leading slash: it
/// stands in diagnostics, in the map and in development JSX, so it must not differ between machines).
///
/// # Errors
/// Every syntax error that the parser could tell apart, at most ten, with place and frame.
pub fn parse(source: &[u8], language: Language, name: &str) -> Result<Parsed, Vec<Diagnostic>> {
    let shown = format!("/{name}");
    if source.len() > MOST {
        let message = format!("the file has more than {} MiB", MOST >> 20);
        let location = Location {
            file: shown,
            line: 0,
            column: 0,
        };
        return Err(vec![Diagnostic::new("too-large", message).at(location)]);
    }
    let text = match std::str::from_utf8(source) {
        Ok(text) => text,
        Err(error) => return Err(vec![faults::encoding(source, error.valid_up_to(), &shown)]),
    };
    depth::check(text, &shown)?;
    guard(&shown, || {
        let map = Lrc::<SourceMap>::default();
        let source = map.new_source_file(FileName::Real(name.into()).into(), text.to_owned());
        let file = File {
            shown: shown.clone(),
            source,
            map,
            globals: Globals::new(),
            comments: SingleThreadedComments::default(),
        };
        let module_only = matches!(language, Language::Mts | Language::Mjs);
        let program = GLOBALS.set(&file.globals, || {
            read(&file, language, |source, syntax, comments, errors| {
                let version = EsVersion::latest();
                if module_only {
                    parse_file_as_module(source, syntax, version, comments, errors)
                        .map(Program::Module)
                } else {
                    parse_file_as_program(source, syntax, version, comments, errors)
                }
            })
        })?;
        Ok(Parsed {
            program,
            file,
            language,
        })
    })
}

impl Parsed {
    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        self.file.text()
    }

    /// What the text makes of itself. Cheap.
    pub fn form(&self) -> Form {
        form::of(&self.program, self.language)
    }

    /// Compiles to an ES module: types go, JSX, decorators and `using` become calls, defines are applied and what they
    /// make unreachable goes. Afterwards the set of imports is final.
    ///
    /// # Errors
    /// What only shows here: a script whose text no module may hold (modules are strict), TypeScript that has no
    /// counterpart in an ES module.
    pub fn transform(self, options: &Options) -> Result<Transformed, Vec<Diagnostic>> {
        let shown = self.file.shown.clone();
        guard(&shown, || super::transform::transform(self, options))
    }
}

impl Parsed {
    /// Compiles a CommonJS file to the module of its body: it exports a function `commonjs` that runs the file once and
    /// gives `module.exports`. A request `require` is for the module of the other file's body, or what [`super::stand_in`]
    /// makes; [`Transformed::exports`] says what [`super::facade`] can export.
    ///
    /// # Errors
    /// As [`Parsed::transform`]; `sloppy` for what no module can hold (`with`).
    pub fn transform_common(self, options: &Options) -> Result<Transformed, Vec<Diagnostic>> {
        let shown = self.file.shown.clone();
        guard(&shown, || super::transform::transform_common(self, options))
    }

    /// What an ES module exports, the names of `export *` by their specifiers.
    pub fn exports(&self) -> Exports {
        self.outline().into_exports()
    }

    /// What an ES module exports, types included.
    pub fn outline(&self) -> Outline {
        super::outline::of(&self.program)
    }

    /// The specifiers of the modules that are evaluated before this one, in the order of the text; without `import()`.
    pub fn loaded(&self) -> Vec<String> {
        super::loaded::of(&self.program, self.language)
    }
}

/// The tree of a file as a module, whatever it looked like: for a script that becomes a module.
pub(super) fn as_module(file: &File, language: Language) -> Result<Module, Vec<Diagnostic>> {
    read(file, language, |source, syntax, comments, errors| {
        let syntax = match syntax {
            Syntax::Es(es) => Syntax::Es(EsSyntax {
                allow_return_outside_function: false,
                ..es
            }),
            other => other,
        };
        parse_file_as_module(source, syntax, EsVersion::latest(), comments, errors)
    })
}

fn read<T>(
    file: &File,
    language: Language,
    parser: impl FnOnce(
        &SourceFile,
        Syntax,
        Option<&dyn swc_core::common::comments::Comments>,
        &mut Vec<Error>,
    ) -> PResult<T>,
) -> Result<T, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let comments = (file.has_pragma() || file.has_legal_comments())
        .then_some(&file.comments as &dyn swc_core::common::comments::Comments);
    let result = parser(&file.source, syntax(language), comments, &mut errors);
    // `override` where nothing is extended is for TypeScript's checker to tell, as all that is about types.
    errors.retain(|error| !matches!(error.kind(), SyntaxError::TS4112));
    match result {
        Ok(tree) if errors.is_empty() => Ok(tree),
        Ok(_) => Err(faults::syntax(file, language, errors)),
        Err(fatal) => {
            errors.push(fatal);
            Err(faults::syntax(file, language, errors))
        }
    }
}

/// How swc is to read `language`. JavaScript is read as such: `f<a>(b)` is two comparisons there.
fn syntax(language: Language) -> Syntax {
    if language.is_typescript() {
        return Syntax::Typescript(TsSyntax {
            tsx: language.has_jsx(),
            decorators: true,
            ..TsSyntax::default()
        });
    }
    Syntax::Es(EsSyntax {
        jsx: language.has_jsx(),
        decorators: true,
        decorators_before_export: true,
        auto_accessors: true,
        import_attributes: true,
        explicit_resource_management: true,
        // A CommonJS file is the body of a function.
        allow_return_outside_function: matches!(language, Language::Js | Language::Cjs),
        ..EsSyntax::default()
    })
}
