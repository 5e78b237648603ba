//! One run of a hook.

use std::cell::{Cell, RefCell};

use serde_json::{Map, Value, json};

use crate::base::{Key, SourcePath};
use crate::compute::{Context, Failure};
use crate::runnable::all::Runnable;
use crate::runnable::{MODULE, bytecode, environment, function};
use crate::script::{self, Export, Failed, Given, Hook, Program};
use crate::worker::Kind;

use super::host::{Ending, Host};
use super::told;

/// How a hook is called.
pub(in crate::runnable) struct Call {
    /// A module of no file, of a tool; `None`: the hook's own is called.
    pub(in crate::runnable) entry: Option<Entry>,
    /// What it may take: [`script::LIMITED`], or that with more time.
    pub(in crate::runnable) kind: Kind,
    pub(in crate::runnable) export: Export,
    /// Where it begins: its working directory, as modules know it.
    pub(in crate::runnable) directory: String,
    /// The file, from the root of the outputs.
    pub(in crate::runnable) path: String,
    pub(in crate::runnable) params: Value,
    pub(in crate::runnable) props: Value,
}

/// A module that is not in the tree.
pub(in crate::runnable) struct Entry {
    /// No other module's.
    pub(in crate::runnable) id: String,
    /// In function form; what it imports is named by ids.
    pub(in crate::runnable) text: String,
    /// Whether its engine may serve the next call: then what it has read for one is a dependency of the next one, too.
    pub(in crate::runnable) stays: bool,
}

/// Runs a hook. Whatever ends it besides itself is a failure.
pub(in crate::runnable) fn call(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    call: &Call,
) -> Result<Given, Failure> {
    let id = match &call.entry {
        Some(entry) => entry.id.clone(),
        None => function::id_of(&runnable.layout, path),
    };
    let hook = Hook {
        program: Program {
            arguments: vec!["hookfs".to_owned(), id.clone()],
            entry: id,
            environment: vec![("NODE_ENV".to_owned(), runnable.options.node().to_owned())],
            directory: call.directory.clone(),
        },
        export: call.export,
        stays: call.entry.as_ref().is_some_and(|entry| entry.stays),
        context: json!({
            "path": call.path,
            "params": call.params,
            "props": call.props,
            "env": variables(runnable, context)?,
        })
        .to_string(),
    };
    // Its modules, on all cores.
    if call.entry.is_none() {
        let module = function::of_plain(Key::new(MODULE, path.clone()));
        context.prepare(&[bytecode::of(module)]);
    }
    let ending = RefCell::new(Ending::default());
    let is_over = Cell::new(false);
    let mut result = None;
    context.outside(&mut || {
        let mut host = Host::new(
            runnable,
            context,
            path,
            call.entry.as_ref(),
            &ending,
            &is_over,
        );
        let mut stop = || is_over.get();
        result = Some(script::call(
            &runnable.workers,
            &call.kind,
            &hook,
            &mut host,
            &mut stop,
        ));
    });
    let Ending {
        failure,
        fault,
        given,
    } = ending.into_inner();
    // What is no fact about the sources is no result, whatever the hook made of it.
    if let Some(failure) = failure {
        return Err(failure);
    }
    match (result, given) {
        (Some(Ok(())), Some(Given::Fault(text))) => {
            Err(fault.unwrap_or_else(|| told::given(runnable, context, path, Given::Fault(text))))
        }
        (Some(Ok(())), Some(given)) => Ok(given),
        // Not even its error could be told.
        (Some(Ok(())), None) => Err(told::out_of_memory(runnable, path)),
        (Some(Err(Failed::Worker(error))), _) => Err(told::ended(runnable, path, &error)),
        (Some(Err(Failed::Engine(text))), _) => Err(Failure::Internal(text)),
        (None, _) => Err(Failure::Internal("nobody ran the hook".into())),
    }
}

/// `context.env`: what modules have as `import.meta.env`.
fn variables(runnable: &Runnable, context: &dyn Context) -> Result<Value, Failure> {
    let variables = environment::fetch(runnable, context)?;
    let mut all = Map::new();
    for (name, value) in environment::constants(&runnable.options, &variables) {
        let value = serde_json::from_str(&value)
            .map_err(|error| Failure::Internal(format!("`{name}` is no constant: {error}")))?;
        all.insert(name, value);
    }
    all.insert("SSR".to_owned(), true.into());
    all.insert(
        "BASE_URL".to_owned(),
        runnable.options.base.as_deref().unwrap_or("/").into(),
    );
    Ok(Value::Object(all))
}
