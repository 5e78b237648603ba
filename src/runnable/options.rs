//! What a daemon's outputs depend on besides the sources.

use crate::base::SourcePath;
use crate::compute::Slot;

/// The options of all computations of one daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// SRC, from the workspace root.
    pub source: SourcePath,
    /// `--production`: `NODE_ENV` and the `production` condition, JSX without file names. Otherwise development.
    pub production: bool,
    /// `import.meta.env.MODE`; `None`: `production` or `development`, as Vite has it.
    pub mode: Option<String>,
    /// `--base`: where `/~@/` is on the server, a path or URL that ends in a slash. Pages then name their files by it, and
    /// `import.meta.env.BASE_URL` is this. `None`: a page's URLs are relative, and `BASE_URL` is found from the module's
    /// own URL when it is evaluated. Specifiers of modules are relative in any case.
    pub base: Option<String>,
    /// `--define K=V`: names joined by dots, and the JavaScript expression that replaces them.
    pub defines: Vec<(String, String)>,
    /// What pages say of where changes are told, where they are hot. It stands in no output that is kept, and the identity
    /// of outputs does not know it.
    pub hot: Option<Slot>,
}

impl Options {
    /// Development, without a base: an output tree works below any URL.
    pub fn new(source: SourcePath) -> Self {
        Self {
            source,
            production: false,
            mode: None,
            base: None,
            defines: Vec::new(),
            hot: None,
        }
    }

    /// The mode in force.
    pub fn mode(&self) -> &str {
        self.mode.as_deref().unwrap_or(self.node())
    }

    /// `NODE_ENV`, whatever the mode is.
    pub fn node(&self) -> &'static str {
        match self.production {
            true => "production",
            false => "development",
        }
    }
}
