//! What a source file is written in.

/// The language of a file, from its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// `.ts`: TypeScript without JSX.
    Ts,
    /// `.tsx`: TypeScript with JSX.
    Tsx,
    /// `.mts`: TypeScript, always an ES module.
    Mts,
    /// `.cts`: TypeScript, CommonJS where it says nothing else.
    Cts,
    /// `.js`: JavaScript; JSX is allowed, as many projects have it there.
    Js,
    /// `.jsx`: JavaScript with JSX.
    Jsx,
    /// `.mjs`: JavaScript, always an ES module.
    Mjs,
    /// `.cjs`: JavaScript, CommonJS where it says nothing else.
    Cjs,
    /// `.json`.
    Json,
}

impl Language {
    /// The language of a file with this extension (without its dot, in lower case); `None` where it is none that
    /// compiles. That `a.d.ts` compiles to nothing is the caller's knowledge.
    pub fn of_extension(extension: &[u8]) -> Option<Self> {
        Some(match extension {
            b"ts" => Self::Ts,
            b"tsx" => Self::Tsx,
            b"mts" => Self::Mts,
            b"cts" => Self::Cts,
            b"js" => Self::Js,
            b"jsx" => Self::Jsx,
            b"mjs" => Self::Mjs,
            b"cjs" => Self::Cjs,
            b"json" => Self::Json,
            _ => return None,
        })
    }

    /// Whether the file holds TypeScript.
    pub const fn is_typescript(self) -> bool {
        matches!(self, Self::Ts | Self::Tsx | Self::Mts | Self::Cts)
    }

    /// Whether JSX is allowed in the file.
    pub const fn has_jsx(self) -> bool {
        matches!(self, Self::Tsx | Self::Jsx | Self::Js)
    }
}

/// What kind of module a file's own text makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// It has `import`, `export`, `import.meta` or a top-level `await` (ECMA-262, `Module`), or its extension says so.
    Module,
    /// It has none of them and uses `module`, `exports` or `require`, none of them its own variables.
    CommonJs,
    /// Neither: a script that imports and exports nothing. It is a module too.
    Script,
}
