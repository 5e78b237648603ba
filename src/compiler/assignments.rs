//! TypeScript's `import x = require('y')` and `export = x`, as ES modules can have them.
//!
//! The rule is Node's for CommonJS that requires ES modules and the reverse: a module's namespace has an export named
//! `module.exports` where there is one value that `require` gives; otherwise `require` gives the namespace.
//!
//! ```text
//! import x = require('y')  ->  import * as _x from 'y'; const x = 'module.exports' in _x ? _x['module.exports'] : _x
//! export = x               ->  const _exports = x; export { _exports as default, _exports as 'module.exports' }
//! ```
//!
//! The second stands at the end, as tsc has it. What else `x` has is exported where the text tells the names, so that
//! `export *` passes them on; who imports others reads them from `x`, as of CommonJS files.

use std::collections::BTreeSet;

use swc_core::common::{DUMMY_SP, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::private_ident;

use super::json::is_name;
use super::outline;

const WHOLE: &str = "module.exports";

/// The members that the value of `export = x` has by the file's own text: the keys of an object, or what a namespace
/// exports.
pub(super) fn names(items: &[ModuleItem]) -> BTreeSet<String> {
    let assigned = items.iter().find_map(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::TsExportAssignment(assignment)) => {
            Some(asserted(&assignment.expr))
        }
        _ => None,
    });
    let mut names = match assigned {
        Some(Expr::Object(object)) => keys(object),
        Some(Expr::Ident(name)) => items
            .iter()
            .filter_map(|item| item.as_stmt()?.as_decl())
            .flat_map(|declaration| members(declaration, &name.sym))
            .collect(),
        _ => BTreeSet::new(),
    };
    for own in ["default", "__esModule", WHOLE] {
        names.remove(own);
    }
    names
}

/// What is within parentheses and assertions of types.
fn asserted(value: &Expr) -> &Expr {
    match value {
        Expr::Paren(inner) => asserted(&inner.expr),
        Expr::TsAs(inner) => asserted(&inner.expr),
        Expr::TsConstAssertion(inner) => asserted(&inner.expr),
        Expr::TsSatisfies(inner) => asserted(&inner.expr),
        Expr::TsTypeAssertion(inner) => asserted(&inner.expr),
        Expr::TsNonNull(inner) => asserted(&inner.expr),
        other => other,
    }
}

fn keys(object: &ObjectLit) -> BTreeSet<String> {
    let key = |name: &PropName| match name {
        PropName::Ident(name) => Some(name.sym.to_string()),
        PropName::Str(name) => name.value.as_str().map(ToOwned::to_owned),
        _ => None,
    };
    let property = |property: &PropOrSpread| match &**property.as_prop()? {
        Prop::Shorthand(name) => Some(name.sym.to_string()),
        Prop::KeyValue(pair) => key(&pair.key),
        Prop::Method(method) => key(&method.key),
        // Reading it now may be too early.
        _ => None,
    };
    object.props.iter().filter_map(property).collect()
}

/// What a declaration of `name` gives it as members.
fn members(declaration: &Decl, name: &str) -> BTreeSet<String> {
    match declaration {
        Decl::Var(variables) if variables.kind == VarDeclKind::Const => {
            let mut declared = variables.decls.iter();
            let own = declared.find(|one| one.name.as_ident().is_some_and(|own| own.sym == name));
            let value = own.and_then(|own| own.init.as_deref()).map(asserted);
            value.and_then(Expr::as_object).map(keys)
        }
        Decl::TsModule(space) if !space.declare => match (&space.id, &space.body) {
            (TsModuleName::Ident(own), Some(TsNamespaceBody::TsModuleBlock(block)))
                if own.sym == name =>
            {
                let exported = block.body.iter().filter_map(|item| match item {
                    ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => Some(&export.decl),
                    _ => None,
                });
                let values = exported.map(outline::names_of);
                let values = values.filter_map(|(names, is_type)| (!is_type).then_some(names));
                Some(values.flatten().collect())
            }
            _ => None,
        },
        _ => None,
    }
    .unwrap_or_default()
}

/// Replaces both forms. The types must be gone, and with them the `import =` that only types used. `names`: see [`names`],
/// which finds them while the types are there.
pub(super) fn rewrite(module: &mut Module, names: &BTreeSet<String>) {
    let is_assignment = |item: &ModuleItem| {
        matches!(
            item,
            ModuleItem::ModuleDecl(
                ModuleDecl::TsImportEquals(_) | ModuleDecl::TsExportAssignment(_)
            )
        )
    };
    if !module.body.iter().any(is_assignment) {
        return;
    }
    let mut body = Vec::with_capacity(module.body.len() + 3);
    let mut last = None;
    for item in module.body.drain(..) {
        match item {
            ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(import)) => match import.module_ref {
                TsModuleRef::TsExternalModuleRef(reference) => {
                    body.extend(required(import.id, import.is_export, reference.expr));
                }
                TsModuleRef::TsEntityName(_) => {}
            },
            ModuleItem::ModuleDecl(ModuleDecl::TsExportAssignment(assignment)) => {
                last = Some(assignment);
            }
            other => body.push(other),
        }
    }
    body.extend(last.into_iter().flat_map(|last| exported(last, names)));
    module.body = body;
}

fn required(name: Ident, is_export: bool, specifier: Str) -> [ModuleItem; 2] {
    let namespace = private_ident!(format!("_{}", name.sym));
    let span = specifier.span;
    let import = ModuleDecl::Import(ImportDecl {
        span,
        specifiers: vec![ImportSpecifier::Namespace(ImportStarAsSpecifier {
            span: DUMMY_SP,
            local: namespace.clone(),
        })],
        src: Box::new(specifier),
        type_only: false,
        with: None,
        phase: ImportPhase::Evaluation,
    });
    let whole = || Box::new(Expr::from(WHOLE));
    let has = Expr::Bin(BinExpr {
        span: DUMMY_SP,
        op: BinaryOp::In,
        left: whole(),
        right: Box::new(namespace.clone().into()),
    });
    let value = Expr::Cond(CondExpr {
        span: DUMMY_SP,
        test: Box::new(has),
        cons: Box::new(Expr::Member(MemberExpr {
            span: DUMMY_SP,
            obj: Box::new(namespace.clone().into()),
            prop: MemberProp::Computed(ComputedPropName {
                span: DUMMY_SP,
                expr: whole(),
            }),
        })),
        alt: Box::new(namespace.into()),
    });
    let declaration = constant(name, Box::new(value));
    let item = match is_export {
        true => ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl {
            span,
            decl: declaration,
        })),
        false => statement(declaration),
    };
    [ModuleItem::ModuleDecl(import), item]
}

fn exported(assignment: TsExportAssignment, names: &BTreeSet<String>) -> Vec<ModuleItem> {
    let local = private_ident!(assignment.expr.span(), "_exports");
    let mut specifiers = vec![specifier(&local, "default"), specifier(&local, WHOLE)];
    let mut items = vec![statement(constant(local.clone(), assignment.expr))];
    let mut members = Vec::with_capacity(names.len());
    for name in names {
        let own = match is_name(name) {
            true => private_ident!(format!("_{name}")),
            false => private_ident!("_member"),
        };
        specifiers.push(specifier(&own, name));
        members.push(ObjectPatProp::KeyValue(KeyValuePatProp {
            key: PropName::Str(Str::from(&**name)),
            value: Box::new(Pat::Ident(own.into())),
        }));
    }
    if !members.is_empty() {
        let target = Pat::Object(ObjectPat {
            span: DUMMY_SP,
            props: members,
            optional: false,
            type_ann: None,
        });
        items.push(statement(variable(target, Box::new(local.into()))));
    }
    items.push(ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(
        NamedExport {
            span: assignment.span,
            specifiers,
            src: None,
            type_only: false,
            with: None,
        },
    )));
    items
}

fn specifier(local: &Ident, exported: &str) -> ExportSpecifier {
    let exported = match exported == "default" || is_name(exported) {
        true => ModuleExportName::Ident(Ident::new_no_ctxt(exported.into(), DUMMY_SP)),
        false => ModuleExportName::Str(Str::from(exported)),
    };
    ExportSpecifier::Named(ExportNamedSpecifier {
        span: DUMMY_SP,
        orig: ModuleExportName::Ident(local.clone()),
        exported: Some(exported),
        is_type_only: false,
    })
}

fn statement(declaration: Decl) -> ModuleItem {
    ModuleItem::Stmt(Stmt::Decl(declaration))
}

fn constant(name: Ident, value: Box<Expr>) -> Decl {
    variable(Pat::Ident(name.into()), value)
}

fn variable(target: Pat, value: Box<Expr>) -> Decl {
    let span = target.span();
    Decl::Var(Box::new(VarDecl {
        span,
        kind: VarDeclKind::Const,
        decls: vec![VarDeclarator {
            span,
            name: target,
            init: Some(value),
            definite: false,
        }],
        ..VarDecl::default()
    }))
}
