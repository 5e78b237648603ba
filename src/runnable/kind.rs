//! What a source file is, from its name alone.

use crate::base::{Computation, SourcePath};
use crate::compiler::Language;

/// What a source file becomes under `/~@/` (design.md section 2, "Names").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `.ts .tsx .mts .cts .jsx .mjs .cjs`: a module under its own name, under the name and `.js`, with a map.
    Module(Language),
    /// `.js`: a module under its own name, with a map.
    Script,
    /// `.d.ts .d.mts .d.cts`: types alone; nothing of it runs.
    Declaration,
    /// `.json`: its bytes, and a module.
    Json,
    /// A style sheet: itself processed, and a module.
    Style,
    /// A page.
    Page,
    /// WebAssembly: its bytes, and a module.
    Wasm,
    /// What Vite calls an asset: its bytes, and a module.
    Asset,
    /// Anything else: its bytes. It has a module too, which says that nothing can load such a file; it is not listed.
    Other,
}

/// Endings of style sheets (Vite's `CSS_LANGS_RE`).
const STYLES: [&[u8]; 8] = [
    b"css", b"scss", b"sass", b"less", b"styl", b"stylus", b"pcss", b"postcss",
];

/// Endings of assets: Vite's `KNOWN_ASSET_TYPES`, and what is loaded likewise.
const ASSETS: [&[u8]; 33] = [
    b"apng", b"bmp", b"png", b"jpg", b"jpeg", b"jfif", b"pjpeg", b"pjp", b"gif", b"svg", b"ico",
    b"webp", b"avif", b"cur", b"jxl", b"mp4", b"webm", b"ogg", b"mp3", b"wav", b"flac", b"aac",
    b"opus", b"mov", b"m4a", b"vtt", b"woff", b"woff2", b"eot", b"ttf", b"otf", b"txt", b"pdf",
];

/// Endings of assets that are rarer still.
const MORE_ASSETS: [&[u8]; 6] = [b"webmanifest", b"glb", b"gltf", b"hdr", b"bin", b"frag"];

impl Kind {
    /// The kind of a file with this name (one component). Extensions count in lower case only, as for TypeScript.
    pub fn of(name: &[u8]) -> Self {
        let Some(dot) = name
            .iter()
            .rposition(|&byte| byte == b'.')
            .filter(|dot| *dot > 0)
        else {
            return Self::Other;
        };
        let extension = &name[dot + 1..];
        match Language::of_extension(extension) {
            Some(Language::Json) => return Self::Json,
            Some(Language::Js) => return Self::Script,
            Some(Language::Ts | Language::Mts | Language::Cts) if name[..dot].ends_with(b".d") => {
                return Self::Declaration;
            }
            Some(language) => return Self::Module(language),
            None => {}
        }
        if STYLES.contains(&extension) {
            Self::Style
        } else if extension == b"html" {
            Self::Page
        } else if extension == b"wasm" {
            Self::Wasm
        } else if ASSETS.contains(&extension) || MORE_ASSETS.contains(&extension) {
            Self::Asset
        } else {
            Self::Other
        }
    }

    /// The kind of a file at this path.
    pub fn of_path(path: &SourcePath) -> Self {
        Self::of(path.name())
    }

    /// The language, where it compiles: of WebAssembly that of the module around it.
    pub fn language(self) -> Option<Language> {
        match self {
            Self::Module(language) => Some(language),
            Self::Script | Self::Wasm => Some(Language::Js),
            Self::Json => Some(Language::Json),
            _ => None,
        }
    }

    /// Whether imports name the file by its own name and `.js`. The other kinds are imported by their own name, or
    /// not at all.
    pub fn has_derived_module(self) -> bool {
        !matches!(self, Self::Script | Self::Declaration | Self::Page)
    }

    /// The computation of the module that an import of the file gets.
    pub fn module(self) -> Option<Computation> {
        Some(match self {
            Self::Module(_) | Self::Script | Self::Wasm => super::MODULE,
            Self::Json => JSON,
            Self::Style => STYLE_MODULE,
            Self::Asset | Self::Other => ASSET,
            Self::Declaration | Self::Page => return None,
        })
    }
}

/// The module of a JSON file.
pub(super) const JSON: Computation = Computation::new("json");
/// A style sheet, processed.
pub(super) const STYLE: Computation = Computation::new("style");
/// The module of a style sheet.
pub(super) const STYLE_MODULE: Computation = Computation::new("style-module");
/// The module of an asset.
pub(super) const ASSET: Computation = Computation::new("asset");
/// A file that is served as it is.
pub(super) const COPY: Computation = Computation::new("copy");
/// A page.
pub(super) const PAGE: Computation = Computation::new("page");

/// Written as `import source`.
const SOURCE: &str = "import source";

/// Written as `with { type: 'bytes' }`.
pub(super) const BYTES: &str = "import bytes";

/// Written as `with { type: 'css' }`.
pub(super) const CONSTRUCTED: &str = "import css";

/// A `data:` URL, of what `inline` alone would give as something else too.
const INLINED_URL: &str = "url&inline";

/// What a query on an import asks for (Vite's `?raw`, `?url` …), and the names and computations of it.
const QUERIES: [(&str, &str, Computation); 11] = [
    (INLINED_URL, "url-inline", Computation::new("url-inline")),
    // Before workers: of `?worker&url` the URL is asked for.
    ("url", "url", Computation::new("url")),
    (
        "worker&inline",
        "worker-inline",
        Computation::new("worker-inline"),
    ),
    (
        "sharedworker",
        "sharedworker",
        Computation::new("sharedworker"),
    ),
    ("worker", "worker", Computation::new("worker")),
    ("raw", "raw", Computation::new("raw")),
    ("inline", "inline", Computation::new("inline")),
    ("init", "init", Computation::new("init")),
    // No query, but an import by its phase.
    (SOURCE, "source", Computation::new("source")),
    // Or by its attributes.
    (BYTES, "bytes", Computation::new("bytes")),
    (CONSTRUCTED, "constructed", Computation::new("constructed")),
];

/// A query that changes what an import gives: `raw` in `./a.svg?raw`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query(usize);

impl Query {
    /// Reads the text after the `?`. Queries that mean nothing here (`?v=1`) are none: they change nothing of what a module
    /// is, but there is an instance of it for each ([`super::layout::instance`]).
    pub fn of(text: &str) -> Option<Self> {
        let has = |wanted: &str| {
            wanted
                .split('&')
                .all(|part| text.split('&').any(|given| given == part))
        };
        // What a worker's URL names runs as a file of its own.
        let is_worker = has("worker") || has("sharedworker");
        let means = |query: &str| has(query) && !(is_worker && query == INLINED_URL);
        QUERIES
            .iter()
            .position(|(query, ..)| means(query))
            .map(Self)
    }

    /// What `import source x from './x'` asks for.
    pub fn source() -> Option<Self> {
        Self::of(SOURCE)
    }

    /// What import attributes ask for, where that is not what a file of this kind gives anyway: the text (the proposal "import
    /// text"), its bytes ("import bytes"), a style sheet as an object (HTML, "CSS module script").
    pub fn of_attributes(attributes: &[(String, String)], kind: Kind) -> Option<Self> {
        let (_, wanted) = attributes.iter().find(|(name, _)| name == "type")?;
        match &**wanted {
            "text" => Self::of("raw"),
            "bytes" => Self::of(BYTES),
            "css" if kind == Kind::Style => Self::of(CONSTRUCTED),
            _ => None,
        }
    }

    /// What stands between the file's name and `.js` in the output's name.
    pub fn infix(self) -> &'static str {
        QUERIES[self.0].1
    }

    /// The query that gives this infix.
    pub fn of_infix(infix: &[u8]) -> Option<Self> {
        QUERIES
            .iter()
            .position(|(_, name, _)| name.as_bytes() == infix)
            .map(Self)
    }

    /// The computation of the module.
    pub fn module(self) -> Computation {
        QUERIES[self.0].2.clone()
    }

    /// The query as it is written, for diagnostics.
    pub fn text(self) -> &'static str {
        QUERIES[self.0].0
    }

    /// The query that a computation is for.
    pub fn of_computation(computation: &Computation) -> Option<Self> {
        QUERIES
            .iter()
            .position(|(.., candidate)| candidate == computation)
            .map(Self)
    }
}
