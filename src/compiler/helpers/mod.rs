//! The functions that compiled code calls, put into every output that calls them: an output depends on no package.

use swc_core::common::{DUMMY_SP, FileName, Mark, Span, SyntaxContext};
use swc_core::ecma::ast::{
    EsVersion, Ident, ImportDecl, Module, ModuleDecl, ModuleItem, Pass, Program, Stmt,
};
use swc_core::ecma::parser::{Syntax, parse_file_as_script};
use swc_core::ecma::transforms::base::helpers::inject_helpers;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::parse::File;

/// Those of swc's helpers that the passes in use can ask for, by the last part of swc's import.
const TEXTS: [(&str, &str); 12] = [
    ("_apply_decs_2311", include_str!("apply_decs_2311.js")),
    (
        "_ts_add_disposable_resource",
        include_str!("ts_add_disposable_resource.js"),
    ),
    (
        "_ts_dispose_resources",
        include_str!("ts_dispose_resources.js"),
    ),
    ("_ts_decorate", include_str!("ts_decorate.js")),
    ("_ts_metadata", include_str!("ts_metadata.js")),
    ("_identity", include_str!("identity.js")),
    ("_to_property_key", include_str!("to_property_key.js")),
    ("_ts_param", include_str!("ts_param.js")),
    ("_get", include_str!("get.js")),
    ("_set", include_str!("set.js")),
    ("_update", include_str!("update.js")),
    ("_get_prototype_of", include_str!("get_prototype_of.js")),
];

/// Adds the helpers that were asked for, as functions after the imports. `unresolved` is the mark of globals.
pub(super) fn inject(program: &mut Program, file: &File, unresolved: Mark) {
    // swc says which by adding imports; each becomes the function itself.
    inject_helpers(unresolved).process(program);
    let Program::Module(module) = program else {
        return;
    };
    let mut helpers = Vec::new();
    module.body.retain(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => match asked_for(import) {
            Some(helper) => {
                helpers.push(helper);
                false
            }
            None => true,
        },
        _ => true,
    });
    let statements = helpers
        .into_iter()
        .flat_map(|(name, text, context)| function(name, text, context, file, unresolved));
    insert(module, statements.collect());
}

/// The helper that an import of swc's asks for, and the context of its name in the code.
fn asked_for(import: &ImportDecl) -> Option<(&'static str, &'static str, SyntaxContext)> {
    if import.span != DUMMY_SP {
        return None;
    }
    let path = import.src.value.as_str()?;
    let wanted = path.strip_prefix("@swc/helpers/_/")?;
    let (name, text) = TEXTS.iter().find(|(name, _)| *name == wanted)?;
    let local = import.specifiers.first()?.local();
    Some((name, text, local.ctxt))
}

/// The statements of a helper. Its names are its own, but for the one that the code calls.
fn function(
    name: &'static str,
    text: &str,
    context: SyntaxContext,
    file: &File,
    unresolved: Mark,
) -> Vec<Stmt> {
    let source = file
        .map
        .new_source_file(FileName::Custom(name.to_owned()).into(), text.to_owned());
    let parsed = parse_file_as_script(
        &source,
        Syntax::default(),
        EsVersion::latest(),
        None,
        &mut Vec::new(),
    );
    let Ok(script) = parsed else {
        panic!("the helper {name} does not parse");
    };
    let own = Mark::new();
    let mut program = Program::Script(script);
    resolver(unresolved, own, false).process(&mut program);
    program.visit_mut_with(&mut Adopt {
        name,
        from: SyntaxContext::empty().apply_mark(own),
        to: context,
    });
    match program {
        Program::Script(script) => script.body,
        Program::Module(_) => Vec::new(),
    }
}

struct Adopt {
    name: &'static str,
    from: SyntaxContext,
    to: SyntaxContext,
}

impl VisitMut for Adopt {
    noop_visit_mut_type!();

    fn visit_mut_ident(&mut self, ident: &mut Ident) {
        if ident.sym == self.name && ident.ctxt == self.from {
            ident.ctxt = self.to;
        }
        ident.span = DUMMY_SP;
    }

    fn visit_mut_span(&mut self, span: &mut Span) {
        *span = DUMMY_SP;
    }
}

/// Puts `statements` behind the directives, before everything else that runs.
fn insert(module: &mut Module, statements: Vec<Stmt>) {
    let directives = module
        .body
        .iter()
        .take_while(
            |item| matches!(item, ModuleItem::Stmt(statement) if statement.can_precede_directive()),
        )
        .count();
    let items = statements.into_iter().map(ModuleItem::Stmt);
    module.body.splice(directives..directives, items);
}
