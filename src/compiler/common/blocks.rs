//! Functions declared in blocks: in sloppy code they are variables of the function around too (ECMA-262, annex B.3.3), in
//! strict code they end with the block.

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, util::take::Take};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{
    Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type,
};

use crate::base::{QuickMap, QuickSet};

/// Makes each a variable that gets the function where the block begins, where the name is used outside of the block too, and a
/// variable of that name would clash with nothing. To be done before names are resolved.
pub(crate) fn hoist(script: &mut Script) {
    if is_strict(&script.body) {
        return;
    }
    let mut uses = Uses::default();
    script.visit_with(&mut uses);
    if uses.has_functions {
        let mut hoister = Hoister {
            uses: uses.of,
            scopes: Vec::new(),
        };
        hoister.function(Vec::new(), &mut script.body);
    }
}

fn is_strict(statements: &[Stmt]) -> bool {
    let mut directives = statements
        .iter()
        .take_while(|statement| statement.can_precede_directive());
    directives.any(Stmt::is_use_strict)
}

/// How often each name stands somewhere.
#[derive(Default)]
struct Uses {
    of: QuickMap<Atom, usize>,
    has_functions: bool,
}

impl Visit for Uses {
    noop_visit_type!();

    fn visit_ident(&mut self, name: &Ident) {
        *self.of.entry(name.sym.clone()).or_default() += 1;
    }

    fn visit_block_stmt(&mut self, block: &BlockStmt) {
        self.has_functions |= block.stmts.iter().any(is_function);
        block.visit_children_with(self);
    }

    fn visit_switch_case(&mut self, case: &SwitchCase) {
        self.has_functions |= case.cons.iter().any(is_function);
        case.visit_children_with(self);
    }

    fn visit_labeled_stmt(&mut self, labeled: &LabeledStmt) {
        self.has_functions |= is_function(&labeled.body);
        labeled.visit_children_with(self);
    }
}

fn is_function(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Decl(Decl::Fn(_)))
}

/// The names that statements declare for their block alone; `functions`: those of functions among them.
fn lexical(statements: &[Stmt], functions: bool) -> QuickSet<Atom> {
    let mut names = QuickSet::default();
    for statement in statements {
        match statement {
            Stmt::Decl(Decl::Class(class)) => _ = names.insert(class.ident.sym.clone()),
            Stmt::Decl(Decl::Fn(function)) if functions => {
                names.insert(function.ident.sym.clone());
            }
            Stmt::Decl(Decl::Var(variables)) if variables.kind != VarDeclKind::Var => {
                names.extend(syms(find_pat_ids(&variables.decls)));
            }
            Stmt::Decl(Decl::Using(variables)) => {
                names.extend(syms(find_pat_ids(&variables.decls)));
            }
            _ => {}
        }
    }
    names
}

fn syms(names: Vec<Ident>) -> impl Iterator<Item = Atom> {
    names.into_iter().map(|name| name.sym)
}

/// The names of a function or block that a `var` within may not have or pass.
struct Scope {
    names: QuickSet<Atom>,
    is_function: bool,
}

struct Hoister {
    /// How often each name stands in the file.
    uses: QuickMap<Atom, usize>,
    scopes: Vec<Scope>,
}

impl Hoister {
    fn within(&mut self, names: QuickSet<Atom>, is_function: bool, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope { names, is_function });
        visit(self);
        self.scopes.pop();
    }

    fn function(&mut self, params: Vec<Ident>, statements: &mut [Stmt]) {
        if is_strict(statements) {
            return;
        }
        let mut names = lexical(statements, false);
        names.extend(syms(params));
        self.within(names, true, |hoister| {
            for statement in statements {
                statement.visit_mut_with(hoister);
            }
        });
    }

    fn is_free(&self, name: &Atom) -> bool {
        let function = self.scopes.iter().rposition(|scope| scope.is_function);
        let around = &self.scopes[function.unwrap_or(0)..];
        around.iter().all(|scope| !scope.names.contains(name))
    }

    /// Takes the functions that become variables from the statements of a block, or of the cases of a `switch`, which are one.
    fn block(&mut self, lists: &mut [&mut Vec<Stmt>]) -> Vec<Stmt> {
        let statements = lists.iter_mut().flat_map(|list| list.iter_mut());
        statements.for_each(unlabel);
        if !lists.iter().any(|list| list.iter().any(is_function)) {
            return Vec::new();
        }
        let mut own = Uses::default();
        lists.iter().for_each(|list| list.visit_with(&mut own));
        let mut variables = Vec::new();
        for list in lists.iter_mut() {
            let (functions, rest): (Vec<Stmt>, Vec<Stmt>) =
                list.drain(..).partition(|statement| match statement {
                    Stmt::Decl(Decl::Fn(FnDecl {
                        ident, function, ..
                    })) => {
                        let is_plain = !function.is_async && !function.is_generator;
                        is_plain
                            && self.is_free(&ident.sym)
                            && self.uses.get(&ident.sym) > own.of.get(&ident.sym)
                    }
                    _ => false,
                });
            variables.extend(functions.into_iter().map(variable));
            list.extend(rest);
        }
        keep_last(lists);
        if let Some(scope) = self.scopes.last_mut() {
            let names = lists.iter().flat_map(|list| lexical(list, true));
            scope.names.extend(names);
        }
        variables
    }

    /// A `switch`; gives what is to stand before it: any of its cases may call a function of another.
    fn switch(&mut self, switch: &mut SwitchStmt) -> Vec<Stmt> {
        let cases = switch.cases.iter();
        let names = cases.flat_map(|case| lexical(&case.cons, false)).collect();
        let mut variables = Vec::new();
        switch.discriminant.visit_mut_with(self);
        self.within(names, false, |hoister| {
            let cases = switch.cases.iter_mut();
            let mut lists: Vec<_> = cases.map(|case| &mut case.cons).collect();
            variables = hoister.block(&mut lists);
            switch.cases.visit_mut_with(hoister);
        });
        variables.visit_mut_with(self);
        variables
    }
}

/// Of functions of one name in one block the last is meant, from its beginning on. Strict code has no two.
fn keep_last(block: &mut [&mut Vec<Stmt>]) {
    let mut seen = QuickSet::default();
    for statements in block.iter_mut().rev() {
        let mut kept: Vec<Stmt> = Vec::with_capacity(statements.len());
        for statement in statements.drain(..).rev() {
            match &statement {
                Stmt::Decl(Decl::Fn(function)) if !seen.insert(function.ident.sym.clone()) => {}
                _ => kept.push(statement),
            }
        }
        kept.reverse();
        **statements = kept;
    }
}

/// A label before a function means nothing, and is not allowed in strict code.
fn unlabel(statement: &mut Stmt) {
    while let Stmt::Labeled(labeled) = statement
        && matches!(&*labeled.body, Stmt::Labeled(_) | Stmt::Decl(Decl::Fn(_)))
    {
        let mut innermost = &*labeled.body;
        while let Stmt::Labeled(inner) = innermost {
            innermost = &inner.body;
        }
        if !is_function(innermost) {
            return;
        }
        *statement = innermost.clone();
    }
}

fn variable(statement: Stmt) -> Stmt {
    let Stmt::Decl(Decl::Fn(declared)) = statement else {
        return statement;
    };
    let function = FnExpr {
        ident: None,
        function: declared.function,
    };
    Stmt::Decl(Decl::Var(Box::new(VarDecl {
        kind: VarDeclKind::Var,
        decls: vec![VarDeclarator {
            span: DUMMY_SP,
            name: Pat::Ident(declared.ident.into()),
            init: Some(Box::new(function.into())),
            definite: false,
        }],
        ..VarDecl::default()
    })))
}

fn head(variables: Option<&VarDecl>) -> QuickSet<Atom> {
    let variables = variables.filter(|variables| variables.kind != VarDeclKind::Var);
    let names = variables.map(|variables| find_pat_ids(&variables.decls));
    syms(names.unwrap_or_default()).collect()
}

fn head_of(head: &ForHead) -> Option<&VarDecl> {
    head.as_var_decl().map(|variables| &**variables)
}

impl VisitMut for Hoister {
    noop_visit_mut_type!();

    fn visit_mut_function(&mut self, function: &mut Function) {
        let params = find_pat_ids(&function.params);
        function.params.visit_mut_with(self);
        if let Some(body) = &mut function.body {
            self.function(params, &mut body.stmts);
        }
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        let params = find_pat_ids(&arrow.params);
        arrow.params.visit_mut_with(self);
        match &mut *arrow.body {
            ArrowFunctionBody::FunctionBody(body) => self.function(params, &mut body.stmts),
            ArrowFunctionBody::Expr(value) => value.visit_mut_with(self),
        }
    }

    // Classes are strict.
    fn visit_mut_class(&mut self, _: &mut Class) {}

    fn visit_mut_stmt(&mut self, statement: &mut Stmt) {
        unlabel(statement);
        let Stmt::Switch(switch) = statement else {
            return statement.visit_mut_children_with(self);
        };
        let mut statements = self.switch(switch);
        if !statements.is_empty() {
            let span = switch.span;
            statements.push(statement.take());
            *statement = Stmt::Block(BlockStmt {
                span,
                stmts: statements,
                ..BlockStmt::default()
            });
        }
    }

    fn visit_mut_block_stmt(&mut self, block: &mut BlockStmt) {
        self.within(lexical(&block.stmts, false), false, |hoister| {
            let variables = hoister.block(&mut [&mut block.stmts]);
            block.stmts.splice(0..0, variables);
            block.visit_mut_children_with(hoister);
        });
    }

    fn visit_mut_catch_clause(&mut self, clause: &mut CatchClause) {
        let names = syms(find_pat_ids(&clause.param)).collect();
        self.within(names, false, |hoister| {
            clause.visit_mut_children_with(hoister)
        });
    }

    fn visit_mut_for_stmt(&mut self, statement: &mut ForStmt) {
        let variables = match &statement.init {
            Some(VarDeclOrExpr::VarDecl(variables)) => Some(&**variables),
            _ => None,
        };
        self.within(head(variables), false, |hoister| {
            statement.visit_mut_children_with(hoister);
        });
    }

    fn visit_mut_for_in_stmt(&mut self, statement: &mut ForInStmt) {
        self.within(head(head_of(&statement.left)), false, |hoister| {
            statement.visit_mut_children_with(hoister);
        });
    }

    fn visit_mut_for_of_stmt(&mut self, statement: &mut ForOfStmt) {
        self.within(head(head_of(&statement.left)), false, |hoister| {
            statement.visit_mut_children_with(hoister);
        });
    }
}
