//! A run of Tailwind.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{CANDIDATES, Tailwind};
use crate::base::{Key, Part, SourcePath};
use crate::compute::{Context, Failure};
use crate::runnable::all::Runnable;
use crate::runnable::style::program::ToolProgram;
use crate::runnable::style::whole::Whole;
use crate::runnable::style::{fault, scan};

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

/// What Tailwind makes of the text of the sheet at `path`.
pub(in crate::runnable::style) fn compiled(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    tailwind: &Tailwind,
    text: &str,
) -> Result<String, Failure> {
    let words = match text.contains(UTILITIES) {
        true => words(context, path)?,
        false => String::new(),
    };
    let Asked {
        plugins,
        references,
    } = Asked::by(context, tailwind)?;
    let program = ToolProgram::new("tailwind")
        .stays()
        .import(runnable, "tailwind", &tailwind.module)
        .table(runnable, "plugins", plugins.iter());
    let words: Vec<&str> = words.lines().collect();
    let props = json!({ "css": text, "words": words, "references": references });
    let given = program.run(runnable, context, path, PROGRAM, props)?;
    match (given["css"].as_str(), given["error"].as_str()) {
        (Some(css), _) => Ok(css.to_owned()),
        (None, message) => {
            let message = message.unwrap_or("it gives nothing");
            Err(told(runnable, context, path, message)?)
        }
    }
}

/// The words that may be classes of a sheet, one in a line.
pub(in crate::runnable::style) fn words(
    context: &dyn Context,
    path: &SourcePath,
) -> Result<String, Failure> {
    let words = context.fetch(&Key::new(CANDIDATES, path.clone()), Part::MAIN)?;
    Ok(String::from_utf8_lossy(&words).into_owned())
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
            let whole = Whole::fetch(context, &other)?;
            asked.references.insert(name, whole.text.into());
            if let Some(further) = whole.tools.tailwind {
                for (name, module) in further.plugins {
                    asked.plugins.entry(name).or_insert(module);
                }
                left.extend(further.references);
            }
        }
        Ok(asked)
    }
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
