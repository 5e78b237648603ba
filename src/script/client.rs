//! The runtime's own text: `src/client`, compiled as any module is, and put together to one script.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::run::Failed;
use super::{Blob, Code, bytecode, platform};
use crate::compiler::{self, Language, Options, Replacement};
use crate::worker::Workers;

/// What stack traces call the runtime's text.
pub(super) const NAME: &str = "hookfs:runtime";

/// Expects definitions and what `import.meta` is; gives the exports of the last one.
const BOOT: &str = include_str!("../client/boot.js");

/// The last part of the name of each module, by which the others name it, and its text.
pub(super) type Module = (&'static str, &'static str);

/// What servers and browsers share.
const SHARED: [Module; 9] = [
    ("module", include_str!("../client/module.ts")),
    ("namespace", include_str!("../client/namespace.ts")),
    ("resolve", include_str!("../client/resolve.ts")),
    ("link", include_str!("../client/link.ts")),
    ("evaluate", include_str!("../client/evaluate.ts")),
    ("iterate", include_str!("../client/iterate.ts")),
    ("context", include_str!("../client/context.ts")),
    ("specifier", include_str!("../client/specifier.ts")),
    ("registry", include_str!("../client/registry.ts")),
];

const SERVER: [Module; 19] = [
    ("native", include_str!("../client/server/native.ts")),
    ("stack", include_str!("../client/server/stack.ts")),
    ("group", include_str!("../client/server/group.ts")),
    ("interfaces", include_str!("../client/server/interfaces.ts")),
    ("describe", include_str!("../client/server/describe.ts")),
    ("inspect", include_str!("../client/server/inspect.ts")),
    ("console", include_str!("../client/server/console.ts")),
    ("host", include_str!("../client/platform/host.ts")),
    (
        "async-context",
        include_str!("../client/platform/async-context.ts"),
    ),
    ("timers", include_str!("../client/server/timers.ts")),
    ("process", include_str!("../client/server/process.ts")),
    ("report", include_str!("../client/platform/report.ts")),
    ("install", include_str!("../client/platform/install.ts")),
    ("exchange", include_str!("../client/server/exchange.ts")),
    ("platform", include_str!("../client/server/platform.ts")),
    ("hook", include_str!("../client/server/hook.ts")),
    ("hot", include_str!("../client/server/hot.ts")),
    ("live", include_str!("../client/server/live.ts")),
    ("main", include_str!("../client/server/main.ts")),
];

const BROWSER: [Module; 3] = [
    ("foreign", include_str!("../client/browser/foreign.ts")),
    ("tree", include_str!("../client/browser/tree.ts")),
    ("main", include_str!("../client/browser/main.ts")),
];

/// The runtime of pages that are hot.
const HOT: [Module; 34] = [
    ("component", include_str!("../client/refresh/component.ts")),
    (
        "signatures",
        include_str!("../client/refresh/signatures.ts"),
    ),
    ("families", include_str!("../client/refresh/families.ts")),
    ("roots", include_str!("../client/refresh/roots.ts")),
    ("devtools", include_str!("../client/refresh/devtools.ts")),
    (
        "boundaries",
        include_str!("../client/refresh/boundaries.ts"),
    ),
    ("refresh", include_str!("../client/refresh/refresh.ts")),
    ("foreign", include_str!("../client/browser/foreign.ts")),
    ("tree", include_str!("../client/browser/tree.ts")),
    ("problem", include_str!("../client/overlay/problem.ts")),
    ("reading", include_str!("../client/overlay/reading.ts")),
    ("stack", include_str!("../client/overlay/stack.ts")),
    (
        "source-map",
        include_str!("../client/overlay/source-map.ts"),
    ),
    ("origin", include_str!("../client/overlay/origin.ts")),
    ("trace", include_str!("../client/overlay/trace.ts")),
    ("editor", include_str!("../client/overlay/editor.ts")),
    ("element", include_str!("../client/overlay/element.ts")),
    ("look", include_str!("../client/overlay/look.ts")),
    ("visible", include_str!("../client/overlay/visible.ts")),
    ("box", include_str!("../client/overlay/box.ts")),
    ("dialog", include_str!("../client/overlay/dialog.ts")),
    ("overlay", include_str!("../client/overlay/overlay.ts")),
    ("message", include_str!("../client/hot/message.ts")),
    ("contexts", include_str!("../client/hot/contexts.ts")),
    ("climb", include_str!("../client/hot/climb.ts")),
    ("prune", include_str!("../client/hot/prune.ts")),
    ("updates", include_str!("../client/hot/updates.ts")),
    ("react", include_str!("../client/hot/react.ts")),
    ("styles", include_str!("../client/hot/styles.ts")),
    ("sheets", include_str!("../client/hot/sheets.ts")),
    ("connection", include_str!("../client/hot/connection.ts")),
    ("reason", include_str!("../client/hot/reason.ts")),
    ("page", include_str!("../client/hot/page.ts")),
    ("hot", include_str!("../client/browser/hot.ts")),
];

/// A script that gives a function of `import.meta`, which starts the runtime and gives the exports of `server/main.ts`.
/// Compiled when it is first needed.
///
/// # Errors
/// The diagnostics of a module that does not compile: a fault of the program itself.
pub(super) fn script() -> Result<&'static str, &'static str> {
    static SCRIPT: OnceLock<Result<String, String>> = OnceLock::new();
    let script = SCRIPT.get_or_init(|| {
        let definitions = definitions(SHARED.iter().chain(&SERVER), Print::Plain)?;
        Ok(format!("(meta) => ({BOOT})([\n{definitions}], meta)"))
    });
    script.as_deref().map_err(String::as_str)
}

/// An expression of a module that gives the exports of `browser/main.ts`: one runtime for all modules of a page or worker,
/// whoever asks for it first. Compiled when it is first needed.
///
/// # Errors
/// As [`script`].
pub fn browser() -> Result<&'static str, &'static str> {
    static BROWSER_SCRIPT: OnceLock<Result<String, String>> = OnceLock::new();
    let script = BROWSER_SCRIPT.get_or_init(|| in_browser("hookfs", &BROWSER, Print::Short));
    script.as_deref().map_err(String::as_str)
}

/// The same of `browser/hot.ts`, for pages that are hot.
///
/// # Errors
/// As [`script`].
pub fn hot_browser() -> Result<&'static str, &'static str> {
    static HOT_SCRIPT: OnceLock<Result<String, String>> = OnceLock::new();
    let script = HOT_SCRIPT.get_or_init(|| in_browser("hookfs.hot", &HOT, Print::Compact));
    script.as_deref().map_err(String::as_str)
}

/// The exports of the last of these modules, at the place of the global object that `symbol` names.
fn in_browser(symbol: &str, modules: &[Module], print: Print) -> Result<String, String> {
    let definitions = definitions(SHARED.iter().chain(modules), print)?;
    Ok(format!(
        "(globalThis[Symbol.for(\"{symbol}\")] ??= ({BOOT})([\n{definitions}], import.meta, (url) => import(url)))"
    ))
}

/// The script of a page of hookfs's own: a module that runs these, and knows nothing of any runtime.
///
/// # Errors
/// The diagnostics of a module that does not compile: a fault of the program itself.
pub(super) fn page(modules: &[Module]) -> Result<String, String> {
    let definitions = definitions(modules.iter(), Print::Compact)?;
    Ok(format!("({BOOT})([\n{definitions}], import.meta);\n"))
}

/// How much of a text is kept that only its readers need.
#[derive(Clone, Copy, PartialEq)]
enum Print {
    Plain,
    /// No white space. What only developers load: minifying it would take them longer than it saves.
    Compact,
    /// Minified: it is part of what is deployed.
    Short,
}

/// What [`BOOT`] expects.
fn definitions<'a>(
    modules: impl Iterator<Item = &'a Module>,
    print: Print,
) -> Result<String, String> {
    let mut all = String::new();
    for (name, text) in modules {
        let definition = compiled(name, text, print)?;
        all.push_str(&format!("[\"{name}\", {definition}],\n"));
    }
    Ok(all)
}

pub(super) fn definition(name: &str, text: &str) -> Result<String, String> {
    compiled(name, text, Print::Plain)
}

fn compiled(name: &str, text: &str, print: Print) -> Result<String, String> {
    let options = Options {
        function_form: true,
        minify: print == Print::Short,
        compact: print == Print::Compact,
        ..Options::default()
    };
    let compile = || {
        compiler::parse(text.as_bytes(), Language::Ts, name)?
            .transform(&options)?
            .emit(&mut |_| Replacement::Keep)
    };
    match compile() {
        Ok(emitted) => Ok(emitted.code),
        Err(faults) => Err(faults.iter().map(|fault| fault.render(false)).collect()),
    }
}

/// The runtime as bytecode: what starts it, and the modules of the platform.
#[derive(Debug, Serialize, Deserialize)]
pub struct Runtime {
    script: Code,
    platform: BTreeMap<String, Code>,
}

impl Runtime {
    /// Compiles it; the same for all programs that this build of hookfs runs.
    ///
    /// # Errors
    /// [`Failed`]: where a worker can't do it, or the runtime does not compile: a fault of the program itself.
    pub fn compile(workers: &Workers) -> Result<Vec<u8>, Failed> {
        let fault = |name: &str| Failed::Engine(format!("the runtime's `{name}` does not compile"));
        let compiled = |name: &str, text: &str| {
            // To a program, its functions look like those of the engine itself.
            let bytes = bytecode(workers, NAME, text, false)?;
            bytes
                .map(|bytes| Code::Bytecode(Blob(bytes)))
                .ok_or_else(|| fault(name))
        };
        let script = script().map_err(|text| Failed::Engine(text.to_owned()))?;
        let mut runtime = Self {
            script: compiled("main", script)?,
            platform: BTreeMap::new(),
        };
        for name in platform::names() {
            let text = platform::module(name).map_err(Failed::Engine)?;
            runtime
                .platform
                .insert(name.to_owned(), compiled(name, &text)?);
        }
        postcard::to_allocvec(&runtime).map_err(|error| Failed::Engine(error.to_string()))
    }

    /// Reads what [`Runtime::compile`] gave; `None`: it is nothing that it gave.
    pub(super) fn decode(Blob(bytes): &Blob) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    pub(super) fn script(&self) -> &Code {
        &self.script
    }

    pub(super) fn platform(&self, name: &str) -> Option<&Code> {
        self.platform.get(name)
    }
}
