//! The passes, in their order.

use swc_core::common::{GLOBALS, Mark, SyntaxContext};
use swc_core::ecma::ast::{Module, Pass, Program};
use swc_core::ecma::transforms::base::fixer::fixer;
use swc_core::ecma::transforms::base::helpers::{HELPERS, Helpers};
use swc_core::ecma::transforms::base::hygiene::{Config as Hygiene, hygiene_with_config};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::transforms::proposal::decorator_2023_11::decorator_2023_11;
use swc_core::ecma::transforms::proposal::decorators::{Config as LegacyDecorators, decorators};
use swc_core::ecma::transforms::proposal::explicit_resource_management::explicit_resource_management;
use swc_core::ecma::transforms::typescript::{self, TsImportExportAssignConfig, TsxConfig};

use swc_core::ecma::visit::VisitMutWith;

use super::accessors::LowerAccessors;
use super::clashes::{self, Own};
use super::class_names::LowerClasses;
use super::decorators::{self as decorated, SelfReferences};
use super::enums::KeepReverseMappings;
use super::parse::{File, Parsed, as_module};
use super::sequences::NoFillers;
use super::written::Written;
use super::{
    DecoratorMetadata, Decorators, Exports, Jsx, Language, Options, Transformed, aliases, ambient,
    assignments, branches, common, deferred, defines, early, faults, fields, helpers, jsx, kept,
    metadata, namespaces, refresh, requests, spelled, targets, written,
};
use crate::base::{Diagnostic, has};

/// The marks that tell a file's own names from globals.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    pub(super) unresolved: Mark,
    pub(super) top_level: Mark,
}

pub(super) fn transform(parsed: Parsed, options: &Options) -> Result<Transformed, Vec<Diagnostic>> {
    let Parsed {
        program,
        file,
        language,
    } = parsed;
    let compiled = GLOBALS.set(&file.globals, || {
        let module = match program {
            Program::Module(module) => module,
            Program::Script(_) => as_module(&file, language)?,
        };
        compile(module, &file, language, options, &mut None)
    })?;
    Ok(transformed(compiled, file, options, None))
}

/// A script as the module of a CommonJS body. (A file with `import` or `export` is none; it is compiled as it is.)
pub(super) fn transform_common(
    parsed: Parsed,
    options: &Options,
) -> Result<Transformed, Vec<Diagnostic>> {
    let Parsed {
        program,
        file,
        language,
    } = parsed;
    let mut script = match program {
        Program::Script(script) => script,
        module @ Program::Module(_) => {
            let parsed = Parsed {
                program: module,
                file,
                language,
            };
            return transform(parsed, options);
        }
    };
    let mut exports = Some(Exports::default());
    let compiled = GLOBALS.set(&file.globals, || {
        common::hoist(&mut script);
        let module = common::wrap(script, &file.shown, file.text(), options.is_script);
        compile(module, &file, language, options, &mut exports)
    })?;
    Ok(transformed(compiled, file, options, exports))
}

fn transformed(
    (passed, requests): (Passed, Vec<super::Request>),
    file: File,
    options: &Options,
    exports: Option<Exports>,
) -> Transformed {
    Transformed {
        module: passed.module,
        is_grouped: passed.is_grouped,
        requests,
        file,
        minify: options.minify,
        compact: options.minify || options.compact,
        function_form: options.function_form,
        hot: is_hot(options),
        map_source: options.map_source.clone(),
        map_url: options.map_url.clone(),
        map_comment: options.map_comment,
        exports,
    }
}

fn is_hot(options: &Options) -> bool {
    options.function_form && options.hot
}

/// What a CommonJS file exports, its sloppiness made strict, its calls of `require` replaced.
fn common_passes(
    module: &mut Module,
    file: &File,
    marks: Marks,
    annotated: Exports,
) -> Result<Exports, Vec<Diagnostic>> {
    let unresolved = SyntaxContext::empty().apply_mark(marks.unresolved);
    let exports = common::detect(module).and(annotated);
    let withs = common::rewrite_sloppy(module, unresolved, file.text());
    if !withs.is_empty() {
        let told = withs.into_iter().take(10).map(|span| {
            let diagnostic = Diagnostic::new("sloppy", "`with` is not allowed in modules");
            faults::at_span(diagnostic, file, span)
        });
        return Err(told.collect());
    }
    common::replace_requires(module);
    Ok(exports)
}

/// Runs all passes, and collects what the module asks for. `exports`: those of a CommonJS file's body are wanted.
fn compile(
    module: Module,
    file: &File,
    language: Language,
    options: &Options,
    exports: &mut Option<Exports>,
) -> Result<(Passed, Vec<super::Request>), Vec<Diagnostic>> {
    let written = written::check(&module, file)?;
    HELPERS.set(&Helpers::new(true), || {
        let has_classes = written.classes;
        let passed = passes(module, file, language, written, options, exports)?;
        early::check(&passed.module, file, has_classes)?;
        let requests = requests::collect(&passed.module, file, is_hot(options), passed.imports);
        Ok((passed, requests))
    })
}

/// A module after all passes.
struct Passed {
    module: Module,
    /// Whether it may have `import()` or `import.meta`.
    imports: bool,
    /// Whether what needs parentheses has them: those of the source, which is all that is left of it.
    is_grouped: bool,
}

fn passes(
    module: Module,
    file: &File,
    language: Language,
    written: Written,
    options: &Options,
    exports: &mut Option<Exports>,
) -> Result<Passed, Vec<Diagnostic>> {
    let text = file.text();
    let marks = Marks {
        unresolved: Mark::new(),
        top_level: Mark::new(),
    };
    let mut module = module;
    if written.deferred {
        deferred::evaluate(&mut module);
    }
    if written.namespaces {
        spelled::read(&mut module, file);
    }
    let assigned = assignments::names(&module.body);
    let named = kept::Decorated::of(&module, written, options);
    let mut program = Program::Module(module);
    let run = |program: &mut Program, mut pass: Box<dyn Pass + '_>| pass.process(program);
    run(
        &mut program,
        Box::new(resolver(
            marks.unresolved,
            marks.top_level,
            language.is_typescript(),
        )),
    );
    let own = Own::now(marks);
    let mut moves = clashes::moves(file, written, options);
    if written.decorators {
        decorate(&mut program, language, options, marks);
        named.apply(
            &mut program,
            SyntaxContext::empty().apply_mark(marks.unresolved),
        );
    }
    if written.accessors {
        program.visit_mut_with(&mut LowerClasses::by(LowerAccessors));
    }
    if written.using {
        run(&mut program, Box::new(explicit_resource_management()));
    }
    if language.is_typescript() {
        if written.enums {
            let mut enums = KeepReverseMappings::default();
            program.visit_mut_with(&mut enums);
            moves |= enums.have_functions;
        }
        if let Program::Module(module) = &mut program
            && (written.namespaces || aliases::are_in(module))
        {
            moves |= namespaces::join(module);
        }
        if written.assigned_imports
            && let Program::Module(module) = &mut program
        {
            targets::add(module);
        }
        run(&mut program, strip(file, options, marks));
        if let Program::Module(module) = &mut program {
            if written.assigned_imports {
                targets::take(module);
            }
            if written.decorators && written.namespaces {
                decorated::join_namespaces(module);
            }
            assignments::rewrite(module, &assigned);
        }
        if has(text, "declare") {
            ambient::to_globals(&mut program, marks);
        }
        if !options.use_define_for_class_fields && written.classes {
            program.visit_mut_with(&mut LowerClasses::by(fields::AssignFields));
        }
    }
    if is_hot(options)
        && !refresh::is_of_package(file)
        && let Program::Module(module) = &mut program
    {
        refresh::apply(module, file);
    }
    if written.jsx {
        jsx::lower(&mut program, file, options, marks)?;
    }
    let annotated = match (&program, &exports) {
        (Program::Module(module), Some(_)) => common::annotated(module, text),
        _ => Exports::default(),
    };
    let defined = defines::apply(&mut program, &options.defines, file, marks.unresolved)?;
    if defined {
        moves |= branches::fold(&mut program, marks.unresolved);
    }
    let is_common = exports.is_some();
    match (&mut program, exports) {
        (Program::Module(module), Some(exports)) => {
            *exports = common_passes(module, file, marks, annotated)?;
        }
        (Program::Module(module), None) if has(text, "require") => {
            let unresolved = SyntaxContext::empty().apply_mark(marks.unresolved);
            common::replace_in_module(module, unresolved);
        }
        _ => {}
    }
    helpers::inject(&mut program, file, marks.unresolved);
    if moves || own.can_clash(&program, file) {
        let hygiene = hygiene_with_config(Hygiene {
            top_level_mark: marks.top_level,
            ..Hygiene::hygiene_default()
        });
        let names = kept::Names::of(&program, written);
        run(&mut program, Box::new(hygiene));
        names.keep(&mut program);
    }
    if written.sequences {
        program.visit_mut_with(&mut NoFillers);
    }
    let is_rebuilt = moves || defined || is_common || options.minify;
    let is_grouped = !is_rebuilt && written.keeps_groups();
    // What becomes a function is given its parentheses then.
    if !is_grouped && !options.function_form {
        run(&mut program, Box::new(fixer(None)));
    }
    let module = match program {
        Program::Module(module) => module,
        Program::Script(script) => Module {
            span: script.span,
            body: script.body.into_iter().map(Into::into).collect(),
            shebang: script.shebang,
        },
    };
    let imports = written.imports || defined;
    Ok(Passed {
        module,
        imports,
        is_grouped,
    })
}

/// Lowers decorators. Legacy ones are on the members that accessors stand for.
fn decorate(program: &mut Program, language: Language, options: &Options, marks: Marks) {
    // Before the types go: metadata is made of them.
    match options.decorators {
        Decorators::Legacy { metadata } => {
            let metadata = metadata.filter(|_| language.is_typescript());
            program.visit_mut_with(&mut LowerClasses::by(LowerAccessors));
            program.visit_mut_with(&mut SelfReferences::default());
            if let Some(DecoratorMetadata { strict_null_checks }) = metadata {
                let globals = SyntaxContext::empty().apply_mark(marks.unresolved);
                metadata::make_plain(program, globals, strict_null_checks);
            }
            let config = LegacyDecorators {
                legacy: true,
                emit_metadata: metadata.is_some(),
                use_define_for_class_fields: options.use_define_for_class_fields,
            };
            decorators(config).process(program);
            if metadata.is_some() {
                program.visit_mut_with(&mut decorated::Metadata);
            }
        }
        Decorators::Standard => decorator_2023_11().process(program),
    }
}

fn strip<'a>(file: &'a File, options: &Options, marks: Marks) -> Box<dyn Pass + 'a> {
    let config = typescript::Config {
        verbatim_module_syntax: options.verbatim_module_syntax,
        native_class_properties: options.use_define_for_class_fields,
        import_export_assign_config: TsImportExportAssignConfig::Preserve,
        ..typescript::Config::default()
    };
    let classic = match &options.jsx {
        Jsx::Classic { pragma, fragment } => Some((pragma, fragment)),
        Jsx::Automatic { .. } => None,
    };
    if classic.is_none() && !file.has_pragma() {
        return Box::new(typescript::typescript(
            config,
            marks.unresolved,
            marks.top_level,
        ));
    }
    // Names that only JSX uses are uses.
    Box::new(typescript::tsx(
        file.map.clone(),
        config,
        TsxConfig {
            pragma: classic.map(|(pragma, _)| pragma.clone().into()),
            pragma_frag: classic.map(|(_, fragment)| fragment.clone().into()),
        },
        file.comments.clone(),
        marks.unresolved,
        marks.top_level,
    ))
}
