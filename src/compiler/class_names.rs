//! Classes rewritten one by one, with variables for the names that they compute.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

/// A rewriting of one class. The classes inside it are rewritten already.
pub(super) trait LowerClass {
    /// Rewrites `class`. The variables it needs, it adds to `names`: they are declared at the head of the statement list
    /// around the class.
    fn lower(&self, class: &mut Class, names: &mut Vec<Ident>);
}

/// Rewrites every class of a program by `T`.
pub(super) struct LowerClasses<T> {
    by: T,
    names: Vec<Ident>,
}

impl<T: LowerClass> LowerClasses<T> {
    /// By what.
    pub(super) const fn by(by: T) -> Self {
        LowerClasses {
            by,
            names: Vec::new(),
        }
    }
}

/// `var a, b;`, where there is any name.
pub(super) fn declare(names: Vec<Ident>) -> Option<Stmt> {
    let declare = |name: Ident| VarDeclarator {
        span: DUMMY_SP,
        name: Pat::from(name),
        init: None,
        definite: false,
    };
    (!names.is_empty()).then(|| {
        Stmt::Decl(Decl::Var(Box::new(VarDecl {
            kind: VarDeclKind::Var,
            decls: names.into_iter().map(declare).collect(),
            ..VarDecl::default()
        })))
    })
}

impl<T: LowerClass> VisitMut for LowerClasses<T> {
    noop_visit_mut_type!();

    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        self.by.lower(class, &mut self.names);
    }

    fn visit_mut_stmts(&mut self, statements: &mut Vec<Stmt>) {
        let outer = std::mem::take(&mut self.names);
        statements.visit_mut_children_with(self);
        if let Some(declaration) = declare(std::mem::replace(&mut self.names, outer)) {
            statements.insert(0, declaration);
        }
    }

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        items.visit_mut_children_with(self);
        if let Some(declaration) = declare(std::mem::take(&mut self.names)) {
            items.insert(0, ModuleItem::Stmt(declaration));
        }
    }
}
