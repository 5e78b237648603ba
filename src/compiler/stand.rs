//! What stands in place of an import that leads nowhere.

use swc_core::common::BytePos;
use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::parser::{Parser, StringInput, Syntax, lexer::Lexer};

/// A value that names a module which is not there. It may be imported, passed on, asked for its type or for what it
/// has, and its members may be taken, also to inherit from: packages do so when they are evaluated, long before they know
/// whether they need any. Whoever calls, constructs, writes to or converts it or a member of it gets the error. `then` and
/// `__esModule` are what loaders ask for, so they are absent; what inherits from it has nothing of it.
pub(super) const UNAVAILABLE: &str = "(() => { const fail = () => { throw new Error(MESSAGE); }; const uses = [Symbol.toPrimitive, \
    Symbol.iterator, Symbol.asyncIterator, 'toString', 'valueOf', 'toJSON']; const make = (isModule) => { const get = \
    (_, name, receiver) => receiver !== value ? undefined : uses.includes(name) ? fail() : typeof name === 'symbol' || name \
    === 'then' || name === '__esModule' ? undefined : isModule && name === 'default' ? value : make(false); const set = (_, \
    name, given, receiver) => receiver === value ? fail() : Reflect.defineProperty(receiver, name, { value: given, \
    writable: true, enumerable: true, configurable: true }); const value = new Proxy(function () {}, { get, set, has: () => \
    false, apply: fail, construct: fail, deleteProperty: fail, defineProperty: fail, setPrototypeOf: fail }); return value; \
    }; return make(true); })()";

/// `import()` of what is not found.
pub(super) fn rejected(message: &str) -> Expr {
    expression("(async () => { throw new Error(MESSAGE); })()", message)
}

/// `import()` of what is not available.
pub(super) fn resolved(message: &str) -> Expr {
    expression(&format!("(async () => {UNAVAILABLE})()"), message)
}

/// An empty module, as `import()` and `require` give it.
pub(super) const EMPTY: &str = "({})";

/// What a `require` does that finds nothing (Node's error code).
pub(super) const MISSING: &str =
    "const error = new Error(MESSAGE); error.code = 'MODULE_NOT_FOUND'; throw error;";

/// `import()` of an empty module.
pub(super) fn empty() -> Expr {
    expression("(async () => ({ default: {} }))()", "")
}

/// Declarations that stand for imports and re-exports.
#[derive(Default)]
pub(super) struct Stand {
    /// What runs first in the module.
    pub(super) first: Vec<ModuleItem>,
    count: usize,
}

impl Stand {
    /// The next number, for a name that no source has.
    pub(super) fn count(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    /// The names of `item` are those of an empty module.
    pub(super) fn empty(&mut self, item: ModuleItem) -> Option<ModuleItem> {
        let (names, export) = self.names(item);
        for (name, is_whole) in names {
            let value = is_whole.then(|| expression(EMPTY, ""));
            self.first.push(variable(name, value));
        }
        export
    }

    /// These names of `item` are `undefined`; gives what is left of it.
    pub(super) fn types(&mut self, mut item: ModuleItem, types: &[String]) -> Vec<ModuleItem> {
        let is_type = |name: &str| types.iter().any(|known| known == name);
        let mut rest = item.clone();
        match (&mut item, &mut rest) {
            (
                ModuleItem::ModuleDecl(ModuleDecl::Import(item)),
                ModuleItem::ModuleDecl(ModuleDecl::Import(rest)),
            ) => {
                let is_type = |specifier: &ImportSpecifier| match specifier {
                    ImportSpecifier::Default(_) => is_type("default"),
                    ImportSpecifier::Namespace(_) => false,
                    ImportSpecifier::Named(named) => match &named.imported {
                        Some(name) => is_type(&name.atom()),
                        None => is_type(&named.local.sym),
                    },
                };
                item.specifiers.retain(is_type);
                rest.specifiers.retain(|specifier| !is_type(specifier));
            }
            (
                ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(item)),
                ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(rest)),
            ) => {
                let is_type = |specifier: &ExportSpecifier| match specifier {
                    ExportSpecifier::Named(named) => is_type(&named.orig.atom()),
                    _ => false,
                };
                item.specifiers.retain(is_type);
                rest.specifiers.retain(|specifier| !is_type(specifier));
            }
            _ => return vec![item],
        }
        let (names, export) = self.names(item);
        for (name, _) in names {
            self.first.push(variable(name, None));
        }
        export.into_iter().chain([rest]).collect()
    }

    /// The function that a `require` calls, which gives, or does, what `text` says, `MESSAGE` replaced.
    pub(super) fn required(&mut self, import: &ImportDecl, text: &str, message: &str) {
        let body = match expression(&format!("(function () {{ {text} }})"), message) {
            Expr::Paren(paren) => *paren.expr,
            other => other,
        };
        let (Some(specifier), Expr::Fn(function)) = (import.specifiers.first(), body) else {
            return;
        };
        self.first
            .push(ModuleItem::Stmt(Stmt::Decl(Decl::Fn(FnDecl {
                ident: specifier.local().clone(),
                declare: false,
                function: function.function,
            }))));
    }
    /// `item` throws when the module is evaluated. Its names stay declared and exported, so that others link.
    pub(super) fn throw(&mut self, item: ModuleItem, message: &str) -> Option<ModuleItem> {
        let (names, export) = self.names(item);
        for (name, _) in names {
            self.first.push(variable(name, None));
        }
        self.first.push(ModuleItem::Stmt(Stmt::Throw(ThrowStmt {
            span: DUMMY_SP,
            arg: Box::new(expression("new Error(MESSAGE)", message)),
        })));
        export
    }

    /// The names of `item` are values that throw when they are used.
    pub(super) fn unavailable(&mut self, item: ModuleItem, message: &str) -> Option<ModuleItem> {
        let (names, export) = self.names(item);
        for (name, _) in names {
            self.first
                .push(variable(name, Some(expression(UNAVAILABLE, message))));
        }
        export
    }

    /// The names that `item` declares, whether each is the module as a whole, and what is left of it to export them.
    fn names(&mut self, item: ModuleItem) -> (Vec<(Ident, bool)>, Option<ModuleItem>) {
        match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                let names = import.specifiers.iter().map(|specifier| {
                    let is_named = match specifier {
                        ImportSpecifier::Named(named) => {
                            !matches!(&named.imported, Some(name) if *name.atom() == *"default")
                        }
                        _ => false,
                    };
                    (specifier.local().clone(), !is_named)
                });
                (names.collect(), None)
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(mut export)) => {
                let mut names = Vec::new();
                for specifier in &mut export.specifiers {
                    let exported = match &*specifier {
                        ExportSpecifier::Named(named) => {
                            named.exported.clone().unwrap_or(named.orig.clone())
                        }
                        ExportSpecifier::Namespace(namespace) => namespace.name.clone(),
                        ExportSpecifier::Default(default) => {
                            ModuleExportName::Ident(default.exported.clone())
                        }
                    };
                    // After hygiene, so by a name that no source has.
                    self.count += 1;
                    let local =
                        Ident::new_no_ctxt(format!("__absent_{}", self.count).into(), DUMMY_SP);
                    let is_whole = match &*specifier {
                        ExportSpecifier::Named(named) => *named.orig.atom() == *"default",
                        _ => true,
                    };
                    names.push((local.clone(), is_whole));
                    *specifier = ExportSpecifier::Named(ExportNamedSpecifier {
                        span: DUMMY_SP,
                        orig: ModuleExportName::Ident(local),
                        exported: Some(exported),
                        is_type_only: false,
                    });
                }
                export.src = None;
                export.with = None;
                (
                    names,
                    Some(ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export))),
                )
            }
            _ => (Vec::new(), None),
        }
    }
}

/// Makes an import or export name `specifier`. The attributes go: what they speak of is the source.
pub(super) fn point(source: &mut Str, with: &mut Option<Box<ObjectLit>>, specifier: &str) {
    source.value = specifier.into();
    source.raw = None;
    *with = None;
}

pub(super) fn variable(name: Ident, value: Option<Expr>) -> ModuleItem {
    ModuleItem::Stmt(Stmt::Decl(Decl::Var(Box::new(VarDecl {
        kind: VarDeclKind::Var,
        decls: vec![VarDeclarator {
            span: DUMMY_SP,
            name: Pat::Ident(
                Ident {
                    span: DUMMY_SP,
                    ..name
                }
                .into(),
            ),
            init: value.map(Box::new),
            definite: false,
        }],
        ..VarDecl::default()
    }))))
}

/// Parses one of the texts above, `MESSAGE` replaced.
pub(super) fn expression(text: &str, message: &str) -> Expr {
    let literal = serde_json::Value::from(message).to_string();
    parsed(&text.replace("MESSAGE", &literal))
}

/// Parses an expression of the compiler's own. Its positions are those of no file.
pub(super) fn parsed(text: &str) -> Expr {
    match parser(text).parse_expr() {
        Ok(expression) => *expression,
        Err(error) => panic!("a text of the compiler's own does not parse: {error:?}"),
    }
}

/// Parses statements of the compiler's own. Their positions are those of no file.
pub(super) fn items(text: &str) -> Vec<ModuleItem> {
    match parser(text).parse_module() {
        Ok(module) => module.body,
        Err(error) => panic!("a text of the compiler's own does not parse: {error:?}"),
    }
}

fn parser(text: &str) -> Parser<Lexer<'_>> {
    // Positions past every file's end: the map leaves them out.
    let start = BytePos(u32::MAX / 2);
    let end = BytePos(start.0 + u32::try_from(text.len()).unwrap_or(0));
    let lexer = Lexer::new(
        Syntax::default(),
        EsVersion::latest(),
        StringInput::new(text, start, end),
        None,
    );
    Parser::new_from(lexer)
}
