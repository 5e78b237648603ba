//! All computations, by the name that a key has.

use std::sync::Arc;

use bytes::Bytes;

use crate::base::{Computation, Diagnostic, Key, Location, Part};
use crate::compute::{Computations, Context, Failure, Memo, Output, Slot};
use crate::resolver::{CONDITIONS, CONFIG, PACKAGE, Resolver, SCOPE, Settings};
use crate::worker::Workers;

use super::bundle::piece;
use super::common::{self, COMMONJS};
use super::exports::{OUTLINE, Outline, STARS, Table};
use super::hashed::{self, BARE, CLASSIC, COMMONJS_IN_WORKER, IN_WORKER, SCRIPT_IN_WORKER, Scope};
use super::hook;
use super::kind::{ASSET, COPY, JSON, Kind, PAGE, Query, STYLE, STYLE_MODULE};
use super::layout::Layout;
use super::made::Made;
use super::members::{self, MEMBERS};
use super::options::Options;
use super::style::{self, SHEET, whole};
use super::svg::{self, SVG};
use super::{
    assets, bundle, bytecode, cycle, environment, exports, function, inline, module, page, reach,
    unsupported,
};

/// A module: code in [`crate::base::Part::MAIN`], source map in [`crate::base::Part::MAP`].
pub const MODULE: Computation = Computation::new("module");

/// The computations behind `/~@/`.
pub struct Runnable {
    pub(super) options: Options,
    pub(super) layout: Layout,
    pub(super) resolver: Resolver,
    pub(super) workers: Arc<Workers>,
    pub(super) outlines: Memo<Outline>,
    pub(super) tables: Memo<Table>,
    pub(super) reaches: Memo<reach::Table>,
    pub(super) roots: reach::Roots,
    pub(super) bundles: Memo<bundle::Members>,
    pub(super) turns: style::Turns,
}

impl Runnable {
    /// With these options; what may not end is done by the workers.
    pub fn new(options: Options, workers: Arc<Workers>) -> Self {
        Self {
            workers,
            layout: Layout::new(options.source.clone()),
            resolver: Resolver::new(Settings {
                source: options.source.clone(),
                production: options.production,
            }),
            options,
            outlines: Memo::default(),
            tables: Memo::default(),
            reaches: Memo::default(),
            roots: reach::Roots::default(),
            bundles: Memo::default(),
            turns: style::Turns::default(),
        }
    }
}

impl Computations for Runnable {
    fn run(&self, key: &Key, context: &dyn Context) -> Result<Output, Failure> {
        if hook::is_of_hooks(&key.computation) {
            return hook::run(self, context, key);
        }
        if style::is_of_tools(&key.computation) {
            return style::run_tool(self, context, key);
        }
        // What decides how names are resolved and modules compiled is a source.
        if [PACKAGE, SCOPE, CONFIG, CONDITIONS, MEMBERS].contains(&key.computation)
            || environment::is_of_environment(&key.computation)
        {
            return self.compute(key, context);
        }
        let made = Made::contents(context, self.layout.source());
        let result = self.compute(key, &made);
        made.ended(result)
    }

    fn is_assembled(&self, key: &Key, part: Part) -> bool {
        bundle::is_assembled(key, part) || page::is_assembled(key, part)
    }

    fn slot(&self, key: &Key, part: Part) -> Option<&Slot> {
        let hot = self.options.hot.as_ref();
        hot.filter(|_| page::is_assembled(key, part))
    }

    fn takes_in(&self, key: &Key, of: &Key) -> bool {
        super::contents::takes_in(&key.computation, &of.computation)
    }

    fn is_output(&self, key: &Key) -> bool {
        let computation = &key.computation;
        let is_plain = [
            MODULE,
            COMMONJS,
            JSON,
            STYLE,
            STYLE_MODULE,
            ASSET,
            COPY,
            SVG,
            PAGE,
        ]
        .contains(computation);
        is_plain
            || Query::of_computation(computation).is_some()
            || hashed::infix(computation).is_some()
            || inline::number(computation).is_some()
            || function::plain(computation).is_some()
            || hook::is_file(computation)
            || page::plain(key).is_some()
            || piece::of(computation).is_some()
            || bundle::is_file(key)
    }

    fn glance(&self, path: &crate::base::SourcePath, content: &[u8]) -> Bytes {
        exports::glance(path, content)
    }

    fn aspect(&self, glance: &[u8], aspect: &str) -> Bytes {
        exports::aspect(glance, aspect)
    }

    fn cycle(&self, keys: &[Key]) -> Diagnostic {
        cycle::told(&self.layout, keys)
    }

    /// The version alone would not tell two builds of a checkout apart.
    fn identity(&self) -> String {
        let options = &self.options;
        format!(
            "hookfs {} code={} source={} production={} mode={:?} base={:?} defines={:?}",
            env!("CARGO_PKG_VERSION"),
            env!("HOOKFS_CODE"),
            options.source,
            options.production,
            options.mode(),
            options.base,
            options.defines,
        )
    }
}

impl Runnable {
    /// Runs a computation that is not of hooks, for which what they make are sources.
    fn compute(&self, key: &Key, context: &dyn Context) -> Result<Output, Failure> {
        let path = &key.path;
        match &key.computation {
            computation if *computation == MODULE => module::run(self, context, path, Scope::Page),
            computation if *computation == COMMONJS => {
                common::run(self, context, path, Scope::Page)
            }
            computation if *computation == IN_WORKER => {
                let output = module::run(self, context, path, Scope::Worker)?;
                hashed::with_name(context, key, output)
            }
            computation if *computation == COMMONJS_IN_WORKER => {
                let output = common::run(self, context, path, Scope::Worker)?;
                hashed::with_name(context, key, output)
            }
            computation if *computation == SCRIPT_IN_WORKER => {
                let output = common::script(self, context, path)?;
                hashed::with_name(context, key, output)
            }
            computation if *computation == CLASSIC => module::classic(self, context, path),
            computation if *computation == BARE => module::run(self, context, path, Scope::Bare),
            computation if reach::is_of_reach(computation) => reach::run(self, context, key),
            computation if *computation == OUTLINE => exports::outline(self, context, path),
            computation if *computation == STARS => exports::stars(self, context, path),
            computation if *computation == JSON => module::json(self, context, path),
            computation if *computation == PACKAGE => crate::resolver::run_package(context, path),
            computation if *computation == SCOPE => crate::resolver::run_scope(context, path),
            computation if *computation == CONFIG => crate::resolver::run_config(context, path),
            computation if *computation == CONDITIONS => {
                crate::resolver::run_conditions(context, path)
            }
            computation if *computation == MEMBERS => members::run(context, path),
            computation if *computation == ASSET => assets::asset(self, context, path),
            computation if *computation == COPY => assets::copy(context, path),
            computation if *computation == SVG => svg::run(self, context, path),
            computation if environment::is_of_environment(computation) => {
                environment::run(self, context, key)
            }
            computation if bytecode::is(computation) => bytecode::run(self, context, key),
            computation if *computation == SHEET => style::sheet(self, context, path),
            computation if *computation == whole::WHOLE => whole::run(self, context, path),
            computation if *computation == STYLE => style::file(context, path),
            computation if *computation == STYLE_MODULE => style::module(context, path),
            computation => match Query::of_computation(computation) {
                Some(query) if Kind::of_path(path) == Kind::Style => {
                    style::query(self, context, query, path)
                }
                Some(query) => assets::query(self, context, query, path, Scope::Page),
                None => match (exports::name_of(computation), function::plain(computation)) {
                    (Some(name), _) => exports::export(self, context, path, name),
                    (None, Some(plain)) => {
                        function::run(self, context, plain, path, Scope::Function)
                    }
                    (None, None) => common::run_names(context, key)
                        .or_else(|| page::run(self, context, key))
                        .or_else(|| bundle::run(self, context, key))
                        .unwrap_or_else(|| unsupported::run(self, context, computation, path)),
                },
            },
        }
    }
}

/// Whether a computation gives a file of `/~@/`, and is no step on the way to one: what is wrong with a configuration
/// is told at every file that it is for.
pub fn gives_file(computation: &Computation) -> bool {
    let steps = [
        PACKAGE, SCOPE, CONFIG, CONDITIONS, MEMBERS, OUTLINE, STARS, SVG,
    ];
    let is_step = steps.contains(computation)
        || exports::name_of(computation).is_some()
        || common::is_names(computation)
        || environment::is_of_environment(computation)
        || bytecode::is(computation)
        || hook::is_step(computation)
        || style::is_step(computation)
        || reach::is_of_reach(computation)
        || bundle::is_step(computation)
        || page::is_step(computation);
    !is_step && *computation != BARE
}

/// The node that fails where something is wrong in a file that is there all the same.
pub fn faults_of(key: &Key) -> Option<Key> {
    page::faults_of(key).or_else(|| bundle::faults_of(key))
}

/// One problem of a whole file.
pub(super) fn whole_file(
    runnable: &Runnable,
    path: &crate::base::SourcePath,
    diagnostic: Diagnostic,
) -> Failure {
    let at = Location {
        file: runnable.layout.shown(path),
        line: 0,
        column: 0,
    };
    Failure::Diagnostics([diagnostic.at(at)].into())
}
