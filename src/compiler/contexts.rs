//! `require.context(…)`, by which webpack imports many files: nothing here has it, and a module that calls it throws.

use std::ops::Range;

use swc_core::common::Span;
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::Parsed;
use super::faults;

/// Whether a file may have such a call.
const TEXT: &str = "require.context";

impl Parsed {
    /// Where the first such call is, in bytes of the text. What is within a `try` or asks whether it is there is not meant.
    pub fn context_call(&self) -> Option<Range<usize>> {
        if !self.file.text().contains(TEXT) {
            return None;
        }
        let mut finder = Finder::default();
        self.program.visit_with(&mut finder);
        let span = finder.found?;
        Some(faults::range(&self.file, span))
    }
}

#[derive(Default)]
struct Finder {
    found: Option<Span>,
}

impl Visit for Finder {
    noop_visit_type!();

    fn visit_call_expr(&mut self, call: &CallExpr) {
        let callee = call.callee.as_expr().and_then(|callee| callee.as_member());
        let is_it = callee.is_some_and(|member| {
            let object = member.obj.as_ident().map(|object| &*object.sym);
            let name = member.prop.as_ident().map(|name| &*name.sym);
            (object, name) == (Some("require"), Some("context"))
        });
        if is_it && self.found.is_none() {
            self.found = callee.map(Spanned::span);
        }
        call.visit_children_with(self);
    }

    fn visit_try_stmt(&mut self, _: &TryStmt) {}

    fn visit_if_stmt(&mut self, _: &IfStmt) {}

    fn visit_cond_expr(&mut self, _: &CondExpr) {}
}
