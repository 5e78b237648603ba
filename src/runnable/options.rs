//! What a daemon's outputs depend on besides the sources.

use crate::base::SourcePath;

/// The options of all computations of one daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// SRC, from the workspace root.
    pub source: SourcePath,
    /// `--production`: `NODE_ENV` and the `production` condition, JSX without file names. Otherwise development.
    pub production: bool,
    /// `import.meta.env.MODE`; `None`: `production` or `development`, as Vite has it.
    pub mode: Option<String>,
    /// `import.meta.env.BASE_URL`. Specifiers are relative whatever it is.
    pub base: String,
    /// `--define K=V`: names joined by dots, and the JavaScript expression that replaces them.
    pub defines: Vec<(String, String)>,
}

impl Options {
    /// Development, with a base of `./`: an output tree works below any URL, so that no absolute one is known.
    pub fn new(source: SourcePath) -> Self {
        Self {
            source,
            production: false,
            mode: None,
            base: "./".to_owned(),
            defines: Vec::new(),
        }
    }

    /// The mode in force.
    pub fn mode(&self) -> &str {
        self.mode.as_deref().unwrap_or(match self.production {
            true => "production",
            false => "development",
        })
    }
}
