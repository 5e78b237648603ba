//! Hooks: a module whose default export gives a file; how it is called, what it asks for on the way, and what it gives.

use std::rc::Rc;

use rquickjs::function::{Func, Opt};
use rquickjs::{Array, Ctx, Error, Exception, IntoJs, Object, TypedArray, Value};
use serde::{Deserialize, Serialize};

use super::Program;
use super::code::as_bytes;
use super::machine::State;

/// The most bytes that a hook may give.
const MOST: usize = 128 << 20;

/// The most bytes of what `paths` gives.
const MOST_PATHS: usize = 16 << 20;

/// The most bytes of a text about what went wrong.
const MOST_TOLD: usize = 64 << 10;

/// A hook, and how it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// Its module, and what that finds.
    pub program: Program,
    /// Which export is called.
    pub export: Export,
    /// The data of its context, in JSON.
    pub context: String,
    /// Whether its engine may serve the next call of the same module, as long as all it has been told is still so: what its
    /// modules remember is then there.
    pub stays: bool,
}

/// What of a hook's module is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Export {
    /// `default`, which gives the file.
    #[default]
    Default,
    /// `paths`, which tells the files that there are.
    Paths,
}

impl Export {
    /// The export's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Paths => "paths",
        }
    }
}

/// What a hook asks of its context, by the path or pattern that it writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// A file's bytes.
    Bytes(String),
    /// A file's text.
    Text(String),
    /// Whether there is such a file or folder, and which of them it is.
    Kind(String),
    /// What is in a folder.
    List(String),
    /// The files that a pattern means.
    Glob(String),
}

/// What it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// Bytes.
    Bytes(#[serde(with = "as_bytes")] Vec<u8>),
    /// Text.
    Text(String),
    /// Names and their kinds (`file`, `dir`, `symlink`).
    Entries(Vec<(String, String)>),
    /// Paths.
    Paths(Vec<String>),
    /// An error that the hook may catch.
    Fault {
        /// As Node names it: `ENOENT`.
        code: String,
        /// The text.
        message: String,
    },
}

/// How grave a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// `console.debug`.
    Debug,
    /// `console.log` and all that prints to standard output.
    Info,
    /// `console.warn`.
    Warn,
    /// `console.error`, and all else that prints to standard error.
    Error,
}

/// What a Response says besides its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// From 200 to 299.
    pub status: u16,
    /// Names in lower case and values, in their order.
    pub headers: Vec<(String, String)>,
}

/// What a hook gives in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Given {
    /// The file, and what the Response said that it came in.
    Bytes(#[serde(with = "as_bytes")] Vec<u8>, Option<Reply>),
    /// A response that says that there is none: the status, and its text.
    Status(String, String),
    /// What `paths` gives, in JSON.
    Paths(String),
    /// Something else, as a sentence.
    Wrong(String),
    /// Nobody has caught an error: its name and message, and its stack with places in the sources.
    Threw(String, String),
    /// There was no memory left, not even for an error that says so.
    Memory,
    /// One of its modules has errors: the diagnostics.
    Fault(String),
    /// It called `process.exit`.
    Exited,
    /// It waits for what never comes.
    Pending,
}

/// Adds what hooks need to the object that `native.ts` describes.
pub(super) fn add<'js>(native: &Object<'js>, state: &Rc<State>) -> Result<(), Error> {
    let shared = state.clone();
    let asked = move |ctx: Ctx<'js>, kind: String, path: String| ask(&ctx, &shared, &kind, path);
    native.set("ask", Func::from(asked))?;
    let shared = state.clone();
    let log = move |level: String, text: String| {
        let level = match &*level {
            "debug" => Level::Debug,
            "warn" => Level::Warn,
            "error" => Level::Error,
            _ => Level::Info,
        };
        shared.host.borrow_mut().log(level, &text);
    };
    native.set("log", Func::from(log))?;
    let shared = state.clone();
    let give = move |kind: String, value: Opt<Value<'js>>, more: Opt<String>| {
        let given = given(&kind, value.0, more.0.unwrap_or_default())?;
        shared.host.borrow_mut().give(given);
        Ok::<_, Error>(())
    };
    native.set("give", Func::from(give))
}

/// Gives `[code or null, answer or message]`.
fn ask<'js>(ctx: &Ctx<'js>, state: &State, kind: &str, path: String) -> Result<Array<'js>, Error> {
    let ask = match kind {
        "bytes" => Ask::Bytes(path),
        "text" => Ask::Text(path),
        "kind" => Ask::Kind(path),
        "list" => Ask::List(path),
        "glob" => Ask::Glob(path),
        _ => return Err(Exception::throw_type(ctx, "no such question")),
    };
    let told = state.host.borrow_mut().ask(&ask);
    state.learned.borrow_mut().told(&ask, &told);
    let answer = Array::new(ctx.clone())?;
    answer.set(0, Value::new_null(ctx.clone()))?;
    match told {
        Told::Bytes(bytes) => answer.set(1, TypedArray::<u8>::new(ctx.clone(), bytes)?)?,
        Told::Text(text) => answer.set(1, text)?,
        Told::Paths(paths) => answer.set(1, paths)?,
        Told::Entries(entries) => {
            let list = Array::new(ctx.clone())?;
            for (index, (name, kind)) in entries.into_iter().enumerate() {
                let entry = Object::new(ctx.clone())?;
                entry.set("name", name)?;
                entry.set("kind", kind)?;
                list.set(index, entry)?;
            }
            answer.set(1, list)?;
        }
        Told::Fault { code, message } => {
            answer.set(0, code.into_js(ctx)?)?;
            answer.set(1, message)?;
        }
    }
    Ok(answer)
}

fn given(kind: &str, value: Option<Value<'_>>, more: String) -> Result<Given, Error> {
    let text = |value: Option<Value<'_>>| match value.as_ref().and_then(Value::as_string) {
        Some(text) => text.to_string(),
        None => Ok(String::new()),
    };
    Ok(match kind {
        "bytes" => {
            let bytes = match value {
                Some(value) if !value.is_string() => {
                    let array = TypedArray::<u8>::from_value(value)?;
                    // SAFETY: the bytes are copied before any code of the engine runs.
                    unsafe { array.as_bytes() }.unwrap_or_default().to_vec()
                }
                value => text(value)?.into_bytes(),
            };
            let reply = match more.is_empty() {
                true => Ok(None),
                false => serde_json::from_str(&more).map(Some),
            };
            match reply {
                _ if bytes.len() > MOST => {
                    Given::Wrong(format!("the hook gives more than {} MiB", MOST >> 20))
                }
                Ok(reply) => Given::Bytes(bytes, reply),
                Err(_) => {
                    Given::Wrong("the hook gives a Response whose headers are none".to_owned())
                }
            }
        }
        "paths" => match text(value)? {
            list if list.len() <= MOST_PATHS => Given::Paths(list),
            _ => Given::Wrong(format!("`paths` gives more than {} MiB", MOST_PATHS >> 20)),
        },
        "status" => Given::Status(cut(text(value)?), cut(more)),
        "wrong" => Given::Wrong(cut(text(value)?)),
        "threw" => Given::Threw(cut(text(value)?), cut(more)),
        "memory" => Given::Memory,
        "fault" => Given::Fault(text(value)?),
        "exited" => Given::Exited,
        _ => Given::Pending,
    })
}

/// The beginning of a text that may be of any length.
fn cut(mut text: String) -> String {
    if text.len() > MOST_TOLD {
        let end = (0..=MOST_TOLD)
            .rev()
            .find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
    }
    text
}
