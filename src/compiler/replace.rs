//! Puts what requests resolved to in their places.

use swc_core::common::Span;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

use super::glob::Members;
use super::members::Renamed;
use super::requests::{is_source, literal, literal_import, literal_resolved, literal_url, many};
use super::stand::{self, Stand, UNAVAILABLE, point};
use super::{Replacement, RequestKind, accept, common, interop, scatter};

/// Puts `replacements`, in the order of [`collect`](super::requests::collect), into the tree.
pub(super) fn replace(
    module: &mut Module,
    replacements: Vec<Replacement>,
    has_dynamic: bool,
    is_hot: bool,
) {
    let has_members = replacements
        .iter()
        .any(|one| matches!(one, Replacement::Names(names) if !names.members.is_empty()));
    let mut replacements = replacements.into_iter();
    let mut placed = Stand::default();
    let mut renamed = Renamed::of(module, has_members);
    let mut body = Vec::with_capacity(module.body.len());
    for mut item in std::mem::take(&mut module.body) {
        let ModuleItem::ModuleDecl(declaration) = &mut item else {
            body.push(item);
            continue;
        };
        let required = match declaration {
            ModuleDecl::Import(import) if common::kind(import).is_some() => Some(import),
            _ => None,
        };
        if let Some(import) = required {
            let replacement = replacements.next().unwrap_or(Replacement::Keep);
            if require(import, replacement, &mut placed) {
                body.push(item);
            }
            continue;
        }
        let Some((source, with)) = source_of(declaration) else {
            body.push(item);
            continue;
        };
        match replacements.next() {
            None | Some(Replacement::Keep | Replacement::Members(_) | Replacement::Name(_)) => {
                body.push(item);
            }
            Some(
                Replacement::Specifier(specifier)
                | Replacement::Resolved(specifier)
                | Replacement::Value(specifier),
            ) => {
                point(source, with, &specifier);
                if let ModuleDecl::Import(import) = declaration {
                    // What gives the source is the module there.
                    import.phase = ImportPhase::Evaluation;
                }
                body.push(item);
            }
            Some(Replacement::CommonJs(target)) => {
                interop::item(item, &target, &mut placed, &mut body);
            }
            Some(Replacement::Names(names)) => {
                scatter::item(item, names, &mut placed, &mut renamed, &mut body);
            }
            Some(Replacement::Empty) => body.extend(placed.empty(item)),
            Some(Replacement::Throw { message }) => body.extend(placed.throw(item, &message)),
            Some(Replacement::Unavailable { message }) => {
                body.extend(placed.unavailable(item, &message))
            }
        }
    }
    // Imports run before everything else of a module; so does what stands for them.
    placed.first.append(&mut body);
    module.body = placed.first;
    renamed.apply(module);
    if has_dynamic {
        let mut replacer = Replacer {
            replacements,
            is_hot,
            members: Members::default(),
        };
        module.visit_mut_with(&mut replacer);
        module.body.splice(0..0, replacer.members.imports);
    }
}

fn source_of(declaration: &mut ModuleDecl) -> Option<(&mut Str, &mut Option<Box<ObjectLit>>)> {
    match declaration {
        ModuleDecl::Import(import) => Some((&mut import.src, &mut import.with)),
        ModuleDecl::ExportNamed(NamedExport {
            src: Some(source),
            with,
            ..
        }) => Some((source, with)),
        ModuleDecl::ExportAll(all) => Some((&mut all.src, &mut all.with)),
        _ => None,
    }
}

/// The import that a `require` calls; gives whether it stays one.
fn require(import: &mut ImportDecl, replacement: Replacement, placed: &mut Stand) -> bool {
    let (text, message) = match replacement {
        Replacement::Specifier(specifier) | Replacement::Resolved(specifier) => {
            point(&mut import.src, &mut import.with, &specifier);
            common::name(import);
            return true;
        }
        Replacement::CommonJs(target) => {
            point(&mut import.src, &mut import.with, &target.body);
            common::name(import);
            return true;
        }
        Replacement::Value(specifier) => {
            let value = format!("__value_{}", placed.count());
            placed.required(import, &format!("return {value};"), "");
            point(&mut import.src, &mut import.with, &specifier);
            common::name_default(import, value.into());
            return true;
        }
        Replacement::Empty => (format!("return {};", stand::EMPTY), String::new()),
        Replacement::Name(name) => ("return MESSAGE;".to_owned(), name),
        Replacement::Unavailable { message } => (format!("return {UNAVAILABLE};"), message),
        Replacement::Throw { message } => (stand::MISSING.to_owned(), message),
        Replacement::Keep | Replacement::Members(_) | Replacement::Names(_) => {
            let specifier = import.src.value.to_string_lossy();
            let message = format!("cannot require `{specifier}`: it is no file");
            (stand::MISSING.to_owned(), message)
        }
    };
    placed.required(import, &text, &message);
    false
}

struct Replacer {
    replacements: std::vec::IntoIter<Replacement>,
    is_hot: bool,
    members: Members,
}

impl Replacer {
    fn accept(&mut self, callee: &Expr, arguments: &mut [ExprOrSpread]) {
        if !self.is_hot || !accept::is_call(callee) {
            return;
        }
        for specifier in accept::named_mut(arguments) {
            if let Some((_, span)) = literal(specifier)
                && let Some(Replacement::Specifier(name)) = self.replacements.next()
            {
                *specifier = text(name, span);
            }
        }
    }

    /// `new URL('…', import.meta.url)`; gives whether it is that. What stands in it then asks for nothing more.
    fn url(&mut self, new: &mut NewExpr) -> bool {
        let Some((_, span)) = literal_url(new) else {
            return false;
        };
        let (Some(replacement), Some(arguments)) = (self.replacements.next(), &mut new.args) else {
            return true;
        };
        match replacement {
            Replacement::Specifier(url) => {
                *arguments[0].expr = text(url, span);
            }
            Replacement::Resolved(url) => {
                let url = serde_json::Value::from(url);
                *arguments[0].expr = stand::parsed(&format!("import.meta.resolve({url})"));
            }
            _ => {}
        }
        true
    }

    /// `import.meta.resolve('…')`.
    fn resolved(&mut self, callee: &Expr, arguments: &mut [ExprOrSpread]) {
        let Some((_, span)) = literal_resolved(callee, arguments) else {
            return;
        };
        if let Some(Replacement::Specifier(url) | Replacement::Resolved(url)) =
            self.replacements.next()
        {
            *arguments[0].expr = text(url, span);
        }
    }

    /// `import('…')`; gives whether something else stands in its place.
    fn import(&mut self, expr: &mut Expr) -> bool {
        let Expr::Call(call) = expr else {
            return false;
        };
        let Some((_, span)) = literal_import(call) else {
            return false;
        };
        let specifier = match self.replacements.next() {
            None
            | Some(
                Replacement::Keep
                | Replacement::Members(_)
                | Replacement::Name(_)
                | Replacement::Names(_),
            ) => return false,
            Some(Replacement::CommonJs(target)) => match interop::dynamic(&target) {
                Some(namespace) => {
                    *expr = namespace;
                    return true;
                }
                None => target.facade,
            },
            Some(
                Replacement::Specifier(specifier)
                | Replacement::Resolved(specifier)
                | Replacement::Value(specifier),
            ) => specifier,
            Some(Replacement::Empty) => {
                *expr = stand::empty();
                return true;
            }
            Some(Replacement::Throw { message }) => {
                *expr = stand::rejected(&message);
                return true;
            }
            Some(Replacement::Unavailable { message }) => {
                *expr = stand::resolved(&message);
                return true;
            }
        };
        call.args.truncate(1);
        *call.args[0].expr = text(specifier, span);
        let is_source = is_source(&call.callee);
        if is_source {
            *expr = source_of_module(call);
        }
        is_source
    }

    fn members(&mut self, expr: &mut Expr) {
        let Some((glob, kind)) = expr.as_call().and_then(many) else {
            return;
        };
        let Some(Replacement::Members(members)) = self.replacements.next() else {
            expr.visit_mut_children_with(self);
            return;
        };
        let Expr::Call(call) = expr else { return };
        call.visit_mut_children_with(self);
        *expr = match kind {
            RequestKind::Pattern => {
                let specifier = std::mem::take(&mut call.args[0].expr);
                self.members.import(&glob, specifier, &members)
            }
            _ => self.members.object(&glob, &members),
        };
    }
}

/// The default export of the module that an `import.source()` was pointed to.
fn source_of_module(call: &mut CallExpr) -> Expr {
    let mut call = std::mem::take(call);
    if let Callee::Import(import) = &mut call.callee {
        import.phase = ImportPhase::Evaluation;
    }
    let then = MemberExpr {
        span: call.span,
        obj: Box::new(Expr::Call(call)),
        prop: MemberProp::Ident("then".into()),
    };
    let argument = ExprOrSpread {
        spread: None,
        expr: Box::new(stand::parsed("(module) => module.default")),
    };
    Expr::Call(CallExpr {
        span: then.span,
        callee: Callee::Expr(Box::new(then.into())),
        args: vec![argument],
        ..CallExpr::default()
    })
}

fn text(value: String, span: Span) -> Expr {
    Expr::Lit(Lit::Str(Str {
        span,
        value: value.into(),
        raw: None,
    }))
}

impl VisitMut for Replacer {
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if expr.as_call().and_then(many).is_some() {
            return self.members(expr);
        }
        if let Expr::New(new) = expr
            && self.url(new)
        {
            return;
        }
        match expr {
            Expr::Call(CallExpr {
                callee: Callee::Expr(callee),
                args,
                ..
            }) => {
                self.resolved(callee, args);
                self.accept(callee, args);
            }
            Expr::OptChain(chain) => {
                if let OptChainBase::Call(call) = &mut *chain.base {
                    self.accept(&call.callee, &mut call.args);
                }
            }
            _ => {}
        }
        if !self.import(expr) {
            expr.visit_mut_children_with(self);
        }
    }
}
