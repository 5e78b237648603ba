//! Which names an ES module exports.

use std::collections::BTreeSet;

use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;

use super::Exports;

/// The exports of `program`, `default` left out, those of `export *` by the specifier.
pub(crate) fn exports(program: &Program) -> Exports {
    let mut names = BTreeSet::new();
    let mut reexports = Vec::new();
    let items = program.as_module().map(|module| &module.body[..]);
    for item in items.unwrap_or_default() {
        let ModuleItem::ModuleDecl(declaration) = item else {
            continue;
        };
        match declaration {
            ModuleDecl::ExportDecl(export) => match &export.decl {
                Decl::Class(class) => {
                    names.insert(class.ident.sym.to_string());
                }
                Decl::Fn(function) => {
                    names.insert(function.ident.sym.to_string());
                }
                Decl::Var(variables) => {
                    let idents: Vec<Ident> = find_pat_ids(&variables.decls);
                    names.extend(idents.into_iter().map(|name| name.sym.to_string()));
                }
                Decl::TsEnum(declared) => {
                    names.insert(declared.id.sym.to_string());
                }
                _ => {}
            },
            ModuleDecl::ExportNamed(export) if !export.type_only => {
                for specifier in &export.specifiers {
                    let name = match specifier {
                        ExportSpecifier::Namespace(namespace) => &namespace.name,
                        ExportSpecifier::Named(named) => {
                            named.exported.as_ref().unwrap_or(&named.orig)
                        }
                        ExportSpecifier::Default(_) => continue,
                    };
                    names.insert(name.atom().to_string());
                }
            }
            ModuleDecl::ExportAll(all) if !all.type_only => {
                if let Some(specifier) = all.src.value.as_str() {
                    reexports.push(specifier.to_owned());
                }
            }
            _ => {}
        }
    }
    names.remove("default");
    Exports {
        names: names.into_iter().collect(),
        reexports,
        is_open: false,
    }
}
