//! The imports and exports of a module as tables (ECMA-262, 16.2.1.7.1 `ParseModule`), and what is left of it as statements.

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;

use crate::base::QuickMap;
use crate::compiler::refresh;

/// What an imported name is.
pub(super) struct Binding {
    /// Others with the name have another one.
    pub(super) context: SyntaxContext,
    pub(super) request: usize,
    /// The name of what holds that one's bindings.
    pub(super) object: Atom,
    /// The name that it has there.
    pub(super) name: Atom,
}

/// A module taken apart.
#[derive(Default)]
pub(super) struct Items {
    pub(super) requests: Vec<String>,
    pub(super) imports: Vec<(usize, String)>,
    /// The name and the variable of each local export.
    pub(super) exports: Vec<(String, Ident)>,
    pub(super) indirect: Vec<(String, usize, Option<String>)>,
    pub(super) stars: Vec<usize>,
    /// Imported names; namespaces are variables of the module.
    pub(super) bindings: QuickMap<Atom, Binding>,
    /// The requests that namespaces are of.
    namespaces: QuickMap<Atom, usize>,
    /// What is done when the module is linked.
    pub(super) first: Vec<Stmt>,
    pub(super) body: Vec<Stmt>,
}

impl Items {
    /// Takes the module's items. `prefix` begins the names that are made up.
    pub(super) fn of(module: &mut Module, prefix: &str) -> Self {
        let mut items = Self::default();
        for item in &module.body {
            if let ModuleItem::ModuleDecl(declaration) = item {
                items.look(declaration, prefix);
            }
        }
        for item in std::mem::take(&mut module.body) {
            match item {
                ModuleItem::Stmt(statement) if refresh::makes_signers(&statement) => {
                    items.first.push(statement);
                }
                ModuleItem::Stmt(statement) => items.body.push(statement),
                ModuleItem::ModuleDecl(declaration) => items.take(declaration, prefix),
            }
        }
        items
    }

    fn request(&mut self, source: &Str) -> usize {
        let specifier = source.value.to_string_lossy();
        let known = self
            .requests
            .iter()
            .position(|request| *request == specifier);
        known.unwrap_or_else(|| {
            self.requests.push(specifier.into_owned());
            self.requests.len() - 1
        })
    }

    /// Notes what a declaration asks for: imports count wherever they stand.
    fn look(&mut self, declaration: &ModuleDecl, prefix: &str) {
        match declaration {
            ModuleDecl::Import(import) => {
                let request = self.request(&import.src);
                for specifier in &import.specifiers {
                    self.import(specifier, request, prefix);
                }
            }
            ModuleDecl::ExportNamed(NamedExport {
                src: Some(source), ..
            }) => _ = self.request(source),
            ModuleDecl::ExportAll(all) => _ = self.request(&all.src),
            _ => {}
        }
    }

    fn import(&mut self, specifier: &ImportSpecifier, request: usize, prefix: &str) {
        let name = match specifier {
            ImportSpecifier::Namespace(namespace) => {
                let value = namespace_of(request, prefix);
                self.first.push(constant(namespace.local.clone(), value));
                self.namespaces.insert(namespace.local.sym.clone(), request);
                return;
            }
            ImportSpecifier::Default(_) => "default".to_owned(),
            ImportSpecifier::Named(named) => match &named.imported {
                Some(name) => exported(name),
                None => named.local.sym.to_string(),
            },
        };
        let local = specifier.local();
        let binding = Binding {
            context: local.ctxt,
            request,
            object: format!("{prefix}{request}").into(),
            name: name.as_str().into(),
        };
        self.imports.push((request, name));
        self.bindings.insert(local.sym.clone(), binding);
    }

    fn take(&mut self, declaration: ModuleDecl, prefix: &str) {
        match declaration {
            ModuleDecl::ExportDecl(ExportDecl { decl, .. }) => {
                let names: Vec<Ident> = match &decl {
                    Decl::Class(class) => vec![class.ident.clone()],
                    Decl::Fn(function) => vec![function.ident.clone()],
                    Decl::Var(variables) => find_pat_ids(&variables.decls),
                    _ => Vec::new(),
                };
                let named = names.into_iter().map(|name| (name.sym.to_string(), name));
                self.exports.extend(named);
                self.body.push(Stmt::Decl(decl));
            }
            ModuleDecl::ExportNamed(NamedExport {
                src: Some(source),
                specifiers,
                ..
            }) => {
                let request = self.request(&source);
                for specifier in &specifiers {
                    self.reexport(specifier, request);
                }
            }
            ModuleDecl::ExportNamed(named) => {
                for specifier in &named.specifiers {
                    self.export(specifier);
                }
            }
            ModuleDecl::ExportAll(all) => {
                let request = self.request(&all.src);
                self.stars.push(request);
            }
            ModuleDecl::ExportDefaultDecl(ExportDefaultDecl { decl, .. }) => match decl {
                DefaultDecl::Fn(FnExpr {
                    ident: Some(ident),
                    function,
                }) => {
                    self.exports.push(("default".to_owned(), ident.clone()));
                    self.body.push(Stmt::Decl(Decl::Fn(FnDecl {
                        ident,
                        declare: false,
                        function,
                    })));
                }
                DefaultDecl::Class(ClassExpr {
                    ident: Some(ident),
                    class,
                }) => {
                    self.exports.push(("default".to_owned(), ident.clone()));
                    self.body.push(Stmt::Decl(Decl::Class(ClassDecl {
                        ident,
                        declare: false,
                        class,
                    })));
                }
                // A function declaration: it is there before anything runs.
                DefaultDecl::Fn(function) => {
                    let constant = self.default_export(named_default(function.into()), prefix);
                    self.first.push(constant);
                }
                DefaultDecl::Class(class) => {
                    let constant = self.default_export(named_default(class.into()), prefix);
                    self.body.push(constant);
                }
                DefaultDecl::TsInterfaceDecl(_) => {}
            },
            ModuleDecl::ExportDefaultExpr(ExportDefaultExpr { expr, .. }) => {
                let value = match is_anonymous(&expr) {
                    true => named_default(*expr),
                    false => *expr,
                };
                let constant = self.default_export(value, prefix);
                self.body.push(constant);
            }
            // Imports are noted already; what only TypeScript has is gone.
            _ => {}
        }
    }

    fn default_export(&mut self, value: Expr, prefix: &str) -> Stmt {
        let local = Ident::new_no_ctxt(format!("{prefix}default").into(), DUMMY_SP);
        self.exports.push(("default".to_owned(), local.clone()));
        constant(local, value)
    }

    fn reexport(&mut self, specifier: &ExportSpecifier, request: usize) {
        let entry = match specifier {
            ExportSpecifier::Namespace(namespace) => (exported(&namespace.name), request, None),
            ExportSpecifier::Default(default) => (
                default.exported.sym.to_string(),
                request,
                Some("default".to_owned()),
            ),
            ExportSpecifier::Named(named) => {
                let name = named.exported.as_ref().unwrap_or(&named.orig);
                (exported(name), request, Some(exported(&named.orig)))
            }
        };
        self.indirect.push(entry);
    }

    /// `export { x }`: where `x` is imported by its name, the other module's binding is meant.
    fn export(&mut self, specifier: &ExportSpecifier) {
        let ExportSpecifier::Named(named) = specifier else {
            return;
        };
        let ModuleExportName::Ident(local) = &named.orig else {
            return;
        };
        let name = exported(named.exported.as_ref().unwrap_or(&named.orig));
        if let Some(request) = self.namespaces.get(&local.sym) {
            self.indirect.push((name, *request, None));
            return;
        }
        match self.bindings.get(&local.sym) {
            Some(binding) => {
                self.indirect
                    .push((name, binding.request, Some(binding.name.to_string())));
            }
            None => self.exports.push((name, local.clone())),
        }
    }
}

/// The context's `namespace(request)`.
fn namespace_of(request: usize, prefix: &str) -> Expr {
    let callee = MemberExpr {
        span: DUMMY_SP,
        obj: Box::new(Ident::new_no_ctxt(prefix.into(), DUMMY_SP).into()),
        prop: MemberProp::Ident(IdentName::new("namespace".into(), DUMMY_SP)),
    };
    Expr::Call(CallExpr {
        callee: Callee::Expr(Box::new(callee.into())),
        args: vec![Expr::from(request).into()],
        ..CallExpr::default()
    })
}

fn exported(name: &ModuleExportName) -> String {
    name.atom().to_string()
}

/// Whether the expression takes the name of what it is assigned to (ECMA-262, 8.4.4 `IsAnonymousFunctionDefinition`).
fn is_anonymous(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_anonymous(&paren.expr),
        Expr::Fn(function) => function.ident.is_none(),
        Expr::Class(class) => class.ident.is_none(),
        Expr::Arrow(_) => true,
        _ => false,
    }
}

/// The value, called `default` (16.2.3.7): as a property of that name gets it.
fn named_default(value: Expr) -> Expr {
    let property = Prop::KeyValue(KeyValueProp {
        key: PropName::Ident(IdentName::new("default".into(), DUMMY_SP)),
        value: Box::new(value),
    });
    Expr::Member(MemberExpr {
        span: DUMMY_SP,
        obj: Box::new(Expr::Object(ObjectLit {
            span: DUMMY_SP,
            props: vec![PropOrSpread::Prop(Box::new(property))],
        })),
        prop: MemberProp::Ident(IdentName::new("default".into(), DUMMY_SP)),
    })
}

fn constant(name: Ident, value: Expr) -> Stmt {
    Stmt::Decl(Decl::Var(Box::new(VarDecl {
        kind: VarDeclKind::Const,
        decls: vec![VarDeclarator {
            span: DUMMY_SP,
            name: Pat::Ident(name.into()),
            init: Some(Box::new(value)),
            definite: false,
        }],
        ..VarDecl::default()
    })))
}
