//! Who asks where a specifier leads, and what that depends on.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use super::config::{CONFIG, CompilerOptions, Config};
use super::configured::Own;
use super::packages::{PACKAGE, Package};
use super::scope::{SCOPE, Scope};
use crate::base::{Key, QuickMap, SourcePath};
use crate::compute::{Context, Failure, Memo};

/// What resolution depends on besides the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// SRC: what a leading slash in a specifier means.
    pub source: SourcePath,
    /// The condition `production` instead of `development`.
    pub production: bool,
}

/// Resolves; shared by all threads.
pub struct Resolver {
    pub(super) settings: Settings,
    packages: Memo<Option<Package>>,
    scopes: Memo<Option<Scope>>,
    configs: Memo<Config>,
    pub(super) conditions: Memo<Vec<String>>,
}

/// One importer's view: what its directory has in common is asked for once.
pub struct Importer<'a> {
    pub(super) resolver: &'a Resolver,
    pub(super) context: &'a dyn Context,
    pub(super) directory: SourcePath,
    pub(super) file: SourcePath,
    pub(super) is_requiring: bool,
    in_program: bool,
    pub(super) own: OnceCell<Own>,
    scopes: RefCell<QuickMap<SourcePath, Arc<Option<Scope>>>>,
}

impl Resolver {
    /// A resolver that has seen nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            packages: Memo::default(),
            scopes: Memo::default(),
            configs: Memo::default(),
            conditions: Memo::default(),
        }
    }

    /// The configuration that is in force for a file.
    ///
    /// # Errors
    /// [`Failure`] where a configuration can't be read or is wrong.
    pub fn config(
        &self,
        context: &dyn Context,
        file: &SourcePath,
    ) -> Result<CompilerOptions, Failure> {
        let directory = file.parent().unwrap_or_else(SourcePath::root);
        let config = self.configs.fetch(context, &Key::new(CONFIG, directory))?;
        Ok(config.of(file).cloned().unwrap_or_default())
    }

    /// The view of the module at `file`, a path with its links resolved.
    pub fn importer<'a>(&'a self, context: &'a dyn Context, file: &SourcePath) -> Importer<'a> {
        Importer {
            resolver: self,
            context,
            directory: file.parent().unwrap_or_else(SourcePath::root),
            file: file.clone(),
            is_requiring: false,
            in_program: false,
            own: OnceCell::new(),
            scopes: RefCell::default(),
        }
    }
}

impl Importer<'_> {
    /// The same view for `require`: the condition `require` instead of `import`. The fields of old packages are the
    /// same for both, as bundlers for browsers have it, so that what imports such a package and what requires it share one.
    #[must_use]
    pub fn requiring(self) -> Self {
        Self {
            is_requiring: true,
            ..self
        }
    }

    /// The same view for what runs in an engine without a page: the condition `worker` holds as well as `browser`, as
    /// Cloudflare's `wrangler` has it. Which one a package means is said by the order of its `exports`.
    #[must_use]
    pub fn in_program(self, is: bool) -> Self {
        Self {
            in_program: is,
            ..self
        }
    }

    /// Whether Node would take the importer for an ES module whatever its text: esbuild and Rolldown give such files
    /// Node's own interop with CommonJS.
    ///
    /// # Errors
    /// [`Failure`] where the `package.json` of its package can't be read or is wrong.
    pub fn is_node(&self) -> Result<bool, Failure> {
        let name = self.file.name();
        let is = |endings: [&[u8]; 2]| endings.iter().any(|ending| name.ends_with(ending));
        if is([b".mjs", b".mts"]) || is([b".cjs", b".cts"]) {
            return Ok(is([b".mjs", b".mts"]));
        }
        let scope = self.scope(&self.directory)?;
        Ok(scope
            .as_ref()
            .as_ref()
            .is_some_and(|scope| scope.package.is_module))
    }

    /// Whether a condition of `exports` and `imports` holds, wherever the importer is.
    pub(super) fn holds(&self, condition: &str) -> bool {
        let settings = &self.resolver.settings;
        match condition {
            "browser" | "module" => true,
            "worker" => self.in_program,
            "import" => !self.is_requiring,
            "require" => self.is_requiring,
            "production" => settings.production,
            "development" => !settings.production,
            _ => false,
        }
    }

    pub(super) fn package_of(
        &self,
        directory: &SourcePath,
    ) -> Result<Arc<Option<Package>>, Failure> {
        let key = Key::new(PACKAGE, directory.clone());
        self.resolver.packages.fetch(self.context, &key)
    }

    /// The package that a directory belongs to.
    ///
    /// # Errors
    /// [`Failure`] where a `package.json` on the way can't be read or is wrong.
    pub fn scope(&self, directory: &SourcePath) -> Result<Arc<Option<Scope>>, Failure> {
        if let Some(scope) = self.scopes.borrow().get(directory) {
            return Ok(scope.clone());
        }
        let key = Key::new(SCOPE, directory.clone());
        let scope = self.resolver.scopes.fetch(self.context, &key)?;
        self.scopes
            .borrow_mut()
            .insert(directory.clone(), scope.clone());
        Ok(scope)
    }
}
