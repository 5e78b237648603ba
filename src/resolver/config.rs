//! The TypeScript configuration that a directory's files are under.

use serde::{Deserialize, Serialize};

use super::packages::encode;
use super::{files, pattern, tsconfig};
use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::source::Entry;

/// The nearest `tsconfig.json`, else `jsconfig.json`, at or above the directory of the key, never above the workspace
/// root. Nothing in packages: what they ship was configured where it was made.
pub const CONFIG: Computation = Computation::new("config");

/// `customConditions` of the configuration of a directory, so that what else it says reaches no package.
pub const CONDITIONS: Computation = Computation::new("conditions");

/// What `compilerOptions` say that an output depends on. Absent: the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompilerOptions {
    /// `jsx`, in lower case.
    pub jsx: Option<String>,
    /// `jsxFactory`.
    pub jsx_factory: Option<String>,
    /// `jsxFragmentFactory`.
    pub jsx_fragment_factory: Option<String>,
    /// `jsxImportSource`.
    pub jsx_import_source: Option<String>,
    /// `experimentalDecorators`.
    pub experimental_decorators: Option<bool>,
    /// `emitDecoratorMetadata`.
    pub emit_decorator_metadata: Option<bool>,
    /// `useDefineForClassFields`.
    pub use_define_for_class_fields: Option<bool>,
    /// `target`, in lower case.
    pub target: Option<String>,
    /// `strict`.
    pub strict: Option<bool>,
    /// `strictNullChecks`.
    pub strict_null_checks: Option<bool>,
    /// They are of a `tsconfig.json`, and of no `jsconfig.json`.
    pub is_of_typescript: bool,
    /// `verbatimModuleSyntax`, or `preserveValueImports` of old.
    pub verbatim_module_syntax: Option<bool>,
    /// `baseUrl`.
    pub base_url: Option<SourcePath>,
    /// `paths`: a pattern, and what to try for it.
    pub paths: Option<Vec<(String, Vec<String>)>>,
    /// What the targets of `paths` are relative to, where there is no `baseUrl`.
    pub paths_base: Option<SourcePath>,
    /// `customConditions`.
    pub custom_conditions: Option<Vec<String>>,
    /// `moduleSuffixes`.
    pub module_suffixes: Option<Vec<String>>,
    /// `rootDirs`.
    pub root_dirs: Option<Vec<SourcePath>>,
    /// `outDir`, which is excluded.
    pub out_dir: Option<SourcePath>,
}

impl CompilerOptions {
    /// Whether `null` and `undefined` are types beside others, which metadata of decorators tell (TypeScript's rule up to 5.9).
    pub fn checks_nulls(&self) -> bool {
        self.strict_null_checks.or(self.strict) == Some(true)
    }

    /// Whether class fields are defined rather than assigned: the option, else by the target, as TypeScript up to 5.9 and
    /// Vite have it. A `tsconfig.json` that names none means an old one; where there is none, nothing is to be kept alive.
    pub fn defines_class_fields(&self) -> bool {
        self.use_define_for_class_fields
            .unwrap_or_else(|| match self.target.as_deref() {
                None => !self.is_of_typescript,
                Some("esnext") => true,
                Some("es3" | "es5" | "es6") => false,
                Some(target) => target
                    .strip_prefix("es")
                    .and_then(|year| year.parse::<u32>().ok())
                    .is_none_or(|year| year >= 2022),
            })
    }
}

/// One configuration, and the files it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its options.
    pub options: CompilerOptions,
    /// `files`, from the workspace root.
    pub files: Option<Vec<String>>,
    /// `include`, from the workspace root.
    pub include: Option<Vec<String>>,
    /// `exclude`, from the workspace root.
    pub exclude: Option<Vec<String>>,
    /// Its directory.
    pub directory: Option<SourcePath>,
}

impl Project {
    fn includes(&self, file: &SourcePath) -> bool {
        let path = file.as_bytes();
        if self
            .files
            .iter()
            .flatten()
            .any(|listed| listed.as_bytes() == path)
        {
            return true;
        }
        let covered = match (&self.include, &self.files) {
            (Some(patterns), _) => patterns
                .iter()
                .any(|pattern| pattern::covers(pattern, path)),
            (None, Some(_)) => false,
            (None, None) => self
                .directory
                .as_ref()
                .is_some_and(|directory| file.starts_with(directory)),
        };
        let excluded = || match &self.exclude {
            Some(patterns) => patterns
                .iter()
                .any(|pattern| pattern::covers(pattern, path)),
            None => self
                .options
                .out_dir
                .as_ref()
                .is_some_and(|out| file.starts_with(out)),
        };
        covered && !excluded()
    }
}

/// The configuration of a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The nearest configuration first, then those that it refers to (`references`).
    pub projects: Vec<Project>,
}

impl Config {
    /// The options of a file: those of the nearest configuration, but where it does not include the file and one that
    /// it refers to does, of that one (Vite's template has all its options there).
    pub fn of(&self, file: &SourcePath) -> Option<&CompilerOptions> {
        let (nearest, rest) = self.projects.split_first()?;
        if rest.is_empty() || nearest.includes(file) {
            return Some(&nearest.options);
        }
        let chosen = rest.iter().find(|project| project.includes(file));
        Some(&chosen.unwrap_or(nearest).options)
    }
}

/// Runs [`CONFIG`].
pub fn run(context: &dyn Context, directory: &SourcePath) -> Result<Output, Failure> {
    if files::in_packages(directory) {
        return encode(&Config::default());
    }
    for name in ["tsconfig.json", "jsconfig.json"] {
        if let (path, Entry::File) = files::entry_in(context, directory, name.as_bytes())? {
            return encode(&tsconfig::load(context, &path)?);
        }
    }
    match directory.parent() {
        Some(parent) => Ok(Output {
            parts: vec![(
                Part::MAIN,
                context.fetch(&Key::new(CONFIG, parent), Part::MAIN)?,
            )],
            links: Vec::new(),
        }),
        None => encode(&Config::default()),
    }
}

/// Runs [`CONDITIONS`]: those of the nearest configuration, else of the first that it refers to and that has some.
pub fn run_conditions(context: &dyn Context, directory: &SourcePath) -> Result<Output, Failure> {
    let config = context.fetch(&Key::new(CONFIG, directory.clone()), Part::MAIN);
    let conditions: Vec<String> = match config {
        Ok(bytes) => {
            let config: Config = decode(&bytes)?;
            let mut projects = config.projects.into_iter();
            let named = projects.find_map(|project| project.options.custom_conditions);
            named.unwrap_or_default()
        }
        // Who has written it is told where it is used.
        Err(failure) if failure.is_of_file() => Vec::new(),
        Err(failure) => return Err(failure),
    };
    encode(&conditions)
}

fn decode(bytes: &[u8]) -> Result<Config, Failure> {
    postcard::from_bytes(bytes)
        .map_err(|error| Failure::Internal(format!("a configuration does not decode: {error}")))
}
