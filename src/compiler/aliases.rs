//! `import X = N.M` and `export = X` of types, which have no value at run time.

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type};

use super::namespaces::{Path, path_of};
use crate::base::QuickMap;

/// Drops the aliases of types, as tsc does: they would name what is not there. Tells whether there was one.
pub(super) fn drop_types(module: &mut Module) -> bool {
    let mut dropped = Vec::new();
    loop {
        let mut names = Names::default();
        for name in &dropped {
            names.add(name, false, false);
        }
        module.visit_with(&mut names);
        let mut drop = DropTypes {
            names: &names,
            dropped: Vec::new(),
        };
        // What is dropped may make a type of another alias.
        module.visit_mut_with(&mut drop);
        if drop.dropped.is_empty() {
            return !dropped.is_empty();
        }
        dropped.append(&mut drop.dropped);
    }
}

/// Whether anything of a namespace is there at run time, if perhaps from elsewhere.
pub(super) fn has_values(namespace: &TsModuleDecl) -> bool {
    namespace.body.as_ref().is_some_and(body_has_values)
}

fn body_has_values(body: &TsNamespaceBody) -> bool {
    match body {
        TsNamespaceBody::TsModuleBlock(block) => block.body.iter().any(item_has_values),
        TsNamespaceBody::TsNamespaceDecl(inner) => body_has_values(&inner.body),
    }
}

pub(super) fn item_has_values(item: &ModuleItem) -> bool {
    let declaration = match item {
        ModuleItem::Stmt(Stmt::Decl(declaration)) => declaration,
        ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => &export.decl,
        ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(alias)) => return alias.is_export,
        _ => return true,
    };
    match declaration {
        Decl::TsInterface(_) | Decl::TsTypeAlias(_) => false,
        Decl::TsModule(inner) => has_values(inner),
        _ => true,
    }
}

/// `N` of `N.M.X`.
pub(super) fn first_of(mut name: &TsEntityName) -> &Ident {
    loop {
        match name {
            TsEntityName::Ident(first) => return first,
            TsEntityName::TsQualifiedName(qualified) => name = &qualified.left,
        }
    }
}

/// Makes `namespace.N.M` of `N.M`.
pub(super) fn qualify(mut name: &mut TsEntityName, namespace: &Ident) {
    loop {
        match name {
            TsEntityName::TsQualifiedName(qualified) => name = &mut qualified.left,
            TsEntityName::Ident(first) => {
                *name = TsEntityName::TsQualifiedName(Box::new(TsQualifiedName {
                    span: first.span,
                    left: TsEntityName::Ident(namespace.clone()),
                    right: first.clone().into(),
                }));
                return;
            }
        }
    }
}

/// The names in `N.M.X` after the first.
fn rest_of(mut name: &TsEntityName) -> Vec<Atom> {
    let mut names = Vec::new();
    while let TsEntityName::TsQualifiedName(qualified) = name {
        names.push(qualified.right.sym.clone());
        name = &qualified.left;
    }
    names.reverse();
    names
}

/// What is declared, and whether there is more of it than types.
#[derive(Default)]
struct Names {
    /// Whether a name has a value. `false`: it is declared, and has none.
    have_values: QuickMap<Path, bool>,
    path: Option<Path>,
    is_export: bool,
}

impl Names {
    fn add(&mut self, name: &Ident, is_export: bool, has_value: bool) {
        // A member is known by its namespace, and in it by its own name.
        let member = path_of(self.path.as_ref(), is_export, name);
        for path in [member, (name.to_id(), Vec::new())] {
            *self.have_values.entry(path).or_default() |= has_value;
        }
    }

    fn within(&mut self, name: &Ident, is_export: bool, body: &impl VisitWith<Self>) {
        let path = path_of(self.path.as_ref(), is_export, name);
        let outer = self.path.replace(path);
        body.visit_with(self);
        self.path = outer;
    }

    /// Whether an alias is of what has types alone. What is not declared here may be anything.
    fn is_type(&self, target: &TsEntityName) -> bool {
        let first = first_of(target).to_id();
        let names = rest_of(target);
        (0..=names.len()).any(|count| {
            let path = (first.clone(), names[..count].to_vec());
            self.have_values.get(&path).is_some_and(|has| !has)
        })
    }
}

impl Visit for Names {
    fn visit_export_decl(&mut self, export: &ExportDecl) {
        self.is_export = true;
        export.visit_children_with(self);
        self.is_export = false;
    }

    fn visit_decl(&mut self, declaration: &Decl) {
        let is_export = std::mem::take(&mut self.is_export);
        match declaration {
            Decl::TsInterface(interface) => self.add(&interface.id, is_export, false),
            Decl::TsTypeAlias(alias) => self.add(&alias.id, is_export, false),
            Decl::Class(class) => self.add(&class.ident, is_export, true),
            Decl::Fn(function) => self.add(&function.ident, is_export, true),
            Decl::TsEnum(declared) => self.add(&declared.id, is_export, true),
            Decl::TsModule(namespace) => {
                let TsModuleName::Ident(name) = &namespace.id else {
                    return;
                };
                self.add(name, is_export, namespace.declare || has_values(namespace));
                self.within(name, is_export, &namespace.body);
                return;
            }
            Decl::Var(variables) => {
                self.is_export = is_export;
                variables.visit_children_with(self);
                self.is_export = false;
                return;
            }
            Decl::Using(_) => {}
        }
        declaration.visit_children_with(self);
    }

    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        self.add(&Ident::from(name), self.is_export, true);
    }

    fn visit_ts_namespace_decl(&mut self, inner: &TsNamespaceDecl) {
        self.add(&inner.id, true, body_has_values(&inner.body));
        self.within(&inner.id, true, &inner.body);
    }

    fn visit_ts_import_equals_decl(&mut self, alias: &TsImportEqualsDecl) {
        self.add(&alias.id, alias.is_export, !alias.is_type_only);
    }

    fn visit_import_decl(&mut self, import: &ImportDecl) {
        for specifier in &import.specifiers {
            let (name, is_type) = match specifier {
                ImportSpecifier::Named(named) => (&named.local, named.is_type_only),
                ImportSpecifier::Default(default) => (&default.local, false),
                ImportSpecifier::Namespace(namespace) => (&namespace.local, false),
            };
            self.add(name, false, !(is_type || import.type_only));
        }
    }

    // Parameters and variables of functions are values, and no namespace is in them.
    fn visit_function(&mut self, _: &Function) {}

    fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}

    fn visit_class(&mut self, _: &Class) {}
}

struct DropTypes<'a> {
    names: &'a Names,
    dropped: Vec<Ident>,
}

impl VisitMut for DropTypes<'_> {
    noop_visit_mut_type!();

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        items.visit_mut_children_with(self);
        items.retain(|item| {
            let (name, is_type) = match item {
                ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(alias)) => {
                    let TsModuleRef::TsEntityName(target) = &alias.module_ref else {
                        return true;
                    };
                    (&alias.id, self.names.is_type(target))
                }
                ModuleItem::ModuleDecl(ModuleDecl::TsExportAssignment(export)) => {
                    let Expr::Ident(name) = &*export.expr else {
                        return true;
                    };
                    (name, self.names.is_type(&TsEntityName::Ident(name.clone())))
                }
                _ => return true,
            };
            if is_type {
                self.dropped.push(name.clone());
            }
            !is_type
        });
    }

    fn visit_mut_function(&mut self, _: &mut Function) {}

    fn visit_mut_class(&mut self, _: &mut Class) {}
}

/// Whether a file has such aliases.
pub(super) fn are_in(module: &Module) -> bool {
    module.body.iter().any(|item| {
        matches!(
            item,
            ModuleItem::ModuleDecl(
                ModuleDecl::TsImportEquals(_) | ModuleDecl::TsExportAssignment(_)
            )
        )
    })
}
