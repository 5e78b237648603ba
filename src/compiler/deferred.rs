//! `import defer * as x from 'y'` and `import.defer('y')` as imports like any other: engines do not know them yet, and what
//! they put off is no more than when the other module is evaluated.

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

/// Has a module evaluate at once what it defers.
pub(super) fn evaluate(module: &mut Module) {
    module.visit_mut_with(&mut Evaluate);
}

struct Evaluate;

fn evaluated(phase: &mut ImportPhase) {
    if *phase == ImportPhase::Defer {
        *phase = ImportPhase::Evaluation;
    }
}

impl VisitMut for Evaluate {
    noop_visit_mut_type!();

    fn visit_mut_import_decl(&mut self, import: &mut ImportDecl) {
        evaluated(&mut import.phase);
    }

    fn visit_mut_import(&mut self, import: &mut Import) {
        evaluated(&mut import.phase);
    }
}
