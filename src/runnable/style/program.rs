//! Programs that run the tools of a project: modules of no file, which import those of the tools, in a worker, as hooks run.

use std::time::Duration;

use serde_json::{Value, json};

use crate::base::{Key, SourcePath};
use crate::compiler;
use crate::compute::{Context, Failure};
use crate::runnable::all::Runnable;
use crate::runnable::assets::quoted;
use crate::runnable::function;
use crate::runnable::hook::{self, Call, Entry};
use crate::runnable::module::diagnostics;
use crate::script::{Export, Given, LIMITED};
use crate::worker::Kind;

/// They look at each word that may be a class, and large trees have many.
const KIND: Kind = Kind {
    cpu: Duration::from_secs(60),
    wall: Duration::from_secs(300),
    ..LIMITED
};

/// A program in the making.
pub(super) struct ToolProgram {
    /// Which tool it runs: it has its own name for each.
    tool: &'static str,
    text: String,
    directory: String,
}

impl ToolProgram {
    pub(super) fn new(tool: &'static str) -> Self {
        Self {
            tool,
            text: String::new(),
            directory: "/".to_owned(),
        }
    }

    /// Gives a module the name `name` in the program.
    pub(super) fn import(mut self, runnable: &Runnable, name: &str, module: &Key) -> Self {
        let form = function::of_plain(module.clone());
        let id = quoted(&function::id_of_form(&runnable.layout, &form));
        self.text = format!("import * as {name} from {id};\n{}", self.text);
        self
    }

    /// Gives a module of Node's the name `name`.
    pub(super) fn builtin(mut self, name: &str, module: &str) -> Self {
        self.text = format!("import * as {name} from {};\n{}", quoted(module), self.text);
        self
    }

    /// Gives modules by their names, in an object.
    pub(super) fn table<'a>(
        mut self,
        runnable: &Runnable,
        name: &str,
        modules: impl Iterator<Item = (&'a String, &'a Key)>,
    ) -> Self {
        let mut table = String::new();
        for (number, (asked, module)) in modules.enumerate() {
            let import = format!("{name}{number}");
            self = self.import(runnable, &import, module);
            table.push_str(&format!("{}: {import}, ", quoted(asked)));
        }
        self.constant(name, &format!("{{ __proto__: null, {table}}}"))
    }

    /// Has it begin in the folder of a file.
    pub(super) fn beside(mut self, runnable: &Runnable, file: &SourcePath) -> Self {
        let folder = file.parent().unwrap_or_else(SourcePath::root);
        self.directory = runnable.layout.place(&folder).to_string();
        self
    }

    /// Gives the value of an expression a name.
    pub(super) fn constant(mut self, name: &str, value: &str) -> Self {
        self.text.push_str(&format!("const {name} = {value};\n"));
        self
    }

    /// Runs it, `body` being its end, for the file at `path`: what its default export makes of `props`, which is JSON.
    ///
    /// # Errors
    /// What it throws, as with a hook.
    pub(super) fn run(
        self,
        runnable: &Runnable,
        context: &dyn Context,
        path: &SourcePath,
        body: &str,
        props: Value,
    ) -> Result<Value, Failure> {
        let text = self.text + body;
        let text = compiler::function_form(&text, &runnable.layout.shown(path));
        let id = function::id_of(&runnable.layout, path);
        let call = Call {
            entry: Some(Entry {
                id: format!("{id}.{}.js", self.tool),
                text: text.map_err(diagnostics)?,
            }),
            kind: KIND,
            export: Export::Default,
            directory: self.directory,
            path: runnable.layout.place(path).to_string(),
            params: json!({}),
            props,
        };
        match hook::call(runnable, context, path, &call)? {
            Given::Bytes(bytes, _) => {
                serde_json::from_slice(&bytes).map_err(|cause| Failure::Internal(cause.to_string()))
            }
            given => Err(hook::wrong(runnable, context, path, given)),
        }
    }
}
