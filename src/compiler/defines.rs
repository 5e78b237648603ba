//! Replaces globals that are known when a file is compiled, such as `process.env.NODE_ENV`.

use swc_core::common::{DUMMY_SP, FileName, Mark, Span, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::parser::{Syntax, parse_file_as_expr};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::parse::File;
use super::{Define, faults};
use crate::base::Diagnostic;

/// Whether a text is an `IdentifierName` written without escapes (ECMA-262, 12.7).
pub fn is_identifier(text: &str) -> bool {
    text.starts_with(Ident::is_valid_start) && text.chars().all(Ident::is_valid_continue)
}

/// Replaces what the text can hold of `defines`; gives whether anything was replaced.
///
/// # Errors
/// A define whose value is no expression.
pub(super) fn apply(
    module: &mut Program,
    defines: &[Define],
    file: &File,
    unresolved: Mark,
) -> Result<bool, Vec<Diagnostic>> {
    let text = file.text();
    let mut rules = Vec::new();
    for define in defines {
        let path: Vec<String> = define.path.split('.').map(str::to_owned).collect();
        // Cheap: most files name none of them. Escapes in identifiers do not count as names here.
        let last = path.iter().rfind(|name| !name.is_empty());
        if !last.is_some_and(|name| text.contains(name.as_str())) {
            continue;
        }
        let value = expression(define, file, unresolved)?;
        rules.push(Rule { path, value });
    }
    if rules.is_empty() {
        return Ok(false);
    }
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.path.len()));
    let mut replacer = Replacer {
        rules,
        unresolved: SyntaxContext::empty().apply_mark(unresolved),
        replaced: false,
    };
    module.visit_mut_with(&mut replacer);
    Ok(replacer.replaced)
}

struct Rule {
    path: Vec<String>,
    value: Box<Expr>,
}

fn expression(
    define: &Define,
    file: &File,
    unresolved: Mark,
) -> Result<Box<Expr>, Vec<Diagnostic>> {
    let name = FileName::Custom(define.path.clone()).into();
    let source = file.map.new_source_file(name, define.value.clone());
    let mut errors = Vec::new();
    let parsed = parse_file_as_expr(
        &source,
        Syntax::default(),
        EsVersion::latest(),
        None,
        &mut errors,
    );
    match parsed {
        Ok(mut value) if errors.is_empty() => {
            // No mark of the file's own: what the value names are globals.
            value.visit_mut_with(&mut resolver(unresolved, Mark::new(), false));
            value.visit_mut_with(&mut At(DUMMY_SP));
            Ok(value)
        }
        _ => Err(vec![faults::at_file(
            Diagnostic::new(
                "define",
                format!(
                    "the value `{}` of `{}` is not an expression",
                    define.value, define.path
                ),
            ),
            file,
        )]),
    }
}

/// Moves an expression to the place where it is put.
struct At(Span);

impl VisitMut for At {
    noop_visit_mut_type!();

    fn visit_mut_span(&mut self, span: &mut Span) {
        *span = self.0;
    }
}

struct Replacer {
    rules: Vec<Rule>,
    unresolved: SyntaxContext,
    replaced: bool,
}

impl Replacer {
    /// The value for `expr` where it is one of the paths, or a member of one whose value is an object literal.
    fn value_of(&self, expr: &Expr) -> Option<Box<Expr>> {
        let found = self.rules.iter().find(|rule| self.is(expr, &rule.path));
        if let Some(rule) = found {
            return Some(rule.value.clone());
        }
        let (object, name) = member(expr)?;
        let rule = self.rules.iter().find(|rule| self.is(object, &rule.path))?;
        let literal = rule.value.as_object()?;
        property(literal, name)
    }

    /// Whether `expr` is the global `path`.
    fn is(&self, expr: &Expr, path: &[String]) -> bool {
        match (expr, path) {
            (Expr::Paren(paren), _) => self.is(&paren.expr, path),
            (Expr::Ident(ident), [only]) => ident.ctxt == self.unresolved && ident.sym == **only,
            (Expr::MetaProp(meta), [import, meta_name]) => {
                meta.kind == MetaPropKind::ImportMeta && import == "import" && meta_name == "meta"
            }
            (_, [rest @ .., last]) if !rest.is_empty() => {
                member(expr).is_some_and(|(object, name)| name == last && self.is(object, rest))
            }
            _ => false,
        }
    }
}

/// The value of `name` in an object literal of plain properties; `undefined` where it has none; `None` where a spread,
/// a computed name or an accessor leaves it open.
fn property(literal: &ObjectLit, name: &str) -> Option<Box<Expr>> {
    let mut value = None;
    for property in &literal.props {
        let PropOrSpread::Prop(property) = property else {
            return None;
        };
        let Prop::KeyValue(pair) = &**property else {
            return None;
        };
        let is_it = match &pair.key {
            PropName::Ident(key) => key.sym == name,
            PropName::Str(key) => key.value == *name,
            _ => return None,
        };
        if is_it {
            value = Some(pair.value.clone());
        }
    }
    // What every object inherits is not in the literal.
    let inherited = matches!(
        name,
        "constructor" | "toString" | "valueOf" | "hasOwnProperty" | "__proto__"
    );
    match value {
        None if inherited => None,
        None => Some(Expr::undefined(DUMMY_SP)),
        some => some,
    }
}

/// Object and name of `a.b`, `a['b']`, `a?.b`.
pub(super) fn member(expr: &Expr) -> Option<(&Expr, &str)> {
    let member = match expr {
        Expr::Member(member) => member,
        Expr::OptChain(chain) => chain.base.as_member()?,
        Expr::Paren(paren) => return self::member(&paren.expr),
        _ => return None,
    };
    let name = match &member.prop {
        MemberProp::Ident(name) => &*name.sym,
        MemberProp::Computed(computed) => match &*computed.expr {
            Expr::Lit(Lit::Str(text)) => text.value.as_str()?,
            _ => return None,
        },
        MemberProp::PrivateName(_) => return None,
    };
    Some((&member.obj, name))
}

impl VisitMut for Replacer {
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if matches!(
            expr,
            Expr::Ident(_) | Expr::Member(_) | Expr::OptChain(_) | Expr::MetaProp(_)
        ) && let Some(value) = self.value_of(expr)
        {
            *expr = *value;
            self.replaced = true;
            return;
        }
        expr.visit_mut_children_with(self);
    }

    fn visit_mut_unary_expr(&mut self, unary: &mut UnaryExpr) {
        match unary.op {
            // `delete 1` is legal, `delete x` of a replaced name is not what was meant.
            UnaryOp::Delete => visit_inside(&mut unary.arg, self),
            _ => unary.visit_mut_children_with(self),
        }
    }

    fn visit_mut_update_expr(&mut self, update: &mut UpdateExpr) {
        visit_inside(&mut update.arg, self);
    }

    fn visit_mut_simple_assign_target(&mut self, target: &mut SimpleAssignTarget) {
        if let SimpleAssignTarget::Member(member) = target {
            visit_target(member, self);
        } else {
            target.visit_mut_children_with(self);
        }
    }

    // In patterns, `[process.env.X] = y` and `for (process.env.X of y)`.
    fn visit_mut_pat(&mut self, pattern: &mut Pat) {
        match pattern {
            Pat::Expr(target) => visit_inside(target, self),
            other => other.visit_mut_children_with(self),
        }
    }

    fn visit_mut_prop(&mut self, property: &mut Prop) {
        // `{ NAME }` where `NAME` is defined.
        if let Prop::Shorthand(name) = property
            && let Some(value) = self.value_of(&Expr::Ident(name.clone()))
        {
            *property = Prop::KeyValue(KeyValueProp {
                key: PropName::Ident(name.clone().into()),
                value,
            });
            self.replaced = true;
            return;
        }
        property.visit_mut_children_with(self);
    }
}

/// Visits a place that is written to: the object may be replaced, the place may not.
fn visit_inside(target: &mut Expr, replacer: &mut Replacer) {
    match target {
        Expr::Member(member) => visit_target(member, replacer),
        Expr::Paren(paren) => visit_inside(&mut paren.expr, replacer),
        Expr::Ident(_) | Expr::MetaProp(_) => {}
        other => other.visit_mut_children_with(replacer),
    }
}

fn visit_target(member: &mut MemberExpr, replacer: &mut Replacer) {
    // `global.x = 1` is one of `globalThis`. `process.env.X = 1` goes nowhere, for a literal is put there; without it,
    // it would throw where there is no `process`.
    member.obj.visit_mut_with(replacer);
    if let MemberProp::Computed(computed) = &mut member.prop {
        computed.visit_mut_with(replacer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::tests::emit;
    use crate::compiler::{Language, Options};

    #[test]
    fn names_may_have_the_letters_of_any_language() {
        for name in ["a", "$_1", "ÖUNICODE_LETTERɵ", "名前"] {
            assert!(is_identifier(name), "{name}");
            let options = Options {
                defines: vec![Define::new(name, "7")],
                ..Options::default()
            };
            let text = format!("export default {name};");
            let code = emit(&text, Language::Js, &options).code;
            assert!(code.contains("export default 7"), "{code}");
        }
        for name in ["", "1a", "a-b", "a b", "«", "a\u{2028}"] {
            assert!(!is_identifier(name), "{name:?}");
        }
    }
}
