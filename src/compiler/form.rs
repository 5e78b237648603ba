//! Module or CommonJS, by a file's own text.

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
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

/// What of `module` and of `require` is a sign beside `module.exports` and calls. They are not looked for in what a parameter
/// has: that may be anything.
const OF_MODULE: [&str; 2] = ["hot", "require"];
const OF_REQUIRE: [&str; 4] = ["main", "resolve", "cache", "extensions"];

/// Looks for `module.exports`, `exports.x`, `require(…)` and what else only CommonJS has. A file that declares such a variable is taken for one that
/// means its own; so is a function for what is in it, as that around the modules of a browserify bundle
/// (`function () { var define, module, exports; … }`).
#[derive(Default)]
struct CommonJsNames {
    used: bool,
    declared: bool,
    /// What the functions around declare.
    own: Vec<Atom>,
    /// What their parameters are called.
    params: Vec<Atom>,
}

impl CommonJsNames {
    fn is_own(&self, name: &Ident) -> bool {
        self.own.contains(&name.sym)
    }

    fn within(
        &mut self,
        function: &(impl VisitWith<Self> + VisitWith<Declared>),
        params: Vec<Ident>,
    ) {
        let around = (self.own.len(), self.params.len());
        let mut declared = Declared::default();
        function.visit_children_with(&mut declared);
        self.own.append(&mut declared.0);
        let common = params.into_iter().filter(is_common);
        self.params.extend(common.map(|name| name.sym));
        function.visit_children_with(self);
        self.own.truncate(around.0);
        self.params.truncate(around.1);
    }

    /// Whether a member is one that only CommonJS has.
    fn is_sign(&self, object: &Ident, name: &str) -> bool {
        let is_among = |names: &[&str]| names.contains(&name) && !self.params.contains(&object.sym);
        match &*object.sym {
            "exports" => true,
            "module" => name == "exports" || is_among(&OF_MODULE),
            "require" => is_among(&OF_REQUIRE),
            _ => false,
        }
    }
}

impl Visit for CommonJsNames {
    noop_visit_type!();

    fn visit_program(&mut self, program: &Program) {
        let mut declared = Declared::default();
        program.visit_children_with(&mut declared);
        self.declared = !declared.0.is_empty();
        program.visit_children_with(self);
    }

    fn visit_function(&mut self, function: &Function) {
        self.within(function, find_pat_ids(&function.params));
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.within(arrow, find_pat_ids(&arrow.params));
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        if let Some(object) = member.obj.as_ident().filter(|object| !self.is_own(object)) {
            let name = member.prop.as_ident().map_or("", |name| &name.sym);
            self.used |= self.is_sign(object, name);
        }
        member.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        let callee = call.callee.as_expr().and_then(|callee| callee.as_ident());
        self.used |= callee.is_some_and(|callee| callee.sym == "require" && !self.is_own(callee));
        // A wrapper (UMD) hands them to a function.
        self.used |= call.args.iter().any(|argument| {
            matches!(&*argument.expr, Expr::Ident(name)
                if is_common(name) && name.sym != "require" && !self.is_own(name))
        });
        call.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        // Under another name: `const m = module`.
        self.used |= matches!(declarator.init.as_deref(), Some(Expr::Ident(name))
            if is_common(name) && name.sym != "require" && !self.is_own(name));
        declarator.visit_children_with(self);
    }
}

/// The variables of these names, outside of functions. Parameters are a wrapper's (UMD), which the file's own are handed
/// to; so is the file's own meant in `var exports = module.exports = …`.
#[derive(Default)]
struct Declared(Vec<Atom>);

impl Visit for Declared {
    noop_visit_type!();

    fn visit_function(&mut self, _: &Function) {}

    fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        if let Pat::Ident(name) = &declarator.name
            && is_common(&name.id)
            && !declarator
                .init
                .as_ref()
                .is_some_and(|value| mentions(value))
        {
            self.0.push(name.id.sym.clone());
        }
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
