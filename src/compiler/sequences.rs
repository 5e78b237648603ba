//! Sequences as the fixer takes them. It leaves out what only fills one (`1, f(), 2`) after it has given its parentheses
//! to what stands first in a statement; what stands first then (`function() {}() ? a : b, 2`) is left without.

use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

/// Leaves out what fills sequences, and puts those within a sequence into it. One filler stays before a last value:
/// `(0, a.b)()` calls without a receiver.
pub(super) struct NoFillers;

impl VisitMut for NoFillers {
    noop_visit_mut_type!();

    fn visit_mut_seq_expr(&mut self, sequence: &mut SeqExpr) {
        sequence.visit_mut_children_with(self);
        for expr in sequence.exprs.take() {
            flatten(expr, sequence);
        }
        let Some(last) = sequence.exprs.pop() else {
            return;
        };
        let (mut fillers, mut rest): (Vec<_>, Vec<_>) =
            sequence.exprs.drain(..).partition(|expr| is_filler(expr));
        if rest.is_empty() {
            rest.extend(fillers.drain(..).take(1));
        }
        rest.push(last);
        sequence.exprs = rest;
    }
}

fn flatten(expr: Box<Expr>, sequence: &mut SeqExpr) {
    match *expr {
        Expr::Seq(inner) => sequence.exprs.extend(inner.exprs),
        Expr::Paren(mut paren) if paren.expr.is_seq() => flatten(paren.expr.take(), sequence),
        _ => sequence.exprs.push(expr),
    }
}

fn is_filler(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Fn(_) | Expr::Arrow(_) => true,
        Expr::Paren(paren) => is_filler(&paren.expr),
        Expr::Unary(unary) => unary.op == UnaryOp::Void && is_filler(&unary.arg),
        _ => false,
    }
}
