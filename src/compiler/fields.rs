//! Class fields as assignments: TypeScript's `useDefineForClassFields: false`.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::constructor::inject_after_super;
use swc_core::ecma::utils::{default_constructor_with_span, private_ident};
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

/// Makes `x = 1` in a class `this.x = 1` in its constructor, behind `super()`; a static one becomes a static block. A
/// field without a value goes. Private fields stay, being no assignments. The types must be gone.
#[derive(Default)]
pub(super) struct AssignFields {
    /// Variables that hold computed names, for the statement list around.
    names: Vec<Ident>,
}

impl AssignFields {
    fn lower(&mut self, class: &mut Class) {
        let mut assignments = Vec::new();
        let mut body = Vec::with_capacity(class.body.len());
        for member in class.body.drain(..) {
            match member {
                ClassMember::ClassProp(field) if field.decorators.is_empty() => {
                    let is_static = field.is_static;
                    let (key, evaluation) = self.key(field.key);
                    body.extend(evaluation);
                    let Some(value) = field.value else {
                        continue;
                    };
                    let assignment = assign(key, value, field.span);
                    if is_static {
                        body.push(static_block(assignment));
                    } else {
                        assignments.push(assignment);
                    }
                }
                other => body.push(other),
            }
        }
        class.body = body;
        if assignments.is_empty() {
            return;
        }
        let existing = class.body.iter_mut().find_map(|member| match member {
            ClassMember::Constructor(constructor) => Some(constructor),
            _ => None,
        });
        match existing {
            // Parameter properties are assigned first, and stand behind `super()` already.
            Some(constructor) => inject_after_super(constructor, assignments),
            None => {
                let mut constructor =
                    default_constructor_with_span(class.super_class.is_some(), DUMMY_SP);
                inject_after_super(&mut constructor, assignments);
                class.body.insert(0, ClassMember::Constructor(constructor));
            }
        }
    }

    /// The property of `this` that a name means. A computed name is evaluated once, where the class is defined, as a
    /// computed member that is deleted again would do it: by a static block in the place of the field.
    fn key(&mut self, key: PropName) -> (MemberProp, Option<ClassMember>) {
        let computed = |expr| {
            MemberProp::Computed(ComputedPropName {
                span: DUMMY_SP,
                expr,
            })
        };
        match key {
            PropName::Ident(name) => (MemberProp::Ident(name), None),
            PropName::Str(text) => (computed(Box::new(Expr::Lit(Lit::Str(text)))), None),
            PropName::Num(number) => (computed(Box::new(Expr::Lit(Lit::Num(number)))), None),
            PropName::BigInt(number) => (computed(Box::new(Expr::Lit(Lit::BigInt(number)))), None),
            PropName::Computed(name) if name.expr.is_lit() => (MemberProp::Computed(name), None),
            PropName::Computed(name) => {
                let variable = private_ident!("_key");
                self.names.push(variable.clone());
                let evaluation = Expr::Assign(AssignExpr {
                    span: DUMMY_SP,
                    op: AssignOp::Assign,
                    left: variable.clone().into(),
                    right: name.expr,
                });
                (
                    computed(Box::new(variable.into())),
                    Some(static_block(Box::new(evaluation))),
                )
            }
        }
    }

    fn declaration(&mut self) -> Option<Stmt> {
        let names = std::mem::take(&mut self.names);
        (!names.is_empty()).then(|| {
            Stmt::Decl(Decl::Var(Box::new(VarDecl {
                kind: VarDeclKind::Var,
                decls: names
                    .into_iter()
                    .map(|name| VarDeclarator {
                        span: DUMMY_SP,
                        name: Pat::Ident(name.into()),
                        init: None,
                        definite: false,
                    })
                    .collect(),
                ..VarDecl::default()
            })))
        })
    }
}

fn assign(prop: MemberProp, value: Box<Expr>, span: swc_core::common::Span) -> Box<Expr> {
    let target = MemberExpr {
        span,
        obj: Box::new(Expr::This(ThisExpr { span: DUMMY_SP })),
        prop,
    };
    Box::new(Expr::Assign(AssignExpr {
        span,
        op: AssignOp::Assign,
        left: target.into(),
        right: value,
    }))
}

/// `static { expr; }`
fn static_block(expr: Box<Expr>) -> ClassMember {
    ClassMember::StaticBlock(StaticBlock {
        span: DUMMY_SP,
        body: BlockStmt {
            stmts: vec![Stmt::Expr(ExprStmt {
                span: DUMMY_SP,
                expr,
            })],
            ..BlockStmt::default()
        },
    })
}

impl VisitMut for AssignFields {
    noop_visit_mut_type!();

    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        self.lower(class);
    }

    fn visit_mut_stmts(&mut self, statements: &mut Vec<Stmt>) {
        let outer = std::mem::take(&mut self.names);
        statements.visit_mut_children_with(self);
        if let Some(declaration) = self.declaration() {
            statements.insert(0, declaration);
        }
        self.names = outer;
    }

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        items.visit_mut_children_with(self);
        if let Some(declaration) = self.declaration() {
            items.insert(0, ModuleItem::Stmt(declaration));
        }
    }
}
