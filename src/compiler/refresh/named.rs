//! Anonymous functions that are called what they are assigned to (ECMA-262, 8.4.5 `NamedEvaluation`).

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::atoms::Atom;

use super::bare;

/// What an anonymous function is called.
#[derive(Clone, PartialEq)]
pub(super) enum Name {
    /// Nothing.
    None,
    /// This.
    Known(Atom),
    /// What only the program knows: `{ [key]: () => 1 }`.
    Unknown,
}

impl Name {
    /// Of what is the value of a property.
    pub(super) fn of_property(key: &PropName) -> Self {
        match key {
            PropName::Ident(name) if name.sym != "__proto__" => Self::Known(name.sym.clone()),
            PropName::Str(text) => match text.value.as_atom() {
                Some(text) if *text != *"__proto__" => Self::Known(text.clone()),
                // The prototype.
                Some(_) => Self::None,
                None => Self::Unknown,
            },
            PropName::Ident(_) => Self::None,
            _ => Self::Unknown,
        }
    }

    /// Of a class's field, where `__proto__` means nothing else.
    pub(super) fn of_field(key: &PropName) -> Self {
        match key {
            PropName::Ident(name) if name.sym == "__proto__" => Self::Unknown,
            PropName::Str(text) if text.value.as_atom().is_some_and(|text| text == "__proto__") => {
                Self::Unknown
            }
            key => Self::of_property(key),
        }
    }

    /// Of what is assigned to a variable.
    pub(super) fn of_variable(name: Option<&Ident>) -> Self {
        name.map_or(Self::None, |name| Self::Known(name.sym.clone()))
    }
}

/// Whether an expression takes the name of what it is assigned to (8.4.4 `IsAnonymousFunctionDefinition`).
pub(super) fn is_anonymous(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Fn(function) => function.ident.is_none(),
        expr => expr.is_arrow(),
    }
}

/// The function, called `name`: as a property of that name gets it.
pub(super) fn named(function: Expr, name: &Atom) -> Expr {
    let property = Prop::KeyValue(KeyValueProp {
        key: PropName::Str(name.clone().into()),
        value: Box::new(function),
    });
    member(property, name)
}

/// The method of that name, of an object that has nothing else.
pub(super) fn member(property: Prop, name: &Atom) -> Expr {
    Expr::Member(MemberExpr {
        span: DUMMY_SP,
        obj: Box::new(Expr::Object(ObjectLit {
            span: DUMMY_SP,
            props: vec![PropOrSpread::Prop(Box::new(property))],
        })),
        prop: MemberProp::Computed(ComputedPropName {
            span: DUMMY_SP,
            expr: Box::new(Str::from(name.clone()).into()),
        }),
    })
}
