//! Which name a source file has under `/~@/`, and how one output names another.

use crate::base::{Key, ShortHash, SourcePath};

use super::bundle::{self, piece};
use super::kind::{COPY, Kind, PAGE, Query, STYLE};
use super::svg::{self, SVG};
use super::{dots, function, hashed, hook, inline, page, versions};

/// The prefix of files outside SRC.
pub(super) const ROOT: &[u8] = b"~root";

/// Where SRC lies in the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    source: SourcePath,
}

impl Layout {
    /// SRC, from the workspace root.
    pub const fn new(source: SourcePath) -> Self {
        Self { source }
    }

    /// SRC.
    pub fn source(&self) -> &SourcePath {
        &self.source
    }

    /// The place of a source path (links resolved) under `/~@/`: its path from SRC; of the page and the public files
    /// that SRC adopts from the workspace root, what it would be if they were SRC's; otherwise its path under `~root`.
    pub fn place(&self, path: &SourcePath) -> SourcePath {
        dots::place(self.plain_place(path))
    }

    /// The same with the names that folders have.
    fn plain_place(&self, path: &SourcePath) -> SourcePath {
        match path.below(&self.source) {
            Some(_) if self.source.is_root() => path.clone(),
            Some(rest) => joined(&[], rest),
            None => match path.as_bytes() {
                b"index.html" => path.clone(),
                bytes => match bytes.strip_prefix(b"public/") {
                    Some(rest) => joined(&[], rest),
                    None => joined(ROOT, bytes),
                },
            },
        }
    }

    /// The folder that a place as modules know it begins in, and what of it remains: `/~root/a` is `a` in the workspace root.
    pub(super) fn begun<'a>(&self, place: &'a str) -> (SourcePath, &'a str) {
        let inside = place.trim_start_matches('/');
        let outside = std::str::from_utf8(ROOT)
            .ok()
            .and_then(|root| inside.strip_prefix(root));
        match outside.and_then(|rest| rest.strip_prefix('/')) {
            Some(rest) => (SourcePath::root(), rest),
            None => (self.source.clone(), inside),
        }
    }

    /// The name that imports use for a source file: `/ui/form.tsx` is `ui/form.tsx.js`.
    pub fn output(&self, path: &SourcePath, query: Option<Query>) -> SourcePath {
        let place = self.place(path);
        match query {
            Some(query) => with_suffix(&place, &format!(".{}.js", query.infix())),
            None if Kind::of_path(path).has_derived_module() => with_suffix(&place, ".js"),
            None => place,
        }
    }

    /// The name of the output that a node's main part is.
    pub fn output_of(&self, key: &Key) -> SourcePath {
        if let Some(place) = bundle::place_of(self, key) {
            return place;
        }
        match function::plain(&key.computation) {
            None => self.module_of(key),
            Some(_) => joined(function::PREFIX, self.module_of(key).as_bytes()),
        }
    }

    /// How long the name of a node's output is, where that is longer than names may be.
    pub(super) fn overlong(&self, key: &Key) -> Option<usize> {
        /// More than any output's name has beside its source's.
        const MORE: usize = 64;
        if key.path.name().len() + MORE <= versions::NAME_MAX {
            return None;
        }
        let length = self.module_of(key).name().len();
        (length > versions::NAME_MAX).then_some(length)
    }

    /// The name by which outputs speak of a node: a module in function form has that of the module.
    pub(super) fn module_of(&self, key: &Key) -> SourcePath {
        let piece = || piece::of(&key.computation).map(|(_, plain)| plain);
        let plain = function::plain(&key.computation)
            .or_else(piece)
            .or_else(|| page::plain(key));
        let key = &match plain {
            None => key.clone(),
            Some(computation) => Key::new(computation, key.path.clone()),
        };
        if hook::is_of_hooks(&key.computation) {
            return hook::output_of(key, &self.place(&key.path));
        }
        if let Some(number) = inline::number(&key.computation) {
            return with_suffix(&self.place(&key.path), &inline::suffix(number));
        }
        if key.computation == SVG {
            return self.place(&svg::component(&key.path));
        }
        match Query::of_computation(&key.computation) {
            None if [STYLE, PAGE, COPY].contains(&key.computation) => self.place(&key.path),
            query => match hashed::infix(&key.computation) {
                Some(infix) => with_suffix(&self.place(&key.path), &format!(".{infix}.js")),
                None => self.output(&key.path, query),
            },
        }
    }

    /// The URL by which the output of `from` reaches the output that `key` gives: relative.
    pub fn url(&self, from: &SourcePath, key: &Key) -> String {
        let here = self.place(from).parent().unwrap_or_else(SourcePath::root);
        url(&self.module_of(key).relative_from(&here))
    }

    /// The URL by which the output of `from` reaches the bundle of this piece; `None`: it is none.
    pub(super) fn url_of_bundle(&self, from: &SourcePath, piece: &Key) -> Option<String> {
        let here = self.place(from).parent().unwrap_or_else(SourcePath::root);
        let place = self.output_of(&bundle::of_piece(piece)?);
        Some(url(&place.relative_from(&here)))
    }

    /// The URL by which the output of `from` reaches `/~@/` itself: `./`, `../`.
    pub fn url_of_root(&self, from: &SourcePath) -> String {
        match self.place(from).components().count() {
            0 | 1 => "./".to_owned(),
            depth => "../".repeat(depth - 1),
        }
    }

    /// A source file as its user knows it: `/ui/form.tsx` from SRC, `/~root/package.json` outside.
    pub fn shown(&self, path: &SourcePath) -> String {
        self.plain_place(path).to_string()
    }
}

/// A part of a path after a plain prefix.
pub(super) fn joined(prefix: &[u8], rest: &[u8]) -> SourcePath {
    SourcePath::root().with_below(prefix).with_below(rest)
}

/// `path` with `suffix` at the end of its name.
pub(super) fn with_suffix(path: &SourcePath, suffix: &str) -> SourcePath {
    path.with_suffix(suffix.as_bytes())
}

/// A relative path as a relative URL that browsers take for the same file (WHATWG URL, "path percent-encode set", and
/// `%`, `?`, `#` and `\`, which would mean something else). Bytes that are no UTF-8 are encoded one by one.
pub(super) fn url(relative: &[u8]) -> String {
    let mut text = String::with_capacity(relative.len() + 2);
    if !relative.starts_with(b"../") {
        text.push_str("./");
    }
    for chunk in relative.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                ' '
                | '"'
                | '#'
                | '%'
                | '<'
                | '>'
                | '?'
                | '\\'
                | '^'
                | '`'
                | '{'
                | '|'
                | '}'
                | '\u{0}'..='\u{1f}'
                | '\u{7f}'
                // Ends of lines to scripts, in whose comments URLs stand too (ECMA-262, 12.3).
                | '\u{2028}'
                | '\u{2029}' => {
                    let mut bytes = [0; 4];
                    let bytes = character.encode_utf8(&mut bytes).bytes();
                    bytes.for_each(|byte| encode(&mut text, byte));
                }
                plain => text.push(plain),
            }
        }
        chunk
            .invalid()
            .iter()
            .for_each(|byte| encode(&mut text, *byte));
    }
    text
}

/// `./a.v0123456789abcdef.svg#b`: the URL of a version by its name ([`super::versions`]). It stays plain where the name
/// would be longer than names may be.
pub(super) fn versioned(url: &str, suffix: &str, version: Option<ShortHash>) -> String {
    let name = &url[url.rfind('/').map_or(0, |slash| slash + 1)..];
    // An escape stands for one byte.
    let length = name.len() - 2 * name.matches('%').count();
    match version {
        Some(version) if length + versions::LONGER <= versions::NAME_MAX => {
            let dot = url.len() - name.len() + versions::place(name.as_bytes());
            format!("{}.v{version}{}{suffix}", &url[..dot], &url[dot..])
        }
        _ => format!("{url}{suffix}"),
    }
}

/// What follows the name of a module in its URL because of the query that it is imported with: each makes an instance of its
/// own, whose `import.meta.url` ends in it, as in browsers and Node. What has a meaning has an output of its own instead; and of
/// a module that is no more than a text, as those of style sheets and assets are, there is one.
pub(super) fn instance(path: &SourcePath, asked: Option<&str>, meaning: Option<Query>) -> String {
    let has_state = matches!(
        Kind::of_path(path),
        Kind::Module(_) | Kind::Script | Kind::Json | Kind::Wasm
    );
    match asked {
        Some(query) if has_state && !query.is_empty() && meaning.is_none() => {
            // As it is sent (WHATWG URL, "special-query percent-encode set").
            let mut text = "?".to_owned();
            for byte in query.bytes() {
                match byte {
                    b'!' | b'#'..=b'&' | b'('..=b';' | b'=' | b'?'..=b'~' => {
                        text.push(char::from(byte));
                    }
                    other => encode(&mut text, other),
                }
            }
            text
        }
        _ => String::new(),
    }
}

fn encode(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// One name as a URL without a directory, as the comment at the end of a module gives its map.
pub(super) fn url_segment(name: &[u8]) -> String {
    url(name).split_off(2)
}
