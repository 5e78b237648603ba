//! Fast Refresh: what the runtime (`src/client/refresh`) must know of a module, as calls in it.
//!
//! ```text
//! var _s = SIGN();                                    one for each function that calls hooks
//! _s(useCount, "5bd4…", false, () => [useStep]);      what it calls: a key, and its custom hooks
//! function useCount() { _s(); … }                     in each render
//! const App = _s1(memo(_c = _s1(() => { _s1(); … }, "…")), "…");
//! REGISTER(_c, "App$memo"); REGISTER(App, "App");     at the end: a module that fails has changed nothing
//! ```
//!
//! - **Signed** is every function that calls hooks, wherever it is, in a file of hooks too. The key is made of the source's
//!   text, in the order of the calls: `useState{[n, set](0)}`. Hooks in blocks count. The custom hooks are a function: they
//!   may be in a circle, or not be there yet. Where one cannot be named from outside of the function, and in a file that
//!   says `@refresh reset`, the third argument is `true`: begin anew at each edit. What a call makes of a function is
//!   signed as the function is.
//! - **Registered** are the components at the top level and in namespaces, by their names, and what is inside of calls
//!   around them: `memo(forwardRef(…))` called `App` is `App`, `App$memo` and `App$memo$forwardRef`.
//! - A function is called what it would be called without all this; where that cannot be done (a computed key), and in
//!   classes, which have no hooks, nothing is signed.
//! - In function form the names are the context's `register` and `sign`, and signers are there when the module is linked:
//!   its functions may be called before it has run.

mod calls;
mod components;
mod named;
mod signed;
#[cfg(test)]
mod tests;

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::private_ident;
use swc_core::ecma::visit::VisitMutWith;

use super::parse::File;
use calls::Source;
use components::Components;
use signed::Signer;

use crate::base::has;

/// The function that registers a component by a name. No source has this name: it is none. So with the two others.
pub(super) const REGISTER: &str = "*register*";
/// The function that gives a signer.
pub(super) const SIGN: &str = "*sign*";
/// The function without a name that a module exports as `default` (ECMA-262, 16.2.3.2 `BoundNames`).
pub(super) const DEFAULT: &str = "*default*";

/// Whether a file is one of a package, whose components nobody edits.
pub(super) fn is_of_package(file: &File) -> bool {
    file.shown.split('/').any(|name| name == "node_modules")
}

/// Writes the calls into a module whose types are gone, and whose JSX is still there.
pub(super) fn apply(module: &mut Module, file: &File) {
    if !calls::may_be_in(file.text()) && !module.body.iter().any(components::may_have) {
        return;
    }
    let source = Source(&file.source);
    // In a string it does no harm.
    let is_reset = has(file.text(), "@refresh reset");
    let mut signer = Signer::new(source, is_reset);
    module.visit_mut_with(&mut signer);
    let components = Components::of(source, &signer, &mut module.body);
    let (handles, registered) = (components.handles, components.registered);
    let made = |name: &str| Ident::new_no_ctxt(name.into(), DUMMY_SP);
    if !handles.is_empty() {
        let handles = handles.into_iter().map(|handle| (handle, None));
        module.body.insert(0, variables(handles).into());
    }
    if !signer.signers.is_empty() {
        let sign = |name: Ident| (name, Some(call(made(SIGN), Vec::new())));
        let signers = signer.signers.into_iter().map(sign);
        module.body.insert(0, variables(signers).into());
    }
    for (component, name) in registered {
        let arguments = vec![
            Expr::from(component).into(),
            Expr::from(Str::from(name)).into(),
        ];
        let register = statement(call(made(REGISTER), arguments));
        module.body.push(register.into());
    }
}

/// Whether a statement makes signers.
pub(super) fn makes_signers(statement: &Stmt) -> bool {
    let Stmt::Decl(Decl::Var(variables)) = statement else {
        return false;
    };
    let init = variables
        .decls
        .first()
        .and_then(|first| first.init.as_deref());
    let callee = match init {
        Some(Expr::Call(call)) => call.callee.as_expr().and_then(|callee| callee.as_ident()),
        _ => None,
    };
    callee.is_some_and(|callee| callee.sym == SIGN)
}

/// A variable of its own: all that are made have other names, so that they need not be told apart later.
fn numbered(name: &str, before: usize) -> Ident {
    match before {
        0 => private_ident!(name),
        _ => private_ident!(format!("{name}{before}")),
    }
}

fn call(callee: Ident, args: Vec<ExprOrSpread>) -> Expr {
    Expr::Call(CallExpr {
        callee: Callee::Expr(Box::new(callee.into())),
        args,
        ..CallExpr::default()
    })
}

fn statement(expr: Expr) -> Stmt {
    Stmt::Expr(ExprStmt {
        span: DUMMY_SP,
        expr: Box::new(expr),
    })
}

fn variables(names: impl Iterator<Item = (Ident, Option<Expr>)>) -> Stmt {
    let declare = |(name, init): (Ident, Option<Expr>)| VarDeclarator {
        span: DUMMY_SP,
        name: Pat::Ident(name.into()),
        init: init.map(Box::new),
        definite: false,
    };
    Stmt::Decl(Decl::Var(Box::new(VarDecl {
        kind: VarDeclKind::Var,
        decls: names.map(declare).collect(),
        ..VarDecl::default()
    })))
}

/// Whether a name is a component's: what JSX takes for one.
fn is_component(name: &str) -> bool {
    name.starts_with(|first: char| first.is_uppercase())
}

/// The expression without parentheses.
fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Paren(paren) = expr {
        expr = &paren.expr;
    }
    expr
}

/// The same.
fn bare_mut(mut expr: &mut Expr) -> &mut Expr {
    while let Expr::Paren(paren) = expr {
        expr = &mut paren.expr;
    }
    expr
}
