//! Module or CommonJS, by a file's own text.

use swc_core::ecma::ast::{CallExpr, Expr, Ident, MemberExpr, Pat, Program, VarDeclarator};
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::{Form, Language};

pub(super) fn of(program: &Program, language: Language) -> Form {
    // The parser has seen imports, exports, `import.meta` and `await`.
    if matches!(program, Program::Module(_)) || matches!(language, Language::Mts | Language::Mjs) {
        return Form::Module;
    }
    let mut names = CommonJsNames::default();
    program.visit_with(&mut names);
    let is_common = names.used && !names.declared;
    match is_common || matches!(language, Language::Cts | Language::Cjs) {
        true => Form::CommonJs,
        false => Form::Script,
    }
}

/// Looks for `module.exports`, `exports.x` and `require(…)`. A file that declares such a variable is taken for one that
/// means its own.
#[derive(Default)]
struct CommonJsNames {
    used: bool,
    declared: bool,
}

impl Visit for CommonJsNames {
    noop_visit_type!();

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        let object = member.obj.as_ident().map(|object| &*object.sym);
        let name = member.prop.as_ident().map(|name| &*name.sym);
        self.used |=
            object == Some("exports") || (object, name) == (Some("module"), Some("exports"));
        member.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        let callee = call.callee.as_expr().and_then(|callee| callee.as_ident());
        self.used |= callee.is_some_and(|callee| callee.sym == "require");
        // A wrapper (UMD) hands them to a function.
        self.used |= call
            .args
            .iter()
            .any(|argument| matches!(&*argument.expr, Expr::Ident(name) if is_common(name) && name.sym != "require"));
        call.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        // Parameters of these names are a wrapper's (UMD), which the file's own are handed to; so is the file's own meant
        // in `var exports = module.exports = …`.
        self.declared |= matches!(&declarator.name, Pat::Ident(name) if is_common(&name.id))
            && !declarator
                .init
                .as_ref()
                .is_some_and(|value| mentions(value));
        declarator.visit_children_with(self);
    }
}

fn mentions(value: &Expr) -> bool {
    struct Mentions(bool);
    impl Visit for Mentions {
        noop_visit_type!();

        fn visit_ident(&mut self, name: &Ident) {
            self.0 |= is_common(name);
        }
    }
    let mut mentions = Mentions(false);
    value.visit_with(&mut mentions);
    mentions.0
}

fn is_common(name: &Ident) -> bool {
    matches!(&*name.sym, "module" | "exports" | "require")
}
