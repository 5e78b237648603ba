//! Removes code that a define made unreachable, and nothing else.

use std::collections::HashSet;

use swc_core::common::{DUMMY_SP, Mark, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{
    Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type,
};

use super::class_names::declare;

/// Folds conditions whose value is known: `if`, `?:`, `&&`, `||`, `??`, `while (false)`. What a removed branch hoists
/// (`var`, and the functions that sloppy code would hoist are block functions here) stays declared. Gives whether a
/// declaration has come into the scope around.
pub(super) fn fold(program: &mut Program, unresolved: Mark) -> bool {
    let mut folder = Folder {
        unresolved: SyntaxContext::empty().apply_mark(unresolved),
        moved: false,
    };
    program.visit_mut_with(&mut folder);
    folder.moved
}

/// A value known when the file is compiled.
#[derive(Clone, PartialEq)]
enum Known {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// An object literal or a function: true, and equal to nothing but itself.
    Object,
}

impl Known {
    fn truth(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(value) => *value != 0.0 && !value.is_nan(),
            Self::Text(value) => !value.is_empty(),
            Self::Object => true,
        }
    }

    /// `===`; `None` where that is not known.
    fn same(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Object, Self::Object) => None,
            (left, right) => Some(left == right),
        }
    }

    /// `==`, where no conversion is needed (ECMA-262, `IsLooselyEqual`).
    fn like(&self, other: &Self) -> Option<bool> {
        let nothing = |value: &Self| matches!(value, Self::Undefined | Self::Null);
        if nothing(self) || nothing(other) {
            return Some(nothing(self) && nothing(other));
        }
        let alike = std::mem::discriminant(self) == std::mem::discriminant(other);
        alike.then(|| self.same(other)).flatten()
    }
}

struct Folder {
    unresolved: SyntaxContext,
    moved: bool,
}

impl Folder {
    /// The value of an expression without side effects; `None` where it has some, or is not known.
    fn known(&self, expr: &Expr) -> Option<Known> {
        Some(match expr {
            Expr::Paren(paren) => return self.known(&paren.expr),
            Expr::Lit(Lit::Str(text)) => Known::Text(text.value.as_str()?.to_owned()),
            Expr::Lit(Lit::Bool(value)) => Known::Bool(value.value),
            Expr::Lit(Lit::Null(_)) => Known::Null,
            Expr::Lit(Lit::Num(value)) => Known::Number(value.value),
            Expr::Tpl(template) if template.exprs.is_empty() => Known::Text(
                template
                    .quasis
                    .first()?
                    .cooked
                    .as_ref()?
                    .as_str()?
                    .to_owned(),
            ),
            Expr::Ident(ident) if ident.sym == "undefined" && ident.ctxt == self.unresolved => {
                Known::Undefined
            }
            Expr::Ident(ident)
                if ident.sym == "undefined" && ident.ctxt == SyntaxContext::empty() =>
            {
                Known::Undefined
            }
            Expr::Object(object) if object.props.is_empty() => Known::Object,
            Expr::Unary(unary) => {
                let value = self.known(&unary.arg)?;
                match unary.op {
                    UnaryOp::Bang => Known::Bool(!value.truth()),
                    UnaryOp::Void => Known::Undefined,
                    UnaryOp::TypeOf => Known::Text(
                        match value {
                            Known::Undefined => "undefined",
                            Known::Null | Known::Object => "object",
                            Known::Bool(_) => "boolean",
                            Known::Number(_) => "number",
                            Known::Text(_) => "string",
                        }
                        .to_owned(),
                    ),
                    UnaryOp::Minus => match value {
                        Known::Number(number) => Known::Number(-number),
                        _ => return None,
                    },
                    _ => return None,
                }
            }
            Expr::Bin(binary) => return self.binary(binary),
            _ => return None,
        })
    }

    fn binary(&self, binary: &BinExpr) -> Option<Known> {
        let left = self.known(&binary.left)?;
        match binary.op {
            BinaryOp::LogicalAnd if !left.truth() => return Some(left),
            BinaryOp::LogicalOr if left.truth() => return Some(left),
            _ => {}
        }
        let right = self.known(&binary.right)?;
        let value = match binary.op {
            BinaryOp::EqEqEq => left.same(&right)?,
            BinaryOp::NotEqEq => !left.same(&right)?,
            BinaryOp::EqEq => left.like(&right)?,
            BinaryOp::NotEq => !left.like(&right)?,
            BinaryOp::LogicalAnd | BinaryOp::LogicalOr => return Some(right),
            _ => return None,
        };
        Some(Known::Bool(value))
    }

    /// What stands in place of a statement; `None`: the statement itself.
    fn replacement(&self, statement: &mut Stmt) -> Option<Stmt> {
        match statement {
            Stmt::If(branch) => {
                let truth = self.known(&branch.test)?.truth();
                let (kept, gone) = match truth {
                    true => (Some(&mut branch.cons), branch.alt.as_ref()),
                    false => (branch.alt.as_mut(), Some(&branch.cons)),
                };
                let hoisted = gone.map(|gone| hoisted(gone)).unwrap_or_default();
                let kept = kept.map(|kept| std::mem::replace(&mut **kept, empty()));
                Some(with_hoisted(kept, hoisted))
            }
            Stmt::While(repeat) if !self.known(&repeat.test)?.truth() => {
                Some(with_hoisted(None, hoisted(&repeat.body)))
            }
            _ => None,
        }
    }
}

impl VisitMut for Folder {
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        let kept = match expr {
            Expr::Cond(choice) => self.known(&choice.test).map(|test| match test.truth() {
                true => &mut choice.cons,
                false => &mut choice.alt,
            }),
            Expr::Bin(binary) => match (binary.op, self.known(&binary.left)) {
                (BinaryOp::LogicalAnd, Some(left)) => Some(match left.truth() {
                    true => &mut binary.right,
                    false => &mut binary.left,
                }),
                (BinaryOp::LogicalOr, Some(left)) => Some(match left.truth() {
                    true => &mut binary.left,
                    false => &mut binary.right,
                }),
                (BinaryOp::NullishCoalescing, Some(left)) => {
                    Some(match matches!(left, Known::Undefined | Known::Null) {
                        true => &mut binary.right,
                        false => &mut binary.left,
                    })
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(kept) = kept {
            *expr = *std::mem::replace(kept, Box::new(Expr::Invalid(Invalid { span: DUMMY_SP })));
        }
    }

    fn visit_mut_callee(&mut self, callee: &mut Callee) {
        // `(0, a.b)()` and `(true && a.b)()` call without a receiver; a fold would give one.
        if let Callee::Expr(expr) = callee
            && matches!(unparenthesized(expr), Expr::Cond(_) | Expr::Bin(_))
        {
            expr.visit_mut_children_with(self);
            return;
        }
        callee.visit_mut_children_with(self);
    }

    fn visit_mut_tagged_tpl(&mut self, tagged: &mut TaggedTpl) {
        if !matches!(unparenthesized(&tagged.tag), Expr::Cond(_) | Expr::Bin(_)) {
            tagged.tag.visit_mut_with(self);
        }
        tagged.tpl.visit_mut_with(self);
    }

    fn visit_mut_stmt(&mut self, statement: &mut Stmt) {
        // The condition first, and then only what is left: code that goes is not worth a visit.
        match statement {
            Stmt::If(branch) => branch.test.visit_mut_with(self),
            Stmt::While(repeat) => repeat.test.visit_mut_with(self),
            _ => {}
        }
        match self.replacement(statement) {
            Some(kept) => {
                self.moved |= kept.is_decl();
                *statement = kept;
                statement.visit_mut_children_with(self);
            }
            None => statement.visit_mut_children_with(self),
        }
    }

    fn visit_mut_stmts(&mut self, statements: &mut Vec<Stmt>) {
        statements.visit_mut_children_with(self);
        statements.retain(|statement| !matches!(statement, Stmt::Empty(_)));
    }

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        items.visit_mut_children_with(self);
        items.retain(|item| !matches!(item, ModuleItem::Stmt(Stmt::Empty(_))));
    }
}

fn unparenthesized(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => unparenthesized(&paren.expr),
        other => other,
    }
}

const fn empty() -> Stmt {
    Stmt::Empty(EmptyStmt { span: DUMMY_SP })
}

fn with_hoisted(kept: Option<Stmt>, names: Vec<Ident>) -> Stmt {
    let Some(declaration) = declare(names) else {
        return kept.unwrap_or_else(empty);
    };
    match kept {
        None => declaration,
        Some(kept) => Stmt::Block(BlockStmt {
            span: DUMMY_SP,
            stmts: vec![declaration, kept],
            ..BlockStmt::default()
        }),
    }
}

/// The names that `var` declares in a statement, for the function around it.
fn hoisted(statement: &Stmt) -> Vec<Ident> {
    let mut collector = Hoisted::default();
    statement.visit_with(&mut collector);
    collector.names
}

#[derive(Default)]
struct Hoisted {
    names: Vec<Ident>,
    seen: HashSet<Id>,
    in_var: bool,
}

impl Visit for Hoisted {
    noop_visit_type!();

    fn visit_var_decl(&mut self, declaration: &VarDecl) {
        if declaration.kind != VarDeclKind::Var {
            return;
        }
        let outer = std::mem::replace(&mut self.in_var, true);
        for declarator in &declaration.decls {
            declarator.name.visit_with(self);
        }
        self.in_var = outer;
    }

    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        if self.in_var && self.seen.insert(name.to_id()) {
            self.names.push(name.id.clone());
        }
    }

    // Neither hoists out of these.
    fn visit_function(&mut self, _: &Function) {}
    fn visit_class(&mut self, _: &Class) {}
    fn visit_expr(&mut self, _: &Expr) {}
}
