//! ES modules that import CommonJS files.
//!
//! What the facade exports as the importer means it is imported from there. The rest is read from `module.exports` at
//! the start of the importer, from the body's function, which runs nothing twice:
//!
//! ```text
//! import _, { debounce } from 'lodash'
//!     import _ from "./lodash.js"; import { commonjs as __commonjs_1 } from "./lodash.js.commonjs.js";
//!     var debounce = __commonjs_1()?.debounce;
//! ```
//!
//! The rules are Rolldown's (`__toESM`): an importer under Node's rule gets `module.exports` as default export, others
//! get `exports.default` where there are that and `exports.__esModule`.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;

use super::CommonJs;
use super::common::EXPORT;
use super::json::is_name;
use super::stand::{Stand, expression, point, variable};

/// The namespace object of a value, as esbuild's `__toESM` makes it: live getters, and a `default` of its own.
/// `module.exports` is the name by which TypeScript's `import =` finds the value.
const NAMESPACE: &str = "((value, isNode) => { const isObject = typeof value === 'object' && value !== null || typeof value \
    === 'function'; const namespace = Object.create(isObject ? Object.getPrototypeOf(value) : null); const define = \
    (name, get, enumerable) => Object.defineProperty(namespace, name, { get, enumerable, configurable: true }); if \
    (isObject) for (const name of Object.getOwnPropertyNames(value)) define(name, () => value[name], \
    Object.prototype.propertyIsEnumerable.call(value, name)); if (isNode || !(value?.__esModule && 'default' in value)) \
    define('default', () => value, true); define('module.exports', () => value, false); return namespace; })";

/// Puts an `import` or `export … from` of a CommonJS file in its place.
pub(super) fn item(
    mut item: ModuleItem,
    target: &CommonJs,
    stand: &mut Stand,
    body: &mut Vec<ModuleItem>,
) {
    let function = format!("__commonjs_{}", stand.count());
    let mut values: Vec<(Ident, String)> = Vec::new();
    let mut exported = Vec::new();
    match &mut item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
            point(&mut import.src, &mut import.with, &target.facade);
            import.specifiers.retain(|specifier| {
                let name = match specifier {
                    ImportSpecifier::Default(_) => Some("default".to_owned()),
                    ImportSpecifier::Namespace(_) => None,
                    ImportSpecifier::Named(named) => Some(match &named.imported {
                        Some(name) => name.atom().to_string(),
                        None => named.local.sym.to_string(),
                    }),
                };
                let is_there = has(target, name.as_deref());
                if !is_there {
                    let value = value(target, &function, name.as_deref());
                    values.push((specifier.local().clone(), value));
                }
                is_there
            });
        }
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => {
            if let Some(source) = &mut export.src {
                point(source, &mut export.with, &target.facade);
            }
            export.specifiers.retain(|specifier| {
                let (name, as_name) = match specifier {
                    ExportSpecifier::Namespace(namespace) => (None, namespace.name.clone()),
                    ExportSpecifier::Named(named) => {
                        let as_name = named.exported.as_ref().unwrap_or(&named.orig).clone();
                        (Some(named.orig.atom().to_string()), as_name)
                    }
                    ExportSpecifier::Default(default) => (
                        Some("default".to_owned()),
                        ModuleExportName::Ident(default.exported.clone()),
                    ),
                };
                let is_there = has(target, name.as_deref());
                if !is_there {
                    let local = format!("__commonjs_{}", stand.count());
                    let local = Ident::new_no_ctxt(local.into(), DUMMY_SP);
                    let value = value(target, &function, name.as_deref());
                    values.push((local.clone(), value));
                    exported.push(ExportSpecifier::Named(ExportNamedSpecifier {
                        span: DUMMY_SP,
                        orig: ModuleExportName::Ident(local),
                        exported: Some(as_name),
                        is_type_only: false,
                    }));
                }
                is_there
            });
        }
        ModuleItem::ModuleDecl(ModuleDecl::ExportAll(all)) => {
            point(&mut all.src, &mut all.with, &target.facade);
        }
        ModuleItem::ModuleDecl(_) | ModuleItem::Stmt(_) => {}
    }
    body.push(item);
    if values.is_empty() {
        return;
    }
    body.push(import_of_body(&function, &target.body));
    if !exported.is_empty() {
        body.push(ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(
            NamedExport {
                span: DUMMY_SP,
                specifiers: exported,
                src: None,
                type_only: false,
                with: None,
            },
        )));
    }
    for (name, text) in values {
        let value = expression(&text, "");
        stand.first.push(variable(name, Some(value)));
    }
}

/// `import('x')`; `None` where the facade will do.
pub(super) fn dynamic(target: &CommonJs) -> Option<Expr> {
    if target.has_all() {
        return None;
    }
    let body = serde_json::Value::from(&*target.body);
    let text = format!(
        "import({body}).then((body) => {NAMESPACE}(body.{EXPORT}(), {}))",
        target.is_node
    );
    Some(expression(&text, ""))
}

fn has(target: &CommonJs, name: Option<&str>) -> bool {
    match name {
        Some(name) => target.has(name),
        None => target.has_all(),
    }
}

/// An expression for what the importer asks for; `None` is the namespace.
fn value(target: &CommonJs, function: &str, name: Option<&str>) -> String {
    match name {
        None => format!("{NAMESPACE}({function}(), {})", target.is_node),
        Some("default") => format!("{function}()"),
        Some(name) if is_name(name) => format!("{function}()?.{name}"),
        Some(name) => format!("{function}()?.[{}]", serde_json::Value::from(name)),
    }
}

fn import_of_body(function: &str, body: &str) -> ModuleItem {
    ModuleItem::ModuleDecl(ModuleDecl::Import(ImportDecl {
        span: DUMMY_SP,
        specifiers: vec![ImportSpecifier::Named(ImportNamedSpecifier {
            span: DUMMY_SP,
            local: Ident::new_no_ctxt(function.into(), DUMMY_SP),
            imported: Some(ModuleExportName::Ident(Ident::new_no_ctxt(
                EXPORT.into(),
                DUMMY_SP,
            ))),
            is_type_only: false,
        })],
        src: Box::new(Str::from(body)),
        type_only: false,
        with: None,
        phase: ImportPhase::Evaluation,
    }))
}
