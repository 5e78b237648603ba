//! What is looked up before a module's imports become reads: whether it shows already which names are theirs, and a beginning
//! of names that none has.

use swc_core::atoms::Atom;
use swc_core::common::SyntaxContext;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, noop_visit_type};

use crate::base::QuickMap;

/// What all names of a module show.
pub(super) struct Names {
    /// A beginning of names that no name in the module has.
    pub(super) prefix: String,
    /// Whether something has the name of an import, and it can't be told whether it means it. What has a context has had it
    /// since names were first told apart, and variables with two contexts have two names since. What was renamed, or put into
    /// the tree last, has none.
    pub(super) in_doubt: bool,
    /// The contexts of the imported names.
    imports: QuickMap<Atom, SyntaxContext>,
}

impl Names {
    /// For a visit of this module.
    pub(super) fn of(module: &Module) -> Self {
        let imports = module.body.iter().filter_map(|item| match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => Some(&import.specifiers),
            _ => None,
        });
        let locals = imports.flatten().map(ImportSpecifier::local);
        Self {
            prefix: "$_".to_owned(),
            in_doubt: false,
            imports: locals.map(|name| (name.sym.clone(), name.ctxt)).collect(),
        }
    }
}

impl Visit for Names {
    noop_visit_type!();

    fn visit_ident(&mut self, name: &Ident) {
        while name.sym.starts_with(&self.prefix) {
            self.prefix.push('_');
        }
        if let Some(context) = self.imports.get(&name.sym) {
            let none = SyntaxContext::empty();
            self.in_doubt |= *context == none || name.ctxt == none;
        }
    }
}
