//! What classes are called (their `name`), where passes would give them another name.

use swc_core::atoms::Atom;
use swc_core::common::{BytePos, DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{
    Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type,
};

use super::written::Written;
use super::{Decorators, Options};
use crate::base::QuickMap;

/// The classes that are declared, before variables are renamed.
#[derive(Default)]
pub(super) struct Names(QuickMap<BytePos, Atom>);

impl Names {
    pub(super) fn of(program: &Program, written: Written) -> Self {
        let mut names = Self::default();
        if written.classes {
            program.visit_with(&mut names);
        }
        names
    }

    /// Gives them back to those whose variables have others: `let Map1 = class Map {…}`.
    pub(super) fn keep(mut self, program: &mut Program) {
        if !self.0.is_empty() {
            program.visit_mut_with(&mut self);
        }
    }
}

impl Visit for Names {
    noop_visit_type!();

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        let name = &class.ident;
        if !name.span.is_dummy() {
            self.0.insert(name.span.lo, name.sym.clone());
        }
        class.visit_children_with(self);
    }
}

impl VisitMut for Names {
    noop_visit_mut_type!();

    fn visit_mut_stmt(&mut self, statement: &mut Stmt) {
        statement.visit_mut_children_with(self);
        let Stmt::Decl(Decl::Class(declared)) = statement else {
            return;
        };
        let variable = &declared.ident;
        let name = match self.0.get(&variable.span.lo) {
            Some(name) if *name != variable.sym && !mentions(&declared.class, name) => name.clone(),
            _ => return,
        };
        let mut class = ClassExpr {
            ident: Some(Ident::new_no_ctxt(name.clone(), variable.span)),
            class: std::mem::take(&mut declared.class),
        };
        // Within the class its own name is there before its static members are, the variable is not.
        class.class.visit_mut_with(&mut Inner {
            variable: &variable.sym,
            name: &name,
        });
        *statement = Stmt::Decl(Decl::Var(Box::new(VarDecl {
            span: class.class.span,
            kind: VarDeclKind::Let,
            decls: vec![VarDeclarator {
                span: class.class.span,
                name: Pat::Ident(Ident::new_no_ctxt(variable.sym.clone(), DUMMY_SP).into()),
                init: Some(Box::new(class.into())),
                definite: false,
            }],
            ..VarDecl::default()
        })));
    }
}

/// Renames what is called like a variable.
struct Inner<'a> {
    variable: &'a Atom,
    name: &'a Atom,
}

impl VisitMut for Inner<'_> {
    noop_visit_mut_type!();

    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if name.sym == *self.variable {
            name.sym = self.name.clone();
        }
    }

    fn visit_mut_prop(&mut self, property: &mut Prop) {
        match property {
            Prop::Shorthand(name) if name.sym == *self.variable => {
                let key = PropName::Ident(IdentName::new(name.sym.clone(), name.span));
                self.visit_mut_ident(name);
                let value = Box::new(name.clone().into());
                *property = Prop::KeyValue(KeyValueProp { key, value });
            }
            other => other.visit_mut_children_with(self),
        }
    }
}

/// Whether a name is that of anything in a class.
fn mentions(class: &Class, name: &Atom) -> bool {
    struct Mentions<'a>(&'a Atom, bool);
    impl Visit for Mentions<'_> {
        noop_visit_type!();

        fn visit_ident(&mut self, name: &Ident) {
            self.1 |= name.sym == *self.0;
        }
    }
    let mut mentions = Mentions(name, false);
    class.visit_with(&mut mentions);
    mentions.1
}

/// The classes without a name that decorators are on, and that are called like what they are given to (ECMA-262, 8.4.5
/// `NamedEvaluation`): swc's decorators put them elsewhere, and tell the decorators a name of its own.
#[derive(Default)]
pub(super) struct Decorated {
    of: QuickMap<BytePos, Atom>,
    /// One is the default export: the class that swc calls so.
    has_default: bool,
    globals: SyntaxContext,
}

impl Decorated {
    pub(super) fn of(module: &Module, written: Written, options: &Options) -> Self {
        let mut decorated = Self::default();
        if written.decorators && matches!(options.decorators, Decorators::Standard) {
            module.visit_with(&mut decorated);
        }
        decorated
    }

    /// Calls them so, before the decorators are called. `globals`: their context.
    pub(super) fn apply(mut self, program: &mut Program, globals: SyntaxContext) {
        self.globals = globals;
        if !self.of.is_empty() || self.has_default {
            program.visit_mut_with(&mut self);
        }
    }

    fn class(&mut self, class: &Class, name: &Atom) {
        if !class.decorators.is_empty() && !class.body.iter().any(is_name) {
            self.of.insert(class.span.lo, name.clone());
        }
    }

    fn value(&mut self, value: &Expr, name: &Atom) {
        match value {
            Expr::Class(ClassExpr { ident: None, class }) => self.class(class, name),
            Expr::Paren(paren) => self.value(&paren.expr, name),
            _ => {}
        }
    }
}

/// Whether it is a static member that is called `name`.
fn is_name(member: &ClassMember) -> bool {
    let (key, is_static) = match member {
        ClassMember::Method(method) => (&method.key, method.is_static),
        ClassMember::ClassProp(field) => (&field.key, field.is_static),
        ClassMember::AutoAccessor(AutoAccessor {
            key: Key::Public(key),
            is_static,
            ..
        }) => (key, *is_static),
        _ => return false,
    };
    is_static && called(key).is_some_and(|name| name == *"name")
}

fn called(key: &PropName) -> Option<Atom> {
    match key {
        PropName::Ident(key) => Some(key.sym.clone()),
        PropName::Str(key) => Some(key.value.as_str()?.into()),
        _ => None,
    }
}

impl Visit for Decorated {
    noop_visit_type!();

    fn visit_export_default_decl(&mut self, export: &ExportDefaultDecl) {
        if let DefaultDecl::Class(ClassExpr { ident: None, class }) = &export.decl {
            self.has_default = !class.decorators.is_empty() && !class.body.iter().any(is_name);
        }
        export.visit_children_with(self);
    }

    fn visit_export_default_expr(&mut self, export: &ExportDefaultExpr) {
        self.value(&export.expr, &"default".into());
        export.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        if let (Pat::Ident(name), Some(value)) = (&declarator.name, &declarator.init) {
            self.value(value, &name.sym);
        }
        declarator.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Ident(name)) = &assignment.left {
            self.value(&assignment.right, &name.sym);
        }
        assignment.visit_children_with(self);
    }

    fn visit_assign_pat(&mut self, pattern: &AssignPat) {
        if let Pat::Ident(name) = &*pattern.left {
            self.value(&pattern.right, &name.sym);
        }
        pattern.visit_children_with(self);
    }

    fn visit_assign_pat_prop(&mut self, pattern: &AssignPatProp) {
        if let Some(value) = &pattern.value {
            self.value(value, &pattern.key.sym);
        }
        pattern.visit_children_with(self);
    }

    fn visit_key_value_prop(&mut self, pair: &KeyValueProp) {
        if let Some(name) = called(&pair.key).filter(|name| *name != *"__proto__") {
            self.value(&pair.value, &name);
        }
        pair.visit_children_with(self);
    }

    fn visit_class_prop(&mut self, field: &ClassProp) {
        if let (Some(name), Some(value)) = (called(&field.key), &field.value) {
            self.value(value, &name);
        }
        field.visit_children_with(self);
    }
}

impl Decorated {
    fn call(&self, class: &mut Class, name: &str) {
        let text = "Object.defineProperty(this, \"name\", { value: MESSAGE, configurable: true })";
        let mut define = super::stand::expression(text, name);
        define.visit_mut_with(&mut Of(self.globals));
        let statement = Stmt::Expr(ExprStmt {
            span: DUMMY_SP,
            expr: Box::new(define),
        });
        let block = StaticBlock {
            span: DUMMY_SP,
            body: BlockStmt {
                stmts: vec![statement],
                ..BlockStmt::default()
            },
        };
        class.body.insert(0, ClassMember::StaticBlock(block));
    }

    fn is_default(&self, name: &Ident) -> bool {
        self.has_default && name.span.is_dummy() && name.sym == "_default"
    }
}

impl VisitMut for Decorated {
    noop_visit_mut_type!();

    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        if let Some(name) = self.of.get(&class.span.lo) {
            self.call(class, name);
        }
    }

    fn visit_mut_class_decl(&mut self, declared: &mut ClassDecl) {
        declared.visit_mut_children_with(self);
        if self.is_default(&declared.ident) {
            self.call(&mut declared.class, "default");
        }
    }

    fn visit_mut_class_expr(&mut self, class: &mut ClassExpr) {
        class.visit_mut_children_with(self);
        if class
            .ident
            .as_ref()
            .is_some_and(|name| self.is_default(name))
        {
            self.call(&mut class.class, "default");
        }
    }
}

/// Gives identifiers a context.
struct Of(SyntaxContext);

impl VisitMut for Of {
    noop_visit_mut_type!();

    fn visit_mut_ident(&mut self, name: &mut Ident) {
        name.ctxt = self.0;
    }
}
