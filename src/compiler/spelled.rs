//! Namespaces as TypeScript reads them, where swc reads or takes them otherwise.

use swc_core::common::{DUMMY_SP, Span};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::aliases;
use super::faults;
use super::parse::File;

/// Rewrites them. To be done before names are resolved.
pub(super) fn read(module: &mut Module, file: &File) {
    module.visit_mut_with(&mut Spelled(file));
}

struct Spelled<'a>(&'a File);

impl Spelled<'_> {
    /// `namespace`, the end of a line, a name and a block are four statements: no line may end behind the keyword.
    fn statements(&self, item: ModuleItem) -> Vec<ModuleItem> {
        let ModuleItem::Stmt(Stmt::Decl(Decl::TsModule(namespace))) = &item else {
            return vec![item];
        };
        let TsModuleName::Ident(name) = &namespace.id else {
            return vec![item];
        };
        let keyword = namespace.span.with_hi(name.span.lo);
        let range = faults::range(self.0, keyword);
        let text = self.0.text().get(range).unwrap_or_default();
        let (Some(Some(block)), true) = (
            namespace.body.as_ref().map(plain_statements),
            !namespace.declare && text.contains(['\n', '\r']),
        ) else {
            return vec![item];
        };
        let word = text.split_whitespace().next().unwrap_or("namespace");
        let word = Ident::new_no_ctxt(word.into(), keyword);
        let statement = |name: Ident| {
            ModuleItem::Stmt(Stmt::Expr(ExprStmt {
                span: name.span,
                expr: Box::new(name.into()),
            }))
        };
        let block = ModuleItem::Stmt(Stmt::Block(BlockStmt {
            span: DUMMY_SP,
            stmts: block,
            ..BlockStmt::default()
        }));
        vec![statement(word), statement(name.clone()), block]
    }
}

fn plain_statements(body: &TsNamespaceBody) -> Option<Vec<Stmt>> {
    let TsNamespaceBody::TsModuleBlock(block) = body else {
        return None;
    };
    let statements = block.body.iter().map(|item| match item {
        ModuleItem::Stmt(statement) => Some(statement.clone()),
        ModuleItem::ModuleDecl(_) => None,
    });
    statements.collect()
}

/// `namespace A.B {}` is `namespace A { export namespace B {} }`.
fn nested(inner: TsNamespaceDecl) -> TsNamespaceBody {
    let TsNamespaceDecl { span, id, body, .. } = inner;
    let namespace = TsModuleDecl {
        span,
        declare: false,
        global: false,
        namespace: true,
        id: TsModuleName::Ident(id),
        body: Some(*body),
    };
    block(
        span,
        vec![ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl {
            span,
            decl: Decl::TsModule(Box::new(namespace)),
        }))],
    )
}

fn block(span: Span, body: Vec<ModuleItem>) -> TsNamespaceBody {
    TsNamespaceBody::TsModuleBlock(TsModuleBlock { span, body })
}

/// Whether swc takes an item for a type, which to TypeScript is a value that is elsewhere.
fn is_taken_for_type(item: &ModuleItem) -> bool {
    match item {
        ModuleItem::Stmt(Stmt::Decl(Decl::Fn(function))) => function.declare,
        ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => {
            matches!(&export.decl, Decl::Fn(function) if function.declare)
        }
        _ => false,
    }
}

fn has_other_values(item: &ModuleItem) -> bool {
    !is_taken_for_type(item) && aliases::item_has_values(item)
}

impl VisitMut for Spelled<'_> {
    noop_visit_mut_type!();

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        let all = std::mem::take(items).into_iter();
        items.extend(all.flat_map(|item| self.statements(item)));
        items.visit_mut_children_with(self);
    }

    fn visit_mut_ts_module_decl(&mut self, namespace: &mut TsModuleDecl) {
        namespace.body = match namespace.body.take() {
            Some(TsNamespaceBody::TsNamespaceDecl(inner)) => Some(nested(inner)),
            body => body,
        };
        namespace.visit_mut_children_with(self);
        if let (Some(TsNamespaceBody::TsModuleBlock(block)), false) =
            (&mut namespace.body, namespace.declare)
            && block.body.iter().any(is_taken_for_type)
            && !block.body.iter().any(has_other_values)
        {
            block
                .body
                .push(ModuleItem::Stmt(Stmt::Block(BlockStmt::default())));
        }
    }

    // No namespace is in functions and classes.

    fn visit_mut_function(&mut self, _: &mut Function) {}

    fn visit_mut_class(&mut self, _: &mut Class) {}
}
