//! `accessor x = 1` as what it stands for (the decorators proposal of TC39, `Class Auto-Accessors`): a private field, a
//! getter and a setter. No engine has it yet.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, Span};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::private_ident;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

/// Lowers the accessors that standard decorators have left. Legacy decorators of one stand on its getter, as tsc calls
/// them: with the descriptor of the property.
#[derive(Default)]
pub(super) struct LowerAccessors {
    /// Variables that hold computed names, for the statement list around.
    names: Vec<Ident>,
}

impl LowerAccessors {
    fn lower(&mut self, class: &mut Class) {
        let is_accessor = |member: &ClassMember| matches!(member, ClassMember::AutoAccessor(_));
        if !class.body.iter().any(is_accessor) {
            return;
        }
        let mut taken: HashSet<Atom> = class.body.iter().filter_map(private_name).collect();
        let mut body = Vec::with_capacity(class.body.len() + 2);
        for member in class.body.drain(..) {
            match member {
                ClassMember::AutoAccessor(accessor) => {
                    let storage = storage(&accessor.key, &mut taken);
                    body.extend(self.three(accessor, storage));
                }
                other => body.push(other),
            }
        }
        class.body = body;
    }

    fn three(&mut self, accessor: AutoAccessor, storage: Atom) -> [ClassMember; 3] {
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
        let (first, second) = self.keys(accessor.key);
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
    fn keys(&mut self, key: Key) -> (Key, Key) {
        match key {
            Key::Public(PropName::Computed(name)) if !name.expr.is_lit() => {
                let variable = private_ident!("_key");
                self.names.push(variable.clone());
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

    fn declaration(&mut self) -> Option<Stmt> {
        let names = std::mem::take(&mut self.names);
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

impl VisitMut for LowerAccessors {
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
