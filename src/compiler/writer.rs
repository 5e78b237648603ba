//! What is printed, and where in the source each piece of it comes from.

use std::io::Result;

use swc_core::common::{BytePos, LineCol, Span};
use swc_core::ecma::codegen::text_writer::WriteJs;

use super::engine::{self, Source};

const INDENT: &str = "    ";

/// How many mappings of one place are looked through for the same one.
const MOST: usize = 64;

/// Prints as swc's own writer does, which goes over each piece several times and remembers every mapping in a set.
pub(super) struct Writer<'a> {
    source: Source<'a>,
    code: String,
    indent: usize,
    at_line_start: bool,
    /// Where the end of `code` is, where mappings are wanted: lines from 0, columns in UTF-16 code units (ECMA-426).
    line: u32,
    /// Where that line begins in `code`.
    line_start: usize,
    /// How many bytes more than UTF-16 code units the line has.
    surplus: usize,
    mappings: Option<Vec<(BytePos, LineCol)>>,
    /// How long the code was when it was last mapped.
    mapped: usize,
    /// What is to be mapped to the first piece of a line, after its indentation.
    pending: Option<BytePos>,
}

impl<'a> Writer<'a> {
    /// A writer with room for so many bytes of code.
    pub(super) fn new(source: Source<'a>, room: usize, is_mapped: bool) -> Self {
        Self {
            source,
            code: String::with_capacity(room),
            indent: 0,
            at_line_start: true,
            line: 0,
            line_start: 0,
            surplus: 0,
            mappings: is_mapped.then(Vec::new),
            mapped: 0,
            pending: None,
        }
    }

    /// What was printed, and its mappings in the order of the code; none where none were wanted.
    pub(super) fn finish(self) -> (String, Vec<(BytePos, LineCol)>) {
        (self.code, self.mappings.unwrap_or_default())
    }

    /// Writes any text.
    fn write(&mut self, span: Option<Span>, text: &str) {
        if text.is_empty() {
            return;
        }
        self.begin(span);
        let start = self.code.len();
        self.code.push_str(text);
        if self.mappings.is_some() {
            self.advance(start);
        }
        self.end(span);
    }

    /// Writes a piece of syntax: letters of ASCII, and no end of a line.
    fn write_piece(&mut self, span: Option<Span>, piece: &str) {
        if piece.is_empty() {
            return;
        }
        self.begin(span);
        self.code.push_str(piece);
        self.end(span);
    }

    fn begin(&mut self, span: Option<Span>) {
        if self.at_line_start {
            for _ in 0..self.indent {
                self.code.push_str(INDENT);
            }
            self.at_line_start = false;
            if let Some(pending) = self.pending.take() {
                self.map(pending);
            }
        }
        if let Some(span) = span {
            self.map(span.lo());
        }
    }

    fn end(&mut self, span: Option<Span>) {
        if let Some(span) = span {
            self.map(span.hi());
        }
    }

    /// Finds the lines and the wide letters of what was written from `start` on.
    fn advance(&mut self, start: usize) {
        let text = &self.code[start..];
        let bytes = text.as_bytes();
        let is_plain = |plain: bool, byte: &u8| plain & (*byte < 128) & (*byte > b'\r');
        if bytes.iter().fold(true, is_plain) {
            return;
        }
        for (at, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                self.line += 1;
                self.line_start = start + at + 1;
                self.surplus = 0;
            }
        }
        let rest = &self.code[self.line_start.max(start)..];
        self.surplus += rest.len() - rest.encode_utf16().count();
    }

    fn column(&self) -> u32 {
        (self.code.len() - self.line_start - self.surplus) as u32
    }

    /// The end of the code comes from there. Nothing else is mapped to one place twice.
    fn map(&mut self, position: BytePos) {
        if position.is_dummy() && position != BytePos(u32::MAX) {
            return;
        }
        let (line, col) = (self.line, self.column());
        let Some(mappings) = &mut self.mappings else {
            return;
        };
        let last = mappings.iter().rev().take(MOST);
        let mut here = last.take_while(|(_, at)| at.line == line && at.col == col);
        if here.all(|(known, _)| *known != position) {
            mappings.push((position, LineCol { line, col }));
            self.mapped = self.code.len();
        }
    }

    /// Maps a piece that has no place in the tree to where it stands next in the source.
    fn map_next(&mut self, piece: &str) {
        let last = self.mappings.as_ref().and_then(|mappings| mappings.last());
        let Some(&(last, LineCol { line, .. })) = last else {
            return;
        };
        if line != self.line || self.at_line_start {
            return;
        }
        let printed = self.code.get(self.mapped..).unwrap_or_default();
        if let Some(place) = self.source.next(last, printed, piece) {
            self.map(place);
        }
    }

    fn mapped(&mut self, span: Span, text: &str) {
        if !text.is_empty() {
            self.map(span.lo());
            self.write(None, text);
            self.map(span.hi());
        }
    }
}

impl WriteJs for Writer<'_> {
    fn increase_indent(&mut self) -> Result<()> {
        self.indent += 1;
        Ok(())
    }

    fn decrease_indent(&mut self) -> Result<()> {
        self.indent = self.indent.saturating_sub(1);
        Ok(())
    }

    fn write_semi(&mut self, span: Option<Span>) -> Result<()> {
        self.write_piece(span, ";");
        Ok(())
    }

    fn write_space(&mut self) -> Result<()> {
        self.write_piece(None, " ");
        Ok(())
    }

    fn write_keyword(&mut self, span: Option<Span>, text: &'static str) -> Result<()> {
        self.write_piece(span, text);
        Ok(())
    }

    fn write_operator(&mut self, span: Option<Span>, text: &str) -> Result<()> {
        if span.is_none() && engine::tells_of_operator(text) {
            self.map_next(text);
        }
        self.write_piece(span, text);
        Ok(())
    }

    fn write_param(&mut self, text: &str) -> Result<()> {
        self.write(None, text);
        Ok(())
    }

    fn write_property(&mut self, text: &str) -> Result<()> {
        self.write(None, text);
        Ok(())
    }

    fn write_line(&mut self) -> Result<()> {
        let pending = self.pending.take();
        if !self.at_line_start {
            self.code.push('\n');
            self.line += 1;
            self.line_start = self.code.len();
            self.surplus = 0;
            self.at_line_start = true;
            if let Some(pending) = pending {
                self.map(pending);
            }
        }
        Ok(())
    }

    fn write_lit(&mut self, span: Span, text: &str) -> Result<()> {
        self.mapped(span, text);
        Ok(())
    }

    fn write_comment(&mut self, text: &str) -> Result<()> {
        self.write(None, text);
        Ok(())
    }

    fn write_str_lit(&mut self, span: Span, text: &str) -> Result<()> {
        self.mapped(span, text);
        Ok(())
    }

    fn write_str(&mut self, text: &str) -> Result<()> {
        self.write(None, text);
        Ok(())
    }

    fn write_symbol(&mut self, span: Span, text: &str) -> Result<()> {
        self.write(Some(span), text);
        Ok(())
    }

    fn write_punct(&mut self, span: Option<Span>, text: &'static str, _: bool) -> Result<()> {
        if self.mappings.is_some() && span.is_none() && engine::tells_of(&self.code, text) {
            self.map_next(text);
        }
        self.write_piece(span, text);
        Ok(())
    }

    fn care_about_srcmap(&self) -> bool {
        self.mappings.is_some()
    }

    fn add_srcmap(&mut self, position: BytePos) -> Result<()> {
        if self.mappings.is_some() {
            match self.at_line_start {
                true => self.pending = Some(position),
                false => self.map(position),
            }
        }
        Ok(())
    }

    fn commit_pending_semi(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use swc_core::common::GLOBALS;
    use swc_core::ecma::ast::Program;
    use swc_core::ecma::codegen::text_writer::JsWriter;
    use swc_core::ecma::codegen::{Config, Emitter, Node};

    use super::*;
    use crate::compiler::{Language, parse};

    /// Both writers' code and mappings of a text, as it is and minified.
    fn compare(text: &str) {
        let parsed = parse(text.as_bytes(), Language::Tsx, "a.tsx").unwrap();
        let Program::Module(module) = &parsed.program else {
            panic!("a module");
        };
        for (is_mapped, minify) in [(true, false), (true, true), (false, false)] {
            let (mut code, mut mappings) = (Vec::new(), Vec::new());
            let config = || Config::default().with_minify(minify);
            let map = &parsed.file.map;
            GLOBALS.set(&parsed.file.globals, || {
                let wanted = is_mapped.then_some(&mut mappings);
                let wr = JsWriter::new(map.clone(), "\n", &mut code, wanted);
                let mut theirs = Emitter {
                    cfg: config(),
                    cm: map.clone(),
                    comments: None,
                    wr,
                };
                module.emit_with(&mut theirs).unwrap();
                let mut ours = Emitter {
                    cfg: config(),
                    cm: map.clone(),
                    comments: None,
                    // Nothing more is found in no text.
                    wr: Writer::new(
                        Source {
                            text: "",
                            start: BytePos(0),
                        },
                        0,
                        is_mapped,
                    ),
                };
                module.emit_with(&mut ours).unwrap();
                let (our_code, our_mappings) = ours.wr.finish();
                assert_eq!(our_code.as_bytes(), code);
                let plain = |all: Vec<(BytePos, LineCol)>| -> Vec<_> {
                    let all = all.into_iter();
                    all.map(|(at, to)| (at.0, to.line, to.col)).collect()
                };
                assert_eq!(plain(our_mappings), plain(mappings));
            });
        }
    }

    #[test]
    fn prints_and_maps_as_the_compilers_own_writer() {
        for text in [
            "export {};",
            "import a, { b as c } from './d';\nexport default async function* e(f = 1, ...g) { yield* await f }\n",
            "export const a = (((1))), b = `x\r\ny${a}\n  z`, c = /[/]\\n/u, d = 'ä😀\\u2028', é = \"\\\n\";",
            "export class A<T> extends B { static #c = 1; get d() { return this.#c ?? super.e }\n\n @f g!: T }\n",
            "export const a = <p title='ä' {...b}>text &amp; {c}<></>\n 😀 </p>;\nlabel: for (;;) { break label }\n",
            "if (a) b; else if (c) { d } else switch (e) { case 1: default: throw f }\nexport type X = 1; enum E { A }\n",
            "export const o = { a, 'b-c': 1n, [d]: e, f() {}, get g() { return 1 }, async *h() {} }, p = a ? b : !c;\n",
        ] {
            compare(text);
            compare(&text.replace('\n', "\r\n"));
        }
        let calls = "a(b => b); ".repeat(50);
        compare(&format!("export function nested() {{ {{ {calls} }} }}"));
    }

    /// What is mapped besides, as far as it is told apart: what stands there in the source.
    fn besides(text: &str) -> Vec<String> {
        let parsed = parse(text.as_bytes(), Language::Tsx, "a.tsx").unwrap();
        let Program::Module(module) = &parsed.program else {
            panic!("a module");
        };
        let start = parsed.file.source.start_pos;
        let mapped = |text| {
            GLOBALS.set(&parsed.file.globals, || {
                let mut emitter = Emitter {
                    cfg: Config::default(),
                    cm: parsed.file.map.clone(),
                    comments: None,
                    wr: Writer::new(Source { text, start }, 0, true),
                };
                module.emit_with(&mut emitter).unwrap();
                emitter.wr.finish().1
            })
        };
        let (without, mut with) = (mapped(""), mapped(text));
        with.retain(|(at, to)| {
            !without
                .iter()
                .any(|(known, there)| (at, to.col, to.line) == (known, there.col, there.line))
        });
        let rest = with
            .iter()
            .map(|(at, _)| &text[(at.0 - start.0) as usize..]);
        let word = |rest: &str| rest.split([' ', ';', '\n']).next().map(str::to_owned);
        rest.filter_map(word).collect()
    }

    #[test]
    fn what_engines_tell_of_is_mapped_where_it_stands() {
        let text = "export {}; make(\n  1,\n)(2); o?.a?.zip.zap; n.foo.bar   = 1; o.f()\n  .none\n  .x; 'a' /* in */ in b; (0, f)(3); (f)()(); a.b.c(4) + 1;";
        let expected = ["(2)", ".zap", "=", ".none", ".x", "in", "(3)", "()()", "()"];
        assert_eq!(besides(text), expected);
        assert!(
            besides("export const a = 1, b = a.b.c, d = f(a), e = a === b; if (a) g();").is_empty()
        );
    }
}
