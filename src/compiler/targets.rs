//! Imports that the file does nothing with but assign to: a TypeError when it runs, for imports are constant to who has
//! them. The pass that drops types takes them for imports of types, for it counts no target of an assignment as a use.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use crate::base::QuickSet;

/// Uses what is assigned to, in a statement at the end; [`take`] takes it out again.
pub(super) fn add(module: &mut Module) {
    let mut assigned = Assigned::default();
    module.visit_with(&mut assigned);
    let uses = imported(module)
        .filter(|name| assigned.0.contains(&name.to_id()))
        .map(|name| Some(Expr::from(name.clone()).into()));
    let uses = ArrayLit {
        span: DUMMY_SP,
        elems: uses.collect(),
    };
    let statement = ExprStmt {
        span: DUMMY_SP,
        expr: Box::new(uses.into()),
    };
    module.body.push(Stmt::from(statement).into());
}

/// See [`add`].
pub(super) fn take(module: &mut Module) {
    // No file has a statement that stands nowhere in it, and no pass makes such a one.
    let is_own = |item: &ModuleItem| {
        matches!(item, ModuleItem::Stmt(Stmt::Expr(statement))
            if statement.span == DUMMY_SP && statement.expr.is_array())
    };
    if let Some(at) = module.body.iter().rposition(is_own) {
        module.body.remove(at);
    }
}

/// The names by which the file knows what it imports.
pub(super) fn imported(module: &Module) -> impl Iterator<Item = &Ident> {
    module.body.iter().flat_map(|item| {
        let (specifiers, required) = match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => (&import.specifiers[..], None),
            ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(import)) => {
                (&[][..], Some(&import.id))
            }
            _ => (&[][..], None),
        };
        specifiers
            .iter()
            .map(ImportSpecifier::local)
            .chain(required)
    })
}

/// The names that are assigned to.
#[derive(Default)]
struct Assigned(QuickSet<Id>);

impl Visit for Assigned {
    noop_visit_type!();

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        self.0.extend(find_pat_ids::<_, Id>(&assignment.left));
        assignment.visit_children_with(self);
    }

    fn visit_for_head(&mut self, head: &ForHead) {
        if let ForHead::Pat(target) = head {
            self.0.extend(find_pat_ids::<_, Id>(target));
        }
        head.visit_children_with(self);
    }
}
