//! What resolution needs of a `package.json`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::exports::{Exports, Mapping};
use super::jsonc;
use crate::base::{Computation, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::source::{Entry, InputError};

/// The facts of the `package.json` in the directory of the key; none where there is no such file.
pub const PACKAGE: Computation = Computation::new("package");

/// The fields that decide what a specifier leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// `name`.
    pub name: Option<String>,
    /// `"type": "module"`.
    pub is_module: bool,
    /// The entries to try, the best first: `browser` (where it is a string), `module`, `main`.
    pub mains: Vec<String>,
    /// `style`: the entry for style sheets.
    pub style: Option<String>,
    /// `sass`: the entry for Sass, which goes before it.
    pub sass: Option<String>,
    /// `exports`; where it is present, nothing else of the package can be reached.
    pub exports: Option<Exports>,
    /// `imports`: what `#names` stand for.
    pub imports: Option<Mapping>,
    /// `browser`, where it is a map: a specifier or a file of the package, and what replaces it (`None`: an empty
    /// module).
    pub browser: Vec<(String, Option<String>)>,
    /// `sideEffects` (<https://webpack.js.org/guides/tree-shaking/>): patterns of the files whose evaluation is seen
    /// beyond what they export; `None`: all files.
    pub side_effects: Option<Vec<String>>,
}

impl Package {
    fn of(value: &Value) -> Self {
        let text = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
        let browser = value.get("browser");
        let fields = |names: [&str; 3]| {
            let texts = names.into_iter().filter_map(text);
            texts.filter(|main| !main.is_empty()).collect()
        };
        Self {
            name: text("name"),
            is_module: value.get("type").and_then(Value::as_str) == Some("module"),
            mains: fields(["browser", "module", "main"]),
            style: text("style"),
            sass: text("sass"),
            exports: value.get("exports").and_then(Exports::of),
            imports: value
                .get("imports")
                .and_then(Value::as_object)
                .map(Mapping::of),
            browser: browser
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter_map(|(from, to)| match to {
                    Value::String(to) => Some((from.clone(), Some(to.clone()))),
                    Value::Bool(false) => Some((from.clone(), None)),
                    _ => None,
                })
                .collect(),
            side_effects: value.get("sideEffects").and_then(side_effects),
        }
    }
}

fn side_effects(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Bool(false) => Some(Vec::new()),
        Value::String(pattern) => Some(vec![pattern.clone()]),
        Value::Array(patterns) => patterns
            .iter()
            .map(|pattern| pattern.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// Runs [`PACKAGE`]: an `Option<Package>`.
pub fn run(context: &dyn Context, directory: &SourcePath) -> Result<Output, Failure> {
    let path = directory.child("package.json");
    let package = match read(context, &path)? {
        Some(bytes) => {
            let value = jsonc::parse_json(&bytes, &path, "invalid-package")?;
            Some(Package::of(&value))
        }
        None => None,
    };
    encode(&package)
}

/// The content of a file that may be absent, or be a link inside the tree.
pub fn read(context: &dyn Context, path: &SourcePath) -> Result<Option<bytes::Bytes>, Failure> {
    let Some((path, Entry::File)) = super::files::follow(context, path)? else {
        return Ok(None);
    };
    match context.content(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(InputError::Absent(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// An output of one part that [`crate::compute::Memo`] reads.
pub fn encode<T: Serialize>(value: &T) -> Result<Output, Failure> {
    let bytes = postcard::to_allocvec(value)
        .map_err(|error| Failure::Internal(format!("an output does not encode: {error}")))?;
    Ok(Output {
        parts: vec![(crate::base::Part::MAIN, bytes.into())],
        links: Vec::new(),
    })
}

/// Whether Node has a module of this name (<https://nodejs.org/api/module.html#modulebuiltinmodules>), written without
/// `node:`.
pub fn is_builtin(specifier: &str) -> bool {
    const NAMES: [&str; 42] = [
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "constants",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "domain",
        "events",
        "fs",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "repl",
        "stream",
        "string_decoder",
        "sys",
        "timers",
        "tls",
        "trace_events",
        "tty",
        "url",
        "util",
        "v8",
        "vm",
        "wasi",
        "worker_threads",
        "zlib",
    ];
    const BELOW: [&str; 16] = [
        "assert/strict",
        "dns/promises",
        "fs/promises",
        "inspector/promises",
        "path/posix",
        "path/win32",
        "readline/promises",
        "stream/consumers",
        "stream/promises",
        "stream/web",
        "timers/promises",
        "util/types",
        "_http_agent",
        "_stream_readable",
        "_stream_writable",
        "_tls_common",
    ];
    NAMES.contains(&specifier) || BELOW.contains(&specifier)
}
