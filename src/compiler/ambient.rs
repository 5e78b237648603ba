//! What TypeScript's `declare` says to be elsewhere.

use swc_core::common::SyntaxContext;
use swc_core::ecma::ast::{Id, Ident, Program};
use swc_core::ecma::utils::collect_decls_with_ctxt;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::transform::Marks;
use crate::base::QuickSet;

/// Makes globals of the names that a module declares by `declare` alone: it is the way to give a type to one that is
/// defined from outside (`declare const __VERSION__: string`). The types must be gone.
pub(super) fn to_globals(program: &mut Program, marks: Marks) {
    let context = |mark| SyntaxContext::empty().apply_mark(mark);
    let own = context(marks.top_level);
    let declared = collect_decls_with_ctxt::<Id, _>(program, own);
    program.visit_mut_with(&mut Globals {
        own,
        globals: context(marks.unresolved),
        declared: declared.into_iter().collect(),
    });
}

struct Globals {
    own: SyntaxContext,
    globals: SyntaxContext,
    declared: QuickSet<Id>,
}

impl VisitMut for Globals {
    noop_visit_mut_type!();

    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if name.ctxt == self.own && !self.declared.contains(&name.to_id()) {
            name.ctxt = self.globals;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compiler::tests::emit;
    use crate::compiler::{Define, Language, Options};

    #[test]
    fn what_is_declared_alone_is_a_global() {
        let options = Options {
            defines: vec![
                Define::new("process.env.NODE_ENV", "'production'"),
                Define::new("__VERSION__", "7"),
                Define::new("own", "8"),
            ],
            ..Options::default()
        };
        let text = "declare var process: any; declare const __VERSION__: number, own: any;\n\
                    export const a = [process.env.NODE_ENV, __VERSION__, ((__VERSION__: any) => __VERSION__)(1)];\n\
                    { var own: any = 1; } export const b = () => own;\n\
                    declare const require: any; export const c = require('./c');";
        let code = emit(text, Language::Ts, &options).code;
        insta::assert_snapshot!(code, @r#"
        export const a = [
            'production',
            7,
            ((__VERSION__)=>__VERSION__)(1)
        ];
        {
            var own = 1;
        }export const b = ()=>own;
        export const c = require_c();
        import { commonjs as require_c } from "./c.js";
        "#);
    }
}
