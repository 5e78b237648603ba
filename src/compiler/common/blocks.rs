//! Functions declared in blocks: in sloppy code they are variables of the function around too (ECMA-262, annex B.3.3), in
//! strict code they end with the block.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{
    Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type,
};

/// Makes each a variable that gets the function where the block begins. A name that anything in the file declares for
/// a block alone, or as a parameter, stays as it is. To be done before names are resolved.
pub(crate) fn hoist(script: &mut Script) {
    if is_strict(&script.body) {
        return;
    }
    let mut search = Search::default();
    script.visit_with(&mut search);
    if search.has_functions {
        let mut hoister = Hoister(search.taken);
        script.visit_mut_with(&mut hoister);
    }
}

fn is_strict(statements: &[Stmt]) -> bool {
    let mut directives = statements
        .iter()
        .take_while(|statement| statement.can_precede_directive());
    directives.any(Stmt::is_use_strict)
}

#[derive(Default)]
struct Search {
    taken: HashSet<Atom>,
    has_functions: bool,
}

impl Search {
    fn take(&mut self, names: Vec<Ident>) {
        self.taken.extend(names.into_iter().map(|name| name.sym));
    }
}

impl Visit for Search {
    noop_visit_type!();

    fn visit_var_decl(&mut self, declaration: &VarDecl) {
        if declaration.kind != VarDeclKind::Var {
            self.take(find_pat_ids(&declaration.decls));
        }
        declaration.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.taken.insert(class.ident.sym.clone());
        class.visit_children_with(self);
    }

    fn visit_param(&mut self, param: &Param) {
        self.take(find_pat_ids(&param.pat));
        param.visit_children_with(self);
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.take(find_pat_ids(&arrow.params));
        arrow.visit_children_with(self);
    }

    fn visit_catch_clause(&mut self, clause: &CatchClause) {
        self.take(find_pat_ids(&clause.param));
        clause.visit_children_with(self);
    }

    fn visit_block_stmt(&mut self, block: &BlockStmt) {
        self.has_functions |= block.stmts.iter().any(is_function);
        block.visit_children_with(self);
    }

    fn visit_switch_case(&mut self, case: &SwitchCase) {
        self.has_functions |= case.cons.iter().any(is_function);
        case.visit_children_with(self);
    }
}

fn is_function(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Decl(Decl::Fn(_)))
}

struct Hoister(HashSet<Atom>);

impl Hoister {
    fn statements(&self, statements: &mut Vec<Stmt>) {
        let (functions, rest): (Vec<Stmt>, Vec<Stmt>) =
            statements.drain(..).partition(|statement| match statement {
                Stmt::Decl(Decl::Fn(declared)) => {
                    let function = &declared.function;
                    let is_plain = !function.is_async && !function.is_generator;
                    is_plain && !self.0.contains(&declared.ident.sym)
                }
                _ => false,
            });
        statements.extend(functions.into_iter().map(variable));
        statements.extend(rest);
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

impl VisitMut for Hoister {
    noop_visit_mut_type!();

    fn visit_mut_function(&mut self, function: &mut Function) {
        let is_strict = function
            .body
            .as_ref()
            .is_some_and(|body| is_strict(&body.stmts));
        if !is_strict {
            function.visit_mut_children_with(self);
        }
    }

    // Classes are strict.
    fn visit_mut_class(&mut self, _: &mut Class) {}

    fn visit_mut_block_stmt(&mut self, block: &mut BlockStmt) {
        block.visit_mut_children_with(self);
        self.statements(&mut block.stmts);
    }

    fn visit_mut_switch_case(&mut self, case: &mut SwitchCase) {
        case.visit_mut_children_with(self);
        self.statements(&mut case.cons);
    }
}
