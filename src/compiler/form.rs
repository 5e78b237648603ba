//! Module or CommonJS, by a file's own text.

use swc_core::ecma::ast::Program;

use super::{Form, Language};

pub(super) fn of(program: &Program, language: Language) -> Form {
    if matches!(program, Program::Module(_)) || matches!(language, Language::Mts | Language::Mjs) {
        return Form::Module;
    }
    Form::Script
}
