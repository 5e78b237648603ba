//! Enum members behind a type assertion.

use swc_core::common::Spanned;
use swc_core::ecma::ast::{ArrowExpr, BinaryOp, Class, Expr, Function, Lit, SeqExpr, TsEnumMember};
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

/// Keeps the reverse mapping of `A = 'a' as any`. To tsc the member is computed, so `E['a']` is `'A'`; swc looks
/// through the assertion and sees a string member, which has none.
#[derive(Default)]
pub(super) struct KeepReverseMappings {
    /// Whether a member's value has functions or classes in it, whose own names the enum's and its members' can meet.
    pub(super) have_functions: bool,
    in_member: bool,
}

impl VisitMut for KeepReverseMappings {
    fn visit_mut_ts_enum_member(&mut self, member: &mut TsEnumMember) {
        if let Some(value) = &mut member.init
            && is_asserted(value)
            && let Some(inner) = text_in(value)
        {
            // A sequence is what swc does not evaluate; of one expression it prints as that.
            **value = Expr::Seq(SeqExpr {
                span: inner.span(),
                exprs: vec![inner],
            });
        }
        self.in_member = true;
        member.visit_mut_children_with(self);
        self.in_member = false;
    }

    fn visit_mut_function(&mut self, function: &mut Function) {
        self.have_functions |= self.in_member;
        function.visit_mut_children_with(self);
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        self.have_functions |= self.in_member;
        arrow.visit_mut_children_with(self);
    }

    fn visit_mut_class(&mut self, class: &mut Class) {
        self.have_functions |= self.in_member;
        class.visit_mut_children_with(self);
    }
}

fn is_asserted(value: &Expr) -> bool {
    match value {
        Expr::Paren(paren) => is_asserted(&paren.expr),
        Expr::TsAs(_) | Expr::TsTypeAssertion(_) | Expr::TsNonNull(_) | Expr::TsSatisfies(_) => {
            true
        }
        _ => false,
    }
}

/// What is asserted, where it is text.
fn text_in(value: &Expr) -> Option<Box<Expr>> {
    match value {
        Expr::Paren(paren) => text_in(&paren.expr),
        Expr::TsAs(assertion) => text_in(&assertion.expr),
        Expr::TsTypeAssertion(assertion) => text_in(&assertion.expr),
        Expr::TsNonNull(assertion) => text_in(&assertion.expr),
        Expr::TsSatisfies(assertion) => text_in(&assertion.expr),
        _ if is_text(value) => Some(Box::new(value.clone())),
        _ => None,
    }
}

fn is_text(value: &Expr) -> bool {
    match value {
        Expr::Lit(Lit::Str(_)) | Expr::Tpl(_) => true,
        Expr::Paren(paren) => is_text(&paren.expr),
        Expr::Bin(sum) => sum.op == BinaryOp::Add && (is_text(&sum.left) || is_text(&sum.right)),
        _ => false,
    }
}
