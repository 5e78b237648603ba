//! Finds the requests of a tree: what other files its imports, and all that stands for one, ask for.

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::accept;
use super::glob::{self, Glob};
use super::members;
use super::parse::File;
use super::positions::{Positions, Unit};
use super::{Named, Request, RequestKind, common, faults};

/// All requests, in the order in which [`super::replace`] meets them. `imports`: the module may have `import()` or
/// `import.meta`.
pub(super) fn collect(module: &Module, file: &File, is_hot: bool, imports: bool) -> Vec<Request> {
    let mut collector = Collector {
        file,
        is_hot,
        positions: None,
        requests: Vec::new(),
        importing: false,
        worker: None,
    };
    let members = members::collect(module);
    for item in &module.body {
        match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                let required = common::kind(import);
                let kind = required.unwrap_or(RequestKind::Import);
                collector.add(&import.src, kind, import.with.as_deref());
                if let Some(request) = collector.requests.last_mut() {
                    request.is_source = import.phase == ImportPhase::Source;
                    request.nameless = import.specifiers.is_empty();
                    request.names = imported(&import.specifiers, file);
                    request.whole = request.names.len() < import.specifiers.len();
                    let mut spaces = import.specifiers.iter().filter(|one| one.is_namespace());
                    let members = spaces.find_map(|one| members.get(&*one.local().sym));
                    request.members = members.into_iter().flatten().cloned().collect();
                }
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(NamedExport {
                src: Some(source),
                with,
                specifiers,
                ..
            })) => {
                collector.add(source, RequestKind::ExportFrom, with.as_deref());
                if let Some(request) = collector.requests.last_mut() {
                    request.names = exported(specifiers, file);
                    request.whole = request.names.len() < specifiers.len();
                }
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportAll(ExportAll {
                src: source, with, ..
            })) => {
                collector.add(source, RequestKind::ExportFrom, with.as_deref());
                if let Some(request) = collector.requests.last_mut() {
                    request.whole = true;
                }
            }
            _ => {}
        }
    }
    if imports {
        module.visit_with(&mut collector);
    }
    collector.requests
}

fn imported(specifiers: &[ImportSpecifier], file: &File) -> Vec<Named> {
    let named = |specifier: &ImportSpecifier| {
        let (name, span) = match specifier {
            ImportSpecifier::Namespace(_) => return None,
            ImportSpecifier::Default(default) => ("default".to_owned(), default.span),
            ImportSpecifier::Named(named) => match &named.imported {
                Some(name) => (name.atom().to_string(), name.span()),
                None => (named.local.sym.to_string(), named.local.span),
            },
        };
        Some(Named {
            name,
            local: specifier.local().sym.to_string(),
            range: faults::range(file, span),
        })
    };
    specifiers.iter().filter_map(named).collect()
}

fn exported(specifiers: &[ExportSpecifier], file: &File) -> Vec<Named> {
    let named = |specifier: &ExportSpecifier| {
        let ExportSpecifier::Named(named) = specifier else {
            return None;
        };
        let local = named.exported.as_ref().unwrap_or(&named.orig);
        Some(Named {
            name: named.orig.atom().to_string(),
            local: local.atom().to_string(),
            range: faults::range(file, named.orig.span()),
        })
    };
    specifiers.iter().filter_map(named).collect()
}

struct Collector<'a> {
    file: &'a File,
    is_hot: bool,
    /// Made for the first request.
    positions: Option<Positions<'a>>,
    requests: Vec<Request>,
    /// What is visited is within the parentheses of an `import()`.
    importing: bool,
    /// Where the URL stands that the last module worker is started with.
    worker: Option<Span>,
}

impl Collector<'_> {
    fn add(&mut self, specifier: &Str, kind: RequestKind, attributes: Option<&ObjectLit>) {
        self.push(
            specifier.value.to_string_lossy().into_owned(),
            specifier.span,
            kind,
            attributes,
        );
    }

    fn accept(&mut self, callee: &Expr, arguments: &[ExprOrSpread]) {
        if self.is_hot && accept::is_call(callee) {
            for (specifier, span) in accept::named(arguments)
                .iter()
                .filter_map(|one| literal(one))
            {
                self.push(specifier, span, RequestKind::Accept, None);
            }
        }
    }

    fn push(
        &mut self,
        specifier: String,
        span: Span,
        kind: RequestKind,
        attributes: Option<&ObjectLit>,
    ) {
        let injected = span.is_dummy();
        let (line, column, width) = if injected {
            (1, 1, 1)
        } else {
            let range = faults::range(self.file, span);
            let text = self.file.text();
            let positions = self
                .positions
                .get_or_insert_with(|| Positions::new(text, Unit::Character));
            let (line, column) = positions.of(range.start).unwrap_or_default();
            let from_one = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
            let (line, column) = (from_one(line), from_one(column));
            let width = text.get(range).map_or(1, |part| part.chars().count());
            (line, column, u32::try_from(width).unwrap_or(u32::MAX))
        };
        self.requests.push(Request {
            specifier,
            kind,
            attributes: attributes.map(pairs).unwrap_or_default(),
            nameless: false,
            whole: false,
            members: Vec::new(),
            names: Vec::new(),
            glob: None,
            is_source: false,
            injected,
            line,
            column,
            width,
        });
    }
}

impl Visit for Collector<'_> {
    noop_visit_type!();

    fn visit_call_expr(&mut self, call: &CallExpr) {
        if let Some((specifier, span)) = literal_import(call) {
            let attributes = call.args.get(1).and_then(|options| with_of(&options.expr));
            self.push(specifier, span, RequestKind::Dynamic, attributes);
            if let Some(request) = self.requests.last_mut() {
                request.is_source = is_source(&call.callee);
            }
        } else if let Some((glob, kind)) = many(call) {
            let specifier = glob.patterns.join(", ");
            let first = call.args.first();
            let span = match &glob.fault {
                Some(fault) => fault.span,
                None => first.map_or(call.span, |first| first.span()),
            };
            self.push(specifier, span, kind, None);
            if let Some(request) = self.requests.last_mut() {
                request.glob = Some(Box::new(glob));
            }
        } else if let Callee::Expr(callee) = &call.callee {
            if let Some((specifier, span)) = literal_resolved(callee, &call.args) {
                let kind = match self.worker == Some(call.span) {
                    true => RequestKind::WorkerUrl,
                    false => RequestKind::Resolve,
                };
                self.push(specifier, span, kind, None);
            }
            self.accept(callee, &call.args);
        }
        let before = self.importing;
        self.importing |= matches!(call.callee, Callee::Import(_));
        call.visit_children_with(self);
        self.importing = before;
    }

    fn visit_opt_call(&mut self, call: &OptCall) {
        self.accept(&call.callee, &call.args);
        call.visit_children_with(self);
    }

    fn visit_new_expr(&mut self, new: &NewExpr) {
        if let Some(url) = of_module_worker(new) {
            self.worker = Some(url);
        }
        if let Some((specifier, span)) = literal_url(new) {
            let kind = match self.importing {
                _ if self.worker == Some(new.span) => RequestKind::WorkerUrl,
                true => RequestKind::ImportedUrl,
                false => RequestKind::Url,
            };
            self.push(specifier, span, kind, None);
        }
        new.visit_children_with(self);
    }
}

/// A call that means many modules.
pub(super) fn many(call: &CallExpr) -> Option<(Glob, RequestKind)> {
    if let Some(glob) = glob::of_call(call) {
        return Some((glob, RequestKind::Glob));
    }
    let first = call.args.first()?;
    let Callee::Import(import) = call.callee else {
        return None;
    };
    if import.phase != ImportPhase::Evaluation || first.spread.is_some() {
        return None;
    }
    Some((glob::of_import(&first.expr)?, RequestKind::Pattern))
}

/// The text in `new URL('x', import.meta.url)`.
pub(super) fn literal_url(new: &NewExpr) -> Option<(String, Span)> {
    if new.callee.as_ident()?.sym != "URL" {
        return None;
    }
    let [first, second] = new.args.as_deref()? else {
        return None;
    };
    let base = second.expr.as_member()?;
    let is_url = matches!(&*base.obj, Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta)
        && base.prop.as_ident()?.sym == "url";
    match is_url && first.spread.is_none() && second.spread.is_none() {
        true => literal(&first.expr),
        false => None,
    }
}

/// The text in `import.meta.resolve('x')`.
pub(super) fn literal_resolved(
    callee: &Expr,
    arguments: &[ExprOrSpread],
) -> Option<(String, Span)> {
    let member = callee.as_member()?;
    let is_resolve = matches!(&*member.obj, Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta)
        && member.prop.as_ident()?.sym == "resolve";
    let first = arguments.first()?;
    match is_resolve && first.spread.is_none() {
        true => literal(&first.expr),
        false => None,
    }
}

/// Where the URL stands in `new Worker(new URL(…), { type: 'module' })`. Without that type, a worker is a classic script
/// (HTML, 10.2.6.3 "dedicated workers and the `Worker` interface").
fn of_module_worker(new: &NewExpr) -> Option<Span> {
    if !matches!(&*new.callee.as_ident()?.sym, "Worker" | "SharedWorker") {
        return None;
    }
    let [url, options] = new.args.as_deref()? else {
        return None;
    };
    let is_module = options.expr.as_object()?.props.iter().any(|property| {
        let kind = pair(property).filter(|(name, _)| name == "type");
        kind.and_then(|(_, value)| literal(value))
            .is_some_and(|(value, _)| value == "module")
    });
    match is_module && url.spread.is_none() && options.spread.is_none() {
        true => Some(url.expr.span()),
        false => None,
    }
}

/// The specifier of `import('x')` or `` import(`x`) ``.
pub(super) fn literal_import(call: &CallExpr) -> Option<(String, Span)> {
    if !matches!(call.callee, Callee::Import(_)) {
        return None;
    }
    let first = call
        .args
        .first()
        .filter(|argument| argument.spread.is_none())?;
    literal(&first.expr)
}

pub(super) fn literal(expr: &Expr) -> Option<(String, Span)> {
    match expr {
        Expr::Lit(Lit::Str(text)) => Some((text.value.to_string_lossy().into_owned(), text.span)),
        Expr::Tpl(template) if template.exprs.is_empty() => {
            let text = template.quasis.first()?.cooked.as_ref()?;
            Some((text.to_string_lossy().into_owned(), template.span))
        }
        Expr::TaggedTpl(raw) if raw.tpl.exprs.is_empty() && glob::is_raw(raw) => {
            Some((raw.tpl.quasis.first()?.raw.to_string(), raw.span))
        }
        _ => None,
    }
}

/// The object in `{ with: { … } }`.
fn with_of(options: &Expr) -> Option<&ObjectLit> {
    let object = options.as_object()?;
    object.props.iter().find_map(|property| {
        let (name, value) = pair(property)?;
        (name == "with").then(|| value.as_object())?
    })
}

fn pairs(object: &ObjectLit) -> Vec<(String, String)> {
    let text = |value: &Expr| match value {
        Expr::Lit(Lit::Str(text)) => Some(text.value.to_string_lossy().into_owned()),
        _ => None,
    };
    let all = object.props.iter().filter_map(|property| {
        let (name, value) = pair(property)?;
        Some((name, text(value)?))
    });
    all.collect()
}

pub(super) fn pair(property: &PropOrSpread) -> Option<(String, &Expr)> {
    let PropOrSpread::Prop(property) = property else {
        return None;
    };
    let Prop::KeyValue(pair) = &**property else {
        return None;
    };
    let name = match &pair.key {
        PropName::Ident(name) => name.sym.to_string(),
        PropName::Str(name) => name.value.to_string_lossy().into_owned(),
        _ => return None,
    };
    Some((name, &pair.value))
}

/// Whether a call is an `import.source()`.
pub(super) fn is_source(callee: &Callee) -> bool {
    matches!(callee, Callee::Import(import) if import.phase == ImportPhase::Source)
}
