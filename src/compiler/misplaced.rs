//! More early errors that the parser leaves to others (ECMA-262, `Static Semantics: Early Errors` of classes, object
//! literals, `delete` and `super`): what stands where it may not.

use swc_core::atoms::Atom;
use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::{self, *};
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use crate::base::{QuickMap, QuickSet, has};

/// What is misplaced, and where.
pub(super) fn find(module: &Module) -> Vec<(Span, String)> {
    let mut finder = Finder::default();
    module.visit_with(&mut finder);
    finder.found
}

/// Whether a file may have what is looked for here.
pub(super) fn may_be_in(text: &str, has_classes: bool) -> bool {
    has_classes || has(text, "super") || has(text, "delete") || has(text, "__proto__")
}

/// Which uses of `super` are allowed.
#[derive(Clone, Copy, Default)]
struct Allowed {
    call: bool,
    property: bool,
}

#[derive(Default)]
struct Finder {
    /// The private names of the classes around.
    classes: Vec<QuickSet<Atom>>,
    allowed: Allowed,
    /// Within the static block of a class, what is around; else the parser has looked.
    block: Option<Around>,
    found: Vec<(Span, String)>,
}

/// What `break` and `continue` may end in a static block, which they can't leave.
#[derive(Default)]
struct Around {
    labels: Vec<Atom>,
    loops: usize,
    switches: usize,
}

impl Around {
    fn has(&self, label: Option<&Ident>, is_break: bool) -> bool {
        match label {
            Some(label) => self.labels.contains(&label.sym),
            None => self.loops > 0 || is_break && self.switches > 0,
        }
    }
}

/// How a private name is declared: a getter and a setter of one kind may share it.
#[derive(Clone, Copy, PartialEq)]
struct Declared {
    kind: Option<MethodKind>,
    is_static: bool,
}

impl Finder {
    fn tell(&mut self, span: Span, message: impl Into<String>) {
        self.found.push((span, message.into()));
    }

    fn with(&mut self, allowed: Allowed, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.allowed, allowed);
        visit(self);
        self.allowed = outer;
    }

    /// Something in a static block is behind us.
    fn left(&mut self, leave: impl FnOnce(&mut Around)) {
        if let Some(around) = &mut self.block {
            leave(around);
        }
    }

    fn accessor(&mut self, key: &PropName, function: &Function) {
        key.visit_with(self);
        if function.body.is_none() {
            self.tell(span_of(key), "an accessor needs a body");
        }
        self.in_member(|finder| finder.inside(function));
    }

    fn in_member(&mut self, visit: impl FnOnce(&mut Self)) {
        let allowed = Allowed {
            call: false,
            property: true,
        };
        self.with(allowed, visit);
    }

    fn inside(&mut self, function: &Function) {
        function.params.visit_with(self);
        function.body.visit_with(self);
    }

    fn declare(&mut self, class: &Class) -> QuickSet<Atom> {
        let mut names: QuickMap<Atom, Vec<Declared>> = QuickMap::default();
        for member in &class.body {
            let (key, kind, is_static) = match member {
                ClassMember::PrivateProp(field) => (&field.key, None, field.is_static),
                ClassMember::PrivateMethod(method) => {
                    let kind = match method.kind {
                        MethodKind::Method => None,
                        accessor => Some(accessor),
                    };
                    (&method.key, kind, method.is_static)
                }
                _ => continue,
            };
            let others = names.entry(key.name.clone()).or_default();
            let fits = |other: &Declared| {
                kind.is_some()
                    && other.kind.is_some()
                    && other.kind != kind
                    && other.is_static == is_static
            };
            if !others.iter().all(fits) {
                self.tell(
                    key.span,
                    format!("the private name `#{}` is declared twice", key.name),
                );
            }
            others.push(Declared { kind, is_static });
        }
        names.into_keys().collect()
    }

    fn static_key(&mut self, key: &PropName, is_static: bool) {
        if is_static && is_called(key, "prototype") {
            let message = "a class has a `prototype` of its own: no static member can be called so";
            self.tell(span_of(key), message);
        }
    }
}

fn is_called(key: &PropName, name: &str) -> bool {
    match key {
        PropName::Ident(key) => &*key.sym == name,
        PropName::Str(key) => key.value.as_str() == Some(name),
        _ => false,
    }
}

fn span_of(key: &PropName) -> Span {
    match key {
        PropName::Ident(key) => key.span,
        PropName::Str(key) => key.span,
        PropName::Num(key) => key.span,
        PropName::Computed(key) => key.span,
        PropName::BigInt(key) => key.span,
    }
}

pub(super) fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Paren(inner) = expr {
        expr = &inner.expr;
    }
    expr
}

fn is_private(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Member(member) => member.prop.is_private_name(),
        Expr::OptChain(chain) => match &*chain.base {
            OptChainBase::Member(member) => member.prop.is_private_name(),
            OptChainBase::Call(_) => false,
        },
        _ => false,
    }
}

impl Visit for Finder {
    noop_visit_type!();

    fn visit_class(&mut self, class: &Class) {
        class.super_class.visit_with(self);
        let names = self.declare(class);
        self.classes.push(names);
        let outer = self.allowed;
        for member in &class.body {
            match member {
                ClassMember::Constructor(constructor) => {
                    let allowed = Allowed {
                        call: class.super_class.is_some(),
                        property: true,
                    };
                    self.with(allowed, |finder| {
                        constructor.params.visit_with(finder);
                        constructor.body.visit_with(finder);
                    });
                }
                ClassMember::Method(method) => {
                    method.key.visit_with(self);
                    self.static_key(&method.key, method.is_static);
                    self.in_member(|finder| finder.inside(&method.function));
                }
                ClassMember::PrivateMethod(method) => {
                    self.in_member(|finder| finder.inside(&method.function));
                }
                ClassMember::ClassProp(field) => {
                    field.key.visit_with(self);
                    self.static_key(&field.key, field.is_static);
                    self.in_member(|finder| field.value.visit_with(finder));
                }
                ClassMember::PrivateProp(field) => {
                    self.in_member(|finder| field.value.visit_with(finder));
                }
                other => self.in_member(|finder| other.visit_with(finder)),
            }
        }
        self.allowed = outer;
        self.classes.pop();
    }

    fn visit_static_block(&mut self, block: &StaticBlock) {
        let outer = self.block.replace(Around::default());
        block.visit_children_with(self);
        self.block = outer;
    }

    fn visit_function_body(&mut self, body: &FunctionBody) {
        let outer = self.block.take();
        body.visit_children_with(self);
        self.block = outer;
    }

    fn visit_stmt(&mut self, statement: &Stmt) {
        let Some(around) = &mut self.block else {
            return statement.visit_children_with(self);
        };
        let (label, is_break) = match statement {
            Stmt::Break(end) => (end.label.as_ref(), true),
            Stmt::Continue(end) => (end.label.as_ref(), false),
            Stmt::Labeled(labeled) => {
                around.labels.push(labeled.label.sym.clone());
                statement.visit_children_with(self);
                return self.left(|around| _ = around.labels.pop());
            }
            Stmt::Switch(_) => {
                around.switches += 1;
                statement.visit_children_with(self);
                return self.left(|around| around.switches -= 1);
            }
            Stmt::For(_) | Stmt::ForIn(_) | Stmt::ForOf(_) | Stmt::While(_) | Stmt::DoWhile(_) => {
                around.loops += 1;
                statement.visit_children_with(self);
                return self.left(|around| around.loops -= 1);
            }
            _ => return statement.visit_children_with(self),
        };
        if !around.has(label, is_break) {
            let word = if is_break { "break" } else { "continue" };
            let message = format!("`{word}` can't leave the static block of a class");
            self.tell(statement.span(), message);
        }
    }

    fn visit_private_name(&mut self, name: &PrivateName) {
        if !self.classes.iter().any(|names| names.contains(&name.name)) {
            let message = format!("no class around declares the private name `#{}`", name.name);
            self.tell(name.span, message);
        }
    }

    fn visit_function(&mut self, function: &Function) {
        self.with(Allowed::default(), |finder| finder.inside(function));
    }

    fn visit_param(&mut self, param: &Param) {
        if let Some(decorator) = param.decorators.first() {
            let message = "decorators of parameters need `experimentalDecorators` in tsconfig.json";
            self.tell(decorator.span, message);
        }
        param.pat.visit_with(self);
    }

    fn visit_method_prop(&mut self, method: &MethodProp) {
        method.key.visit_with(self);
        self.in_member(|finder| finder.inside(&method.function));
    }

    fn visit_getter_prop(&mut self, getter: &GetterProp) {
        self.accessor(&getter.key, &getter.function);
    }

    fn visit_setter_prop(&mut self, setter: &SetterProp) {
        self.accessor(&setter.key, &setter.function);
    }

    fn visit_super(&mut self, called: &ast::Super) {
        if !self.allowed.call {
            let message = "`super()` is only allowed in the constructor of a class that extends";
            self.tell(called.span, message);
        }
    }

    fn visit_super_prop_expr(&mut self, property: &SuperPropExpr) {
        if !self.allowed.property {
            self.tell(property.span, "`super` is only allowed in methods");
        }
        property.prop.visit_with(self);
    }

    fn visit_object_lit(&mut self, object: &ObjectLit) {
        let mut prototypes = object.props.iter().filter_map(|property| match property {
            PropOrSpread::Prop(property) => match &**property {
                Prop::KeyValue(pair) if is_called(&pair.key, "__proto__") => {
                    Some(span_of(&pair.key))
                }
                _ => None,
            },
            PropOrSpread::Spread(_) => None,
        });
        if let Some(second) = prototypes.nth(1) {
            self.tell(second, "`__proto__` is given twice");
        }
        object.visit_children_with(self);
    }

    fn visit_unary_expr(&mut self, unary: &UnaryExpr) {
        if unary.op == UnaryOp::Delete {
            if let Expr::Ident(name) = bare(&unary.arg) {
                let message = format!("the variable `{}` can't be deleted", name.sym);
                self.tell(unary.span, message);
            } else if is_private(&unary.arg) {
                self.tell(unary.span, "private members can't be deleted");
            }
        }
        unary.visit_children_with(self);
    }
}
