//! What a file uses of `import.meta.env`, so that it need not depend on the rest.

use std::collections::BTreeSet;

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::Parsed;
use super::defines::member;

/// What a file uses of `import.meta.env`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentUse {
    /// The members of these names, and that there is one: libraries ask that first.
    Names(BTreeSet<String>),
    /// Any of it.
    Whole,
}

impl Parsed {
    /// What it uses of `import.meta.env`, as far as its text tells.
    pub fn environment_use(&self) -> EnvironmentUse {
        let mut reader = Reader::default();
        self.program.visit_with(&mut reader);
        match reader.is_whole {
            true => EnvironmentUse::Whole,
            false => EnvironmentUse::Names(reader.names),
        }
    }
}

#[derive(Default)]
struct Reader {
    names: BTreeSet<String>,
    is_whole: bool,
}

impl Reader {
    /// An expression of which only that is asked whether it is something, or what kind of thing.
    fn test(&mut self, expr: &Expr) {
        if !is_environment(expr) {
            expr.visit_with(self);
        }
    }
}

/// Without what is around it and says nothing at run time.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(ParenExpr { expr, .. })
        | Expr::TsAs(TsAsExpr { expr, .. })
        | Expr::TsConstAssertion(TsConstAssertion { expr, .. })
        | Expr::TsNonNull(TsNonNullExpr { expr, .. })
        | Expr::TsSatisfies(TsSatisfiesExpr { expr, .. })
        | Expr::TsTypeAssertion(TsTypeAssertion { expr, .. }) => bare(expr),
        other => other,
    }
}

/// Whether it is `import.meta.env`.
fn is_environment(expr: &Expr) -> bool {
    member(bare(expr)).is_some_and(|(object, name)| {
        let meta = bare(object).as_meta_prop();
        name == "env" && meta.is_some_and(|meta| meta.kind == MetaPropKind::ImportMeta)
    })
}

impl Visit for Reader {
    noop_visit_type!();

    fn visit_expr(&mut self, expr: &Expr) {
        if is_environment(expr) {
            self.is_whole = true;
        } else if let Some((object, name)) = member(expr)
            && is_environment(object)
        {
            self.names.insert(name.to_owned());
        } else {
            expr.visit_children_with(self);
        }
    }

    fn visit_cond_expr(&mut self, cond: &CondExpr) {
        self.test(&cond.test);
        cond.cons.visit_with(self);
        cond.alt.visit_with(self);
    }

    fn visit_if_stmt(&mut self, branch: &IfStmt) {
        self.test(&branch.test);
        branch.cons.visit_with(self);
        branch.alt.visit_with(self);
    }

    fn visit_unary_expr(&mut self, unary: &UnaryExpr) {
        self.test(&unary.arg);
    }

    fn visit_bin_expr(&mut self, binary: &BinExpr) {
        use BinaryOp::{EqEq, EqEqEq, LogicalAnd, NotEq, NotEqEq};
        match binary.op {
            LogicalAnd => {
                self.test(&binary.left);
                binary.right.visit_with(self);
            }
            EqEq | EqEqEq | NotEq | NotEqEq => {
                self.test(&binary.left);
                self.test(&binary.right);
            }
            _ => binary.visit_children_with(self),
        }
    }

    // `const { MODE, VITE_TITLE: title = '' } = import.meta.env`.
    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        if let (Pat::Object(pattern), Some(value)) = (&declarator.name, &declarator.init)
            && is_environment(value)
            && let Some(names) = names(pattern)
        {
            self.names.extend(names);
            pattern.visit_with(self);
        } else {
            declarator.visit_children_with(self);
        }
    }
}

/// The names that a pattern takes out of an object; `None`: it takes others, too.
fn names(pattern: &ObjectPat) -> Option<Vec<String>> {
    let name = |property: &ObjectPatProp| match property {
        ObjectPatProp::KeyValue(pair) => match &pair.key {
            PropName::Ident(name) => Some(name.sym.to_string()),
            PropName::Str(name) => name.value.as_str().map(str::to_owned),
            _ => None,
        },
        ObjectPatProp::Assign(name) => Some(name.key.sym.to_string()),
        ObjectPatProp::Rest(_) => None,
    };
    pattern.props.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::{Language, parse};

    fn used(text: &str) -> String {
        let parsed = parse(text.as_bytes(), Language::Ts, "a.ts").unwrap();
        match parsed.environment_use() {
            EnvironmentUse::Whole => "whole".to_owned(),
            EnvironmentUse::Names(names) => names.into_iter().collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn names_that_stand_in_the_text_are_told() {
        for (text, want) in [
            ("process.env; env; meta.env; import.meta.url", ""),
            (
                "import.meta.env.VITE_A + import.meta['env']?.['VITE_B']",
                "VITE_A VITE_B",
            ),
            ("(import.meta as any).env!.VITE_A.length", "VITE_A"),
            ("import.meta.env ? import.meta.env.MODE : void 0", "MODE"),
            ("import.meta.env && import.meta.env.MODE", "MODE"),
            (
                "typeof import.meta.env !== 'undefined' && (import.meta.env).DEV",
                "DEV",
            ),
            (
                "if (import.meta?.env && !import.meta.env.PROD) f(import.meta.env != null);",
                "PROD",
            ),
            (
                "const { MODE, VITE_A: a = import.meta.env.VITE_B, 'DEV': dev } = import.meta.env",
                "DEV MODE VITE_A VITE_B",
            ),
            (
                "const inner = () => ({ a: [import.meta.env.VITE_A] })",
                "VITE_A",
            ),
        ] {
            assert_eq!(used(text), want, "{text}");
        }
    }

    #[test]
    fn what_may_be_any_of_it_is_the_whole() {
        for text in [
            "f(import.meta.env)",
            "import.meta.env[name]",
            "const env = import.meta.env ?? {};",
            "const env = import.meta.env || {};",
            "const { MODE, ...rest } = import.meta.env",
            "const { [name]: value } = import.meta.env",
            "const { MODE } = x && import.meta.env",
            "'MODE' in import.meta.env",
            "({ ...import.meta.env })",
            "import.meta.env.VITE_A; export default import.meta.env",
            "({ MODE } = import.meta.env)",
            "import.meta.env.X = 1",
            "for (const name in import.meta.env);",
            "`${import.meta.env}`",
        ] {
            assert_eq!(used(text), "whole", "{text}");
        }
    }
}
