//! Class fields as assignments: TypeScript's `useDefineForClassFields: false`.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::constructor::inject_after_super;
use swc_core::ecma::utils::{default_constructor_with_span, private_ident};

use super::class_names::LowerClass;

/// Makes `x = 1` in a class `this.x = 1` in its constructor, behind `super()`; a static one becomes a static block. A
/// field without a value goes. A private one stays declared, and is assigned in its turn. The types must be gone.
pub(super) struct AssignFields;

impl LowerClass for AssignFields {
    fn lower(&self, class: &mut Class, names: &mut Vec<Ident>) {
        let mut assignments = Vec::new();
        let mut body = Vec::with_capacity(class.body.len());
        let has_assignments = class.body.iter().any(|member| {
            matches!(member, ClassMember::ClassProp(field)
                if !field.is_static && field.value.is_some() && field.decorators.is_empty())
        });
        // Evaluations of computed names that wait for a member that can hold them.
        let mut pending = Vec::new();
        for member in class.body.drain(..) {
            match member {
                ClassMember::ClassProp(field) if field.decorators.is_empty() => {
                    let is_static = field.is_static;
                    let key = property(field.key, names, &mut pending);
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
                // In the order of all fields; the declaration alone stays.
                ClassMember::PrivateProp(mut field) if has_assignments && !field.is_static => {
                    if let Some(value) = field.value.take() {
                        let key = MemberProp::PrivateName(field.key.clone());
                        assignments.push(assign(key, value, field.span));
                    }
                    body.push(ClassMember::PrivateProp(field));
                }
                mut other => {
                    carry(&mut other, &mut pending);
                    body.push(other);
                }
            }
        }
        if !pending.is_empty() {
            // No computed name follows: they come after all names, before all values.
            body.insert(0, static_block(sequence(pending)));
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
}

/// The property of `this` that a name means. A computed name is evaluated once, where the class is defined, in
/// its place among the other names (ECMA-262, ClassDefinitionEvaluation: all names, then the static members).
fn property(key: PropName, names: &mut Vec<Ident>, pending: &mut Vec<Expr>) -> MemberProp {
    let computed = |expr| {
        MemberProp::Computed(ComputedPropName {
            span: DUMMY_SP,
            expr,
        })
    };
    match key {
        PropName::Ident(name) => MemberProp::Ident(name),
        PropName::Str(text) => computed(Box::new(Expr::Lit(Lit::Str(text)))),
        PropName::Num(number) => computed(Box::new(Expr::Lit(Lit::Num(number)))),
        PropName::BigInt(number) => computed(Box::new(Expr::Lit(Lit::BigInt(number)))),
        PropName::Computed(name) if name.expr.is_lit() => MemberProp::Computed(name),
        PropName::Computed(name) => {
            let variable = private_ident!("_key");
            names.push(variable.clone());
            pending.push(Expr::Assign(AssignExpr {
                span: DUMMY_SP,
                op: AssignOp::Assign,
                left: variable.clone().into(),
                right: name.expr,
            }));
            computed(Box::new(variable.into()))
        }
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

/// Puts what is pending in front of the member's own computed name, where it has one.
fn carry(member: &mut ClassMember, pending: &mut Vec<Expr>) {
    let key = match member {
        ClassMember::Method(method) => &mut method.key,
        ClassMember::ClassProp(field) => &mut field.key,
        _ => return,
    };
    if let PropName::Computed(name) = key
        && !pending.is_empty()
    {
        let mut all = std::mem::take(pending);
        all.push(*std::mem::take(&mut name.expr));
        name.expr = sequence(all);
    }
}

/// `(a, b, c)`
fn sequence(exprs: Vec<Expr>) -> Box<Expr> {
    Box::new(Expr::Seq(SeqExpr {
        span: DUMMY_SP,
        exprs: exprs.into_iter().map(Box::new).collect(),
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
