//! A run of Tailwind.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{CANDIDATES, Tailwind};
use crate::base::{Key, Part, SourcePath};
use crate::compiler;
use crate::compute::{Context, Failure, Output};
use crate::runnable::all::Runnable;
use crate::runnable::assets::quoted;
use crate::runnable::function;
use crate::runnable::hook::{self, Call, Entry};
use crate::runnable::module::diagnostics;
use crate::runnable::style::bundle::finished;
use crate::runnable::style::urls::{MARK, unmarked};
use crate::runnable::style::{Piece, Sheet, encoded, fault, plain, scan};
use crate::script::{Export, Given, LIMITED};
use crate::worker::Kind;

/// It looks at each word that may be a class, and large trees have many.
const KIND: Kind = Kind {
    cpu: Duration::from_secs(60),
    wall: Duration::from_secs(300),
    ..LIMITED
};

/// The rule that classes stand for.
const UTILITIES: &str = "@tailwind utilities";

/// What is run, after the imports of `tailwind` and `plugins`.
const PROGRAM: &str = "
export default async ({ props: { css, words, references } }) => {
  const loadModule = async (id, base) => {
    const module = plugins[id];
    if (!module) throw new Error(`cannot resolve \\`${id}\\``);
    return { path: id, base, module: module.default ?? module };
  };
  const loadStylesheet = async (id, base) => {
    if (!(id in references)) throw new Error(`cannot resolve \\`${id}\\``);
    return { path: id, base, content: references[id] };
  };
  try {
    const { build } = await tailwind.compile(css, { base: '/', loadModule, loadStylesheet });
    return JSON.stringify({ css: build(words) });
  } catch (error) {
    return JSON.stringify({ error: String(error?.message ?? error) });
  }
};
";

/// Runs Tailwind on a sheet.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let sheet = plain(context, path)?;
    let Some(tailwind) = &sheet.tailwind else {
        return encoded(&sheet);
    };
    let css = marked(&sheet);
    let words = match sheet.has(UTILITIES) {
        true => context.fetch(&Key::new(CANDIDATES, path.clone()), Part::MAIN)?,
        false => bytes::Bytes::new(),
    };
    let words = String::from_utf8_lossy(&words);
    let Asked {
        plugins,
        references,
    } = Asked::by(context, tailwind)?;
    let call = Call {
        entry: Some(entry(runnable, path, &tailwind.module, &plugins)?),
        kind: KIND,
        export: Export::Default,
        path: runnable.layout.place(path).to_string(),
        params: json!({}),
        props: json!({ "css": css, "words": words.lines().collect::<Vec<_>>(), "references": references }),
    };
    let given = hook::call(runnable, context, path, &call)?;
    let Given::Bytes(bytes, _) = given else {
        return Err(hook::wrong(runnable, context, path, given));
    };
    let given: Value =
        serde_json::from_slice(&bytes).map_err(|cause| Failure::Internal(cause.to_string()))?;
    if let Some(message) = given["error"].as_str() {
        return Err(told(runnable, context, path, message)?);
    }
    let css = finished(
        runnable,
        given["css"].as_str().unwrap_or_default().to_owned(),
    );
    let url = |number: usize| match sheet.pieces.get(number) {
        Some(url @ Piece::Url(_)) => Ok(Some(url.clone())),
        _ => Ok(None),
    };
    encoded(&Sheet {
        pieces: unmarked(String::new(), &css, url)?,
        names: sheet.names.clone(),
        links: sheet.links.clone(),
        hint: None,
        tailwind: None,
    })
}

/// The modules and the sheets that a sheet may ask for, by their names: those of sheets that it refers to as well.
struct Asked {
    plugins: BTreeMap<String, Key>,
    references: Map<String, Value>,
}

impl Asked {
    fn by(context: &dyn Context, tailwind: &Tailwind) -> Result<Self, Failure> {
        let mut asked = Self {
            plugins: tailwind.plugins.iter().cloned().collect(),
            references: Map::new(),
        };
        let mut left = tailwind.references.clone();
        while let Some((name, other)) = left.pop() {
            if asked.references.contains_key(&name) {
                continue;
            }
            let sheet = plain(context, &other)?;
            asked.references.insert(name, marked(&sheet).into());
            if let Some(further) = sheet.tailwind {
                for (name, module) in further.plugins {
                    asked.plugins.entry(name).or_insert(module);
                }
                left.extend(further.references);
            }
        }
        Ok(asked)
    }
}

/// The program, with the ids of its modules.
fn entry(
    runnable: &Runnable,
    path: &SourcePath,
    module: &Key,
    plugins: &BTreeMap<String, Key>,
) -> Result<Entry, Failure> {
    let id = |key: &Key| function::id_of_form(&runnable.layout, &function::of_plain(key.clone()));
    let mut text = format!("import * as tailwind from {};\n", quoted(&id(module)));
    let mut table = String::new();
    for (number, (name, key)) in plugins.iter().enumerate() {
        text.push_str(&format!(
            "import * as plugin{number} from {};\n",
            quoted(&id(key))
        ));
        table.push_str(&format!("{}: plugin{number}, ", quoted(name)));
    }
    text.push_str(&format!(
        "const plugins = {{ __proto__: null, {table}}};\n{PROGRAM}"
    ));
    let name = runnable.layout.shown(path);
    let text = compiler::function_form(&text, &name).map_err(diagnostics)?;
    Ok(Entry {
        id: format!("{}.tailwind.js", function::id_of(&runnable.layout, path)),
        text,
    })
}

/// The text of a sheet, with marks in place of its URLs.
fn marked(sheet: &Sheet) -> String {
    let pieces = sheet.pieces.iter().enumerate();
    let pieces = pieces.map(|(number, piece)| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Url(_) => format!("{MARK}{number}"),
    });
    pieces.collect()
}

/// What Tailwind has thrown, at the place in the file that it names, where it names one.
fn told(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    message: &str,
) -> Result<Failure, Failure> {
    let bytes = context.content(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let name = message.split('`').nth(1).unwrap_or_default();
    let (line, column) = match text.find(name).filter(|_| !name.is_empty()) {
        Some(at) => scan::place(&text, at),
        None => (0, 0),
    };
    let message = format!("in Tailwind: {message}");
    let diagnostic = fault(runnable.layout.shown(path), &text, line, column, &message);
    Ok(Failure::Diagnostics([diagnostic].into()))
}
