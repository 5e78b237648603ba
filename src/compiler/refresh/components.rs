//! The components at the top level of a module and of its namespaces, and what is inside of the calls around them.

use std::mem;

use swc_core::common::{DUMMY_SP, Spanned};
use swc_core::ecma::ast::*;

use super::calls::Source;
use super::signed::Signer;
use super::{bare, bare_mut, is_component, numbered, statement};

pub(super) struct Components<'a> {
    source: Source<'a>,
    signer: &'a Signer<'a>,
    /// `Name$`, of the namespaces around.
    prefix: String,
    /// Statements for after the one that is being looked at.
    after: Vec<Stmt>,
    /// Variables for what has no other name at the end of the module.
    pub(super) handles: Vec<Ident>,
    /// What is registered, by which name.
    pub(super) registered: Vec<(Ident, String)>,
}

impl<'a> Components<'a> {
    /// Looks at the items of a module that has been signed.
    pub(super) fn of(
        source: Source<'a>,
        signer: &'a Signer<'a>,
        items: &mut Vec<ModuleItem>,
    ) -> Self {
        let mut components = Self {
            source,
            signer,
            prefix: String::new(),
            after: Vec::new(),
            handles: Vec::new(),
            registered: Vec::new(),
        };
        let mut placed = Vec::with_capacity(items.len());
        for mut item in mem::take(items) {
            components.item(&mut item);
            placed.push(item);
            placed.extend(components.after.drain(..).map(ModuleItem::from));
        }
        *items = placed;
        components
    }

    fn item(&mut self, item: &mut ModuleItem) {
        match item {
            ModuleItem::Stmt(statement) => self.statement(statement),
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => {
                self.declaration(&mut export.decl)
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(export)) => {
                if let DefaultDecl::Fn(function) = &export.decl
                    && let Some(name) = &function.ident
                {
                    self.function(name);
                }
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(export)) => {
                let is_call = self.peeled(&mut export.expr).is_call();
                if is_call && self.inside(&mut export.expr, "%default%") {
                    self.keep(&mut export.expr, "%default%".to_owned());
                }
            }
            _ => {}
        }
    }

    fn statement(&mut self, statement: &mut Stmt) {
        match statement {
            Stmt::Decl(declaration) => self.declaration(declaration),
            Stmt::Expr(expr) => self.namespace(&mut expr.expr),
            _ => {}
        }
    }

    fn declaration(&mut self, declaration: &mut Decl) {
        match declaration {
            Decl::Fn(function) => self.function(&function.ident),
            Decl::Var(variables) => {
                for variable in &mut variables.decls {
                    if let Pat::Ident(name) = &variable.name
                        && let Some(init) = &mut variable.init
                    {
                        self.variable(&name.id, init);
                    }
                }
            }
            _ => {}
        }
    }

    fn function(&mut self, name: &Ident) {
        if is_component(&name.sym) {
            self.register(name);
        }
    }

    fn variable(&mut self, name: &Ident, init: &mut Box<Expr>) {
        if is_component(&name.sym) && self.is_one(&name.sym, Some(name), init) {
            self.register(name);
        }
    }

    /// Whether a value is a component, called `name`; what is inside of it is registered.
    fn is_one(&mut self, name: &str, variable: Option<&Ident>, value: &mut Box<Expr>) -> bool {
        let is_element = variable.is_some_and(|name| self.signer.elements.contains(&name.to_id()));
        match self.peeled(value) {
            Expr::Fn(_) => true,
            Expr::Arrow(arrow) => is_element || !gives_function(arrow),
            Expr::TaggedTpl(_) => is_element,
            Expr::Call(call) if is_load(call) => false,
            Expr::Call(_) => {
                let name = format!("{}{name}", self.prefix);
                self.inside(value, &name) || is_element
            }
            _ => false,
        }
    }

    /// Whether there is a component inside of a value; registers all that it is wrapped in, but for the value itself.
    fn inside(&mut self, value: &mut Box<Expr>, name: &str) -> bool {
        let source = self.source;
        match self.peeled(value) {
            Expr::Ident(component) => is_component(&component.sym),
            Expr::Fn(_) => true,
            Expr::Arrow(arrow) => !gives_function(arrow),
            Expr::Call(call) => {
                let callee = call.callee.as_expr().map(|callee| bare(callee));
                let Some(callee @ (Expr::Ident(_) | Expr::Member(_))) = callee else {
                    return false;
                };
                let inner = format!("{name}${}", source.text(callee.span()));
                let first = call.args.first_mut().filter(|first| first.spread.is_none());
                let Some(first) = first else { return false };
                if !self.inside(&mut first.expr, &inner) {
                    return false;
                }
                if !bare(&first.expr).is_ident() {
                    self.keep(&mut first.expr, inner);
                }
                true
            }
            _ => false,
        }
    }

    /// The value without the calls of signers around it.
    fn peeled<'e>(&self, value: &'e mut Expr) -> &'e mut Expr {
        let value = bare_mut(value);
        let is_signed = match &*value {
            Expr::Call(call) => self.signer.is_signer(&call.callee) && !call.args.is_empty(),
            _ => false,
        };
        if !is_signed {
            return value;
        }
        match value {
            Expr::Call(call) => self.peeled(&mut call.args[0].expr),
            other => other,
        }
    }

    /// Registers what a variable holds where it is declared.
    fn register(&mut self, name: &Ident) {
        let registered = format!("{}{}", self.prefix, name.sym);
        // At the end of the module there may be another value in it, or no such variable.
        if self.prefix.is_empty() && !self.signer.assigned.contains(&name.to_id()) {
            return self.registered.push((name.clone(), registered));
        }
        let mut value = Box::new(Expr::from(name.clone()));
        self.keep(&mut value, registered);
        self.after.push(statement(*value));
    }

    /// Puts a value into a variable on its way, and registers that. A function does not take the variable's name.
    fn keep(&mut self, value: &mut Box<Expr>, name: String) {
        let handle = numbered("_c", self.handles.len());
        let taken = mem::take(&mut **value);
        let right = match bare(&taken) {
            Expr::Fn(_) | Expr::Arrow(_) => Expr::Paren(ParenExpr {
                span: DUMMY_SP,
                expr: Box::new(Expr::Seq(SeqExpr {
                    span: DUMMY_SP,
                    exprs: vec![Box::new(Expr::Lit(Lit::Num(0.0.into()))), Box::new(taken)],
                })),
            }),
            _ => taken,
        };
        **value = Expr::Assign(AssignExpr {
            span: DUMMY_SP,
            op: AssignOp::Assign,
            left: handle.clone().into(),
            right: Box::new(right),
        });
        self.registered.push((handle.clone(), name));
        self.handles.push(handle);
    }

    /// TypeScript's namespaces: `(function(Name) { Name.Part = …; })(Name || (Name = {}))`.
    fn namespace(&mut self, expr: &mut Expr) {
        let Expr::Call(call) = bare_mut(expr) else {
            return;
        };
        let [argument] = &*call.args else { return };
        let is_namespace = matches!(bare(&argument.expr), Expr::Bin(or) if or.op == BinaryOp::LogicalOr)
            || matches!(bare(&argument.expr), Expr::Assign(_));
        let Callee::Expr(callee) = &mut call.callee else {
            return;
        };
        let Expr::Fn(function) = bare_mut(callee) else {
            return;
        };
        let [
            Param {
                pat: Pat::Ident(space),
                ..
            },
        ] = &*function.function.params
        else {
            return;
        };
        if !is_namespace {
            return;
        }
        let space = space.id.clone();
        let length = self.prefix.len();
        self.prefix.push_str(&space.sym);
        self.prefix.push('$');
        let outer = mem::take(&mut self.after);
        if let Some(body) = &mut function.function.body {
            let mut placed = Vec::with_capacity(body.stmts.len());
            for mut statement in mem::take(&mut body.stmts) {
                if !self.part(&space, &mut statement) {
                    self.statement(&mut statement);
                }
                placed.push(statement);
                placed.append(&mut self.after);
            }
            body.stmts = placed;
        }
        self.after = outer;
        self.prefix.truncate(length);
    }

    /// `Name.Part = …`, which is a constant that a namespace exports.
    fn part(&mut self, space: &Ident, statement: &mut Stmt) -> bool {
        let Stmt::Expr(ExprStmt { expr, .. }) = statement else {
            return false;
        };
        let Expr::Assign(AssignExpr {
            left: AssignTarget::Simple(SimpleAssignTarget::Member(part)),
            right,
            ..
        }) = &mut **expr
        else {
            return false;
        };
        let MemberProp::Ident(name) = &part.prop else {
            return false;
        };
        if part.obj.as_ident().map(Ident::to_id) == Some(space.to_id())
            && is_component(&name.sym)
            && !right.is_ident()
            && self.is_one(&name.sym, None, right)
        {
            let name = format!("{}{}", self.prefix, name.sym);
            self.keep(right, name);
        }
        true
    }
}

/// Whether an item may declare a component, by what its names look like.
pub(super) fn may_have(item: &ModuleItem) -> bool {
    let declaration = match item {
        ModuleItem::Stmt(Stmt::Decl(declaration)) => declaration,
        // A namespace.
        ModuleItem::Stmt(Stmt::Expr(expr)) => return bare(&expr.expr).is_call(),
        ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => &export.decl,
        ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(export)) => {
            return bare(&export.expr).is_call();
        }
        ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(export)) => {
            return export.decl.is_fn_expr();
        }
        _ => return false,
    };
    match declaration {
        Decl::Fn(function) => is_component(&function.ident.sym),
        Decl::Var(variables) => variables.decls.iter().any(|one| match &one.name {
            Pat::Ident(name) => is_component(&name.sym) && one.init.is_some(),
            _ => false,
        }),
        _ => false,
    }
}

/// `() => () => …` makes functions.
fn gives_function(arrow: &ArrowExpr) -> bool {
    matches!(&*arrow.body, ArrowFunctionBody::Expr(value) if value.is_arrow())
}

/// `require(…)`, `import(…)`.
fn is_load(call: &CallExpr) -> bool {
    match &call.callee {
        Callee::Import(_) => true,
        Callee::Expr(callee) => callee.as_ident().is_some_and(|name| name.sym == "require"),
        Callee::Super(_) => false,
    }
}
