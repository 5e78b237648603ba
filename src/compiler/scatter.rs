//! One `import` or `export … from` whose names are not all those of one file.
//!
//! ```text
//! import Icons, { Camera, type Size } from 'icons'
//!     import Icons from "./icons/index.js"; import { default as Camera } from "./icons/camera.js";
//! ```
//!
//! What is left of the file that was named comes first: its own imports then run in the order that it gives them. Where it is
//! left out and the files behind it import each other in a circle, that order is asked for ([`Names::first`]).

use std::collections::BTreeMap;

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;

use super::json::is_name;
use super::members::Renamed;
use super::stand::{Stand, point};
use super::{Elsewhere, Names};

/// Puts what stands for `item` into `body`.
pub(super) fn item(
    mut item: ModuleItem,
    names: Names,
    placed: &mut Stand,
    renamed: &mut Renamed,
    body: &mut Vec<ModuleItem>,
) {
    let mut scattered = Scattered {
        passed: &names.passed,
        groups: Vec::new(),
        places: BTreeMap::new(),
    };
    let source = match &mut item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
            import.specifiers.retain(|one| match one {
                ImportSpecifier::Namespace(whole) if !names.members.is_empty() => {
                    let space = whole.local.sym.to_string();
                    for member in &names.members {
                        scattered.name(member, renamed.name(&space, &member.name));
                    }
                    false
                }
                one => !scattered.import(one),
            });
            Some((&mut import.src, &mut import.with))
        }
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => {
            export.specifiers.retain(|one| !scattered.export(one));
            export.src.as_mut().map(|source| (source, &mut export.with))
        }
        ModuleItem::ModuleDecl(_) | ModuleItem::Stmt(_) => None,
    };
    if let (Some((source, with)), Some(specifier)) = (source, &names.specifier) {
        point(source, with, specifier);
        match names.types.is_empty() {
            true => body.push(item),
            false => body.extend(placed.types(item, &names.types)),
        }
    }
    let import = |specifier: &String| import(specifier, Vec::new());
    body.extend(names.first.iter().map(import).map(ModuleItem::ModuleDecl));
    body.extend(scattered.groups.into_iter().map(ModuleItem::ModuleDecl));
}

struct Scattered<'a> {
    passed: &'a [Elsewhere],
    groups: Vec<ModuleDecl>,
    /// Which of the groups takes names of a file.
    places: BTreeMap<&'a str, usize>,
}

impl<'a> Scattered<'a> {
    fn elsewhere(&self, name: &str) -> Option<&'a Elsewhere> {
        self.passed.iter().find(|one| one.name == name)
    }

    /// Gives whether the specifier has gone elsewhere.
    fn import(&mut self, specifier: &ImportSpecifier) -> bool {
        let name = match specifier {
            ImportSpecifier::Namespace(_) => return false,
            ImportSpecifier::Default(_) => "default".to_owned(),
            ImportSpecifier::Named(named) => match &named.imported {
                Some(name) => name.atom().to_string(),
                None => named.local.sym.to_string(),
            },
        };
        let Some(target) = self.elsewhere(&name) else {
            return false;
        };
        self.name(target, specifier.local().clone());
        true
    }

    /// Imports it by this name.
    fn name(&mut self, target: &'a Elsewhere, local: Ident) {
        let import = |specifier| import(&target.specifier, vec![specifier]);
        let Some(as_name) = &target.as_name else {
            let whole = ImportSpecifier::Namespace(ImportStarAsSpecifier {
                span: DUMMY_SP,
                local,
            });
            self.groups.push(import(whole));
            return;
        };
        let imported = (*local.sym != **as_name).then(|| exported(as_name));
        let named = ImportSpecifier::Named(ImportNamedSpecifier {
            span: DUMMY_SP,
            local,
            imported,
            is_type_only: false,
        });
        match self.group(&target.specifier) {
            Some(ModuleDecl::Import(group)) => group.specifiers.push(named),
            _ => {
                self.places.insert(&target.specifier, self.groups.len());
                self.groups.push(import(named));
            }
        }
    }

    /// As [`Scattered::import`].
    fn export(&mut self, specifier: &ExportSpecifier) -> bool {
        let ExportSpecifier::Named(named) = specifier else {
            return false;
        };
        let Some(target) = self.elsewhere(&named.orig.atom()) else {
            return false;
        };
        let as_name = named.exported.as_ref().unwrap_or(&named.orig).clone();
        let export = |specifier| {
            ModuleDecl::ExportNamed(NamedExport {
                span: DUMMY_SP,
                specifiers: vec![specifier],
                src: Some(Box::new(Str::from(&*target.specifier))),
                type_only: false,
                with: None,
            })
        };
        let Some(orig) = &target.as_name else {
            let whole = ExportSpecifier::Namespace(ExportNamespaceSpecifier {
                span: DUMMY_SP,
                name: as_name,
            });
            self.groups.push(export(whole));
            return true;
        };
        let named = ExportSpecifier::Named(ExportNamedSpecifier {
            span: DUMMY_SP,
            orig: exported(orig),
            exported: (*as_name.atom() != **orig).then_some(as_name),
            is_type_only: false,
        });
        match self.group(&target.specifier) {
            Some(ModuleDecl::ExportNamed(group)) => group.specifiers.push(named),
            _ => {
                self.places.insert(&target.specifier, self.groups.len());
                self.groups.push(export(named));
            }
        }
        true
    }

    fn group(&mut self, specifier: &str) -> Option<&mut ModuleDecl> {
        let at = *self.places.get(specifier)?;
        self.groups.get_mut(at)
    }
}

fn import(from: &str, specifiers: Vec<ImportSpecifier>) -> ModuleDecl {
    ModuleDecl::Import(ImportDecl {
        span: DUMMY_SP,
        specifiers,
        src: Box::new(Str::from(from)),
        type_only: false,
        with: None,
        phase: ImportPhase::Evaluation,
    })
}

/// A name as modules export it.
fn exported(name: &str) -> ModuleExportName {
    match name == "default" || is_name(name) {
        true => ModuleExportName::Ident(Ident::new_no_ctxt(name.into(), DUMMY_SP)),
        false => ModuleExportName::Str(Str::from(name)),
    }
}
