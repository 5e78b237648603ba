//! Function form: one ES module as an expression that gives its definition, so that it can be linked, evaluated,
//! replaced and dropped at run time, in QuickJS and in browsers. `src/client` holds the other side of this contract.
//!
//! ```text
//! ({ requests: ["./b.ts.js", "./c.js"],         the specifiers, in their order, each once
//!    imports: [0, "x"],                         names that must resolve: the request, the name
//!    exports: ["y", "default"],                 local exports; the getters come in this order
//!    indirect: [["z", 1, "x"], ["n", 1, null]], re-exports: name, request, its name (null: its namespace)
//!    stars: [1],                                `export * from`: the requests
//!    dynamic: ["./d.js"],                       the specifiers of its `import()`s, where there are some (null: some are computed)
//!    async: false,                              whether it awaits at its top level
//!    run: (0, (function*($_, $_0, $_1) {        the module's context, and of each request its bindings
//!     "use strict";
//!     const ns = $_.namespace(1);
//!     yield [(() => y), (() => $_default)];     up to here: when it is linked; nothing of the user's ran
//!     …                                         from here: when it is evaluated
//! })) })
//! ```
//!
//! - **Exports are the module's own variables.** They are real bindings of the generator, read by getters; so functions
//!   are there from the first `next()` on, everything else throws its ReferenceError before it is initialised, and every
//!   kind of assignment is seen, also one by a direct `eval`.
//! - **Imports are reads.** `x` becomes `$_0.x`, `f()` becomes `(0, $_0.f)()`. `$_0` has no prototype; it holds, for each
//!   name that the other module exports, an accessor without a setter: so assignments throw their TypeError. A namespace is a
//!   constant that is there from the first `next()` on.
//! - **The context** `$_` has `namespace(request)`, `import(specifier, options)`, `meta`, `iterate(value)` for `for await`,
//!   and `arguments`, which is none; where it is compiled for Fast Refresh (`super::refresh`), `register` and `sign`.
//! - **Top-level `await`** is a `yield`: whoever drives the generator awaits what comes out, and sends back what it
//!   became. So a module starts and goes on in the very turn that ECMA-262 says (16.2.1.6, `ExecuteAsyncModule`).
//! - `this` is `undefined`; the names that begin with `$_` are in no source (where they are, there are more underscores).
//!
//! The text is one expression without a line of its own in front, so an indirect `eval` shifts no position, and many can
//! stand in one file.

mod awaits;
mod items;
mod names;
mod references;
#[cfg(test)]
mod tests;

use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, Mark, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::transforms::base::fixer::fixer;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type};

use super::{Language, Options, Replacement};
use crate::base::Diagnostic;
use items::Items;
use names::Names;
use references::References;

/// Puts a finished ES module into function form: what is left is the function. Gives the text before it. `is_grouped`: what
/// needs parentheses has them.
pub(super) fn form(module: &mut Module, is_grouped: bool) -> String {
    // It says who runs the file, and is no part of an expression (ECMA-262, 12.5 `HashbangComment`).
    module.shebang = None;
    let mut names = Names::of(module);
    module.visit_with(&mut names);
    let Names {
        prefix, in_doubt, ..
    } = names;
    // What counts are the names as they will be printed.
    if in_doubt {
        module.visit_mut_with(&mut Contexts);
        module.visit_mut_with(&mut resolver(Mark::new(), Mark::new(), false));
    }
    let mut items = Items::of(module, &prefix);
    let mut references = References::new(&prefix, &items.bindings);
    for statement in items.first.iter_mut().chain(&mut items.body) {
        statement.visit_mut_with(&mut references);
    }
    let is_async = references.is_async;
    let head = head(&items, &references.dynamic, is_async);
    module.body = vec![statement(function(items, &prefix)).into()];
    if !is_grouped || is_async {
        module.visit_mut_with(&mut fixer(None));
    }
    enclose_getters(module);
    head
}

/// The definition that a module's text gives, which is JavaScript already.
///
/// # Errors
/// As [`super::Parsed::transform`].
pub fn function_form(text: &str, name: &str) -> Result<String, Vec<Diagnostic>> {
    let options = Options {
        function_form: true,
        ..Options::default()
    };
    let transformed = super::parse(text.as_bytes(), Language::Mjs, name)?.transform(&options)?;
    Ok(transformed.emit(&mut |_| Replacement::Keep)?.code)
}

/// Puts the printed function between `head` and the end.
pub(super) fn enclose(code: &mut String, head: &str) {
    let end = code.trim_end().trim_end_matches(';').len();
    code.truncate(end);
    code.insert_str(0, head);
    code.push_str(") })\n");
}

/// What stands right before the function.
const RUN: &str = ", run: (0, ";

/// What stands before the function, on its line. The comma keeps the property's name out of stacks.
fn head(items: &Items, dynamic: &[Option<String>], is_async: bool) -> String {
    use serde_json::{Value, json};
    let requests = json!(items.requests);
    let imports = items.imports.iter();
    let imports: Value = imports
        .flat_map(|(request, name)| [json!(request), json!(name)])
        .collect();
    let exports: Value = items
        .exports
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let indirect = json!(items.indirect);
    let stars = json!(items.stars);
    let specifiers: Option<Vec<_>> = dynamic.iter().cloned().collect();
    let dynamic = match dynamic {
        [] => String::new(),
        _ => format!(" dynamic: {},", json!(specifiers)),
    };
    format!(
        "({{ requests: {requests}, imports: {imports}, exports: {exports}, indirect: {indirect}, stars: {stars},{dynamic} async: {is_async}{RUN}"
    )
}

/// What of a function form says how it is linked: all before the function. `None`: it is none.
pub fn tables(form: &[u8]) -> Option<&[u8]> {
    let (mut is_string, mut is_escaped) = (false, false);
    for (at, byte) in form.iter().enumerate() {
        if !is_string && form[at..].starts_with(RUN.as_bytes()) {
            return form.get(..at);
        }
        is_string ^= *byte == b'"' && !is_escaped;
        is_escaped = is_string && *byte == b'\\' && !is_escaped;
    }
    None
}

fn function(items: Items, prefix: &str) -> Expr {
    let requests = (0..items.requests.len()).map(|index| format!("{prefix}{index}"));
    let parameters = std::iter::once(prefix.to_owned()).chain(requests);
    let parameter = |name: String| Param {
        span: DUMMY_SP,
        decorators: Vec::new(),
        pat: Pat::Ident(Ident::new_no_ctxt(name.into(), DUMMY_SP).into()),
    };
    let getters = items.exports.into_iter().map(|(_, local)| {
        Some(ExprOrSpread {
            spread: None,
            expr: Box::new(getter(local)),
        })
    });
    let getters = Expr::Array(ArrayLit {
        span: DUMMY_SP,
        elems: getters.collect(),
    });
    let linked = Expr::Yield(YieldExpr {
        span: DUMMY_SP,
        arg: Some(Box::new(getters)),
        delegate: false,
    });
    let mut stmts = vec![statement(Str::from("use strict").into())];
    stmts.extend(items.first);
    stmts.push(statement(linked));
    stmts.extend(items.body);
    let function = Function {
        params: parameters.map(parameter).collect(),
        body: Some(FunctionBody {
            span: DUMMY_SP,
            stmts,
        }),
        is_generator: true,
        ..Function::default()
    };
    Expr::Paren(ParenExpr {
        span: DUMMY_SP,
        expr: Box::new(Expr::Fn(FnExpr {
            ident: None,
            function: Box::new(function),
        })),
    })
}

fn statement(expr: Expr) -> Stmt {
    Stmt::Expr(ExprStmt {
        span: DUMMY_SP,
        expr: Box::new(expr),
    })
}

fn getter(local: Ident) -> Expr {
    Expr::Arrow(ArrowExpr {
        body: Box::new(ArrowFunctionBody::Expr(Box::new(local.into()))),
        ..ArrowExpr::default()
    })
}

/// Puts the getters into parentheses, which tell V8 that they are called soon: they are compiled with the function around them,
/// and not each by itself.
fn enclose_getters(module: &mut Module) {
    let Some(ModuleItem::Stmt(Stmt::Expr(statement))) = module.body.first_mut() else {
        return;
    };
    let mut function = &mut *statement.expr;
    while let Expr::Paren(paren) = function {
        function = &mut paren.expr;
    }
    let Expr::Fn(function) = function else {
        return;
    };
    let statements = function
        .function
        .body
        .iter_mut()
        .flat_map(|body| &mut body.stmts);
    let getters = statements
        .into_iter()
        .find_map(|statement| match statement {
            Stmt::Expr(ExprStmt { expr, .. }) => match &mut **expr {
                Expr::Yield(YieldExpr {
                    arg: Some(list), ..
                }) => list.as_mut_array(),
                _ => None,
            },
            _ => None,
        });
    for getter in getters
        .into_iter()
        .flat_map(|list| &mut list.elems)
        .flatten()
    {
        let read = std::mem::replace(&mut *getter.expr, Expr::dummy());
        *getter.expr = Expr::Paren(ParenExpr {
            span: DUMMY_SP,
            expr: Box::new(read),
        });
    }
}

/// Forgets what passes before have found out about names.
struct Contexts;

impl VisitMut for Contexts {
    noop_visit_mut_type!();

    fn visit_mut_syntax_context(&mut self, context: &mut SyntaxContext) {
        *context = SyntaxContext::empty();
    }
}
