//! JSX to calls.

use swc_core::common::{DUMMY_SP, Spanned};
use swc_core::ecma::ast::{
    Expr, ExprOrSpread, Lit, Null, ObjectLit, Pass, Program, Prop, PropName, PropOrSpread,
};
use swc_core::ecma::transforms::react;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::parse::File;
use super::transform::Marks;
use super::{Jsx, Options};

pub(super) fn lower(program: &mut Program, file: &File, options: &Options, marks: Marks) {
    let pass = react::react(
        file.map.clone(),
        file.has_pragma().then(|| file.comments.clone()),
        react_options(options),
        marks.top_level,
        marks.unresolved,
    );
    { pass }.process(program);
    let is_classic = matches!(options.jsx, Jsx::Classic { .. }) || file.has_pragma();
    if options.development && (is_classic || file.text().contains("...")) {
        program.visit_mut_with(&mut NoSourceProps);
    }
}

fn react_options(options: &Options) -> react::Options {
    let mut react = react::Options {
        development: Some(options.development),
        throw_if_namespace: Some(false),
        ..react::Options::default()
    };
    match &options.jsx {
        Jsx::Automatic { import_source } => {
            react.runtime = Some(react::Runtime::Automatic);
            react.import_source = Some(import_source.as_str().into());
        }
        Jsx::Classic { pragma, fragment } => {
            react.runtime = Some(react::Runtime::Classic);
            react.pragma = Some(pragma.clone().into());
            react.pragma_frag = Some(fragment.clone().into());
        }
    }
    react
}

/// Takes the props `__source` and `__self` out again, which swc adds in development where a call has no parameter for
/// them (the classic runtime, a key behind a spread). tsc and esbuild add none: a `jsxFactory` of another library makes
/// attributes of them.
struct NoSourceProps;

impl VisitMut for NoSourceProps {
    noop_visit_mut_type!();

    fn visit_mut_object_lit(&mut self, object: &mut ObjectLit) {
        object.visit_mut_children_with(self);
        object.props.retain(|property| !is_added(property));
    }

    /// `h('a', {})` is `h('a', null)`, as without them.
    fn visit_mut_expr_or_spread(&mut self, argument: &mut ExprOrSpread) {
        let had =
            matches!(&*argument.expr, Expr::Object(object) if object.props.iter().any(is_added));
        argument.visit_mut_children_with(self);
        if had && matches!(&*argument.expr, Expr::Object(object) if object.props.is_empty()) {
            *argument.expr = Expr::Lit(Lit::Null(Null { span: DUMMY_SP }));
        }
    }
}

/// What is in the text has a place in it.
fn is_added(property: &PropOrSpread) -> bool {
    let PropOrSpread::Prop(property) = property else {
        return false;
    };
    let Prop::KeyValue(property) = &**property else {
        return false;
    };
    let PropName::Ident(name) = &property.key else {
        return false;
    };
    (name.sym == "__source" || name.sym == "__self")
        && name.span.is_dummy()
        && property.value.span().is_dummy()
}
