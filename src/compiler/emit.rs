//! Syntax tree to text and source map.

use swc_core::common::{BytePos, GLOBALS, LineCol};
use swc_core::ecma::ast::Module;
use swc_core::ecma::codegen::{Config, Emitter, Node};

use super::engine::Source;
use super::parse::File;
use super::writer::Writer;
use super::{
    Emitted, Exports, Replacement, Request, RequestKind, function, guard, map, minify, replace,
};
use crate::base::Diagnostic;

/// A compiled file whose imports are not resolved yet.
pub struct Transformed {
    pub(super) module: Module,
    pub(super) is_grouped: bool,
    pub(super) requests: Vec<Request>,
    pub(super) file: File,
    pub(super) minify: bool,
    pub(super) compact: bool,
    pub(super) function_form: bool,
    pub(super) hot: bool,
    pub(super) map_source: Option<String>,
    pub(super) map_url: Option<String>,
    pub(super) map_comment: bool,
    /// What a CommonJS file exports; `None` for ES modules.
    pub(super) exports: Option<Exports>,
}

impl Transformed {
    /// What the compiled file asks for, type-only imports gone, the JSX runtime added: static imports in their
    /// order, then the dynamic ones in theirs. Of a CommonJS
    /// file, each name that is required, in the order of the calls.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// What a CommonJS file exports; `None` where the file was compiled as an ES module.
    pub fn exports(&self) -> Option<&Exports> {
        self.exports.as_ref()
    }

    /// The code, with what `resolve` says in place of each request.
    ///
    /// # Errors
    /// `compiler-panic` only.
    pub fn emit(
        self,
        resolve: &mut dyn FnMut(&Request) -> Replacement,
    ) -> Result<Emitted, Vec<Diagnostic>> {
        let replacements = self.requests.iter().map(resolve).collect();
        let shown = self.file.shown.clone();
        guard(&shown, || {
            let file = self.file;
            let mut module = self.module;
            // The others are imports and exports, at the top of the tree.
            let dynamic = self.requests.iter().any(|request| {
                let kind = request.kind;
                let is_static = matches!(kind, RequestKind::Import | RequestKind::ExportFrom);
                !is_static && !kind.is_require()
            });
            let url = self.map_url.as_deref();
            GLOBALS.set(&file.globals, || {
                replace::replace(&mut module, replacements, dynamic, self.hot);
                // What the minifier itself fails on stays as it is: it is right, only longer.
                if self.minify
                    && let Ok(short) = guard(&shown, || Ok(minify::minify(module.clone(), &file)))
                {
                    module = short;
                }
                let is_grouped = self.is_grouped;
                let form = || function::form(&mut module, is_grouped);
                let head = self.function_form.then(form);
                let (mut code, mut mappings) = print(&module, &file, url.is_some(), self.compact);
                if let Some(head) = head {
                    function::enclose(&mut code, &head);
                    let width = u32::try_from(head.encode_utf16().count()).unwrap_or(0);
                    let first = mappings.iter_mut().take_while(|(_, at)| at.line == 0);
                    first.for_each(|(_, at)| at.col += width);
                }
                if self.minify {
                    if !code.is_empty() {
                        code.push('\n');
                    }
                    for comment in file.legal_comments() {
                        code.push_str(&comment);
                        code.push('\n');
                    }
                }
                let map = url.map(|url| {
                    if self.map_comment {
                        code.push_str("//# sourceMappingURL=");
                        code.push_str(url);
                        code.push('\n');
                    }
                    map::build(&file, self.map_source.as_deref(), &mappings)
                });
                Ok(Emitted { code, map })
            })
        })
    }
}

fn print(
    module: &Module,
    file: &File,
    mapped: bool,
    is_compact: bool,
) -> (String, Vec<(BytePos, LineCol)>) {
    // JSX becomes calls, which are longer.
    let source = Source {
        text: file.text(),
        start: file.source.start_pos,
    };
    let writer = Writer::new(source, file.text().len() * 3, mapped);
    let mut emitter = Emitter {
        cfg: Config::default()
            .with_minify(is_compact)
            .with_omit_last_semi(is_compact),
        cm: file.map.clone(),
        comments: None,
        wr: writer,
    };
    if let Err(error) = module.emit_with(&mut emitter) {
        panic!("printing failed: {error}");
    }
    emitter.wr.finish()
}
