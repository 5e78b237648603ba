//! The live files of `/~@/~hookfs`: what the daemon tells of itself.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};

use super::differences::Differences;
use super::engine::Engine;
use super::insight;
use crate::base::{Diagnostic, Key};
use crate::compute::Failure;
use crate::router::{
    ControlView, Live, LiveStream, LiveText, explained, importer_chain, shown_name,
};
use crate::runnable::gives_file;
use crate::script::{self, panel};
use crate::source::Watching;

/// What only a mount has to tell.
#[derive(Clone, Debug)]
pub struct Mounted {
    /// Where.
    pub mount_point: String,
    /// Since when.
    pub started: SystemTime,
    /// The file that `events` shows.
    pub events: PathBuf,
}

/// The content of `status.json`.
pub fn status(engine: &Engine, mounted: Option<&Mounted>) -> Value {
    let place = engine.place();
    let graph = engine.graph().stats();
    let store = engine.store().stats();
    let (mode, reason) = match engine.graph().mode() {
        Watching::Exact => ("exact", None),
        Watching::Impossible(reason) => ("verify", Some(reason)),
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "pid": std::process::id(),
        "name": place.source.file_name().map(|name| name.to_string_lossy()),
        "source": place.source.to_string_lossy(),
        "workspace": place.workspace.to_string_lossy(),
        "state": place.state.to_string_lossy(),
        "mount_point": mounted.map(|mounted| &mounted.mount_point),
        "started": mounted.map(|mounted| seconds(mounted.started)),
        "hot": engine.hot().map(|(socket, pages)| json!({ "socket": socket, "pages": pages })),
        "mode": mode,
        "mode_reason": reason,
        "computed": graph.computed,
        "runs": graph.runs,
        "verified": graph.verified,
        "hits": graph.hits,
        "failed": graph.failed,
        "nodes": graph.nodes,
        "pending": graph.pending,
        "records": store.records,
        "blobs": store.blobs,
        "blob_bytes": store.blob_bytes,
        "disk_bytes": store.disk_bytes,
        "rss_bytes": resident_bytes(),
    })
}

/// The content of `errors.json`: what is wrong with the user's files, as far as it was computed.
fn errors(engine: &Engine) -> Value {
    let source = &engine.place().prefix;
    let describe = |(key, diagnostics): (Key, Vec<Diagnostic>)| {
        json!({
            "file": shown_name(source, &key.path),
            "computation": key.computation.name(),
            "text": Diagnostic::render_all(&diagnostics),
            "diagnostics": diagnostics,
        })
    };
    Value::Array(failures(engine).into_iter().map(describe).collect())
}

/// The same without the files that have it.
pub(super) fn problems(engine: &Engine) -> Vec<Diagnostic> {
    let failures = failures(engine).into_iter();
    failures.flat_map(|(_, diagnostics)| diagnostics).collect()
}

/// What fails for the user's files, with who imports them.
fn failures(engine: &Engine) -> Vec<(Key, Vec<Diagnostic>)> {
    let graph = engine.graph();
    let source = &engine.place().prefix;
    let failures = graph.failures();
    let of_files = failures
        .iter()
        .filter(|(key, _)| gives_file(&key.computation));
    // What is wrong with a file's text is wrong with every module of it: told of the one that is imported.
    let mut told: Vec<(Vec<String>, &Key, &[Diagnostic])> = Vec::new();
    for (key, diagnostics) in of_files {
        let chain = importer_chain(|key| graph.importers(key), source, key);
        let same = |(_, other, known): &&mut (_, &Key, &[Diagnostic])| {
            other.path == key.path && **known == **diagnostics
        };
        match told.iter_mut().find(same) {
            Some(entry) if chain.len() > entry.0.len() => *entry = (chain, key, diagnostics),
            Some(_) => {}
            None => told.push((chain, key, diagnostics)),
        }
    }
    let explain = |(chain, key, diagnostics): (Vec<String>, &Key, &[Diagnostic])| {
        (key.clone(), explained(diagnostics, &chain))
    };
    told.into_iter().map(explain).collect()
}

/// The view at `/~@/~hookfs`: of a mount, or of what is served over HTTP, where nothing tells where on this machine the
/// files are.
pub fn control_view(engine: &Weak<Engine>, mounted: Option<Mounted>) -> ControlView {
    let live = |name: &str, make: Box<dyn Fn(&Engine) -> Value + Send + Sync>| {
        // Weakly: the view is part of what the engine's owner owns.
        let engine = engine.clone();
        LiveText::new(format!("~hookfs/{name}"), move || match engine.upgrade() {
            Some(engine) => text(&make(&engine)),
            None => Err(Failure::Internal("the daemon is ending".into())),
        })
    };
    let whole = Arc::new(Differences::new());
    let lately = whole.clone();
    let mut files: Vec<Arc<dyn Live>> = vec![
        // Its code frames are lines of sources.
        Arc::new(live("errors.json", Box::new(errors)).private()),
        Arc::new(live("recent.json", Box::new(insight::recent))),
        Arc::new(live(
            "graph.json",
            Box::new(move |engine| whole.whole(engine)),
        )),
        Arc::new(live(
            "graph-changes.json",
            Box::new(move |engine| lately.lately(engine)),
        )),
    ];
    let client: panel::Make = || script::hot_browser().map(str::as_bytes);
    for (name, make) in panel::FILES.into_iter().chain([("client.js", client)]) {
        let make = move || match make() {
            Ok(bytes) => Ok(Bytes::from_static(bytes)),
            Err(fault) => Err(Failure::Internal(format!(
                "`{name}` does not compile: {fault}"
            ))),
        };
        files.push(Arc::new(LiveText::new(format!("~hookfs/{name}"), make)));
    }
    let status: Box<dyn Fn(&Engine) -> Value + Send + Sync> = match mounted {
        None => Box::new(|engine| without_places(status(engine, None))),
        Some(mounted) => {
            let events = mounted.events.clone();
            files.push(Arc::new(LiveStream::new("~hookfs/events", events)));
            Box::new(move |engine| status(engine, Some(&mounted)))
        }
    };
    files.push(Arc::new(live("status.json", status)));
    ControlView::new(files)
}

/// The status for who need not know where on this machine the files are.
fn without_places(mut status: Value) -> Value {
    if let Some(fields) = status.as_object_mut() {
        for place in ["source", "workspace", "state", "mount_point"] {
            fields.remove(place);
        }
    }
    status
}

fn text(value: &Value) -> Result<Bytes, Failure> {
    let mut text =
        serde_json::to_vec_pretty(value).map_err(|cause| Failure::Internal(cause.to_string()))?;
    text.push(b'\n');
    Ok(Bytes::from(text))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// How long the memory that was measured is told. It is never the same twice, and a file that changes between `stat` and
/// `open` cannot be copied.
const MEASURED: Duration = Duration::from_secs(1);

/// Resident memory, at most a second ago.
fn resident_bytes() -> Option<u64> {
    static LAST: Mutex<Option<(Instant, Option<u64>)>> = Mutex::new(None);
    let last = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let known = *last();
    if let Some((when, bytes)) = known
        && when.elapsed() < MEASURED
    {
        return bytes;
    }
    let bytes = measured_bytes();
    *last() = Some((Instant::now(), bytes));
    bytes
}

/// Resident memory, from `/proc/self/statm` (proc_pid_statm(5)).
fn measured_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
