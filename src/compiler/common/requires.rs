//! `require('a')` as a call of the function that a static import brings.

use std::collections::{HashMap, HashSet};

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, Span, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::private_ident;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::wrap::body_mut;
use crate::compiler::RequestKind;

/// What the module of a CommonJS file exports.
pub(crate) const EXPORT: &str = "commonjs";

/// How the imports that are made here are told from those that are written, until they are replaced: by names that
/// nobody gives to an export.
const REQUIRED: &str = "commonjs!";
const TRIED: &str = "commonjs?";
const RESOLVED: &str = "commonjs=";

/// Replaces each call, and puts an import for each name in front of the module. What shadows `require` is left alone.
pub(crate) fn replace(module: &mut Module) {
    let Some(body) = body_mut(module) else {
        return;
    };
    let Some(context) = context_of_require(body) else {
        return;
    };
    let mut requires = Requires::new(context);
    body.body.visit_mut_with(&mut requires);
    let imports = requires.found.into_iter().map(Found::into_import);
    module.body.splice(0..0, imports);
}

/// The same in an ES module, which bundlers let call `require` too. What it imports comes first, as it does there.
pub(crate) fn replace_in_module(module: &mut Module, unresolved: SyntaxContext) {
    let mut requires = Requires::new(unresolved);
    module.visit_mut_with(&mut requires);
    let imports = requires.found.into_iter().map(Found::into_import);
    module.body.extend(imports);
}

/// The kind of an import that [`replace`] made.
pub(crate) fn kind(import: &ImportDecl) -> Option<RequestKind> {
    let [ImportSpecifier::Named(named)] = &import.specifiers[..] else {
        return None;
    };
    match named.imported.as_ref()? {
        ModuleExportName::Str(name) if name.value == *REQUIRED => Some(RequestKind::Require),
        ModuleExportName::Str(name) if name.value == *TRIED => Some(RequestKind::TriedRequire),
        ModuleExportName::Str(name) if name.value == *RESOLVED => {
            Some(RequestKind::ResolvedRequire)
        }
        _ => None,
    }
}

/// Makes such an import one of what the module of a body exports.
pub(crate) fn name(import: &mut ImportDecl) {
    if let Some(ImportSpecifier::Named(named)) = import.specifiers.first_mut() {
        let exported = Ident::new_no_ctxt(EXPORT.into(), DUMMY_SP);
        named.imported = Some(ModuleExportName::Ident(exported));
    }
}

/// Makes such an import one of a default export, as `local`.
pub(crate) fn name_default(import: &mut ImportDecl, local: Atom) {
    import.specifiers = vec![ImportSpecifier::Default(ImportDefaultSpecifier {
        span: DUMMY_SP,
        local: Ident::new_no_ctxt(local, DUMMY_SP),
    })];
}

fn context_of_require(body: &Function) -> Option<SyntaxContext> {
    body.params.iter().find_map(|param| match &param.pat {
        Pat::Ident(name) if name.id.sym == "require" => Some(name.id.ctxt),
        _ => None,
    })
}

struct Found {
    specifier: Str,
    local: Ident,
    is_tried: bool,
    /// Only its name is asked for.
    is_resolved: bool,
}

impl Found {
    fn into_import(self) -> ModuleItem {
        let name = match (self.is_resolved, self.is_tried) {
            (true, _) => RESOLVED,
            (false, true) => TRIED,
            (false, false) => REQUIRED,
        };
        ModuleItem::ModuleDecl(ModuleDecl::Import(ImportDecl {
            span: DUMMY_SP,
            specifiers: vec![ImportSpecifier::Named(ImportNamedSpecifier {
                span: DUMMY_SP,
                local: self.local,
                imported: Some(ModuleExportName::Str(Str::from(name))),
                is_type_only: false,
            })],
            src: Box::new(self.specifier),
            type_only: false,
            with: None,
            phase: ImportPhase::Evaluation,
        }))
    }
}

struct Requires {
    context: SyntaxContext,
    /// How many `try { … }` are around.
    tries: usize,
    found: Vec<Found>,
    by_name: HashMap<(String, bool), usize>,
    /// What the functions are called.
    names: HashSet<String>,
}

impl Requires {
    fn new(context: SyntaxContext) -> Self {
        Self {
            context,
            tries: 0,
            found: Vec::new(),
            by_name: HashMap::new(),
            names: HashSet::new(),
        }
    }

    fn function_for(&mut self, specifier: String, span: Span, is_resolved: bool) -> Ident {
        let is_tried = self.tries > 0;
        let wanted = (specifier, is_resolved);
        if let Some(index) = self.by_name.get(&wanted) {
            let found = &mut self.found[*index];
            found.is_tried &= is_tried;
            return found.local.clone();
        }
        let (specifier, _) = &wanted;
        let verb = if is_resolved { "resolve" } else { "require" };
        let mut name = format!("{verb}_{}", readable(specifier));
        // Two names need not be told apart later.
        if !self.names.insert(name.clone()) {
            name = format!("{name}_{}", self.found.len());
            self.names.insert(name.clone());
        }
        let local = private_ident!(name);
        self.found.push(Found {
            specifier: Str {
                span,
                value: specifier.as_str().into(),
                raw: None,
            },
            local: local.clone(),
            is_tried,
            is_resolved,
        });
        self.by_name.insert(wanted, self.found.len() - 1);
        local
    }
}

impl Requires {
    /// Whether a callee is `require` or `module.require`, or `require.resolve`, for which this gives `true`.
    fn asks(&self, callee: &Callee) -> Option<bool> {
        let is = |expr: &Expr, name: &str| {
            expr.as_ident()
                .is_some_and(|ident| ident.sym == *name && ident.ctxt == self.context)
        };
        let callee = callee.as_expr()?;
        if is(callee, "require") {
            return Some(false);
        }
        let member = callee.as_member()?;
        match &*member.prop.as_ident()?.sym {
            "require" if is(&member.obj, "module") => Some(false),
            "resolve" if is(&member.obj, "require") => Some(true),
            _ => None,
        }
    }
}

impl VisitMut for Requires {
    noop_visit_mut_type!();

    fn visit_mut_call_expr(&mut self, call: &mut CallExpr) {
        if let Some(is_resolved) = self.asks(&call.callee)
            && let Some((specifier, span)) = literal(&call.args)
        {
            let function = self.function_for(specifier, span, is_resolved);
            call.callee = Callee::Expr(Box::new(function.into()));
            call.args.clear();
            return;
        }
        call.visit_mut_children_with(self);
    }

    fn visit_mut_try_stmt(&mut self, statement: &mut TryStmt) {
        let catches = usize::from(statement.handler.is_some());
        self.tries += catches;
        statement.block.visit_mut_with(self);
        self.tries -= catches;
        statement.handler.visit_mut_with(self);
        statement.finalizer.visit_mut_with(self);
    }
}

fn literal(arguments: &[ExprOrSpread]) -> Option<(String, Span)> {
    let [argument] = arguments else {
        return None;
    };
    match &*argument.expr {
        _ if argument.spread.is_some() => None,
        Expr::Lit(Lit::Str(text)) => Some((text.value.as_str()?.to_owned(), text.span)),
        Expr::Tpl(template) if template.exprs.is_empty() => {
            let text = template.quasis.first()?.cooked.as_ref()?;
            Some((text.as_str()?.to_owned(), template.span))
        }
        _ => None,
    }
}

/// What of a specifier can be part of a name.
fn readable(specifier: &str) -> String {
    let last = specifier
        .rsplit('/')
        .find(|part| !matches!(*part, "" | "." | ".."))
        .unwrap_or_default();
    let last = last.strip_suffix(".js").unwrap_or(last);
    last.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}
