//! `for await` at the top level, as a loop that awaits by itself (ECMA-262, 14.7.5.7 `ForIn/OfBodyEvaluation`).

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;

use crate::compiler::stand;

/// What the context's `iterate` gives knows when the iterator is to be closed: when the body is left early, and what
/// closing it throws is told unless the body itself has thrown.
const TEXT: &str = "{
    const IT = CONTEXT.iterate(0);
    try { while (IT.step(await IT.next())) {} }
    catch (error) { throw IT.fail(error); }
    finally {
        if (IT.close()) {
            try { IT.closed(await IT.result); }
            catch (error) { IT.closing(error); }
        }
    }
}";

/// Whether a statement is such a loop, with its labels.
pub(super) fn is_loop(statement: &Stmt) -> bool {
    match statement {
        Stmt::Labeled(labeled) => is_loop(&labeled.body),
        Stmt::ForOf(of) => of.is_await,
        _ => false,
    }
}

/// Puts the other loop in its place; what it awaits is still written so.
pub(super) fn lower(statement: &mut Stmt, context: &str, name: &str) {
    let mut labels = Vec::new();
    let mut inner = std::mem::take(statement);
    while let Stmt::Labeled(labeled) = inner {
        labels.push((labeled.span, labeled.label));
        inner = *labeled.body;
    }
    let Stmt::ForOf(of) = inner else {
        return;
    };
    let text = TEXT.replace("IT", name).replace("CONTEXT", context);
    let Some(ModuleItem::Stmt(Stmt::Block(mut block))) = stand::items(&text).pop() else {
        return;
    };
    if let Some(Stmt::Decl(Decl::Var(variable))) = block.stmts.first_mut()
        && let Some(Expr::Call(call)) = variable.decls[0].init.as_deref_mut()
    {
        call.args[0].expr = of.right;
    }
    if let Some(Stmt::Try(attempt)) = block.stmts.last_mut()
        && let Some(mut repeat) = attempt.block.stmts.pop()
    {
        if let Stmt::While(repeat) = &mut repeat {
            let body = BlockStmt {
                span: DUMMY_SP,
                stmts: vec![bind(of.left, name), *of.body],
                ..BlockStmt::default()
            };
            *repeat.body = Stmt::Block(body);
        }
        for (span, label) in labels.into_iter().rev() {
            let body = Box::new(repeat);
            repeat = Stmt::Labeled(LabeledStmt { span, label, body });
        }
        attempt.block.stmts.push(repeat);
    }
    *statement = Stmt::Block(block);
}

/// The step's value goes where the loop's head says.
fn bind(head: ForHead, name: &str) -> Stmt {
    let value = Box::new(stand::parsed(&format!("{name}.value")));
    match head {
        ForHead::VarDecl(mut variables) => {
            if let Some(variable) = variables.decls.first_mut() {
                variable.init = Some(value);
            }
            Stmt::Decl(Decl::Var(variables))
        }
        ForHead::UsingDecl(mut using) => {
            if let Some(variable) = using.decls.first_mut() {
                variable.init = Some(value);
            }
            Stmt::Decl(Decl::Using(using))
        }
        ForHead::Pat(pattern) => {
            let left = match *pattern {
                Pat::Ident(name) => SimpleAssignTarget::Ident(name).into(),
                Pat::Expr(target) => match SimpleAssignTarget::try_from(target) {
                    Ok(target) => target.into(),
                    // The parser lets nothing else be assigned to.
                    Err(_) => return Stmt::Empty(EmptyStmt { span: DUMMY_SP }),
                },
                Pat::Array(array) => AssignTargetPat::Array(array).into(),
                Pat::Object(object) => AssignTargetPat::Object(object).into(),
                _ => return Stmt::Empty(EmptyStmt { span: DUMMY_SP }),
            };
            Stmt::Expr(ExprStmt {
                span: DUMMY_SP,
                expr: Box::new(Expr::Assign(AssignExpr {
                    span: DUMMY_SP,
                    op: AssignOp::Assign,
                    left,
                    right: value,
                })),
            })
        }
    }
}
