//! `import.meta.hot.accept('./dep', …)`, `import.meta.hot?.accept(['./a', './b'], …)`: what a module accepts new versions
//! of. Names are known where they are written out, as Vite has it.

use swc_core::ecma::ast::*;

/// Whether this is what is called.
pub(super) fn is_call(callee: &Expr) -> bool {
    let of_meta =
        |expr: &Expr| matches!(expr, Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta);
    let hot = member(callee, "accept").and_then(|hot| member(hot, "hot"));
    hot.is_some_and(of_meta)
}

/// The object that an expression takes this member of.
fn member<'a>(expr: &'a Expr, name: &str) -> Option<&'a Expr> {
    let member = match expr {
        Expr::Paren(paren) => return self::member(&paren.expr, name),
        Expr::Member(member) => member,
        Expr::OptChain(chain) => chain.base.as_member()?,
        _ => return None,
    };
    (member.prop.as_ident()?.sym == *name).then_some(&member.obj)
}

/// What may name modules among the arguments.
pub(super) fn named(arguments: &[ExprOrSpread]) -> Vec<&Expr> {
    match arguments.first() {
        Some(ExprOrSpread { spread: None, expr }) => match &**expr {
            Expr::Array(array) => {
                let each = array.elems.iter().flatten();
                each.map(|element| &*element.expr).collect()
            }
            expr => vec![expr],
        },
        _ => Vec::new(),
    }
}

/// The same.
pub(super) fn named_mut(arguments: &mut [ExprOrSpread]) -> Vec<&mut Expr> {
    match arguments.first_mut() {
        Some(ExprOrSpread { spread: None, expr }) => match &mut **expr {
            Expr::Array(array) => {
                let each = array.elems.iter_mut().flatten();
                each.map(|element| &mut *element.expr).collect()
            }
            expr => vec![expr],
        },
        _ => Vec::new(),
    }
}
