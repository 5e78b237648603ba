//! What a module says of its imports, of itself, and while it waits, said to its context.

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, Span};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::awaits;
use super::items::Binding;
use crate::base::QuickMap;
use crate::compiler::refresh;
use crate::compiler::requests::literal_import;

pub(super) struct References<'a> {
    prefix: &'a str,
    bindings: &'a QuickMap<Atom, Binding>,
    /// Functions around, arrows among them: what is in none of them is at the top level.
    functions: usize,
    /// Functions around that have `arguments` of their own.
    callees: usize,
    /// Loops that await, numbered.
    loops: usize,
    /// The names of the class expressions whose heritage this is: they mean the class there, which swc's resolver does not know.
    classes: Vec<Atom>,
    /// What its `import()`s say: their specifiers, each once; `None`: something that is computed.
    pub(super) dynamic: Vec<Option<String>>,
    /// Whether it awaits at its top level.
    pub(super) is_async: bool,
}

impl<'a> References<'a> {
    pub(super) fn new(prefix: &'a str, bindings: &'a QuickMap<Atom, Binding>) -> Self {
        Self {
            prefix,
            bindings,
            functions: 0,
            callees: 0,
            loops: 0,
            classes: Vec::new(),
            dynamic: Vec::new(),
            is_async: false,
        }
    }

    /// What is imported by a name.
    fn binding(&self, name: &Ident) -> Option<&Binding> {
        let binding = self.bindings.get(&name.sym);
        binding.filter(|binding| binding.context == name.ctxt && !self.classes.contains(&name.sym))
    }

    /// The read of an imported name.
    fn read(&self, name: &Ident) -> Option<MemberExpr> {
        let Binding {
            object,
            name: property,
            ..
        } = self.binding(name)?;
        let prop = match is_plain(property) {
            true => MemberProp::Ident(IdentName::new(property.clone(), name.span)),
            false => MemberProp::Computed(ComputedPropName {
                span: name.span,
                expr: Box::new(Expr::Lit(Lit::Str(property.clone().into()))),
            }),
        };
        Some(MemberExpr {
            span: name.span,
            obj: Box::new(Ident::new_no_ctxt(object.clone(), name.span).into()),
            prop,
        })
    }

    /// A property of the context.
    fn context(&self, name: &str, span: Span) -> MemberExpr {
        MemberExpr {
            span,
            obj: Box::new(Ident::new_no_ctxt(self.prefix.into(), span).into()),
            prop: MemberProp::Ident(IdentName::new(name.into(), span)),
        }
    }

    /// What a name means that is none: `crate::compiler::refresh` has made it.
    fn made(&self, name: &Ident) -> Option<Expr> {
        if !name.sym.starts_with('*') {
            return None;
        }
        Some(match &*name.sym {
            refresh::REGISTER => self.context("register", name.span).into(),
            refresh::SIGN => self.context("sign", name.span).into(),
            refresh::DEFAULT => {
                let local = format!("{}default", self.prefix);
                Ident::new_no_ctxt(local.into(), name.span).into()
            }
            _ => return None,
        })
    }

    /// What is called is no method: its `this` is `undefined`.
    fn detach(&self, callee: &mut Box<Expr>) {
        let mut inner = &**callee;
        while let Expr::Paren(paren) = inner {
            inner = &paren.expr;
        }
        let Some(read) = inner.as_ident().and_then(|name| self.read(name)) else {
            return;
        };
        let zero = Box::new(Expr::Lit(Lit::Num(0.0.into())));
        **callee = Expr::Paren(ParenExpr {
            span: DUMMY_SP,
            expr: Box::new(Expr::Seq(SeqExpr {
                span: DUMMY_SP,
                exprs: vec![zero, Box::new(read.into())],
            })),
        });
    }

    fn within(&mut self, has_arguments: bool, visit: impl FnOnce(&mut Self)) {
        self.functions += 1;
        self.callees += usize::from(has_arguments);
        visit(self);
        self.functions -= 1;
        self.callees -= usize::from(has_arguments);
    }
}

impl VisitMut for References<'_> {
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Ident(name) => {
                if let Some(read) = self.read(name) {
                    *expr = read.into();
                } else if let Some(made) = self.made(name) {
                    *expr = made;
                } else if self.callees == 0 && name.sym == "arguments" {
                    *expr = self.context("arguments", name.span).into();
                }
                return;
            }
            Expr::Unary(unary) if unary.op == UnaryOp::TypeOf && self.callees == 0 => {
                if let Expr::Ident(name) = &mut *unary.arg
                    && name.sym == "arguments"
                {
                    // It is no variable here; of the global object it may be a property.
                    let object = Ident::new_no_ctxt("globalThis".into(), name.span);
                    *unary.arg = Expr::Member(MemberExpr {
                        span: name.span,
                        obj: Box::new(object.into()),
                        prop: MemberProp::Ident(name.clone().into()),
                    });
                }
            }
            Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta => {
                *expr = self.context("meta", meta.span).into();
                return;
            }
            Expr::Await(awaited) if self.functions == 0 => {
                self.is_async = true;
                awaited.arg.visit_mut_with(self);
                *expr = Expr::Paren(ParenExpr {
                    span: DUMMY_SP,
                    expr: Box::new(Expr::Yield(YieldExpr {
                        span: awaited.span,
                        arg: Some(std::mem::take(&mut awaited.arg)),
                        delegate: false,
                    })),
                });
                return;
            }
            _ => {}
        }
        expr.visit_mut_children_with(self);
    }

    fn visit_mut_call_expr(&mut self, call: &mut CallExpr) {
        let specifier = literal_import(call).map(|(specifier, _)| specifier);
        match &mut call.callee {
            Callee::Import(import) => {
                if !self.dynamic.contains(&specifier) {
                    self.dynamic.push(specifier);
                }
                let callee = self.context("import", import.span);
                call.callee = Callee::Expr(Box::new(callee.into()));
                // As written, it is no call of a method with spread arguments or none: the parser has seen to that.
                return call.args.visit_mut_with(self);
            }
            Callee::Expr(callee) => self.detach(callee),
            Callee::Super(_) => {}
        }
        call.visit_mut_children_with(self);
    }

    fn visit_mut_opt_call(&mut self, call: &mut OptCall) {
        self.detach(&mut call.callee);
        call.visit_mut_children_with(self);
    }

    fn visit_mut_tagged_tpl(&mut self, tagged: &mut TaggedTpl) {
        self.detach(&mut tagged.tag);
        tagged.visit_mut_children_with(self);
    }

    fn visit_mut_simple_assign_target(&mut self, target: &mut SimpleAssignTarget) {
        if let SimpleAssignTarget::Ident(name) = target
            && let Some(read) = self.read(&name.id)
        {
            *target = SimpleAssignTarget::Member(read);
            return;
        }
        target.visit_mut_children_with(self);
    }

    // A pattern that declares never has the name of an import: that one is another variable.
    fn visit_mut_pat(&mut self, pattern: &mut Pat) {
        if let Pat::Ident(name) = pattern
            && let Some(read) = self.read(&name.id)
        {
            *pattern = Pat::Expr(Box::new(read.into()));
            return;
        }
        pattern.visit_mut_children_with(self);
    }

    fn visit_mut_object_pat_prop(&mut self, property: &mut ObjectPatProp) {
        if let ObjectPatProp::Assign(assign) = property
            && let Some(read) = self.read(&assign.key.id)
        {
            let target = Pat::Expr(Box::new(read.into()));
            assign.value.visit_mut_with(self);
            let value = match assign.value.take() {
                None => target,
                Some(right) => Pat::Assign(AssignPat {
                    span: assign.span,
                    left: Box::new(target),
                    right,
                }),
            };
            *property = ObjectPatProp::KeyValue(KeyValuePatProp {
                key: PropName::Ident(assign.key.id.clone().into()),
                value: Box::new(value),
            });
            return;
        }
        property.visit_mut_children_with(self);
    }

    fn visit_mut_prop(&mut self, property: &mut Prop) {
        if let Prop::Shorthand(name) = property {
            let is_arguments = self.callees == 0 && name.sym == "arguments";
            if is_arguments || self.binding(name).is_some() {
                let key = PropName::Ident(name.clone().into());
                let mut value: Box<Expr> = Box::new(name.clone().into());
                self.visit_mut_expr(&mut value);
                *property = Prop::KeyValue(KeyValueProp { key, value });
            }
            return;
        }
        property.visit_mut_children_with(self);
    }

    fn visit_mut_stmt(&mut self, statement: &mut Stmt) {
        if self.functions == 0 && awaits::is_loop(statement) {
            self.is_async = true;
            self.loops += 1;
            let name = format!("{}loop{}", self.prefix, self.loops);
            awaits::lower(statement, self.prefix, &name);
        }
        statement.visit_mut_children_with(self);
    }

    fn visit_mut_function(&mut self, function: &mut Function) {
        function.decorators.visit_mut_with(self);
        self.within(true, |inner| {
            function.params.visit_mut_with(inner);
            function.body.visit_mut_with(inner);
        });
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        self.within(false, |inner| arrow.visit_mut_children_with(inner));
    }

    fn visit_mut_class_expr(&mut self, expr: &mut ClassExpr) {
        let outer = self.classes.len();
        let class = &mut expr.class;
        class.decorators.visit_mut_with(self);
        self.classes
            .extend(expr.ident.as_ref().map(|name| name.sym.clone()));
        class.super_class.visit_mut_with(self);
        self.classes.truncate(outer);
        class.body.visit_mut_with(self);
    }

    fn visit_mut_constructor(&mut self, constructor: &mut Constructor) {
        self.within(true, |inner| constructor.visit_mut_children_with(inner));
    }
}

/// Whether `object.name` can be written: reserved words can be properties.
fn is_plain(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$');
    let mut bytes = name.bytes();
    bytes.next().is_some_and(is_letter)
        && bytes.all(|byte| is_letter(byte) || byte.is_ascii_digit())
}
