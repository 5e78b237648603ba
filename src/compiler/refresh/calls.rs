//! The hooks that a function calls.

use std::collections::HashSet;
use std::fmt::Write;

use swc_core::common::{BytePos, SourceFile, Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::bare;

/// The text of the file, by spans.
#[derive(Clone, Copy)]
pub(super) struct Source<'a>(pub(super) &'a SourceFile);

impl<'a> Source<'a> {
    /// What was written there; nothing where the node was made up.
    pub(super) fn text(self, span: Span) -> &'a str {
        let start = self.0.start_pos;
        let place = |position: BytePos| position.0.checked_sub(start.0).map(|place| place as usize);
        let range = place(span.lo).zip(place(span.hi));
        range
            .and_then(|(from, to)| self.0.src.get(from..to))
            .unwrap_or_default()
    }

    /// A pattern without its type, which is gone from the tree and not from the text.
    fn pattern(self, pattern: &Pat) -> &'a str {
        let (end, last) = match pattern {
            Pat::Array(array) => (']', array.elems.iter().flatten().last().map(Spanned::span)),
            Pat::Object(object) => ('}', object.props.last().map(Spanned::span)),
            other => return self.text(other.span()),
        };
        let text = self.text(pattern.span());
        let before = last.map_or(0, |last| {
            (last.hi.0.saturating_sub(pattern.span().lo.0)) as usize
        });
        let rest = text.get(before..).and_then(|rest| rest.find(end));
        rest.and_then(|at| text.get(..=before + at)).unwrap_or(text)
    }
}

/// What React itself has: a new version of React is no edit.
const OWN: [&str; 20] = [
    "useState",
    "useReducer",
    "useEffect",
    "useLayoutEffect",
    "useInsertionEffect",
    "useMemo",
    "useCallback",
    "useRef",
    "useContext",
    "useImperativeHandle",
    "useDebugValue",
    "useId",
    "useTransition",
    "useDeferredValue",
    "useSyncExternalStore",
    "useActionState",
    "useOptimistic",
    "useEffectEvent",
    "useFormStatus",
    "useFormState",
];

/// What one function calls.
pub(super) struct Calls<'a> {
    source: Source<'a>,
    /// `useState{[n, set](0)}`, a line each.
    pub(super) key: String,
    /// The callees that are nobody's but the program's.
    pub(super) custom: Vec<Expr>,
    /// There is one that cannot be named from outside of the function.
    pub(super) is_unknown: bool,
}

impl<'a> Calls<'a> {
    /// Of a function with these parts; `None`: it calls no hooks.
    pub(super) fn of<P, B>(
        source: Source<'a>,
        parameters: &P,
        body: &B,
        itself: Option<&Id>,
    ) -> Option<Self>
    where
        P: VisitWith<Self> + VisitWith<Declared>,
        B: VisitWith<Self> + VisitWith<Declared>,
    {
        let mut calls = Self {
            source,
            key: String::new(),
            custom: Vec::new(),
            is_unknown: false,
        };
        parameters.visit_with(&mut calls);
        body.visit_with(&mut calls);
        if calls.key.is_empty() {
            return None;
        }
        if !calls.custom.is_empty() {
            let mut own = Declared::default();
            parameters.visit_with(&mut own);
            body.visit_with(&mut own);
            calls.choose(&own.0, itself);
        }
        Some(calls)
    }

    /// Leaves the custom hooks that can be named, each once. `own`: the function's variables, those of functions in it too.
    fn choose(&mut self, own: &HashSet<Id>, itself: Option<&Id>) {
        let mut seen: Vec<Expr> = Vec::new();
        for callee in std::mem::take(&mut self.custom) {
            let Some(root) = root(&callee).map(Ident::to_id) else {
                self.is_unknown = true;
                continue;
            };
            if callee.is_ident() && itself == Some(&root) {
                continue;
            }
            if own.contains(&root) {
                self.is_unknown = true;
            } else if !seen.iter().any(|known| is_same(known, &callee)) {
                seen.push(callee);
            }
        }
        self.custom = seen;
    }

    fn add(&mut self, call: &CallExpr, pattern: Option<&Pat>) {
        let Some((callee, name)) = hook(call) else {
            return;
        };
        let pattern = pattern.map(|pattern| self.source.pattern(pattern));
        // What the state begins with.
        let initial = match name {
            "useState" => call.args.first(),
            "useReducer" => call.args.get(1),
            _ => None,
        };
        let initial = initial.map(|argument| format!("({})", self.source.text(argument.span())));
        // Writing to a text does not fail.
        let _ = writeln!(
            self.key,
            "{name}{{{}{}}}",
            pattern.unwrap_or_default(),
            initial.unwrap_or_default()
        );
        let is_of_react = match callee {
            Expr::Member(member) => {
                matches!(&*member.obj, Expr::Ident(object) if object.sym == "React")
            }
            _ => OWN.contains(&name),
        };
        if !is_of_react {
            self.custom.push(callee.clone());
        }
    }
}

impl Visit for Calls<'_> {
    noop_visit_type!();

    fn visit_function(&mut self, _: &Function) {}
    fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}
    fn visit_class(&mut self, _: &Class) {}

    fn visit_var_declarator(&mut self, variable: &VarDeclarator) {
        match variable.init.as_deref().map(bare) {
            Some(Expr::Call(call)) => {
                self.add(call, Some(&variable.name));
                call.visit_children_with(self);
                variable.name.visit_with(self);
            }
            _ => variable.visit_children_with(self),
        }
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        self.add(call, None);
        call.visit_children_with(self);
    }
}

/// Whether a text has the name of a hook. A name with escapes is none that anybody writes.
pub(super) fn may_be_in(text: &str) -> bool {
    text.match_indices("use").any(|(at, found)| {
        let rest = text.get(at + found.len()..).unwrap_or_default();
        rest.starts_with(char::is_uppercase)
    })
}

/// The callee and the name of a call that looks like a hook's: `useIt()`, `its.useIt()`.
fn hook(call: &CallExpr) -> Option<(&Expr, &str)> {
    let callee = bare(call.callee.as_expr()?);
    let name = match callee {
        Expr::Ident(name) => &name.sym,
        Expr::Member(member) => &member.prop.as_ident()?.sym,
        _ => return None,
    };
    let rest = name.strip_prefix("use")?;
    rest.starts_with(|first: char| first.is_uppercase())
        .then_some((callee, name))
}

/// The variable that a chain of names begins with.
fn root(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Ident(name) => Some(name),
        Expr::Member(member) if member.prop.is_ident() => root(&member.obj),
        _ => None,
    }
}

fn is_same(one: &Expr, other: &Expr) -> bool {
    match (one, other) {
        (Expr::Ident(one), Expr::Ident(other)) => one.to_id() == other.to_id(),
        (Expr::Member(one), Expr::Member(other)) => {
            let name = |member: &MemberExpr| member.prop.as_ident().map(|name| name.sym.clone());
            name(one) == name(other) && is_same(&one.obj, &other.obj)
        }
        _ => false,
    }
}

/// The variables that are declared somewhere.
#[derive(Default)]
pub(super) struct Declared(HashSet<Id>);

impl Visit for Declared {
    noop_visit_type!();

    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        self.0.insert(name.to_id());
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.0.insert(function.ident.to_id());
        function.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.0.insert(class.ident.to_id());
        class.visit_children_with(self);
    }
}
