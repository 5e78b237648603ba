//! How to compile.

/// How a file is compiled. Everything in it belongs to the identity of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What becomes of JSX.
    pub jsx: Jsx,
    /// Development: JSX with file names and lines (`jsxDEV`), where its runtime is automatic. [`Options::defines`] are the caller's, this sets none.
    pub development: bool,
    /// What becomes of decorators.
    pub decorators: Decorators,
    /// Class fields as ECMA-262 defines them (`[[Define]]`); otherwise assignments in the constructor, as
    /// TypeScript's `useDefineForClassFields: false`. It means nothing for JavaScript, which is always the former.
    pub use_define_for_class_fields: bool,
    /// TypeScript's `verbatimModuleSyntax` (also `preserveValueImports`): every import without `type` stays.
    pub verbatim_module_syntax: bool,
    /// Expressions to replace.
    pub defines: Vec<Define>,
    /// The code is made short.
    pub minify: bool,
    /// The code has no white space that means nothing; nor has it where it is made short.
    pub compact: bool,
    /// The code is the module in function form: an expression that gives its definition.
    pub function_form: bool,
    /// For a page that is hot: the module can be replaced while the page runs. It means nothing without
    /// [`Options::function_form`].
    pub hot: bool,
    /// Of a CommonJS file: the code runs the body by itself and exports nothing. Where it requires nothing either, a script
    /// can be that, which knows no `import` and no `export`.
    pub is_script: bool,
    /// What the map's `sources` calls the file; `None`: the name it was parsed with.
    pub map_source: Option<String>,
    /// The map's URL, for the comment at the end of the code (`form.tsx.js.map`); `None`: no comment, no map.
    pub map_url: Option<String>,
    /// Whether the code ends with that comment; otherwise there is a map, and nothing that names it.
    pub map_comment: bool,
}

impl Default for Options {
    /// Production, automatic JSX of React, standard decorators and class fields, no defines.
    fn default() -> Self {
        Self {
            jsx: Jsx::default(),
            development: false,
            decorators: Decorators::Standard,
            use_define_for_class_fields: true,
            verbatim_module_syntax: false,
            defines: Vec::new(),
            minify: false,
            compact: false,
            function_form: false,
            hot: false,
            is_script: false,
            map_source: None,
            map_url: None,
            map_comment: true,
        }
    }
}

/// What becomes of JSX. Comments in a file (`@jsxRuntime`, `@jsxImportSource`, `@jsx`, `@jsxFrag`) win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Jsx {
    /// Calls of functions imported from `<import_source>/jsx-runtime` (`/jsx-dev-runtime` in development).
    Automatic {
        /// `react`.
        import_source: String,
    },
    /// Calls of what the file has in scope.
    Classic {
        /// `React.createElement`.
        pragma: String,
        /// `React.Fragment`.
        fragment: String,
    },
}

impl Default for Jsx {
    fn default() -> Self {
        Self::Automatic {
            import_source: "react".to_owned(),
        }
    }
}

/// What becomes of decorators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decorators {
    /// TypeScript's `experimentalDecorators`.
    Legacy {
        /// TypeScript's `emitDecoratorMetadata`.
        metadata: Option<DecoratorMetadata>,
    },
    /// The proposal of TC39 at stage 3, as of November 2023.
    Standard,
}

/// What types of decorated members are told as when the module runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoratorMetadata {
    /// TypeScript's `strictNullChecks`: `string | null` is not `string`.
    pub strict_null_checks: bool,
}

/// One expression to replace wherever the file means the global of that name (a variable of the file never counts).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Define {
    /// Names joined by dots: `process.env.NODE_ENV`, `import.meta.env`, `__VERSION__`. The longest one wins. What is
    /// assigned to or deleted is not replaced.
    pub path: String,
    /// A JavaScript expression. Where it is an object literal, `path.name` is the value of `name` in it, and
    /// `undefined` where it has none.
    pub value: String,
}

impl Define {
    /// Replaces `path` by `value`.
    pub fn new(path: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            value: value.into(),
        }
    }
}
