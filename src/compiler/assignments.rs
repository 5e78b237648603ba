//! TypeScript's `import x = require('y')` and `export = x`, as ES modules can have them.
//!
//! The rule is Node's for CommonJS that requires ES modules and the reverse: a module's namespace has an export named
//! `module.exports` where there is one value that `require` gives; otherwise `require` gives the namespace.
//!
//! ```text
//! import x = require('y')  ->  import * as _x from 'y'; const x = 'module.exports' in _x ? _x['module.exports'] : _x
//! export = x               ->  const _exports = x; export { _exports as default, _exports as 'module.exports' }
//! ```

use swc_core::common::{DUMMY_SP, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::private_ident;

const WHOLE: &str = "module.exports";

/// Replaces both forms. The types must be gone, and with them the `import =` that only types used.
pub(super) fn rewrite(module: &mut Module) {
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
    let mut body = Vec::with_capacity(module.body.len() + 2);
    for item in module.body.drain(..) {
        match item {
            ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(import)) => match import.module_ref {
                TsModuleRef::TsExternalModuleRef(reference) => {
                    body.extend(required(import.id, import.is_export, reference.expr));
                }
                TsModuleRef::TsEntityName(_) => {}
            },
            ModuleItem::ModuleDecl(ModuleDecl::TsExportAssignment(assignment)) => {
                body.extend(exported(assignment));
            }
            other => body.push(other),
        }
    }
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
        false => ModuleItem::Stmt(Stmt::Decl(declaration)),
    };
    [ModuleItem::ModuleDecl(import), item]
}

fn exported(assignment: TsExportAssignment) -> [ModuleItem; 2] {
    let local = private_ident!(assignment.expr.span(), "_exports");
    let specifier = |exported: ModuleExportName| {
        ExportSpecifier::Named(ExportNamedSpecifier {
            span: DUMMY_SP,
            orig: ModuleExportName::Ident(local.clone()),
            exported: Some(exported),
            is_type_only: false,
        })
    };
    let names = vec![
        specifier(ModuleExportName::Ident(Ident::new_no_ctxt(
            "default".into(),
            DUMMY_SP,
        ))),
        specifier(ModuleExportName::Str(Str::from(WHOLE))),
    ];
    [
        ModuleItem::Stmt(Stmt::Decl(constant(local.clone(), assignment.expr))),
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(NamedExport {
            span: assignment.span,
            specifiers: names,
            src: None,
            type_only: false,
            with: None,
        })),
    ]
}

fn constant(name: Ident, value: Box<Expr>) -> Decl {
    Decl::Var(Box::new(VarDecl {
        span: name.span,
        kind: VarDeclKind::Const,
        decls: vec![VarDeclarator {
            span: name.span,
            name: Pat::Ident(name.into()),
            init: Some(value),
            definite: false,
        }],
        ..VarDecl::default()
    }))
}
