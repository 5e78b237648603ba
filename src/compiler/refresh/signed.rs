//! The calls of signers: first thing in a function that calls hooks, and around or beside it.

use std::collections::HashSet;
use std::mem;

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{
    Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type,
};

use super::calls::{Calls, Source};
use super::named::{self, Name, is_anonymous};
use super::{DEFAULT, bare, bare_mut, call, numbered, statement};
use crate::base::ContentHash;

/// What is said of one function: the signer, and its arguments after the function.
#[derive(Clone)]
pub(super) struct Signature {
    signer: Ident,
    arguments: Vec<ExprOrSpread>,
}

impl Signature {
    fn of(self, function: Expr) -> Expr {
        let mut arguments = vec![function.into()];
        arguments.extend(self.arguments);
        call(self.signer, arguments)
    }
}

/// Signs every function that calls hooks; notes on its way what else must be known of the module's names.
pub(super) struct Signer<'a> {
    source: Source<'a>,
    is_reset: bool,
    pub(super) signers: Vec<Ident>,
    known: HashSet<Id>,
    /// The variables that something is assigned to.
    pub(super) assigned: HashSet<Id>,
    /// The variables that elements are made of.
    pub(super) elements: HashSet<Id>,
    /// Calls for the beginning of the list of statements that is being visited: its functions are there already.
    first: Vec<Stmt>,
    /// Calls for after the statement that is being visited.
    after: Vec<Stmt>,
    /// What the function that comes next is called, if it has no name.
    name: Name,
    /// In the head of a loop, where no statement can follow.
    is_in_head: bool,
}

impl<'a> Signer<'a> {
    pub(super) fn new(source: Source<'a>, is_reset: bool) -> Self {
        Self {
            source,
            is_reset,
            signers: Vec::new(),
            known: HashSet::new(),
            assigned: HashSet::new(),
            elements: HashSet::new(),
            first: Vec::new(),
            after: Vec::new(),
            name: Name::None,
            is_in_head: false,
        }
    }

    /// Whether it is a signer that is called.
    pub(super) fn is_signer(&self, callee: &Callee) -> bool {
        let name = match callee {
            Callee::Expr(callee) => callee.as_ident(),
            _ => None,
        };
        name.is_some_and(|name| self.known.contains(&name.to_id()))
    }

    fn signature(&mut self, calls: Calls<'_>) -> Signature {
        let signer = numbered("_s", self.signers.len());
        self.known.insert(signer.to_id());
        self.signers.push(signer.clone());
        let key = ContentHash::of(calls.key.as_bytes()).short().to_string();
        let mut arguments = vec![Expr::from(Str::from(key)).into()];
        let is_reset = self.is_reset || calls.is_unknown;
        if is_reset || !calls.custom.is_empty() {
            arguments.push(Expr::from(Lit::Bool(is_reset.into())).into());
        }
        if !calls.custom.is_empty() {
            let hooks = calls.custom.into_iter().map(|hook| Some(hook.into()));
            let hooks = ArrayLit {
                span: DUMMY_SP,
                elems: hooks.collect(),
            };
            let list = ArrowExpr {
                body: Box::new(ArrowFunctionBody::Expr(Box::new(hooks.into()))),
                ..ArrowExpr::default()
            };
            arguments.push(Expr::from(list).into());
        }
        Signature { signer, arguments }
    }

    fn calls(&self, function: &Function, itself: Option<&Id>) -> Option<Calls<'a>> {
        let body = function.body.as_ref()?;
        Calls::of(self.source, &function.params, body, itself)
    }

    /// Visits a function, and makes it say when it is rendered.
    fn function(&mut self, function: &mut Function, itself: Option<&Id>) -> Option<Signature> {
        let calls = self.calls(function, itself);
        function.visit_mut_children_with(self);
        let signature = self.signature(calls?);
        if let Some(body) = &mut function.body {
            begin(&mut body.stmts, &signature.signer);
        }
        Some(signature)
    }

    fn arrow(&mut self, arrow: &mut ArrowExpr, itself: Option<&Id>) -> Option<Signature> {
        let calls = Calls::of(self.source, &arrow.params, &arrow.body, itself);
        arrow.visit_mut_children_with(self);
        let signature = self.signature(calls?);
        if let ArrowFunctionBody::Expr(value) = &mut *arrow.body {
            let returned = Stmt::Return(ReturnStmt {
                span: DUMMY_SP,
                arg: Some(mem::take(value)),
            });
            *arrow.body = ArrowFunctionBody::FunctionBody(FunctionBody {
                stmts: vec![returned],
                ..FunctionBody::default()
            });
        }
        if let ArrowFunctionBody::FunctionBody(body) = &mut *arrow.body {
            begin(&mut body.stmts, &signature.signer);
        }
        Some(signature)
    }

    /// Visits an expression that is a function.
    fn function_expr(&mut self, expr: &mut Expr, itself: Option<&Id>) -> Option<Signature> {
        match expr {
            Expr::Fn(function) => {
                let own = function.ident.as_ref().map(Ident::to_id);
                self.function(&mut function.function, own.as_ref().or(itself))
            }
            Expr::Arrow(arrow) => self.arrow(arrow, itself),
            _ => None,
        }
    }

    /// How an argument is signed, or what it assigns.
    fn signature_of(&self, argument: &ExprOrSpread) -> Option<Signature> {
        if argument.spread.is_some() {
            return None;
        }
        let mut expr = bare(&argument.expr);
        while let Expr::Assign(assignment) = expr {
            expr = bare(&assignment.right);
        }
        let call = expr.as_call().filter(|call| self.is_signer(&call.callee))?;
        Some(Signature {
            signer: call.callee.as_expr()?.as_ident()?.clone(),
            arguments: call.args.get(1..)?.to_vec(),
        })
    }

    /// What is wrapped around a function is signed as it is.
    fn call(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        let Expr::Call(around) = expr else { return };
        if !around.callee.is_expr() {
            return;
        }
        self.element(around);
        let signed = around.args.iter().filter_map(|one| self.signature_of(one));
        for signature in signed.collect::<Vec<_>>() {
            *expr = signature.of(mem::take(expr));
        }
    }

    fn element(&mut self, call: &CallExpr) {
        let name = match call.callee.as_expr().map(|callee| bare(callee)) {
            Some(Expr::Ident(name)) => &name.sym,
            Some(Expr::Member(MemberExpr {
                prop: MemberProp::Ident(name),
                ..
            })) => &name.sym,
            _ => return,
        };
        if matches!(&**name, "createElement" | "jsx" | "jsxs" | "jsxDEV")
            && let Some(first) = call.args.first()
            && let Expr::Ident(component) = &*first.expr
        {
            self.elements.insert(component.to_id());
        }
    }

    fn in_head(&mut self, visit: impl FnOnce(&mut Self)) {
        let outer = mem::replace(&mut self.is_in_head, true);
        visit(self);
        self.is_in_head = outer;
    }

    /// Visits a list of statements, and puts the calls that this gives where they belong.
    fn list<T: VisitMutWith<Self> + From<Stmt>>(
        &mut self,
        list: &mut Vec<T>,
        is_directive: impl Fn(&T) -> bool,
    ) {
        let outer = (mem::take(&mut self.first), mem::take(&mut self.after));
        let is_in_head = mem::replace(&mut self.is_in_head, false);
        let mut after = Vec::new();
        for (at, item) in list.iter_mut().enumerate() {
            item.visit_mut_with(self);
            after.extend(self.after.drain(..).map(|statement| (at, statement)));
        }
        let first = mem::take(&mut self.first);
        (self.first, self.after) = outer;
        self.is_in_head = is_in_head;
        if first.is_empty() && after.is_empty() {
            return;
        }
        let directives = list.iter().take_while(|item| is_directive(item)).count();
        let mut after = after.into_iter().peekable();
        let mut first = Some(first);
        for (at, item) in mem::take(list).into_iter().enumerate() {
            if at == directives {
                list.extend(first.take().into_iter().flatten().map(T::from));
            }
            list.push(item);
            while let Some((_, statement)) = after.next_if(|(after, _)| *after == at) {
                list.push(statement.into());
            }
        }
        list.extend(first.take().into_iter().flatten().map(T::from));
    }

    fn value(&mut self, value: &mut Box<Expr>, name: Name) {
        if is_anonymous(value) {
            self.name = name;
        }
        value.visit_mut_with(self);
    }
}

/// Calls the signer before everything but directives.
fn begin(body: &mut Vec<Stmt>, signer: &Ident) {
    let place = body.iter().take_while(|one| is_directive(one)).count();
    body.insert(place, statement(call(signer.clone(), Vec::new())));
}

fn is_directive(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Expr(expr) if matches!(&*expr.expr, Expr::Lit(Lit::Str(_))))
}

impl VisitMut for Signer<'_> {
    noop_visit_mut_type!();

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        self.list(items, |item| item.as_stmt().is_some_and(is_directive));
    }

    fn visit_mut_stmts(&mut self, statements: &mut Vec<Stmt>) {
        self.list(statements, is_directive);
    }

    fn visit_mut_fn_decl(&mut self, declaration: &mut FnDecl) {
        let name = declaration.ident.clone();
        if let Some(signature) = self.function(&mut declaration.function, Some(&name.to_id())) {
            self.first.push(statement(signature.of(name.into())));
        }
    }

    fn visit_mut_default_decl(&mut self, declaration: &mut DefaultDecl) {
        let DefaultDecl::Fn(function) = declaration else {
            return declaration.visit_mut_children_with(self);
        };
        let name = function.ident.clone();
        let itself = name.as_ref().map(Ident::to_id);
        if let Some(signature) = self.function(&mut function.function, itself.as_ref()) {
            let name = name.unwrap_or_else(|| Ident::new_no_ctxt(DEFAULT.into(), DUMMY_SP));
            self.first.push(statement(signature.of(name.into())));
        }
    }

    fn visit_mut_for_head(&mut self, head: &mut ForHead) {
        self.in_head(|signer| head.visit_mut_children_with(signer));
    }

    fn visit_mut_var_decl_or_expr(&mut self, head: &mut VarDeclOrExpr) {
        self.in_head(|signer| head.visit_mut_children_with(signer));
    }

    fn visit_mut_var_declarator(&mut self, variable: &mut VarDeclarator) {
        let Some(init) = &mut variable.init else {
            return variable.name.visit_mut_with(self);
        };
        let Pat::Ident(BindingIdent { id: name, .. }) = &variable.name else {
            return variable.visit_mut_children_with(self);
        };
        let function = bare_mut(init);
        if self.is_in_head || !(function.is_fn_expr() || function.is_arrow()) {
            return self.value(init, Name::of_variable(Some(name)));
        }
        // Beside it, so that it is called as before.
        if let Some(signature) = self.function_expr(function, Some(&name.to_id())) {
            self.after
                .push(statement(signature.of(name.clone().into())));
        }
    }

    fn visit_mut_prop(&mut self, property: &mut Prop) {
        let Prop::Method(method) = property else {
            return property.visit_mut_children_with(self);
        };
        method.key.visit_mut_with(self);
        let name = match Name::of_field(&method.key) {
            Name::Known(name) => name,
            _ => return method.function.visit_mut_children_with(self),
        };
        if self.calls(&method.function, None).is_none() || HasSuper::is_in(&method.function) {
            return method.function.visit_mut_children_with(self);
        }
        if let Some(signature) = self.function(&mut method.function, None) {
            let key = method.key.clone();
            let method = named::member(
                mem::replace(property, Prop::Shorthand(Ident::default())),
                &name,
            );
            *property = Prop::KeyValue(KeyValueProp {
                key,
                value: Box::new(signature.of(method)),
            });
        }
    }

    fn visit_mut_key_value_prop(&mut self, property: &mut KeyValueProp) {
        property.key.visit_mut_with(self);
        self.value(&mut property.value, Name::of_property(&property.key));
    }

    fn visit_mut_class_prop(&mut self, property: &mut ClassProp) {
        property.decorators.visit_mut_with(self);
        property.key.visit_mut_with(self);
        if let Some(value) = &mut property.value {
            self.value(value, Name::of_field(&property.key));
        }
    }

    fn visit_mut_private_prop(&mut self, property: &mut PrivateProp) {
        property.decorators.visit_mut_with(self);
        if let Some(value) = &mut property.value {
            self.value(value, Name::Known(format!("#{}", property.key.name).into()));
        }
    }

    fn visit_mut_assign_expr(&mut self, assignment: &mut AssignExpr) {
        assignment.left.visit_mut_with(self);
        let name = assignment.left.as_ident().map(|name| name.id.clone());
        self.assigned.extend(name.as_ref().map(Ident::to_id));
        self.value(&mut assignment.right, Name::of_variable(name.as_ref()));
    }

    fn visit_mut_assign_pat(&mut self, pattern: &mut AssignPat) {
        pattern.left.visit_mut_with(self);
        let name = pattern.left.as_ident().map(|name| &name.id);
        self.value(&mut pattern.right, Name::of_variable(name));
    }

    fn visit_mut_assign_pat_prop(&mut self, property: &mut AssignPatProp) {
        let name = Name::of_variable(Some(&property.key.id));
        if let Some(value) = &mut property.value {
            self.value(value, name);
        }
    }

    fn visit_mut_export_default_expr(&mut self, export: &mut ExportDefaultExpr) {
        self.value(&mut export.expr, Name::Known("default".into()));
    }

    fn visit_mut_jsx_opening_element(&mut self, element: &mut JSXOpeningElement) {
        if let JSXElementName::Ident(name) = &element.name {
            self.elements.insert(name.to_id());
        }
        element.visit_mut_children_with(self);
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        let name = mem::replace(&mut self.name, Name::None);
        match expr {
            Expr::Paren(paren) => {
                self.name = name;
                paren.expr.visit_mut_with(self);
            }
            Expr::Call(_) => self.call(expr),
            Expr::Fn(_) | Expr::Arrow(_) if is_anonymous(expr) && name == Name::Unknown => {
                expr.visit_mut_children_with(self);
            }
            Expr::Fn(_) | Expr::Arrow(_) => {
                if let Some(signature) = self.function_expr(expr, None) {
                    let function = mem::take(expr);
                    let function = match name {
                        Name::Known(name) => named::named(function, &name),
                        _ => function,
                    };
                    *expr = signature.of(function);
                }
            }
            _ => expr.visit_mut_children_with(self),
        }
    }
}

/// Whether a method speaks of `super`: it stays in its object then.
struct HasSuper(bool);

impl HasSuper {
    fn is_in(function: &Function) -> bool {
        let mut found = Self(false);
        function.visit_with(&mut found);
        found.0
    }
}

impl Visit for HasSuper {
    noop_visit_type!();

    fn visit_super(&mut self, _: &Super) {
        self.0 = true;
    }

    fn visit_super_prop_expr(&mut self, _: &SuperPropExpr) {
        self.0 = true;
    }
}
