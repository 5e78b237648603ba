//! Programs that run the tools of a project: modules of no file, which import those of the tools, in a worker, as hooks run.

use std::time::Duration;

use serde_json::{Value, json};

use crate::base::{ContentHash, Key, SourcePath};
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

/// What a module gives, whichever way it was written: for all programs.
const GIVEN: &str = "const given = (module) => {
  const value = module && 'default' in module ? module.default : module;
  return value?.__esModule && 'default' in value ? value.default : value;
};
";

/// A program in the making.
pub(super) struct ToolProgram {
    /// Which tool it runs: it has its own name for each.
    tool: &'static str,
    text: String,
    directory: String,
    stays: bool,
}

impl ToolProgram {
    pub(super) fn new(tool: &'static str) -> Self {
        Self {
            tool,
            text: String::new(),
            directory: "/".to_owned(),
            stays: false,
        }
    }

    /// Gives a module the name `name` in the program.
    pub(super) fn import(mut self, runnable: &Runnable, name: &str, module: &Key) -> Self {
        let form = function::of_plain(module.clone());
        let id = quoted(&function::id_of_form(&runnable.layout, &form));
        self.text = format!("import * as {name} from {id};\n{}", self.text);
        self
    }

    /// Gives a configuration the name `name`. Those that people write may be an ES module that gives itself to
    /// `module.exports`, as the loaders of other tools take it.
    pub(super) fn configuration(
        self,
        runnable: &Runnable,
        context: &dyn Context,
        name: &str,
        module: &Key,
    ) -> Result<Self, Failure> {
        let text = context.content(&module.path)?;
        if memchr::memmem::find(&text, b"module.exports").is_none() {
            return Ok(self.import(runnable, name, module));
        }
        let form = function::of_plain(module.clone());
        let id = quoted(&function::id_of_form(&runnable.layout, &form));
        Ok(self.constant(
            name,
            &format!(
                "await (async () => {{\n  \
                 const own = (globalThis.module = {{ exports: {{}} }});\n  \
                 const {{ exports }} = own;\n  \
                 try {{\n    \
                 const given = await import({id});\n    \
                 return own.exports === exports ? given : {{ default: own.exports }};\n  \
                 }} finally {{\n    \
                 delete globalThis.module;\n  \
                 }}\n}})()"
            ),
        ))
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

    /// Keeps its engine for the next file: it takes long to load, and reads mostly the same for each.
    pub(super) fn stays(mut self) -> Self {
        self.stays = true;
        self
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
        let text = self.text + GIVEN + body;
        // The same for all sheets for which the same is imported: its engine serves one after the other.
        let id = format!(
            "/~tool/{}.{}.js",
            self.tool,
            ContentHash::of(text.as_bytes()).short()
        );
        let text = compiler::function_form(&text, self.tool);
        let program = id.clone();
        let mut turn = None;
        if self.stays {
            context.outside(&mut || turn = runnable.turns.take(&program));
        }
        let call = Call {
            entry: Some(Entry {
                id,
                text: text.map_err(diagnostics)?,
                stays: self.stays,
            }),
            kind: KIND,
            export: Export::Default,
            directory: self.directory,
            path: runnable.layout.place(path).to_string(),
            params: json!({}),
            props,
        };
        let given = hook::call(runnable, context, path, &call);
        drop(turn);
        match given? {
            Given::Bytes(bytes, _) => {
                serde_json::from_slice(&bytes).map_err(|cause| Failure::Internal(cause.to_string()))
            }
            given => Err(hook::wrong(runnable, context, path, given)),
        }
    }
}
