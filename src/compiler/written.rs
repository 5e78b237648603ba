//! A file as it is written: which of the kinds of syntax it has that passes are for, and early errors of imports and exports
//! that the parser leaves to others, and that later passes can't see any more (ECMA-262, 13.3.10 `ImportCall`, 16.2.2.1
//! and 16.2.3.1 `Static Semantics: Early Errors`).

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::parse::File;
use super::{faults, targets};
use crate::base::{Diagnostic, QuickSet};

/// What a file has. A pass for what it does not have is left out: each goes over the whole tree.
#[derive(Clone, Copy, Default)]
pub(super) struct Written {
    /// Assignments to names that are imported, by how they are spelled: they may be others of that name.
    pub(super) assigned_imports: bool,
    pub(super) decorators: bool,
    /// Imports that say `defer`.
    pub(super) deferred: bool,
    /// Fields that say `accessor`.
    pub(super) accessors: bool,
    /// Assertions of types after which what they assert needs parentheses, or none any more.
    pub(super) assertions: bool,
    pub(super) classes: bool,
    pub(super) enums: bool,
    /// `import()` and `import.meta`.
    pub(super) imports: bool,
    pub(super) jsx: bool,
    /// Namespaces that are more than types.
    pub(super) namespaces: bool,
    /// Parameters of a constructor that are fields too.
    pub(super) parameter_properties: bool,
    /// Sequences of more than two, or in one another.
    pub(super) sequences: bool,
    pub(super) using: bool,
}

impl Written {
    /// Whether what is left of it once its types are gone needs no parentheses but its own.
    pub(super) fn keeps_groups(self) -> bool {
        !(self.assertions || self.assigned_imports || self.enums || self.sequences)
    }
}

/// # Errors
/// `syntax`, at most ten.
pub(super) fn check(module: &Module, file: &File) -> Result<Written, Vec<Diagnostic>> {
    let mut checker = Checker {
        file,
        found: Vec::new(),
        imported: targets::imported(module).map(|name| &name.sym).collect(),
        written: Written::default(),
    };
    module.visit_with(&mut checker);
    faults::early(checker.found, file)?;
    Ok(checker.written)
}

struct Checker<'a> {
    file: &'a File,
    found: Vec<(Span, &'static str)>,
    imported: QuickSet<&'a Atom>,
    written: Written,
}

impl Checker<'_> {
    fn attributes(&mut self, with: Option<&ObjectLit>) {
        let mut keys = HashSet::new();
        for property in with.iter().flat_map(|object| &object.props) {
            if let Some((key, _)) = super::requests::pair(property)
                && !keys.insert(key)
            {
                self.found
                    .push((property.span(), "an import attribute is given twice"));
            }
        }
    }

    /// An assertion of a type goes: what it is of takes its place. `is_first`: it stands where that began, so that an object
    /// begins no more than it did.
    fn assertion(&mut self, of: &Expr, is_first: bool) {
        self.written.assertions |= match of {
            Expr::Ident(_)
            | Expr::This(_)
            | Expr::Lit(_)
            | Expr::Tpl(_)
            | Expr::Array(_)
            | Expr::Call(_)
            | Expr::Member(_)
            | Expr::New(_) => false,
            Expr::Object(_) => !is_first,
            _ => true,
        };
    }

    fn has_imported(&self, names: &[Id]) -> bool {
        names.iter().any(|(name, _)| self.imported.contains(name))
    }

    fn name(&mut self, name: &ModuleExportName) {
        if let ModuleExportName::Str(text) = name
            && text.value.as_str().is_none()
        {
            self.found.push((
                text.span,
                "the name of an export is not well-formed Unicode",
            ));
        }
    }

    /// Whether something follows a declaration on its line that no semicolon parts from it.
    fn runs_on(&self, span: Span) -> bool {
        let range = faults::range(self.file, span);
        let text = self.file.text();
        let rest = text.get(range.end..).unwrap_or_default();
        let is_ended = text.get(range).is_none_or(|own| own.ends_with(';'));
        let next = rest.trim_start_matches([' ', '\t']).chars().next();
        let begins = |next: char| next.is_alphanumeric() || matches!(next, '_' | '$' | '"' | '\'');
        !is_ended && next.is_some_and(begins)
    }
}

impl Visit for Checker<'_> {
    noop_visit_type!();

    fn visit_import_decl(&mut self, import: &ImportDecl) {
        self.attributes(import.with.as_deref());
        self.written.deferred |= import.phase == ImportPhase::Defer;
        for specifier in &import.specifiers {
            let local = specifier.local();
            if matches!(&*local.sym, "eval" | "arguments") {
                self.found
                    .push((local.span, "no import can be called `eval` or `arguments`"));
            }
            if let ImportSpecifier::Named(named) = specifier
                && let Some(name) = &named.imported
            {
                self.name(name);
            }
        }
    }

    fn visit_named_export(&mut self, export: &NamedExport) {
        self.attributes(export.with.as_deref());
        for specifier in &export.specifiers {
            match specifier {
                ExportSpecifier::Named(named) => {
                    self.name(&named.orig);
                    if let Some(name) = &named.exported {
                        self.name(name);
                    }
                }
                ExportSpecifier::Namespace(namespace) => self.name(&namespace.name),
                ExportSpecifier::Default(_) => {}
            }
        }
        if self.runs_on(export.span) {
            self.found
                .push((export.span, "expected `;` after the export"));
        }
    }

    fn visit_export_all(&mut self, export: &ExportAll) {
        self.attributes(export.with.as_deref());
    }

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        self.written.assigned_imports |= match &assignment.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => {
                self.imported.contains(&name.sym)
            }
            AssignTarget::Simple(_) => false,
            AssignTarget::Pat(pattern) => self.has_imported(&find_pat_ids(pattern)),
        };
        assignment.visit_children_with(self);
    }

    fn visit_for_head(&mut self, head: &ForHead) {
        if let ForHead::Pat(target) = head {
            self.written.assigned_imports |= self.has_imported(&find_pat_ids(target));
        }
        head.visit_children_with(self);
    }

    fn visit_import(&mut self, import: &Import) {
        self.written.imports = true;
        self.written.deferred |= import.phase == ImportPhase::Defer;
    }

    fn visit_decorator(&mut self, decorator: &Decorator) {
        self.written.decorators = true;
        decorator.visit_children_with(self);
    }

    fn visit_auto_accessor(&mut self, accessor: &AutoAccessor) {
        self.written.accessors = true;
        accessor.visit_children_with(self);
    }

    fn visit_class(&mut self, class: &Class) {
        self.written.classes = true;
        class.visit_children_with(self);
    }

    fn visit_ts_enum_decl(&mut self, declaration: &TsEnumDecl) {
        self.written.enums = true;
        declaration.visit_children_with(self);
    }

    fn visit_jsx_element(&mut self, element: &JSXElement) {
        self.written.jsx = true;
        element.visit_children_with(self);
    }

    fn visit_jsx_fragment(&mut self, fragment: &JSXFragment) {
        self.written.jsx = true;
        fragment.visit_children_with(self);
    }

    fn visit_ts_module_decl(&mut self, declaration: &TsModuleDecl) {
        self.written.namespaces |= !declaration.declare;
        declaration.visit_children_with(self);
    }

    fn visit_ts_param_prop(&mut self, property: &TsParamProp) {
        self.written.parameter_properties = true;
        property.visit_children_with(self);
    }

    fn visit_seq_expr(&mut self, sequence: &SeqExpr) {
        let nests = |expr: &Expr| match expr {
            Expr::Paren(paren) => paren.expr.is_seq(),
            other => other.is_seq(),
        };
        self.written.sequences |=
            sequence.exprs.len() > 2 || sequence.exprs.iter().any(|expr| nests(expr));
        sequence.visit_children_with(self);
    }

    fn visit_paren_expr(&mut self, paren: &ParenExpr) {
        let is_assertion = matches!(
            *paren.expr,
            Expr::TsAs(_)
                | Expr::TsSatisfies(_)
                | Expr::TsTypeAssertion(_)
                | Expr::TsConstAssertion(_)
                | Expr::TsNonNull(_)
        );
        self.written.assertions |= is_assertion;
        paren.visit_children_with(self);
    }

    fn visit_ts_as_expr(&mut self, assertion: &TsAsExpr) {
        self.assertion(&assertion.expr, true);
        assertion.visit_children_with(self);
    }

    fn visit_ts_const_assertion(&mut self, assertion: &TsConstAssertion) {
        // `<const>{}` may begin a statement, as `{}` must not.
        let is_first = assertion.span.lo == assertion.expr.span().lo;
        self.assertion(&assertion.expr, is_first);
        assertion.visit_children_with(self);
    }

    fn visit_ts_satisfies_expr(&mut self, assertion: &TsSatisfiesExpr) {
        self.assertion(&assertion.expr, true);
        assertion.visit_children_with(self);
    }

    fn visit_ts_type_assertion(&mut self, assertion: &TsTypeAssertion) {
        self.written.assertions = true;
        assertion.visit_children_with(self);
    }

    fn visit_ts_instantiation(&mut self, instantiation: &TsInstantiation) {
        self.written.assertions = true;
        instantiation.visit_children_with(self);
    }

    fn visit_ts_non_null_expr(&mut self, assertion: &TsNonNullExpr) {
        self.assertion(&assertion.expr, false);
        assertion.visit_children_with(self);
    }

    fn visit_using_decl(&mut self, declaration: &UsingDecl) {
        self.written.using = true;
        declaration.visit_children_with(self);
    }

    fn visit_meta_prop_expr(&mut self, meta: &MetaPropExpr) {
        self.written.imports |= meta.kind == MetaPropKind::ImportMeta;
        let range = faults::range(self.file, meta.span);
        let text = self.file.text().get(range).unwrap_or_default();
        if text.contains('\\') {
            self.found
                .push((meta.span, "no escapes are allowed in `import.meta`"));
        }
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        if matches!(call.callee, Callee::Import(_))
            && let Some(spread) = call.args.iter().find(|argument| argument.spread.is_some())
        {
            self.found
                .push((spread.expr.span(), "`import()` takes no spread arguments"));
        }
        call.visit_children_with(self);
    }

    fn visit_new_expr(&mut self, new: &NewExpr) {
        // What is called by `new` is the expression up to its first call.
        let mut callee = &*new.callee;
        loop {
            callee = match callee {
                Expr::Member(member) => &member.obj,
                Expr::Call(CallExpr {
                    callee: Callee::Expr(callee),
                    ..
                }) => callee,
                _ => break,
            };
        }
        if let Expr::Call(call) = callee
            && matches!(call.callee, Callee::Import(_))
        {
            self.found
                .push((call.span, "`import()` can't be called by `new`"));
        }
        new.visit_children_with(self);
    }
}
