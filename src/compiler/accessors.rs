//! `accessor x = 1` as what it stands for (the decorators proposal of TC39, `Class Auto-Accessors`): a private field, a
//! getter and a setter. No engine has it yet.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, Span};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::private_ident;

use super::class_names::LowerClass;

/// Lowers the accessors that standard decorators have left. Legacy decorators of one stand on its getter, as tsc calls
/// them: with the descriptor of the property.
pub(super) struct LowerAccessors;

impl LowerClass for LowerAccessors {
    fn lower(&self, class: &mut Class, names: &mut Vec<Ident>) {
        let is_accessor = |member: &ClassMember| matches!(member, ClassMember::AutoAccessor(_));
        if !class.body.iter().any(is_accessor) {
            return;
        }
        let mut taken: HashSet<Atom> = class.body.iter().filter_map(private_name).collect();
        let mut body = Vec::with_capacity(class.body.len() + 2);
        for member in class.body.drain(..) {
            match member {
                // The class that extends this one has it.
                ClassMember::AutoAccessor(accessor) if accessor.is_abstract => {}
                ClassMember::AutoAccessor(accessor) => {
                    let storage = storage(&accessor.key, &mut taken);
                    body.extend(three(accessor, storage, names));
                }
                other => body.push(other),
            }
        }
        class.body = body;
    }
}

/// The field, the getter and the setter.
fn three(accessor: AutoAccessor, storage: Atom, names: &mut Vec<Ident>) -> [ClassMember; 3] {
    let private = || PrivateName {
        span: DUMMY_SP,
        name: storage.clone(),
    };
    let field = ClassMember::PrivateProp(PrivateProp {
        span: accessor.span,
        key: private(),
        value: accessor.value,
        is_static: accessor.is_static,
        ..PrivateProp::default()
    });
    let stored = || MemberExpr {
        span: DUMMY_SP,
        obj: Box::new(Expr::This(ThisExpr { span: DUMMY_SP })),
        prop: MemberProp::PrivateName(private()),
    };
    let value = private_ident!("value");
    let get = function(
        Vec::new(),
        Stmt::Return(ReturnStmt {
            span: DUMMY_SP,
            arg: Some(Box::new(stored().into())),
        }),
        accessor.decorators,
    );
    let set = function(
        vec![Param::from(Pat::from(value.clone()))],
        Stmt::Expr(ExprStmt {
            span: DUMMY_SP,
            expr: Box::new(Expr::Assign(AssignExpr {
                span: DUMMY_SP,
                op: AssignOp::Assign,
                left: stored().into(),
                right: Box::new(value.into()),
            })),
        }),
        Vec::new(),
    );
    let (first, second) = keys(accessor.key, names);
    [
        field,
        method(
            first,
            MethodKind::Getter,
            get,
            accessor.is_static,
            accessor.span,
        ),
        method(
            second,
            MethodKind::Setter,
            set,
            accessor.is_static,
            DUMMY_SP,
        ),
    ]
}

/// The name of the getter and that of the setter: a computed one is evaluated once.
fn keys(key: Key, names: &mut Vec<Ident>) -> (Key, Key) {
    match key {
        Key::Public(PropName::Computed(name)) if !name.expr.is_lit() => {
            let variable = private_ident!("_key");
            names.push(variable.clone());
            let computed = |expr| {
                Key::Public(PropName::Computed(ComputedPropName {
                    span: name.span,
                    expr: Box::new(expr),
                }))
            };
            let evaluation = Expr::Assign(AssignExpr {
                span: DUMMY_SP,
                op: AssignOp::Assign,
                left: variable.clone().into(),
                right: name.expr,
            });
            (computed(evaluation), computed(variable.into()))
        }
        key => (key.clone(), key),
    }
}

fn private_name(member: &ClassMember) -> Option<Atom> {
    match member {
        ClassMember::PrivateProp(field) => Some(field.key.name.clone()),
        ClassMember::PrivateMethod(method) => Some(method.key.name.clone()),
        ClassMember::AutoAccessor(AutoAccessor {
            key: Key::Private(name),
            ..
        }) => Some(name.name.clone()),
        _ => None,
    }
}

/// The private name of an accessor's field, called as tsc calls it and by nothing else in the class.
fn storage(key: &Key, taken: &mut HashSet<Atom>) -> Atom {
    let base = match key {
        Key::Private(name) => name.name.to_string(),
        Key::Public(PropName::Ident(name)) => name.sym.to_string(),
        Key::Public(_) => String::new(),
    };
    let mut name = Atom::from(format!("{base}_accessor_storage"));
    let mut number = 1;
    while !taken.insert(name.clone()) {
        name = Atom::from(format!("{base}_accessor_storage_{number}"));
        number += 1;
    }
    name
}

fn function(params: Vec<Param>, statement: Stmt, decorators: Vec<Decorator>) -> Box<Function> {
    Box::new(Function {
        params,
        decorators,
        body: Some(FunctionBody {
            span: DUMMY_SP,
            stmts: vec![statement],
        }),
        ..Function::default()
    })
}

fn method(
    key: Key,
    kind: MethodKind,
    function: Box<Function>,
    is_static: bool,
    span: Span,
) -> ClassMember {
    match key {
        Key::Private(key) => ClassMember::PrivateMethod(PrivateMethod {
            span,
            key,
            function,
            kind,
            is_static,
            ..PrivateMethod::default()
        }),
        Key::Public(key) => ClassMember::Method(ClassMethod {
            span,
            key,
            function,
            kind,
            is_static,
            ..ClassMethod::default()
        }),
    }
}
