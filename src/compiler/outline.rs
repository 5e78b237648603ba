//! What an ES module exports by its own text.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;

use super::{Exports, assignments};

/// The names that a file exports, and those that it does not, as far as its own text tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Exports that are there when the module runs, `default` among them. Of what is exported on from another file
    /// (`export { a } from './b'`) only the name counts.
    pub names: BTreeSet<String>,
    /// Those of `names` that are another file's as they are: `export { a } from './b'`, `export * as a from './b'`, an
    /// import that is exported.
    pub passed: BTreeMap<String, Passed>,
    /// Exports that are types alone, and gone when the module runs.
    pub types: BTreeSet<String>,
    /// The specifiers of `export *`.
    pub stars: Vec<String>,
    /// The specifiers of `export type *`.
    pub type_stars: Vec<String>,
    /// What the file declares at its top level and does not export.
    pub locals: BTreeSet<String>,
    /// It says `export = x`: it exports `default`, and for who imports other names it is like a CommonJS file.
    pub is_open: bool,
}

/// What a file exports that is another file's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The other file's specifier.
    pub specifier: String,
    /// As the other file exports it; `None`: all that it exports, as one object.
    pub name: Option<String>,
}

impl Outline {
    /// As CommonJS files that require the module see it.
    pub(super) fn into_exports(mut self) -> Exports {
        self.names.remove("default");
        Exports {
            names: self.names.into_iter().collect(),
            reexports: self.stars,
            is_open: self.is_open,
        }
    }
}

/// Reads the outline of a file.
pub(super) fn of(program: &Program) -> Outline {
    let mut reader = Reader::default();
    match program {
        Program::Script(script) => script.body.iter().for_each(|item| reader.statement(item)),
        Program::Module(module) => {
            reader.outline.names = assignments::names(&module.body);
            for item in &module.body {
                match item {
                    ModuleItem::Stmt(statement) => reader.statement(statement),
                    ModuleItem::ModuleDecl(declaration) => reader.declaration(declaration),
                }
            }
        }
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    outline: Outline,
    /// What the file's own names stand for. A name may be both.
    values: BTreeSet<String>,
    types: BTreeSet<String>,
    /// `export { local as exported }`, and whether the export is the variable itself and no copy of its value: known once
    /// all declarations are.
    listed: Vec<(String, String, bool)>,
    imported: BTreeMap<String, Passed>,
    /// The file's own names that are exported by a list.
    exported: BTreeSet<String>,
}

impl Reader {
    fn statement(&mut self, statement: &Stmt) {
        if let Stmt::Decl(declaration) = statement {
            let (names, is_type) = names_of(declaration);
            self.declare(names, is_type);
        }
    }

    fn declare(&mut self, names: Vec<String>, is_type: bool) {
        match is_type {
            true => self.types.extend(names),
            false => self.values.extend(names),
        }
    }

    fn export(&mut self, name: String, is_type: bool) {
        match is_type {
            true => self.outline.types.insert(name),
            false => self.outline.names.insert(name),
        };
    }

    fn declaration(&mut self, declaration: &ModuleDecl) {
        match declaration {
            ModuleDecl::Import(import) => self.import(import),
            ModuleDecl::ExportDecl(export) => {
                let (names, is_type) = names_of(&export.decl);
                for name in names {
                    self.export(name, is_type);
                }
            }
            ModuleDecl::ExportDefaultDecl(export) => {
                let is_type = matches!(export.decl, DefaultDecl::TsInterfaceDecl(_));
                self.export("default".to_owned(), is_type);
            }
            ModuleDecl::ExportDefaultExpr(export) => match &*export.expr {
                Expr::Ident(name) => {
                    self.listed
                        .push((name.sym.to_string(), "default".to_owned(), false))
                }
                _ => self.export("default".to_owned(), false),
            },
            ModuleDecl::ExportNamed(export) => self.list(export),
            ModuleDecl::ExportAll(all) => {
                let specifier = all.src.value.to_string_lossy().into_owned();
                match all.type_only {
                    true => self.outline.type_stars.push(specifier),
                    false => self.outline.stars.push(specifier),
                }
            }
            ModuleDecl::TsImportEquals(import) => {
                let name = import.id.sym.to_string();
                match import.is_export {
                    true => self.export(name, import.is_type_only),
                    false => self.declare(vec![name], import.is_type_only),
                }
            }
            ModuleDecl::TsExportAssignment(_) => {
                self.export("default".to_owned(), false);
                self.outline.is_open = true;
            }
            ModuleDecl::TsNamespaceExport(_) => {}
        }
    }

    fn import(&mut self, import: &ImportDecl) {
        for specifier in &import.specifiers {
            let is_type = import.type_only
                || matches!(specifier, ImportSpecifier::Named(named) if named.is_type_only);
            let local = specifier.local().sym.to_string();
            self.declare(vec![local.clone()], is_type);
            if is_type || import.with.is_some() || import.phase != ImportPhase::Evaluation {
                continue;
            }
            let name = match specifier {
                ImportSpecifier::Namespace(_) => None,
                ImportSpecifier::Default(_) => Some("default".to_owned()),
                ImportSpecifier::Named(named) => Some(match &named.imported {
                    Some(name) => name.atom().to_string(),
                    None => local.clone(),
                }),
            };
            let specifier = import.src.value.to_string_lossy().into_owned();
            self.imported.insert(local, Passed { specifier, name });
        }
    }

    fn list(&mut self, export: &NamedExport) {
        let source = export.src.as_ref().filter(|_| export.with.is_none());
        let passed = |name: Option<String>| {
            let specifier = source?.value.to_string_lossy().into_owned();
            Some(Passed { specifier, name })
        };
        for specifier in &export.specifiers {
            match specifier {
                ExportSpecifier::Namespace(namespace) => {
                    let name = namespace.name.atom().to_string();
                    if let Some(passed) = passed(None).filter(|_| !export.type_only) {
                        self.outline.passed.insert(name.clone(), passed);
                    }
                    self.export(name, export.type_only);
                }
                ExportSpecifier::Default(default) => {
                    self.export(default.exported.sym.to_string(), export.type_only);
                }
                ExportSpecifier::Named(named) => {
                    let local = named.orig.atom().to_string();
                    let exported = named.exported.as_ref().unwrap_or(&named.orig);
                    let exported = exported.atom().to_string();
                    if export.type_only || named.is_type_only {
                        self.export(exported, true);
                    } else if export.src.is_some() {
                        if let Some(passed) = passed(Some(local)) {
                            self.outline.passed.insert(exported.clone(), passed);
                        }
                        self.export(exported, false);
                    } else {
                        self.listed.push((local, exported, true));
                    }
                }
            }
        }
    }

    fn finish(mut self) -> Outline {
        for (local, exported, is_variable) in std::mem::take(&mut self.listed) {
            let is_type = self.types.contains(&local) && !self.values.contains(&local);
            if is_variable && let Some(passed) = self.imported.get(&local) {
                self.outline.passed.insert(exported.clone(), passed.clone());
            }
            self.exported.insert(local);
            self.export(exported, is_type);
        }
        self.values.retain(|name| !self.exported.contains(name));
        self.outline.locals = self.values;
        self.outline
    }
}

/// The names that a declaration makes, and whether they are types alone.
pub(super) fn names_of(declaration: &Decl) -> (Vec<String>, bool) {
    let one = |name: &Ident| vec![name.sym.to_string()];
    match declaration {
        Decl::Class(class) => (one(&class.ident), class.declare),
        Decl::Fn(function) => (one(&function.ident), function.declare),
        Decl::Var(variables) => {
            let names: Vec<Ident> = find_pat_ids(&variables.decls);
            let names = names.into_iter().map(|name| name.sym.to_string());
            (names.collect(), variables.declare)
        }
        Decl::Using(variables) => {
            let names: Vec<Ident> = find_pat_ids(&variables.decls);
            let names = names.into_iter().map(|name| name.sym.to_string());
            (names.collect(), false)
        }
        Decl::TsInterface(declared) => (one(&declared.id), true),
        Decl::TsTypeAlias(declared) => (one(&declared.id), true),
        Decl::TsEnum(declared) => (one(&declared.id), declared.declare),
        Decl::TsModule(declared) => match &declared.id {
            TsModuleName::Ident(name) => {
                let runs = declared.body.as_ref().is_some_and(body_runs);
                (one(name), declared.declare || !runs)
            }
            TsModuleName::Str(_) => (Vec::new(), true),
        },
    }
}

/// Whether anything of a namespace is there when the module runs; else the namespace is a type alone (TypeScript's
/// handbook, "Namespaces": one without values gives no code).
fn body_runs(body: &TsNamespaceBody) -> bool {
    match body {
        TsNamespaceBody::TsNamespaceDecl(inner) => body_runs(&inner.body),
        TsNamespaceBody::TsModuleBlock(block) => block.body.iter().any(item_runs),
    }
}

fn item_runs(item: &ModuleItem) -> bool {
    match item {
        ModuleItem::Stmt(Stmt::Decl(declaration)) => declaration_runs(declaration),
        ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => declaration_runs(&export.decl),
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => !export.type_only,
        ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(import)) => !import.is_type_only,
        ModuleItem::Stmt(Stmt::Empty(_)) => false,
        ModuleItem::Stmt(_) | ModuleItem::ModuleDecl(_) => true,
    }
}

/// As the compiler decides it. A signature without a body is none either, and what is declared keeps its namespace.
fn declaration_runs(declaration: &Decl) -> bool {
    match declaration {
        Decl::TsInterface(_) | Decl::TsTypeAlias(_) => false,
        Decl::Fn(function) => function.declare || function.function.body.is_some(),
        Decl::TsModule(inner) => inner.body.as_ref().is_some_and(body_runs),
        Decl::Class(_) | Decl::Var(_) | Decl::Using(_) | Decl::TsEnum(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::compiler::tests::emit;
    use crate::compiler::{Language, Options, parse};

    #[test]
    fn a_namespace_is_exported_where_something_of_it_runs() {
        for (text, is_value) in [
            ("export namespace N { export type A = 1 }", false),
            ("export namespace N { interface A {} ; }", false),
            ("export namespace N.M { export interface A {} }", false),
            ("export namespace N { namespace M {} }", false),
            ("export namespace N { export function f(): void; }", false),
            (
                "export namespace N { export declare function f(): void; }",
                true,
            ),
            ("export declare namespace N { const a: 1 }", false),
            ("namespace N { export type A = 1 } export { N };", false),
            ("export namespace N { export const a = 1 }", true),
            ("export namespace N.M { export enum E {} }", true),
            ("export namespace N { f(); }", true),
            (
                "export namespace N { type T = 1; export type { T }; g() }",
                true,
            ),
            ("namespace N { export class C {} } export { N };", true),
            (
                "export class N {} export namespace N { export type A = 1 }",
                true,
            ),
        ] {
            let parsed = parse(text.as_bytes(), Language::Ts, "a.ts").unwrap();
            assert_eq!(parsed.outline().names.contains("N"), is_value, "{text}");
            let options = Options::default();
            let code = emit(text, Language::Ts, &options).code;
            assert_eq!(code.contains('N'), is_value, "{text}: {code}");
        }
    }
}
