//! What sloppy code may do and strict code, which every module is, may not (ECMA-262, annex C): made to work where a
//! module has a way to say it, refused with a diagnostic where it has none (`with`).

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, Span, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::private_ident;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use crate::compiler::clashes;

/// Words that only strict code and modules reserve, and names that it does not let anybody give.
const RESERVED: [&str; 12] = [
    "arguments",
    "let",
    "static",
    "yield",
    "await",
    "package",
    "implements",
    "interface",
    "private",
    "protected",
    "public",
    "eval",
];

/// Rewrites a script's statements, `text` being all of it; names must be resolved, `unresolved` being the context of
/// globals. Gives the places of `with`.
pub(crate) fn rewrite(module: &mut Module, unresolved: SyntaxContext, text: &str) -> Vec<Span> {
    let mut sloppy = Sloppy {
        unresolved,
        text,
        assigns_arguments: assigns_arguments(text),
        prefix: None,
        withs: Vec::new(),
        functions: Vec::new(),
        arguments: Vec::new(),
    };
    module.visit_mut_with(&mut sloppy);
    sloppy.withs
}

struct Sloppy<'a> {
    unresolved: SyntaxContext,
    text: &'a str,
    /// Whether the text may assign to `arguments`.
    assigns_arguments: bool,
    /// What is put in front of a reserved word to make a name that nothing else has, once one was met.
    prefix: Option<String>,
    withs: Vec<Span>,
    /// For each function around: its name, made up where it has none and `arguments.callee` asks for it.
    functions: Vec<Option<Ident>>,
    /// The variables `arguments` of the functions around, by their contexts.
    arguments: Vec<SyntaxContext>,
}

impl Sloppy<'_> {
    /// What a variable with such a name is called.
    fn allowed(&mut self, word: &str) -> Atom {
        let text = self.text;
        let prefix = self.prefix.get_or_insert_with(|| {
            let mut prefix = "_".to_owned();
            let is_taken = |prefix: &str| {
                let mut words = RESERVED.iter();
                words.any(|word| clashes::has_word(text, &format!("{prefix}{word}")))
            };
            while is_taken(&prefix) {
                prefix.push('_');
            }
            prefix
        });
        format!("{prefix}{word}").into()
    }

    /// Whether an assignment to the name would make, or changes, a property of the global object.
    fn is_global(&self, name: &Ident) -> bool {
        const FIXED: [&str; 5] = ["arguments", "eval", "undefined", "NaN", "Infinity"];
        name.ctxt == self.unresolved && !FIXED.contains(&&*name.sym)
    }

    fn global(&self, name: &Ident) -> MemberExpr {
        MemberExpr {
            span: name.span,
            obj: Box::new(Ident::new("globalThis".into(), DUMMY_SP, self.unresolved).into()),
            prop: MemberProp::Ident(IdentName::new(name.sym.clone(), DUMMY_SP)),
        }
    }

    fn function(&mut self, name: Option<Ident>, function: &mut Function) -> Option<Ident> {
        rename_doubled(&mut function.params);
        self.functions.push(name);
        let around = self.arguments.len();
        if self.assigns_arguments
            && let Some(own) = own_arguments(function, self.unresolved)
        {
            self.arguments.push(own);
        }
        function.visit_mut_children_with(self);
        // `var arguments` has what it is called after until something is assigned to it.
        let mut declared = self.arguments.split_off(around);
        declared.dedup();
        let initials = declared.into_iter().map(|context| {
            let value = Ident::new("arguments".into(), DUMMY_SP, self.unresolved);
            let name = Ident::new(self.allowed("arguments"), DUMMY_SP, context);
            Stmt::Decl(Decl::Var(Box::new(VarDecl {
                kind: VarDeclKind::Var,
                decls: vec![VarDeclarator {
                    span: DUMMY_SP,
                    name: Pat::Ident(name.into()),
                    init: Some(Box::new(value.into())),
                    definite: false,
                }],
                ..VarDecl::default()
            })))
        });
        let initials: Vec<Stmt> = initials.collect();
        if let Some(body) = &mut function.body {
            body.stmts.splice(0..0, initials);
        }
        self.functions.pop().flatten()
    }

    fn method(&mut self, visit: impl FnOnce(&mut Self)) {
        self.functions.push(None);
        visit(self);
        self.functions.pop();
    }
}

fn assigns_arguments(text: &str) -> bool {
    let mut words = text.match_indices("arguments");
    words.any(|(at, word)| {
        let rest = text[at + word.len()..].trim_start();
        rest.starts_with('=') && !rest.starts_with("==")
    })
}

/// Makes a variable of a function's `arguments`, where it assigns to them; gives its context.
fn own_arguments(function: &mut Function, globals: SyntaxContext) -> Option<SyntaxContext> {
    let body = function.body.as_mut()?;
    let mut own = OwnArguments {
        globals,
        is_assigned: false,
        own: None,
    };
    body.visit_mut_with(&mut own);
    if !own.is_assigned {
        return None;
    }
    own.own = Some(private_ident!("arguments").ctxt);
    body.visit_mut_with(&mut own);
    own.own
}

/// Finds assignments to a function's `arguments`, and then gives these another context.
struct OwnArguments {
    globals: SyntaxContext,
    is_assigned: bool,
    own: Option<SyntaxContext>,
}

impl VisitMut for OwnArguments {
    noop_visit_mut_type!();

    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if let Some(own) = self.own
            && name.sym == "arguments"
            && name.ctxt == self.globals
        {
            name.ctxt = own;
        }
    }

    fn visit_mut_binding_ident(&mut self, name: &mut BindingIdent) {
        self.is_assigned |= name.sym == "arguments" && name.ctxt == self.globals;
        self.visit_mut_ident(&mut name.id);
    }

    // They have their own.

    fn visit_mut_function(&mut self, _: &mut Function) {}

    fn visit_mut_class(&mut self, _: &mut Class) {}
}

/// Of parameters with one name the last is meant.
fn rename_doubled(params: &mut [Param]) {
    let mut seen: HashSet<Atom> = HashSet::new();
    for param in params.iter_mut().rev() {
        if let Pat::Ident(name) = &mut param.pat
            && !seen.insert(name.id.sym.clone())
        {
            name.id = private_ident!(format!("_{}", name.id.sym));
        }
    }
}

/// Whether `expr` is `arguments.callee`.
fn is_callee(expr: &Expr) -> bool {
    let Expr::Member(member) = expr else {
        return false;
    };
    let of_arguments = matches!(&*member.obj, Expr::Ident(object) if object.sym == "arguments");
    of_arguments && matches!(&member.prop, MemberProp::Ident(name) if name.sym == "callee")
}

impl VisitMut for Sloppy<'_> {
    noop_visit_mut_type!();

    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if name.ctxt != self.unresolved && RESERVED.contains(&&*name.sym) {
            name.sym = self.allowed(&name.sym);
        }
    }

    fn visit_mut_var_decl(&mut self, declaration: &mut VarDecl) {
        for declarator in &declaration.decls {
            if let (VarDeclKind::Var, Pat::Ident(name)) = (declaration.kind, &declarator.name)
                && name.id.sym == "arguments"
                && name.id.ctxt != self.unresolved
            {
                self.arguments.push(name.id.ctxt);
            }
        }
        declaration.visit_mut_children_with(self);
    }

    fn visit_mut_prop(&mut self, property: &mut Prop) {
        match property {
            Prop::Shorthand(name) if RESERVED.contains(&&*name.sym) => {
                let key = PropName::Ident(IdentName::new(name.sym.clone(), name.span));
                self.visit_mut_ident(name);
                let value = Box::new(name.clone().into());
                *property = Prop::KeyValue(KeyValueProp { key, value });
            }
            Prop::Method(_) | Prop::Getter(_) | Prop::Setter(_) => {
                self.method(|sloppy| property.visit_mut_children_with(sloppy));
            }
            other => other.visit_mut_children_with(self),
        }
    }

    fn visit_mut_object_pat_prop(&mut self, property: &mut ObjectPatProp) {
        if let ObjectPatProp::Assign(assign) = property
            && (self.is_global(&assign.key.id) || RESERVED.contains(&&*assign.key.id.sym))
        {
            let key = PropName::Ident(IdentName::new(assign.key.id.sym.clone(), DUMMY_SP));
            let target = Pat::Ident(assign.key.clone());
            let value = match assign.value.take() {
                None => target,
                Some(right) => Pat::Assign(AssignPat {
                    span: assign.span,
                    left: Box::new(target),
                    right,
                }),
            };
            *property = ObjectPatProp::KeyValue(KeyValuePatProp {
                key,
                value: Box::new(value),
            });
        }
        property.visit_mut_children_with(self);
    }

    fn visit_mut_simple_assign_target(&mut self, target: &mut SimpleAssignTarget) {
        match target {
            SimpleAssignTarget::Ident(name) if self.is_global(&name.id) => {
                *target = SimpleAssignTarget::Member(self.global(&name.id));
            }
            other => other.visit_mut_children_with(self),
        }
    }

    fn visit_mut_update_expr(&mut self, update: &mut UpdateExpr) {
        match &*update.arg {
            Expr::Ident(name) if self.is_global(name) => {
                *update.arg = Expr::Member(self.global(name));
            }
            _ => update.visit_mut_children_with(self),
        }
    }

    fn visit_mut_pat(&mut self, pattern: &mut Pat) {
        match pattern {
            Pat::Ident(name) if self.is_global(&name.id) => {
                *pattern = Pat::Expr(Box::new(Expr::Member(self.global(&name.id))));
            }
            other => other.visit_mut_children_with(self),
        }
    }

    fn visit_mut_lit(&mut self, literal: &mut Lit) {
        match literal {
            // `017` and `"\17"`: the value is printed anew.
            Lit::Num(number) => {
                let is_octal = number.raw.as_ref().is_some_and(|raw| {
                    raw.len() > 1 && raw.starts_with('0') && raw.as_bytes()[1].is_ascii_digit()
                });
                if is_octal {
                    number.raw = None;
                }
            }
            Lit::Str(text) => {
                let escapes = text.raw.as_ref().is_some_and(|raw| {
                    raw.as_bytes()
                        .windows(2)
                        .any(|pair| pair[0] == b'\\' && pair[1].is_ascii_digit())
                });
                if escapes {
                    text.raw = None;
                }
            }
            _ => {}
        }
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Unary(unary) if unary.op == UnaryOp::Delete => {
                if let Expr::Ident(name) = &*unary.arg {
                    let name = name.clone();
                    if self.is_global(&name) {
                        *unary.arg = Expr::Member(self.global(&name));
                    } else {
                        *expr = Expr::Lit(Lit::Bool(false.into()));
                    }
                    return;
                }
            }
            Expr::Fn(function) => {
                let name = function.ident.clone();
                function.ident = self.function(name, &mut function.function);
                return self.visit_name(function.ident.as_mut());
            }
            _ if is_callee(expr) => {
                if let Some(around) = self.functions.last_mut() {
                    let name = around.get_or_insert_with(|| private_ident!("callee"));
                    *expr = name.clone().into();
                    return;
                }
            }
            _ => {}
        }
        expr.visit_mut_children_with(self);
    }

    fn visit_mut_fn_decl(&mut self, declaration: &mut FnDecl) {
        let name = declaration.ident.clone();
        self.function(Some(name), &mut declaration.function);
        self.visit_mut_ident(&mut declaration.ident);
    }

    fn visit_mut_class(&mut self, class: &mut Class) {
        // Classes are strict: nothing sloppy is in them but names of the scopes around.
        self.method(|sloppy| class.visit_mut_children_with(sloppy));
    }

    fn visit_mut_with_stmt(&mut self, statement: &mut WithStmt) {
        self.withs.push(statement.span);
        statement.visit_mut_children_with(self);
    }
}

impl Sloppy<'_> {
    fn visit_name(&mut self, name: Option<&mut Ident>) {
        if let Some(name) = name {
            self.visit_mut_ident(name);
        }
    }
}
