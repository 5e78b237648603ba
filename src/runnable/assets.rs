//! Modules of files that are no code: `./a.svg`, and what a query on an import asks for (Vite's `?raw`, `?url`,
//! `?inline`, `?init`, `?worker`; <https://vite.dev/guide/assets>, <https://vite.dev/guide/features#web-workers>).

use crate::base::{Computation, ContentHash, Diagnostic, Key, Part, SourcePath};
use crate::compiler;
use crate::compute::{Context, Failure, Link, LinkKind, Output};
use crate::source::{Entry, InputError};

use super::all::{Runnable, whole_file};
use super::hashed::{self, Scope};
use super::kind::{COPY, Kind, PAGE, Query, STYLE};
use super::layout::versioned;
use super::{MODULE, data_url, kind, made, plugins};

/// Runs the computation `asset`: a module whose default export is the file's URL.
pub fn asset(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    present(runnable, context, path)?;
    if Kind::of_path(path) == Kind::Asset {
        return url_module(runnable, context, path, Key::new(COPY, path.clone()));
    }
    Err(whole_file(runnable, path, plugins::of_file(path)))
}

/// Of [`COPY`]: the bytes, unless they are too many ([`crate::source::HELD`]).
pub const BYTES: Part = Part(3);

/// Runs [`COPY`]: the file is served as it is, and this gives its hash, by which others name it. The bytes are kept for
/// those who name this version when the file has become another.
pub fn copy(context: &dyn Context, path: &SourcePath) -> Result<Output, Failure> {
    let (hash, bytes) = context.digest(path)?;
    let mut output = module(hash.to_hex(), Vec::new());
    output.parts.extend(bytes.map(|bytes| (BYTES, bytes)));
    Ok(output)
}

/// The hash of a file that is served as it is.
pub fn hash_of_copy(context: &dyn Context, path: &SourcePath) -> Result<ContentHash, Failure> {
    let text = context.fetch(&Key::new(COPY, path.clone()), Part::MAIN)?;
    let hash = std::str::from_utf8(&text)
        .ok()
        .and_then(ContentHash::from_hex);
    hash.ok_or_else(|| Failure::Internal(format!("the hash of `{path}` is none")))
}

/// Runs the computation of a query, styles aside; or gives its text for another scope.
pub fn query(
    runnable: &Runnable,
    context: &dyn Context,
    query: Query,
    path: &SourcePath,
    scope: Scope,
) -> Result<Output, Failure> {
    present(runnable, context, path)?;
    let kind = Kind::of_path(path);
    let is_code = matches!(kind, Kind::Module(_) | Kind::Script);
    let wrong = |message: &str| {
        let message = format!("`?{}` {message}", query.text());
        whole_file(runnable, path, Diagnostic::new("unsupported", message))
    };
    match query.text() {
        "raw" => {
            let bytes = context.content(path)?;
            let text = String::from_utf8_lossy(&bytes);
            let code = format!("export default {};\n", quoted(&text));
            Ok(module(code, Vec::new()))
        }
        kind::BYTES => {
            let bytes = context.content(path)?;
            Ok(module(bytes_code(&bytes), Vec::new()))
        }
        "inline" | "url&inline" => {
            let url = data_url::of(path.name(), &context.content(path)?);
            let code = format!("export default {};\n", quoted(&url));
            Ok(module(code, Vec::new()))
        }
        "url" => {
            // Who asks for a URL may do anything with it: a bundle could not be a classic script.
            let scope = match scope {
                Scope::Bundle(_) => Scope::Page,
                other => other,
            };
            url_module(runnable, context, path, by_url(path, scope))
        }
        "init" if kind == Kind::Wasm => {
            let (url, key) = url_of(runnable, context, path, Key::new(COPY, path.clone()))?;
            Ok(module(init_code(&url), vec![Link::url(key)]))
        }
        "import source" if kind == Kind::Wasm => {
            let (url, key) = url_of(runnable, context, path, Key::new(COPY, path.clone()))?;
            Ok(module(compiler::wasm_source(&url), vec![Link::url(key)]))
        }
        "init" | "import source" => Err(wrong("is for WebAssembly alone (`.wasm`)")),
        worker if is_code => {
            let (url, key) = url_of(runnable, context, path, by_url(path, scope))?;
            Ok(module(worker_code(worker, &url), vec![Link::url(key)]))
        }
        _ => Err(wrong("is for modules alone")),
    }
}

/// Bytes that nobody can change, where the engine has such.
fn bytes_code(bytes: &[u8]) -> String {
    format!(
        "const {{ buffer }} = Uint8Array.from(atob({}), (byte) => byte.charCodeAt(0));\n\
         export default new Uint8Array(buffer.transferToImmutable?.() ?? buffer);\n",
        quoted(&data_url::base64(bytes))
    )
}

/// The node behind a URL (not an import) of a file of this kind.
pub fn url_computation(kind: Kind) -> Computation {
    match kind {
        Kind::Module(_) | Kind::Script => MODULE,
        Kind::Style => STYLE,
        Kind::Page => PAGE,
        Kind::Json | Kind::Wasm | Kind::Asset | Kind::Other | Kind::Declaration => COPY,
    }
}

/// A string literal of JavaScript (JSON is one since ECMAScript 2019).
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An output of code alone.
pub fn module(code: String, links: Vec<Link>) -> Output {
    Output {
        parts: vec![(Part::MAIN, code.into())],
        links,
    }
}

/// The node that a URL of the source file leads to from code: of code the module for workers, for who imports it has no
/// use for a URL.
fn by_url(path: &SourcePath, scope: Scope) -> Key {
    let key = Key::new(url_computation(Kind::of_path(path)), path.clone());
    scope.variant(LinkKind::Url, key)
}

/// The expression for the URL of a node, with its hash, and the node that stands there.
fn url_of(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    key: Key,
) -> Result<(String, Key), Failure> {
    if let Some(bundle) = runnable.layout.url_of_bundle(path, &key) {
        return Ok((format!("import.meta.resolve({})", quoted(&bundle)), key));
    }
    let key = hashed::by_url(runnable, context, key)?;
    let key = made::served(context, runnable.layout.source(), key)?;
    let version = hashed::version(context, &key)?;
    let url = versioned(&runnable.layout.url(path, &key), "", version);
    let code = format!("new URL({}, import.meta.url).href", quoted(&url));
    Ok((code, key))
}

/// The module whose default export is that URL.
fn url_module(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    key: Key,
) -> Result<Output, Failure> {
    let (url, key) = url_of(runnable, context, path, key)?;
    Ok(module(
        format!("export default {url};\n"),
        vec![Link::url(key)],
    ))
}

fn present(runnable: &Runnable, context: &dyn Context, path: &SourcePath) -> Result<(), Failure> {
    match context.entry(path)? {
        Entry::File => Ok(()),
        Entry::Absent if made::find(context, runnable.layout.source(), path)?.is_some() => Ok(()),
        _ => Err(InputError::Absent(path.clone()).into()),
    }
}

/// As Vite's: a function that instantiates, also behind a server that does not know the type of `.wasm`.
fn init_code(url: &str) -> String {
    format!(
        "const url = {url};\n\
         export default async function init(imports = {{}}) {{\n\
         \x20 const response = await fetch(url);\n\
         \x20 if (!response.ok) throw new Error(`cannot load ${{url}}: status ${{response.status}}`);\n\
         \x20 const type = response.headers.get(\"Content-Type\") || \"\";\n\
         \x20 const result = type.startsWith(\"application/wasm\")\n\
         \x20   ? await WebAssembly.instantiateStreaming(response, imports)\n\
         \x20   : await WebAssembly.instantiate(await response.arrayBuffer(), imports);\n\
         \x20 return result.instance;\n\
         }}\n"
    )
}

/// A constructor's wrapper. An inlined worker is a script of one import, so that it may run where the module comes from
/// another origin.
fn worker_code(query: &str, url: &str) -> String {
    let class = match query {
        "sharedworker" => "SharedWorker",
        _ => "Worker",
    };
    let (prepare, script) = match query {
        "worker&inline" => (
            "  const blob = new Blob([`import ${JSON.stringify(url)};`], { type: \"text/javascript\" });\n",
            "URL.createObjectURL(blob)",
        ),
        _ => ("", "url"),
    };
    format!(
        "const url = {url};\n\
         export default function WorkerWrapper(options) {{\n\
         {prepare}  return new {class}({script}, {{ type: \"module\", name: options?.name }});\n\
         }}\n"
    )
}
