//! Requests for many modules at once: `import.meta.glob('./x/*.ts')` and `` import(`./x/${name}.ts`) ``
//! (<https://vite.dev/guide/features#glob-import>, <https://vite.dev/guide/features#dynamic-import>).

use std::fmt::Write;

use swc_core::common::{DUMMY_SP, Span, Spanned};
use swc_core::ecma::ast::*;

use super::requests::pair;
use super::stand;

/// Which modules are meant, and what of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glob {
    /// Patterns; those that exclude start with `!`.
    pub patterns: Vec<String>,
    /// Import at once, not on demand.
    pub eager: bool,
    /// The one export to give in place of the module; `None`: the module.
    pub import: Option<String>,
    /// The query that goes with each import, without its `?`.
    pub query: Option<String>,
    /// What patterns and keys are relative to, in place of the file's directory.
    pub base: Option<String>,
    /// Dot files and `node_modules` too.
    pub exhaustive: bool,
    /// A specifier with holes (`import()`): each `*` is one name or a part of one, and the keys are specifiers.
    pub specifier: bool,
    /// What follows the `?` of a specifier is computed, too: it goes with whatever the rest means.
    pub any_query: bool,
    /// Letters match in either case.
    pub folds_case: bool,
    /// Why it can't be answered.
    pub fault: Option<Fault>,
}

/// What is wrong with a call of `import.meta.glob`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What, and why.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where.
    pub(super) span: Span,
}

impl Fault {
    fn new(message: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            hint: None,
            span,
        }
    }

    /// The call is answered when the file is compiled, so that nothing in it may be computed.
    fn computed(span: Span) -> Self {
        Self::new(
            "`import.meta.glob` takes literals alone, for it is answered when the file is compiled",
            span,
        )
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// One module that a [`Glob`] means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What the code calls it.
    pub key: String,
    /// What imports it.
    pub specifier: String,
}

/// The request of `import.meta.glob(…)`.
pub(super) fn of_call(call: &CallExpr) -> Option<Glob> {
    let callee = call.callee.as_expr()?.as_member()?;
    let is_meta =
        matches!(&*callee.obj, Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta);
    if !is_meta || callee.prop.as_ident()?.sym != "glob" {
        return None;
    }
    let mut glob = Glob::default();
    glob.fault = read(call, &mut glob).err();
    Some(glob)
}

fn read(call: &CallExpr, glob: &mut Glob) -> Result<(), Fault> {
    let Some(first) = call.args.first() else {
        return Err(Fault::new("`import.meta.glob` needs a pattern", call.span));
    };
    let computed = || Fault::computed(first.span());
    if call.args.iter().any(|argument| argument.spread.is_some()) {
        return Err(computed());
    }
    match &*first.expr {
        Expr::Array(array) => {
            for element in &array.elems {
                let text = element.as_ref().filter(|one| one.spread.is_none());
                let text = text.and_then(|one| text_of(&one.expr));
                glob.patterns.push(text.ok_or_else(computed)?);
            }
        }
        one => glob.patterns.push(text_of(one).ok_or_else(computed)?),
    }
    match call.args.get(1).map(|options| &*options.expr) {
        None => Ok(()),
        Some(Expr::Object(options)) => read_options(options, glob),
        Some(other) => Err(Fault::computed(other.span())),
    }
}

/// Reads the options. Those that are not known are faults, as with Vite: they would change what is meant.
fn read_options(options: &ObjectLit, glob: &mut Glob) -> Result<(), Fault> {
    let mut older: Option<(String, Span)> = None;
    for property in &options.props {
        let span = property.span();
        let (name, value) = pair(property).ok_or_else(|| Fault::computed(span))?;
        let wrong = |takes: &str| match value {
            Expr::Lit(_) => Fault::new(format!("`{name}` takes {takes}"), value.span()),
            _ => Fault::computed(value.span()),
        };
        let text = || text_of(value).ok_or_else(|| wrong("a text"));
        let flag = || match value {
            Expr::Lit(Lit::Bool(flag)) => Ok(flag.value),
            _ => Err(wrong("`true` or `false`")),
        };
        match &*name {
            "eager" => glob.eager = flag()?,
            "exhaustive" => glob.exhaustive = flag()?,
            "caseSensitive" => glob.folds_case = !flag()?,
            "import" => glob.import = Some(text()?),
            "base" => glob.base = Some(base_of(text()?, value.span())?),
            "query" => {
                let query = query_of(value).ok_or_else(|| wrong("a text or an object"))?;
                glob.query = Some(query);
            }
            "as" => older = Some((text()?, span)),
            _ => {
                let fault = Fault::new(format!("`import.meta.glob` has no option `{name}`"), span);
                return Err(fault.hint(format!("its options are {OPTIONS}")));
            }
        }
    }
    if let Some((query, span)) = older {
        use_older(glob, query, span)?;
    }
    glob.import = glob.import.take().filter(|name| name != "*");
    Ok(())
}

/// As diagnostics list them.
const OPTIONS: &str = "`eager`, `import`, `query`, `base`, `caseSensitive`, `exhaustive`";

/// A base is a folder, relative to the file or from the root.
fn base_of(base: String, span: Span) -> Result<String, Fault> {
    match base.starts_with(['.', '/']) {
        true => Ok(base),
        false => {
            let fault = Fault::new(format!("`{base}` is no base of `import.meta.glob`"), span);
            Err(fault.hint("a base begins with `./`, `../` or `/`"))
        }
    }
}

/// `as`, the older spelling of a query, with which `raw` and `url` mean the default export.
fn use_older(glob: &mut Glob, query: String, span: Span) -> Result<(), Fault> {
    if glob.query.is_some() {
        let fault = Fault::new("`as` and `query` cannot be used together", span);
        return Err(fault.hint(format!("`as: '{query}'` is an older spelling: remove it")));
    }
    if ["raw", "url"].contains(&&*query) {
        match glob.import.as_deref() {
            None => glob.import = Some("default".to_owned()),
            Some("default" | "*") => {}
            Some(other) => {
                let fault = Fault::new(format!("`as: '{query}'` has no export `{other}`"), span);
                return Err(fault.hint("`import` can be `default` or `*`"));
            }
        }
    }
    glob.query = Some(query);
    Ok(())
}

fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(Lit::Str(text)) => Some(text.value.to_string_lossy().into_owned()),
        Expr::Tpl(template) if template.exprs.is_empty() => {
            let text = template.quasis.first()?.cooked.as_ref()?;
            Some(text.to_string_lossy().into_owned())
        }
        Expr::Paren(paren) => text_of(&paren.expr),
        _ => None,
    }
}

/// `'?raw'`, `'raw'` or `{ raw: true, w: 'x' }`.
fn query_of(value: &Expr) -> Option<String> {
    let Expr::Object(object) = value else {
        let text = text_of(value)?;
        return Some(text.trim_start_matches('?').to_owned());
    };
    let parts = object.props.iter().map(|property| {
        let (name, value) = pair(property)?;
        Some(match value {
            Expr::Lit(Lit::Bool(flag)) if flag.value => name,
            Expr::Lit(Lit::Bool(flag)) => format!("{name}={}", flag.value),
            Expr::Lit(Lit::Num(number)) => format!("{name}={}", number.value),
            text => match text_of(text)?.as_str() {
                "" => name,
                text => format!("{name}={text}"),
            },
        })
    });
    let parts: Option<Vec<String>> = parts.collect();
    Some(parts?.join("&"))
}

/// The request of an `import()` whose specifier is a text with holes, and begins with a directory that is known.
pub(super) fn of_import(specifier: &Expr) -> Option<Glob> {
    let mut parts = Vec::new();
    holes(specifier, &mut parts)?;
    if parts.iter().all(Option::is_some) {
        return None;
    }
    let mut pattern = String::new();
    for part in parts {
        match part {
            Some(text) => {
                for letter in text.chars() {
                    if "*?[]{}()!+@\\".contains(letter)
                        && !(letter == '@' && pattern.is_empty())
                        && letter != '?'
                    {
                        pattern.push('\\');
                    }
                    pattern.push(letter);
                }
            }
            None if pattern.ends_with('*') && !pattern.ends_with("\\*") => {}
            None => pattern.push('*'),
        }
    }
    let (pattern, query, any_query) = match pattern.split_once('?') {
        Some((pattern, query)) if query.contains('*') => (pattern.to_owned(), None, true),
        Some((pattern, query)) => (pattern.to_owned(), Some(query.to_owned()), false),
        None => (pattern, None, false),
    };
    // With a scheme it is a URL.
    let known = pattern.split('*').next().unwrap_or_default();
    if !known.contains('/') || known.contains(':') || known.starts_with("//") {
        return None;
    }
    Some(Glob {
        patterns: vec![pattern],
        query,
        any_query,
        specifier: true,
        ..Glob::default()
    })
}

/// The texts of a template or a sum, `None` for each hole.
fn holes(expr: &Expr, parts: &mut Vec<Option<String>>) -> Option<()> {
    match expr {
        Expr::Tpl(template) => {
            for (index, quasi) in template.quasis.iter().enumerate() {
                parts.push(Some(quasi.cooked.as_ref()?.to_string_lossy().into_owned()));
                if index < template.exprs.len() {
                    parts.push(None);
                }
            }
        }
        Expr::Bin(sum) if sum.op == BinaryOp::Add => {
            holes(&sum.left, parts)?;
            holes(&sum.right, parts)?;
        }
        // What compilers make of a template.
        Expr::Call(call) if let Some(first) = concatenated(call) => {
            holes(first, parts)?;
            for argument in &call.args {
                holes(&argument.expr, parts)?;
            }
        }
        Expr::TaggedTpl(raw) if is_raw(raw) => {
            for (index, quasi) in raw.tpl.quasis.iter().enumerate() {
                parts.push(Some(quasi.raw.to_string()));
                if index < raw.tpl.exprs.len() {
                    parts.push(None);
                }
            }
        }
        Expr::Paren(paren) => holes(&paren.expr, parts)?,
        Expr::Lit(Lit::Str(text)) => {
            parts.push(Some(text.value.to_string_lossy().into_owned()));
        }
        _ => parts.push(None),
    }
    Some(())
}

/// Whether a template is as it is written: `` String.raw`…` ``.
pub(super) fn is_raw(template: &TaggedTpl) -> bool {
    let tag = template.tag.as_member();
    tag.is_some_and(|tag| {
        let is_string = matches!(&*tag.obj, Expr::Ident(object) if object.sym == "String");
        is_string && tag.prop.as_ident().is_some_and(|name| name.sym == "raw")
    })
}

/// The first text of `'a'.concat(b, c)`.
fn concatenated(call: &CallExpr) -> Option<&Expr> {
    let callee = call.callee.as_expr()?.as_member()?;
    let is_text = match &*callee.obj {
        Expr::Lit(Lit::Str(_)) | Expr::Tpl(_) => true,
        Expr::Call(inner) => concatenated(inner).is_some(),
        _ => false,
    };
    let is_known = is_text && callee.prop.as_ident()?.sym == "concat";
    let is_spread = call.args.iter().any(|argument| argument.spread.is_some());
    (is_known && !is_spread).then_some(&*callee.obj)
}

/// Puts the members in the place of requests; collects the imports of those that are wanted at once.
#[derive(Default)]
pub(super) struct Members {
    /// What the module imports because of it.
    pub(super) imports: Vec<ModuleItem>,
    count: usize,
}

impl Members {
    /// The object that `import.meta.glob` gives.
    pub(super) fn object(&mut self, glob: &Glob, members: &[Member]) -> Expr {
        self.count += 1;
        let mut imports = String::new();
        let mut object = "({".to_owned();
        for (index, member) in members.iter().enumerate() {
            let specifier = quoted(&member.specifier);
            let _ = match (glob.eager, &glob.import) {
                (false, None) => write!(
                    object,
                    "{}: () => import({specifier}),",
                    quoted(&member.key)
                ),
                (false, Some(name)) => write!(
                    object,
                    "{}: () => import({specifier}).then((module) => module[{}]),",
                    quoted(&member.key),
                    quoted(name)
                ),
                (true, import) => {
                    let local = format!("__glob_{}_{index}", self.count);
                    let _ = match import {
                        None => write!(imports, "import * as {local} from {specifier};"),
                        Some(name) => write!(
                            imports,
                            "import {{ {} as {local} }} from {specifier};",
                            quoted(name)
                        ),
                    };
                    write!(object, "{}: {local},", quoted(&member.key))
                }
            };
        }
        object.push_str("})");
        self.imports.extend(stand::items(&imports));
        stand::parsed(&object)
    }

    /// The call that stands for an `import()` with holes: what fits none is rejected.
    pub(super) fn import(&mut self, glob: &Glob, specifier: Box<Expr>, members: &[Member]) -> Expr {
        if glob.any_query {
            return with_query(specifier, members);
        }
        let object = self.object(&Glob::default(), members);
        const CHOOSE: &str = "((modules, name) => Object.hasOwn(modules, name) ? modules[name]() : \
            Promise.reject(new Error(`no module ${name} to import`)))";
        chosen(CHOOSE, object, specifier)
    }
}

/// The same where the query is computed, too. It is put behind the URL that the plain specifier means where the module runs: in
/// a page that of a version. What fits none is imported as it is.
fn with_query(specifier: Box<Expr>, members: &[Member]) -> Expr {
    const CHOOSE: &str = "((modules, name) => { const [path] = name.split('?', 1); \
        return import(Object.hasOwn(modules, path) ? modules[path]() + name.slice(path.length) : name); })";
    let mut object = "({".to_owned();
    for Member { key, specifier } in members {
        let (key, specifier) = (quoted(key), quoted(specifier));
        let _ = write!(object, "{key}: () => import.meta.resolve({specifier}),");
    }
    object.push_str("})");
    chosen(CHOOSE, stand::parsed(&object), specifier)
}

/// The call of a function with the modules and the specifier.
fn chosen(choose: &str, object: Expr, specifier: Box<Expr>) -> Expr {
    let argument = |expr: Box<Expr>| ExprOrSpread { spread: None, expr };
    Expr::Call(CallExpr {
        span: DUMMY_SP,
        callee: Callee::Expr(Box::new(stand::parsed(choose))),
        args: vec![argument(Box::new(object)), argument(specifier)],
        ..CallExpr::default()
    })
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
