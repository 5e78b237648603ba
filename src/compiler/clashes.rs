//! Whether names can clash: those that a file has with those that passes put into it, or with each other where they were moved.
//!
//! Telling them apart by other names (swc's `hygiene`) looks at every scope of a file twice. A file's own names need it only
//! where code was moved into another scope; and most files get no names but a few that stand nowhere in their text.

use swc_core::atoms::Atom;
use swc_core::common::{BytePos, Mark, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::parse::File;
use super::transform::Marks;
use super::written::Written;
use super::{Jsx, Options};
use crate::base::QuickMap;

/// The contexts that tell a file's own names apart, as they are when it is all that was looked at.
#[derive(Clone, Copy)]
pub(super) struct Own {
    /// The first that a pass after it can make.
    next: u32,
    globals: SyntaxContext,
}

impl Own {
    pub(super) fn now(marks: Marks) -> Self {
        let globals = SyntaxContext::empty().apply_mark(marks.unresolved);
        Self {
            next: SyntaxContext::empty().apply_mark(Mark::new()).as_u32(),
            globals,
        }
    }

    /// Whether names can clash in what passes have made of a file.
    pub(super) fn can_clash(self, program: &Program, file: &File) -> bool {
        let text = file.text();
        let mut added = Added {
            own: self,
            file,
            names: QuickMap::default(),
            twice: false,
            is_escaped: false,
        };
        program.visit_with(&mut added);
        added.twice
            || !added.names.is_empty() && added.is_escaped
            || added.names.keys().any(|name| has_word(text, name))
    }
}

/// Whether a name stands in a text, not only as a part of others.
pub(super) fn has_word(text: &str, name: &str) -> bool {
    let bytes = text.as_bytes();
    let continues = |at: usize| {
        let byte = bytes.get(at);
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
    };
    memchr::memmem::find_iter(bytes, name).any(|at| {
        let starts = at.checked_sub(1).is_none_or(|before| !continues(before));
        starts && !continues(at + name.len())
    })
}

/// Whether passes can move code into scopes where its names mean something else, or ask for what has the name that a user gave it.
pub(super) fn moves(file: &File, written: Written, options: &Options) -> bool {
    let named = matches!(options.jsx, Jsx::Classic { .. }) || file.has_pragma();
    written.jsx && named
        || written.decorators
        || written.accessors
        || written.using
        || written.namespaces
        || written.parameter_properties
        || written.classes && !options.use_define_for_class_fields
}

/// The names that passes have put into a file.
struct Added<'a> {
    own: Own,
    file: &'a File,
    names: QuickMap<Atom, SyntaxContext>,
    /// Whether one name means two things.
    twice: bool,
    /// Whether a name of the file's own is not written as it is called: its escapes are no part of it.
    is_escaped: bool,
}

impl Added<'_> {
    /// What a name takes of the text may have more in it than the name: the sign that a parameter is optional, for one.
    fn is_written_with_escapes(&self, name: &Ident) -> bool {
        let BytePos(start) = self.file.source.start_pos;
        let at = |position: BytePos| position.0.checked_sub(start).map(|at| at as usize);
        let (Some(from), Some(to)) = (at(name.span.lo), at(name.span.hi)) else {
            return false;
        };
        let written = self.file.text().get(from..to);
        written.is_some_and(|written| written.len() != name.sym.len() && written.contains('\\'))
    }
}

impl Visit for Added<'_> {
    noop_visit_type!();

    fn visit_ident(&mut self, name: &Ident) {
        let context = name.ctxt;
        let is_own = context.as_u32() < self.own.next
            && context != SyntaxContext::empty()
            && (context != self.own.globals || !name.span.is_dummy());
        if is_own {
            self.is_escaped |= self.is_written_with_escapes(name);
        } else {
            let known = self.names.insert(name.sym.clone(), context);
            self.twice |= known.is_some_and(|known| known != context);
        }
    }

    // What modules call each other's names is no variable, and no label is.

    fn visit_import_named_specifier(&mut self, specifier: &ImportNamedSpecifier) {
        specifier.local.visit_with(self);
    }

    fn visit_export_named_specifier(&mut self, specifier: &ExportNamedSpecifier) {
        specifier.orig.visit_with(self);
    }

    fn visit_export_namespace_specifier(&mut self, _: &ExportNamespaceSpecifier) {}

    fn visit_export_default_specifier(&mut self, _: &ExportDefaultSpecifier) {}

    fn visit_named_export(&mut self, export: &NamedExport) {
        if export.src.is_none() {
            export.visit_children_with(self);
        }
    }

    fn visit_labeled_stmt(&mut self, statement: &LabeledStmt) {
        statement.body.visit_with(self);
    }

    fn visit_break_stmt(&mut self, _: &BreakStmt) {}

    fn visit_continue_stmt(&mut self, _: &ContinueStmt) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::{Language, Options, Replacement, parse};

    fn compiled(text: &str, options: &Options) -> String {
        let parsed = parse(text.as_bytes(), Language::Tsx, "a.tsx").unwrap();
        let transformed = parsed.transform(options).unwrap();
        transformed.emit(&mut |_| Replacement::Keep).unwrap().code
    }

    #[test]
    fn names_that_meet_are_told_apart() {
        let plain = Options::default();
        let function = Options {
            function_form: true,
            ..Options::default()
        };
        // What the file calls so, however it writes it, and what a pass does.
        for own in ["_jsx", "\\u005fjsx", "_\\u{6a}sx"] {
            let own = format!("export const {own} = 1; export const a = <p />;");
            for options in [&plain, &function] {
                let code = compiled(&own, options);
                assert!(
                    code.contains("_jsx1") || code.contains("jsx as _jsx0"),
                    "{code}"
                );
            }
        }
        // Names that were moved to where others have them.
        let space =
            "export namespace A { export const x = 1; export const f = (A: number) => x + A; }";
        let code = compiled(space, &plain);
        assert!(
            code.contains("A.x + A1") || code.contains("A1.x + A"),
            "{code}"
        );
        let fields = "const z = 1; export class B { y = z; constructor(private x: number, z: string) { z; x; } }";
        let assigned = Options {
            use_define_for_class_fields: false,
            ..Options::default()
        };
        let code = compiled(fields, &assigned);
        assert!(!code.contains("this.y = z;\n        z;"), "{code}");
        let member = "export enum E { A = 1, B = ((E: number) => A + E)(1) }";
        let code = compiled(member, &plain);
        assert!(!code.contains("(E)=>"), "{code}");
    }

    #[test]
    fn names_are_found_as_words() {
        for text in ["_s", "a._s = 1", "é_s()", "a_s + _s"] {
            assert!(has_word(text, "_s"), "{text}");
        }
        for text in ["", "a_s", "_state", "_s1", "$_s_"] {
            assert!(!has_word(text, "_s"), "{text}");
        }
    }

    #[test]
    fn what_cannot_meet_keeps_its_name() {
        let bundled =
            "export const f = (module) => { module.exports = 1; }; export const g = typeof module;";
        assert!(compiled(bundled, &Options::default()).contains("(module)=>"));
        // Escapes of a string, a parameter that is longer than its name, a variable that is called as a global is.
        let text = "export const f = (a?: string) => { const document = a ?? '\\u0041'; return <p>{document}</p>; }; document;";
        assert!(compiled(text, &Options::default()).contains("const document = a"));
    }

    #[test]
    fn a_variable_that_has_an_imports_name_is_none_of_it() {
        let options = Options {
            function_form: true,
            ..Options::default()
        };
        let text = "import { x, y } from './a'; export const f = (x: number) => x + y; export const g = { x, y };";
        let code = compiled(text, &options);
        assert!(code.contains("(x)=>x + $_0.y"), "{code}");
        assert!(code.contains("x: $_0.x"), "{code}");
        // One that had to be called otherwise.
        let text = "import { jsx as _jsx } from './a'; export const f = () => _jsx; export const a = <p />;";
        let code = compiled(text, &options);
        assert!(
            code.contains("()=>$_1.jsx") && code.contains("(0, $_0.jsx)"),
            "{code}"
        );
    }
}
