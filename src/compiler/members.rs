//! Namespaces of which only members are read: `import * as d3 from 'd3'; d3.select(x)`.
//!
//! Such members can be imported by their names, as bundlers have it: a function that is called as a member of a namespace
//! then no longer gets the namespace as `this`.

use std::collections::{BTreeMap, BTreeSet};

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{
    Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type,
};

/// The members that are read of each namespace, by the namespace's name. Those of which anything else is done, or whose
/// name means something else too, are left out.
pub(super) fn collect(module: &Module) -> BTreeMap<String, BTreeSet<String>> {
    let mut reads = Reads::default();
    for item in &module.body {
        if let ModuleItem::ModuleDecl(ModuleDecl::Import(import)) = item {
            let names = import.specifiers.iter();
            let names = names.filter(|specifier| specifier.is_namespace());
            let names = names.map(|specifier| specifier.local().sym.to_string());
            reads.read.extend(names.map(|name| (name, BTreeSet::new())));
        }
    }
    if !reads.read.is_empty() {
        module.visit_with(&mut reads);
    }
    reads.read.retain(|_, members| !members.is_empty());
    reads.read
}

#[derive(Default)]
struct Reads {
    read: BTreeMap<String, BTreeSet<String>>,
}

impl Reads {
    /// What is written, deleted or asked for in doubt is no mere read.
    fn other(&mut self, expr: &Expr) {
        if let Expr::Member(member) = expr
            && let Some((space, _)) = parts(member)
        {
            self.read.remove(space);
        }
    }
}

/// The namespace and the member, where it could be one of it.
fn parts(member: &MemberExpr) -> Option<(&str, String)> {
    let space = member.obj.as_ident()?;
    let name = match &member.prop {
        MemberProp::Ident(name) => name.sym.to_string(),
        MemberProp::Computed(computed) => match &*computed.expr {
            Expr::Lit(Lit::Str(text)) => text.value.to_string_lossy().into_owned(),
            _ => return None,
        },
        MemberProp::PrivateName(_) => return None,
    };
    Some((&space.sym, name))
}

impl Visit for Reads {
    noop_visit_type!();

    fn visit_import_decl(&mut self, _: &ImportDecl) {}

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        match parts(member) {
            Some((space, name)) => {
                if let Some(members) = self.read.get_mut(space) {
                    members.insert(name);
                }
                if space == "eval" {
                    self.read.clear();
                }
            }
            None => member.visit_children_with(self),
        }
    }

    fn visit_ident(&mut self, ident: &Ident) {
        self.read.remove(&*ident.sym);
        // It can name anything.
        if ident.sym == "eval" {
            self.read.clear();
        }
    }

    fn visit_simple_assign_target(&mut self, target: &SimpleAssignTarget) {
        if let SimpleAssignTarget::Member(member) = target
            && let Some((space, _)) = parts(member)
        {
            self.read.remove(space);
        }
        target.visit_children_with(self);
    }

    fn visit_pat(&mut self, pattern: &Pat) {
        if let Pat::Expr(expr) = pattern {
            self.other(expr);
        }
        pattern.visit_children_with(self);
    }

    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        self.other(&update.arg);
        update.visit_children_with(self);
    }

    fn visit_unary_expr(&mut self, unary: &UnaryExpr) {
        if unary.op == UnaryOp::Delete {
            self.other(&unary.arg);
        }
        unary.visit_children_with(self);
    }

    fn visit_opt_chain_base(&mut self, base: &OptChainBase) {
        if let OptChainBase::Member(member) = base
            && let Some((space, _)) = parts(member)
        {
            self.read.remove(space);
        }
        base.visit_children_with(self);
    }
}

/// A beginning of names that no name in a module has.
struct Unused(String);

impl Visit for Unused {
    noop_visit_type!();

    fn visit_ident(&mut self, name: &Ident) {
        while name.sym.starts_with(&self.0) {
            self.0.push('_');
        }
    }
}

/// What members of namespaces are called now.
pub(super) struct Renamed {
    /// By the namespace's name and theirs.
    names: BTreeMap<String, BTreeMap<String, Ident>>,
    prefix: Unused,
    count: usize,
}

impl Renamed {
    /// For the names of a module. `is_wanted`: whether there will be any.
    pub(super) fn of(module: &Module, is_wanted: bool) -> Self {
        let mut prefix = Unused("__member_".to_owned());
        if is_wanted {
            module.visit_with(&mut prefix);
        }
        Self {
            names: BTreeMap::new(),
            prefix,
            count: 0,
        }
    }

    /// The new name of a member, which nothing else in the module has.
    pub(super) fn name(&mut self, space: &str, member: &str) -> Ident {
        self.count += 1;
        let local = format!("{}{}", self.prefix.0, self.count);
        let local = Ident::new_no_ctxt(local.into(), DUMMY_SP);
        let members = self.names.entry(space.to_owned()).or_default();
        members.insert(member.to_owned(), local.clone());
        local
    }

    /// Puts the names in the members' places.
    pub(super) fn apply(mut self, module: &mut Module) {
        if !self.names.is_empty() {
            module.visit_mut_with(&mut self);
        }
    }
}

impl VisitMut for Renamed {
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if let Expr::Member(member) = expr
            && let Some((space, name)) = parts(member)
            && let Some(ident) = self.names.get(space).and_then(|members| members.get(&name))
        {
            let span = member.span;
            *expr = Expr::Ident(Ident {
                span,
                ..ident.clone()
            });
            return;
        }
        expr.visit_mut_children_with(self);
    }
}
