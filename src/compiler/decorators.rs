//! What swc's decorators leave to mend.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::{find_pat_ids, private_ident};
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::metadata;
use crate::base::QuickSet;

/// Before the pass: a class that decorators may replace refers to itself by a variable that holds the replacement, as
/// tsc has it. Inside a class its own name can only be the class as it was written.
///
/// ```text
/// @d class A { static a = () => A }
/// ->  let _A; @d class A { static { _A = this } static a = () => _A } _A = A;
/// ```
#[derive(Default)]
pub(super) struct SelfReferences {
    aliases: Vec<(Ident, Ident)>,
}

impl SelfReferences {
    fn alias(&mut self, declaration: &mut ClassDecl) {
        if declaration.class.decorators.is_empty() {
            return;
        }
        let alias = private_ident!(format!("_{}", declaration.ident.sym));
        let mut rename = Rename {
            from: declaration.ident.to_id(),
            to: &alias,
            found: false,
        };
        declaration.class.body.visit_mut_with(&mut rename);
        if !rename.found {
            return;
        }
        let this = Box::new(Expr::This(ThisExpr { span: DUMMY_SP }));
        let remember = ClassMember::StaticBlock(StaticBlock {
            span: DUMMY_SP,
            body: BlockStmt {
                stmts: vec![assign(&alias, this)],
                ..BlockStmt::default()
            },
        });
        declaration.class.body.insert(0, remember);
        self.aliases.push((alias, declaration.ident.clone()));
    }

    /// Adds the declarations of the aliases that one statement asked for, and their assignments behind it.
    fn around<T: From<Stmt>>(&mut self, item: T, items: &mut Vec<T>) {
        let aliases = std::mem::take(&mut self.aliases);
        for (alias, _) in &aliases {
            items.push(T::from(Stmt::Decl(Decl::Var(Box::new(VarDecl {
                kind: VarDeclKind::Let,
                decls: vec![VarDeclarator {
                    span: DUMMY_SP,
                    name: Pat::Ident(alias.clone().into()),
                    init: None,
                    definite: false,
                }],
                ..VarDecl::default()
            })))));
        }
        items.push(item);
        for (alias, name) in aliases {
            let name = Ident {
                span: DUMMY_SP,
                ..name
            };
            items.push(T::from(assign(&alias, Box::new(name.into()))));
        }
    }
}

fn assign(target: &Ident, value: Box<Expr>) -> Stmt {
    Stmt::Expr(ExprStmt {
        span: DUMMY_SP,
        expr: Box::new(Expr::Assign(AssignExpr {
            span: DUMMY_SP,
            op: AssignOp::Assign,
            left: target.clone().into(),
            right: value,
        })),
    })
}

impl VisitMut for SelfReferences {
    fn visit_mut_stmts(&mut self, statements: &mut Vec<Stmt>) {
        let mut all = Vec::with_capacity(statements.len());
        for mut statement in statements.drain(..) {
            statement.visit_mut_children_with(self);
            if let Stmt::Decl(Decl::Class(declaration)) = &mut statement {
                self.alias(declaration);
            }
            self.around(statement, &mut all);
        }
        *statements = all;
    }

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        let mut all = Vec::with_capacity(items.len());
        for mut item in items.drain(..) {
            item.visit_mut_children_with(self);
            match &mut item {
                ModuleItem::Stmt(Stmt::Decl(Decl::Class(declaration)))
                | ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl {
                    decl: Decl::Class(declaration),
                    ..
                })) => self.alias(declaration),
                _ => {}
            }
            self.around(item, &mut all);
        }
        *items = all;
    }
}

struct Rename<'a> {
    from: Id,
    to: &'a Ident,
    found: bool,
}

impl Rename<'_> {
    fn is_it(&self, name: &Ident) -> bool {
        name.sym == self.from.0 && name.ctxt == self.from.1
    }

    fn renamed(&mut self, name: &Ident) -> Ident {
        self.found = true;
        Ident {
            span: name.span,
            ..self.to.clone()
        }
    }
}

impl VisitMut for Rename<'_> {
    // Types name the class, not a value.
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Ident(name) if self.is_it(name) => *name = self.renamed(name),
            other => other.visit_mut_children_with(self),
        }
    }

    fn visit_mut_prop(&mut self, property: &mut Prop) {
        match property {
            Prop::Shorthand(name) if self.is_it(name) => {
                let value = self.renamed(name);
                *property = Prop::KeyValue(KeyValueProp {
                    key: PropName::Ident(name.clone().into()),
                    value: Box::new(value.into()),
                });
            }
            other => other.visit_mut_children_with(self),
        }
    }
}

/// After the pass: a class has `design:paramtypes` and no `design:type`, and its own name where its members tell it
/// ([`metadata`]).
pub(super) struct Metadata;

impl VisitMut for Metadata {
    noop_visit_mut_type!();

    fn visit_mut_call_expr(&mut self, call: &mut CallExpr) {
        call.visit_mut_children_with(self);
        if is_called(call, "_ts_metadata") {
            metadata::own_names(call);
        }
        // `_ts_decorate([…], A)`; of members it has four arguments.
        if call.args.len() == 2
            && is_called(call, "_ts_decorate")
            && let Expr::Array(decorators) = &mut *call.args[0].expr
        {
            decorators.elems.retain(|decorator| {
                !decorator
                    .as_ref()
                    .is_some_and(|decorator| is_type(&decorator.expr))
            });
        }
    }
}

fn is_type(decorator: &Expr) -> bool {
    let Expr::Call(call) = decorator else {
        return false;
    };
    let first = call.args.first().map(|argument| &*argument.expr);
    is_called(call, "_ts_metadata")
        && matches!(first, Some(Expr::Lit(Lit::Str(key))) if key.value == *"design:type")
}

fn is_called(call: &CallExpr, name: &str) -> bool {
    matches!(&call.callee, Callee::Expr(callee) if matches!(&**callee, Expr::Ident(ident) if ident.sym == name))
}

/// Takes away the variable of a namespace that a decorated class is too: the class has become a variable already.
pub(super) fn join_namespaces(module: &mut Module) {
    let mut variables = QuickSet::default();
    for item in &module.body {
        if let ModuleItem::Stmt(Stmt::Decl(Decl::Var(declared))) = item
            && declared.kind == VarDeclKind::Let
        {
            variables.extend(find_pat_ids::<_, Id>(&declared.decls));
        }
    }
    module.body.retain_mut(|item| {
        let declared = match item {
            ModuleItem::Stmt(Stmt::Decl(Decl::Var(declared))) => declared,
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl {
                decl: Decl::Var(declared),
                ..
            })) => declared,
            _ => return true,
        };
        let is_var = declared.kind == VarDeclKind::Var;
        declared.decls.retain(|one| {
            // Only what swc adds has no place in the file.
            let is_added = one.span.is_dummy() && one.init.is_none();
            let name = one.name.as_ident().map(|name| name.to_id());
            !(is_added && is_var && name.is_some_and(|name| variables.contains(&name)))
        });
        !declared.decls.is_empty()
    });
}
