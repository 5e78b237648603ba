//! Early errors that the parser leaves to others (ECMA-262, `Static Semantics: Early Errors` of blocks, function bodies
//! and modules): names declared or exported twice, exports of nothing. An output with one of them loads nowhere.

use swc_core::atoms::Atom;
use swc_core::common::Span;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::misplaced::bare;
use super::parse::File;
use super::{faults, misplaced, refresh, regexes};
use crate::base::{Diagnostic, QuickSet};

/// # Errors
/// `syntax`, one for each name, at most ten.
pub(super) fn check(
    module: &Module,
    file: &File,
    has_classes: bool,
) -> Result<(), Vec<Diagnostic>> {
    let mut checker = Checker {
        // Packages have been run.
        has_checked_regexes: refresh::is_of_package(file),
        ..Checker::default()
    };
    checker.module(module);
    if misplaced::may_be_in(file.text(), has_classes) {
        checker.found.extend(misplaced::find(module));
    }
    faults::early(checker.found, file)
}

#[derive(Default)]
struct Scope {
    lexical: QuickSet<Atom>,
    /// `var` and, in function bodies, functions and parameters.
    var: QuickSet<Atom>,
    is_function: bool,
}

#[derive(Default)]
struct Checker {
    scopes: Vec<Scope>,
    has_checked_regexes: bool,
    found: Vec<(Span, String)>,
}

impl Checker {
    fn twice(&mut self, name: &Ident) {
        self.found.push((
            name.span,
            format!("the name `{}` is declared twice", name.sym),
        ));
    }

    fn lexical(&mut self, name: &Ident) {
        let Some(scope) = self.scopes.last_mut() else {
            return;
        };
        let is_new = scope.lexical.insert(name.sym.clone());
        if !is_new || scope.var.contains(&name.sym) {
            self.twice(name);
        }
    }

    /// A `var` passes through every block up to its function, and may meet no other name of its kind there.
    fn var(&mut self, name: &Ident) {
        let mut clash = false;
        for scope in self.scopes.iter_mut().rev() {
            clash |= scope.lexical.contains(&name.sym);
            if scope.is_function {
                scope.var.insert(name.sym.clone());
                break;
            }
        }
        if clash {
            self.twice(name);
        }
    }

    /// Names of a statement in the scope's own list. `functions` are lexical but in the body of a function.
    fn declare(&mut self, statement: &Stmt, in_body: bool) {
        let Stmt::Decl(declaration) = statement else {
            return;
        };
        self.declare_one(declaration, in_body);
    }

    fn declare_one(&mut self, declaration: &Decl, in_body: bool) {
        match declaration {
            Decl::Class(class) => self.lexical(&class.ident),
            Decl::Fn(function) if in_body => {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.var.insert(function.ident.sym.clone());
                }
            }
            Decl::Fn(function) => self.lexical(&function.ident),
            Decl::Var(variables) if variables.kind != VarDeclKind::Var => {
                for name in find_pat_ids::<_, Ident>(&variables.decls) {
                    self.lexical(&name);
                }
            }
            Decl::Using(variables) => {
                for name in find_pat_ids::<_, Ident>(&variables.decls) {
                    self.lexical(&name);
                }
            }
            _ => {}
        }
    }

    fn module(&mut self, module: &Module) {
        self.scopes.push(Scope {
            is_function: true,
            ..Scope::default()
        });
        for item in &module.body {
            match item {
                ModuleItem::Stmt(statement) => self.declare(statement, false),
                ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => {
                    self.declare_one(&export.decl, false)
                }
                ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                    for specifier in &import.specifiers {
                        self.lexical(specifier.local());
                    }
                }
                ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(export)) => {
                    let name = match &export.decl {
                        DefaultDecl::Class(class) => class.ident.as_ref(),
                        DefaultDecl::Fn(function) => function.ident.as_ref(),
                        DefaultDecl::TsInterfaceDecl(_) => None,
                    };
                    if let Some(name) = name {
                        self.lexical(name);
                    }
                }
                _ => {}
            }
        }
        module.body.visit_with(self);
        self.exports(module);
    }

    fn exports(&mut self, module: &Module) {
        let mut exported = QuickSet::default();
        let mut add = |found: &mut Vec<(Span, String)>, name: Atom, span: Span| {
            if !exported.insert(name.clone()) {
                found.push((span, format!("the name `{name}` is exported twice")));
            }
        };
        let scope = self.scopes.pop().unwrap_or_default();
        for item in &module.body {
            let ModuleItem::ModuleDecl(declaration) = item else {
                continue;
            };
            match declaration {
                ModuleDecl::ExportDecl(export) => match &export.decl {
                    Decl::Class(class) => {
                        add(&mut self.found, class.ident.sym.clone(), class.ident.span)
                    }
                    Decl::Fn(function) => add(
                        &mut self.found,
                        function.ident.sym.clone(),
                        function.ident.span,
                    ),
                    Decl::Var(variables) => {
                        for name in find_pat_ids::<_, Ident>(&variables.decls) {
                            add(&mut self.found, name.sym, name.span);
                        }
                    }
                    _ => {}
                },
                ModuleDecl::ExportDefaultDecl(export) => {
                    add(&mut self.found, "default".into(), export.span)
                }
                ModuleDecl::ExportDefaultExpr(export) => {
                    add(&mut self.found, "default".into(), export.span)
                }
                ModuleDecl::ExportNamed(export) => {
                    for specifier in &export.specifiers {
                        let (local, name) = match specifier {
                            ExportSpecifier::Named(named) => (
                                Some(&named.orig),
                                named.exported.as_ref().unwrap_or(&named.orig),
                            ),
                            ExportSpecifier::Namespace(namespace) => (None, &namespace.name),
                            ExportSpecifier::Default(_) => continue,
                        };
                        add(
                            &mut self.found,
                            name.atom().into_owned(),
                            specifier_span(name),
                        );
                        if export.src.is_none()
                            && let Some(ModuleExportName::Ident(local)) = local
                            && !scope.lexical.contains(&local.sym)
                            && !scope.var.contains(&local.sym)
                        {
                            let message =
                                format!("the exported name `{}` is not declared", local.sym);
                            self.found.push((local.span, message));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// What is assigned to, or declared. The parser tells of most of it where it knows already that the file is a module.
    fn target(&mut self, name: &Ident) {
        let fault = match &*name.sym {
            "eval" | "arguments" => "can't be assigned to",
            "await" | "implements" | "interface" | "let" | "package" | "private" | "protected"
            | "public" | "static" | "yield" => "is no name",
            _ => return,
        };
        let message = format!("`{}` {fault} in strict code, as all modules are", name.sym);
        self.found.push((name.span, message));
    }

    /// Names of one head, each of which may stand there once.
    fn distinct(&mut self, names: Vec<Ident>) -> QuickSet<Atom> {
        let mut distinct = QuickSet::default();
        for name in names {
            if !distinct.insert(name.sym.clone()) {
                self.twice(&name);
            }
        }
        distinct
    }

    fn body(&mut self, names: Vec<Ident>, statements: &[Stmt]) {
        let var = self.distinct(names);
        self.scopes.push(Scope {
            var,
            is_function: true,
            ..Scope::default()
        });
        for statement in statements {
            self.declare(statement, true);
        }
        for statement in statements {
            statement.visit_with(self);
        }
        self.scopes.pop();
    }

    /// The names of a loop's head are around its body.
    fn head(&mut self, variables: Option<&VarDecl>, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope::default());
        if let Some(variables) = variables.filter(|variables| variables.kind != VarDeclKind::Var) {
            for name in find_pat_ids::<_, Ident>(&variables.decls) {
                self.lexical(&name);
            }
        }
        visit(self);
        self.scopes.pop();
    }

    fn block(&mut self, scope: Scope, statements: &[Stmt]) {
        self.scopes.push(scope);
        for statement in statements {
            self.declare(statement, false);
        }
        for statement in statements {
            statement.visit_with(self);
        }
        self.scopes.pop();
    }
}

fn specifier_span(name: &ModuleExportName) -> Span {
    match name {
        ModuleExportName::Ident(name) => name.span,
        ModuleExportName::Str(name) => name.span,
    }
}

impl Visit for Checker {
    noop_visit_type!();

    fn visit_var_decl(&mut self, variables: &VarDecl) {
        if variables.kind == VarDeclKind::Var {
            for name in find_pat_ids::<_, Ident>(&variables.decls) {
                self.var(&name);
            }
        }
        variables.visit_children_with(self);
    }

    fn visit_regex(&mut self, regex: &Regex) {
        if !self.has_checked_regexes
            && let Some(message) = regexes::fault(regex)
        {
            self.found.push((regex.span, message));
        }
    }

    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        self.target(name);
    }

    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        if let Expr::Ident(name) = bare(&update.arg) {
            self.target(name);
        }
        update.visit_children_with(self);
    }

    fn visit_function(&mut self, function: &Function) {
        function.params.visit_with(self);
        function.decorators.visit_with(self);
        if let Some(body) = &function.body {
            self.body(find_pat_ids(&function.params), &body.stmts);
        }
    }

    fn visit_constructor(&mut self, constructor: &Constructor) {
        constructor.params.visit_with(self);
        if let Some(body) = &constructor.body {
            self.body(find_pat_ids(&constructor.params), &body.stmts);
        }
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        arrow.params.visit_with(self);
        match &*arrow.body {
            ArrowFunctionBody::FunctionBody(body) => {
                self.body(find_pat_ids(&arrow.params), &body.stmts)
            }
            ArrowFunctionBody::Expr(expr) => {
                self.distinct(find_pat_ids(&arrow.params));
                expr.visit_with(self);
            }
        }
    }

    fn visit_static_block(&mut self, block: &StaticBlock) {
        self.body(Vec::new(), &block.body.stmts);
    }

    fn visit_block_stmt(&mut self, block: &BlockStmt) {
        self.block(Scope::default(), &block.stmts);
    }

    fn visit_catch_clause(&mut self, clause: &CatchClause) {
        clause.param.visit_with(self);
        let names = self.distinct(find_pat_ids(&clause.param));
        let mut scope = Scope::default();
        // A `var` may have the name of a parameter that is a name alone (ECMA-262, annex B.3.4).
        match clause.param {
            Some(Pat::Ident(_)) => scope.var = names,
            _ => scope.lexical = names,
        }
        self.block(scope, &clause.body.stmts);
    }

    fn visit_prop(&mut self, property: &Prop) {
        if let Prop::Assign(assign) = property {
            let name = &assign.key.sym;
            let message = format!(
                "`{name} = …` is a default, which only patterns have; an object has `{name}: …`"
            );
            self.found.push((assign.span, message));
        }
        property.visit_children_with(self);
    }

    fn visit_for_stmt(&mut self, statement: &ForStmt) {
        let head = match &statement.init {
            Some(VarDeclOrExpr::VarDecl(variables)) => Some(&**variables),
            _ => None,
        };
        self.head(head, |checker| statement.visit_children_with(checker));
    }

    fn visit_for_in_stmt(&mut self, statement: &ForInStmt) {
        self.head(
            statement.left.as_var_decl().map(|variables| &**variables),
            |checker| statement.visit_children_with(checker),
        );
    }

    fn visit_for_of_stmt(&mut self, statement: &ForOfStmt) {
        self.head(
            statement.left.as_var_decl().map(|variables| &**variables),
            |checker| statement.visit_children_with(checker),
        );
    }

    fn visit_switch_stmt(&mut self, switch: &SwitchStmt) {
        switch.discriminant.visit_with(self);
        self.scopes.push(Scope::default());
        for case in &switch.cases {
            for statement in &case.cons {
                self.declare(statement, false);
            }
        }
        switch.cases.visit_with(self);
        self.scopes.pop();
    }
}
