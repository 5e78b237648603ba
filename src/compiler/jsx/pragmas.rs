//! Which calls elements become: what the configuration says, and what comments in the file say before it.

use swc_core::atoms::Atom;
use swc_core::common::comments::CommentKind;
use swc_core::common::{DUMMY_SP, Span, SyntaxContext};
use swc_core::ecma::ast::*;

use super::Runtime;
use crate::base::Diagnostic;
use crate::compiler::parse::File;
use crate::compiler::transform::Marks;
use crate::compiler::{Jsx, Options};

/// What the comments of a file say, each where it stands first.
#[derive(Default)]
struct Pragmas {
    is_classic: Option<bool>,
    source: Option<String>,
    factory: Option<(String, Span)>,
    fragment: Option<(String, Span)>,
}

pub(super) fn runtime(
    file: &File,
    options: &Options,
    marks: Marks,
) -> Result<Runtime, Vec<Diagnostic>> {
    let pragmas = match file.has_pragma() {
        true => Pragmas::of(file),
        false => Pragmas::default(),
    };
    let (is_classic, source, names) = match &options.jsx {
        Jsx::Automatic { import_source } => (false, import_source.as_str(), None),
        Jsx::Classic { pragma, fragment } => (true, "react", Some((pragma, fragment))),
    };
    if !pragmas.is_classic.unwrap_or(is_classic) {
        let source = pragmas.source.as_deref().unwrap_or(source);
        let source = Atom::new(source);
        return Ok(Runtime::Automatic { source });
    }
    let (factory, fragment) = match names {
        Some((factory, fragment)) => (factory.as_str(), fragment.as_str()),
        None => ("React.createElement", "React.Fragment"),
    };
    let named =
        |pragma: Option<(String, Span)>, configured: &str| {
            let (name, span) = pragma.unwrap_or_else(|| (configured.to_owned(), DUMMY_SP));
            named(&name, span, marks).ok_or_else(|| {
                let message = format!("`{name}` names nothing that JSX can be made calls of");
                let diagnostic = Diagnostic::new("jsx-factory", message);
                vec![diagnostic.hint(
                    "name a function, or a property of something, as `React.createElement` does",
                )]
            })
        };
    Ok(Runtime::Classic {
        factory: named(pragmas.factory, factory)?,
        fragment: named(pragmas.fragment, fragment)?,
    })
}

impl Pragmas {
    /// They stand in blocks, each on a line of its own.
    fn of(file: &File) -> Self {
        let (leading, _) = file.comments.borrow_all();
        let mut comments: Vec<_> = leading.values().flatten().collect();
        comments.sort_unstable_by_key(|comment| comment.span.lo);
        let mut pragmas = Self::default();
        for comment in comments {
            if comment.kind != CommentKind::Block {
                continue;
            }
            for line in comment.text.lines() {
                let line = line.trim().trim_start_matches('*').trim_start();
                if line.starts_with("@jsx") {
                    pragmas.read(line, comment.span);
                }
            }
        }
        pragmas
    }

    fn read(&mut self, line: &str, span: Span) {
        let mut words = line.split_whitespace();
        while let (Some(pragma), Some(value)) = (words.next(), words.next()) {
            let named = || is_name(value).then(|| (value.to_owned(), span));
            match (pragma, value) {
                ("@jsxRuntime", "classic") => _ = self.is_classic.get_or_insert(true),
                ("@jsxRuntime", "automatic") => _ = self.is_classic.get_or_insert(false),
                ("@jsxImportSource", _) => {
                    self.is_classic.get_or_insert(false);
                    self.source.get_or_insert_with(|| value.to_owned());
                }
                ("@jsx", _) => self.factory = self.factory.take().or_else(named),
                ("@jsxFrag", _) => self.fragment = self.fragment.take().or_else(named),
                _ => {}
            }
        }
    }
}

/// `h`, `React.createElement`, `this.h`
fn is_name(name: &str) -> bool {
    let mut parts = name.split('.');
    let first = parts.next().unwrap_or_default();
    let is_word = |word: &str| {
        word.starts_with(Ident::is_valid_start) && word.chars().all(Ident::is_valid_continue)
    };
    (first == "this" || Ident::verify_symbol(first).is_ok()) && parts.all(is_word)
}

fn named(name: &str, span: Span, marks: Marks) -> Option<Expr> {
    if !is_name(name) {
        return None;
    }
    let mut parts = name.split('.');
    let context = SyntaxContext::empty().apply_mark(marks.top_level);
    let first = match parts.next()? {
        "this" => Expr::This(ThisExpr { span: DUMMY_SP }),
        first => Expr::Ident(Ident::new(first.into(), DUMMY_SP, context)),
    };
    let mut named = parts.fold(first, |object, property| {
        Expr::Member(MemberExpr {
            span: DUMMY_SP,
            obj: Box::new(object),
            prop: MemberProp::Ident(IdentName::new(property.into(), DUMMY_SP)),
        })
    });
    named.set_span(span);
    Some(named)
}
