//! Which names a CommonJS file exports, as far as its text says: the patterns of Node's cjs-module-lexer
//! (<https://github.com/nodejs/cjs-module-lexer#grammar>) on the syntax tree, and what follows from them there. As in the
//! lexer, `exports`, `module` and `require` count by their names, whatever the scope: a wrapper (UMD) hands them on.

use std::collections::BTreeSet;

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::Exports;
use super::wrap::body;

/// What the body in `module` exports. Dead branches must be gone, and calls of `require` still be there.
pub(crate) fn detect(module: &Module) -> Exports {
    let mut detector = Detector::default();
    if let Some(body) = body(module) {
        body.visit_with(&mut detector);
    }
    // What exports something exports it in a way that the text does not show.
    detector.is_open |= detector.is_silent();
    detector.exports()
}

/// What build tools say in code that never runs: `0 && (module.exports = { a, b, ...require('c') })`. To be looked for
/// before dead branches go. `text`: the file's.
pub(crate) fn annotated(module: &Module, text: &str) -> Exports {
    let mut annotations = Annotations(Detector::default());
    let mut ands = text.match_indices("&&");
    let may_be_there = ands.any(|(at, _)| text[..at].trim_end().ends_with('0'));
    if may_be_there && let Some(body) = body(module) {
        body.visit_with(&mut annotations);
    }
    annotations.0.exports()
}

struct Annotations(Detector);

impl Visit for Annotations {
    noop_visit_type!();

    fn visit_bin_expr(&mut self, binary: &BinExpr) {
        let is_zero = matches!(&*binary.left, Expr::Lit(Lit::Num(number)) if number.value == 0.0);
        if is_zero && binary.op == BinaryOp::LogicalAnd {
            binary.right.visit_with(&mut self.0);
        }
        binary.visit_children_with(self);
    }
}

#[derive(Default)]
struct Detector {
    names: BTreeSet<String>,
    reexports: Vec<String>,
    is_open: bool,
    /// In a loop over another module's names, whose keys are therefore known.
    is_in_reexport: bool,
    /// Variables that hold what a `require` gave: `var _a = _interopRequireWildcard(require('a'))`.
    required: Vec<(Id, String)>,
}

impl Detector {
    fn exports(self) -> Exports {
        Exports {
            names: self.names.into_iter().collect(),
            reexports: self.reexports,
            is_open: self.is_open,
        }
    }

    /// Whether the text tells of no export at all.
    fn is_silent(&self) -> bool {
        self.reexports.is_empty() && self.names.iter().all(|name| name == "__esModule")
    }

    fn reexport(&mut self, specifier: String) {
        if !self.reexports.contains(&specifier) {
            self.reexports.push(specifier);
        }
    }

    /// `module.exports = value`.
    fn whole(&mut self, value: &Expr) {
        match unwrapped(value) {
            Expr::Object(object) => self.literal(object),
            // `exports = module.exports = value`, which the inner one tells.
            Expr::Assign(inner) if is_exports_target(&inner.left) => {}
            Expr::Ident(name) => match self.specifier_of(name) {
                Some(specifier) => self.reexport(specifier),
                None => self.is_open |= name.sym != "exports",
            },
            // Both ways of a choice that is made when it runs.
            Expr::Cond(choice) => {
                self.whole(&choice.cons);
                self.whole(&choice.alt);
            }
            other => match interop(other) {
                Some(specifier) => self.reexport(specifier),
                None => self.is_open = true,
            },
        }
    }

    fn literal(&mut self, object: &ObjectLit) {
        for property in &object.props {
            let property = match property {
                PropOrSpread::Spread(spread) => {
                    match interop(&spread.expr).or_else(|| self.value_of(&spread.expr)) {
                        Some(specifier) => self.reexport(specifier),
                        None => self.is_open = true,
                    }
                    continue;
                }
                PropOrSpread::Prop(property) => property,
            };
            let name = match &**property {
                Prop::Shorthand(name) => Some(name.sym.to_string()),
                Prop::KeyValue(pair) => key(&pair.key),
                Prop::Method(method) => key(&method.key),
                Prop::Getter(getter) => key(&getter.key),
                Prop::Setter(_) | Prop::Assign(_) => continue,
            };
            match name {
                Some(name) => self.add(name),
                None => self.is_open = true,
            }
        }
    }

    fn add(&mut self, name: String) {
        if name != "default" {
            self.names.insert(name);
        }
    }

    fn specifier_of(&self, name: &Ident) -> Option<String> {
        let id = name.to_id();
        let found = self.required.iter().rfind(|(known, _)| *known == id);
        found.map(|(_, specifier)| specifier.clone())
    }

    fn value_of(&self, value: &Expr) -> Option<String> {
        self.specifier_of(unwrapped(value).as_ident()?)
    }

    /// What a call does to the exports, and then what its parts do:
    /// `Object.defineProperty(exports, 'a', …)`, `Object.assign(exports, …)`, `Object.keys(_a).forEach(…)`,
    /// `__exportStar(require('a'), exports)`, `_export(exports, { a: … })`.
    fn call(&mut self, call: &CallExpr) {
        let Some(callee) = call.callee.as_expr() else {
            return;
        };
        let arguments: Vec<&Expr> = call.args.iter().map(|argument| &*argument.expr).collect();
        let name = last_name(callee);
        match (name, &arguments[..]) {
            (Some("defineProperty"), [target, Expr::Lit(Lit::Str(name)), ..])
                if is_exports(target) =>
            {
                if let Some(name) = name.value.as_str() {
                    self.add(name.to_owned());
                }
            }
            (Some("defineProperty"), [target, _, ..]) if is_exports(target) => {
                self.is_open |= !self.is_in_reexport;
            }
            (Some("assign"), [target, sources @ ..]) if is_exports(target) => {
                for source in sources {
                    self.spread(source);
                }
            }
            (Some("__exportStar" | "_exportStar" | "_export_star" | "__export"), [first, ..]) => {
                let found = interop(first).or_else(|| self.value_of(first));
                if let Some(specifier) = found {
                    self.reexport(specifier);
                }
            }
            (Some("_export"), [target, Expr::Object(object)]) if is_exports(target) => {
                self.literal(object);
            }
            (Some("forEach"), [function]) if assigns_exports(function) => {
                let keys = callee
                    .as_member()
                    .and_then(|member| unwrapped(&member.obj).as_call())
                    .filter(|keys| {
                        keys.callee.as_expr().and_then(|keys| last_name(keys)) == Some("keys")
                    })
                    .and_then(|keys| keys.args.first());
                match keys.and_then(|keys| self.value_of(&keys.expr)) {
                    Some(specifier) => {
                        self.reexport(specifier);
                        call.callee.visit_with(self);
                        let outer = std::mem::replace(&mut self.is_in_reexport, true);
                        function.visit_with(self);
                        self.is_in_reexport = outer;
                        return;
                    }
                    None => self.is_open = true,
                }
            }
            _ => {}
        }
        call.visit_children_with(self);
    }

    fn spread(&mut self, source: &Expr) {
        match unwrapped(source) {
            Expr::Object(object) => self.literal(object),
            source => match interop(source).or_else(|| self.value_of(source)) {
                Some(specifier) => self.reexport(specifier),
                None => self.is_open = true,
            },
        }
    }
}

impl Visit for Detector {
    noop_visit_type!();

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        if let (Pat::Ident(name), Some(value)) = (&declarator.name, &declarator.init)
            && let Some(specifier) = interop(value)
        {
            self.required.push((name.to_id(), specifier));
        }
        declarator.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Member(member)) = &assign.left {
            if is_module_exports(member) {
                self.whole(&assign.right);
            } else if is_exports(&member.obj) {
                match member_name(&member.prop) {
                    Some(name) => self.add(name.to_owned()),
                    None => self.is_open = true,
                }
            }
        }
        assign.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        self.call(call);
    }

    fn visit_expr(&mut self, expr: &Expr) {
        match expr {
            // Under another name it may get any exports: `var freeModule = module`.
            Expr::Ident(name) if name.sym == "module" => self.is_open = true,
            Expr::Unary(unary) if unary.op == UnaryOp::TypeOf && unary.arg.is_ident() => {}
            other => other.visit_children_with(self),
        }
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        if !member.obj.is_ident() {
            member.obj.visit_with(self);
        }
        member.prop.visit_with(self);
    }
}

fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => unwrapped(&paren.expr),
        // `(0, x)`.
        Expr::Seq(sequence) => sequence.exprs.last().map_or(expr, |last| unwrapped(last)),
        other => other,
    }
}

fn key(key: &PropName) -> Option<String> {
    match key {
        PropName::Ident(name) => Some(name.sym.to_string()),
        PropName::Str(name) => name.value.as_str().map(str::to_owned),
        PropName::Num(number) => Some(number.value.to_string()),
        PropName::Computed(computed) => match &*computed.expr {
            Expr::Lit(Lit::Str(name)) => name.value.as_str().map(str::to_owned),
            _ => None,
        },
        PropName::BigInt(_) => None,
    }
}

fn member_name(property: &MemberProp) -> Option<&str> {
    match property {
        MemberProp::Ident(name) => Some(&name.sym),
        MemberProp::Computed(computed) => match &*computed.expr {
            Expr::Lit(Lit::Str(name)) => name.value.as_str(),
            _ => None,
        },
        MemberProp::PrivateName(_) => None,
    }
}

/// `f` of `f()`, `a.f()`, `(0, a.f)()`.
fn last_name(callee: &Expr) -> Option<&str> {
    match unwrapped(callee) {
        Expr::Ident(name) => Some(&name.sym),
        Expr::Member(member) => member_name(&member.prop),
        _ => None,
    }
}

fn is_module_exports(member: &MemberExpr) -> bool {
    let is_module = matches!(unwrapped(&member.obj), Expr::Ident(object) if object.sym == "module");
    is_module && member_name(&member.prop) == Some("exports")
}

/// `exports` or `module.exports`.
fn is_exports(expr: &Expr) -> bool {
    match unwrapped(expr) {
        Expr::Ident(name) => name.sym == "exports",
        Expr::Member(member) => is_module_exports(member),
        Expr::Assign(assign) => is_exports_target(&assign.left),
        _ => false,
    }
}

fn is_exports_target(target: &AssignTarget) -> bool {
    match target {
        AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => name.id.sym == "exports",
        AssignTarget::Simple(SimpleAssignTarget::Member(member)) => is_module_exports(member),
        _ => false,
    }
}

/// The specifier of `require('a')`, also inside a helper that only wraps it: `_interopRequireWildcard(require('a'))`,
/// `__toESM(require('a'), 1)`, `__importStar(require('a'))`.
fn interop(expr: &Expr) -> Option<String> {
    let call = unwrapped(expr).as_call()?;
    let name = last_name(call.callee.as_expr()?)?;
    let first = &*call.args.first()?.expr;
    match name {
        "require" => match first {
            Expr::Lit(Lit::Str(text)) => text.value.as_str().map(str::to_owned),
            Expr::Tpl(template) if template.exprs.is_empty() => {
                let text = template.quasis.first()?.cooked.as_ref()?;
                text.as_str().map(str::to_owned)
            }
            _ => None,
        },
        "_interopRequireWildcard"
        | "_interop_require_wildcard"
        | "__importStar"
        | "__toESM"
        | "__toModule"
        | "__toCommonJS" => interop(first),
        _ => None,
    }
}

/// Whether a function writes `exports[key]`, or defines a property on it.
fn assigns_exports(function: &Expr) -> bool {
    struct Writes(bool);
    impl Visit for Writes {
        noop_visit_type!();

        fn visit_assign_expr(&mut self, assign: &AssignExpr) {
            if let AssignTarget::Simple(SimpleAssignTarget::Member(member)) = &assign.left {
                self.0 |= is_exports(&member.obj);
            }
            assign.visit_children_with(self);
        }

        fn visit_call_expr(&mut self, call: &CallExpr) {
            let defines = call.callee.as_expr().and_then(|callee| last_name(callee))
                == Some("defineProperty");
            self.0 |= defines
                && call
                    .args
                    .first()
                    .is_some_and(|first| is_exports(&first.expr));
            call.visit_children_with(self);
        }
    }
    let mut writes = Writes(false);
    function.visit_with(&mut writes);
    writes.0
}
