//! JSX to calls: of the functions of a runtime that the file imports then, or of what it has in scope (TypeScript's `jsx`
//! `react-jsx` and `react`; which functions are called how, React's RFC 107 says).
//!
//! In development the calls say where their element stands and what `this` is there, as React's `jsxDEV` takes it.

mod element;
mod pragmas;
mod text;

#[cfg(test)]
mod tests;

use swc_core::atoms::{Atom, Wtf8Atom, atom};
use swc_core::common::DUMMY_SP;
use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::{prepend_stmt, private_ident};
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::Options;
use super::parse::File;
use super::positions::{Positions, Unit};
use super::transform::Marks;
use crate::base::Diagnostic;

/// What elements become calls of.
enum Runtime {
    /// What is imported from a package's `jsx-runtime`.
    Automatic { source: Atom },
    /// What stands for a call and for a fragment.
    Classic { factory: Expr, fragment: Expr },
}

/// # Errors
/// `jsx-factory` where what the configuration names is no name.
pub(super) fn lower(
    program: &mut Program,
    file: &File,
    options: &Options,
    marks: Marks,
) -> Result<(), Vec<Diagnostic>> {
    let runtime = pragmas::runtime(file, options, marks)?;
    let is_automatic = matches!(runtime, Runtime::Automatic { .. });
    let mut lowering = Lowering {
        runtime,
        development: (options.development && is_automatic).then(|| Development::of(file)),
        children: atom!("children"),
        imported: Imported::default(),
        this: This::default(),
    };
    program.visit_mut_with(&mut lowering);
    let Lowering {
        runtime,
        imported,
        development,
        ..
    } = lowering;
    if let (Runtime::Automatic { source }, Program::Module(module)) = (runtime, program) {
        imported.import(module, &source, development.is_some());
    }
    Ok(())
}

/// What calls in development say besides.
struct Development<'a> {
    positions: Positions<'a>,
    /// Where the file starts among the compiler's positions.
    start: u32,
    file: Wtf8Atom,
    keys: [Atom; 3],
}

impl<'a> Development<'a> {
    fn of(file: &'a File) -> Self {
        Self {
            positions: Positions::new(file.text(), Unit::Character),
            start: file.source.start_pos.0,
            file: file.source.name.to_string().into(),
            keys: [
                atom!("fileName"),
                atom!("lineNumber"),
                atom!("columnNumber"),
            ],
        }
    }
}

/// The functions that are to be imported, by the names that they have in the file.
#[derive(Default)]
struct Imported {
    /// `jsxDEV` in development.
    jsx: Option<Ident>,
    jsxs: Option<Ident>,
    fragment: Option<Ident>,
    create_element: Option<Ident>,
}

impl Imported {
    fn import(self, module: &mut Module, source: &str, development: bool) {
        let (jsx, runtime) = match development {
            true => ("jsxDEV", "jsx-dev-runtime"),
            false => ("jsx", "jsx-runtime"),
        };
        let named = |local: Option<Ident>, name: &str| Some((local?, Atom::new(name)));
        let create = named(self.create_element, "createElement");
        let of_runtime = [
            named(self.jsx, jsx),
            named(self.jsxs, "jsxs"),
            named(self.fragment, "Fragment"),
        ];
        // Each is put before the others.
        prepend(module, source, create);
        prepend(
            module,
            &format!("{source}/{runtime}"),
            of_runtime.into_iter().flatten(),
        );
    }
}

fn prepend(module: &mut Module, source: &str, names: impl IntoIterator<Item = (Ident, Atom)>) {
    let specifiers: Vec<_> = names
        .into_iter()
        .map(|(local, name)| {
            ImportSpecifier::Named(ImportNamedSpecifier {
                span: DUMMY_SP,
                local,
                imported: Some(ModuleExportName::Ident(Ident::new_no_ctxt(name, DUMMY_SP))),
                is_type_only: false,
            })
        })
        .collect();
    if specifiers.is_empty() {
        return;
    }
    let import = ImportDecl {
        span: DUMMY_SP,
        specifiers,
        src: Box::new(source.into()),
        type_only: false,
        with: None,
        phase: ImportPhase::default(),
    };
    prepend_stmt(&mut module.body, import.into());
}

/// Whether `this` can be read: in the constructor of a derived class it cannot before `super()` has run.
#[derive(Clone, Copy, Default)]
struct This {
    in_constructor: bool,
    of_derived: bool,
}

struct Lowering<'a> {
    runtime: Runtime,
    /// In development, where the calls have a place for it.
    development: Option<Development<'a>>,
    children: Atom,
    imported: Imported,
    this: This,
}

impl Lowering<'_> {
    fn within<N: VisitMutWith<Self>>(&mut self, this: This, node: &mut N) {
        let outer = std::mem::replace(&mut self.this, this);
        node.visit_mut_children_with(self);
        self.this = outer;
    }

    /// What has a `this` of its own.
    fn within_function<N: VisitMutWith<Self>>(&mut self, node: &mut N) {
        let this = This {
            in_constructor: false,
            ..self.this
        };
        self.within(this, node);
    }

    /// The function that makes an element, in development the one for all.
    fn function(&mut self, has_many_children: bool) -> Ident {
        let (place, name) = match (&self.development, has_many_children) {
            (Some(_), _) => (&mut self.imported.jsx, "_jsxDEV"),
            (None, false) => (&mut self.imported.jsx, "_jsx"),
            (None, true) => (&mut self.imported.jsxs, "_jsxs"),
        };
        place.get_or_insert_with(|| private_ident!(name)).clone()
    }

    fn create_element(&mut self) -> Ident {
        let place = &mut self.imported.create_element;
        let function = place.get_or_insert_with(|| private_ident!("_createElement"));
        function.clone()
    }

    fn fragment(&mut self) -> Ident {
        let place = &mut self.imported.fragment;
        let fragment = place.get_or_insert_with(|| private_ident!("_Fragment"));
        fragment.clone()
    }
}

impl VisitMut for Lowering<'_> {
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expression: &mut Expr) {
        if let Expr::Paren(paren) = expression
            && matches!(*paren.expr, Expr::JSXElement(_) | Expr::JSXFragment(_))
        {
            *expression = *paren.expr.take();
        }
        match expression {
            Expr::JSXElement(_) | Expr::JSXFragment(_) => {}
            other => return other.visit_mut_children_with(self),
        }
        *expression = match expression.take() {
            Expr::JSXElement(element) => self.element(*element),
            Expr::JSXFragment(fragment) => self.fragment_element(fragment),
            other => other,
        };
    }

    /// `new (<a/>)()` keeps its parentheses: without them it is another call.
    fn visit_mut_new_expr(&mut self, new: &mut NewExpr) {
        match &mut *new.callee {
            Expr::Paren(paren) => paren.expr.visit_mut_with(self),
            callee => callee.visit_mut_with(self),
        }
        new.args.visit_mut_with(self);
    }

    fn visit_mut_class(&mut self, class: &mut Class) {
        let this = This {
            of_derived: class.super_class.is_some(),
            ..self.this
        };
        self.within(this, class);
    }

    fn visit_mut_constructor(&mut self, constructor: &mut Constructor) {
        let this = This {
            in_constructor: true,
            ..self.this
        };
        self.within(this, constructor);
    }

    fn visit_mut_function(&mut self, function: &mut Function) {
        self.within_function(function);
    }

    fn visit_mut_getter_prop(&mut self, getter: &mut GetterProp) {
        self.within_function(getter);
    }

    fn visit_mut_setter_prop(&mut self, setter: &mut SetterProp) {
        self.within_function(setter);
    }

    fn visit_mut_static_block(&mut self, block: &mut StaticBlock) {
        self.within_function(block);
    }
}
