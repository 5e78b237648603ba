//! A run of the plugins on a sheet.

use serde_json::{Value, json};

use super::{DONE, PROGRAM, Postcss, program};
use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::runnable::all::Runnable;
use crate::runnable::style::{fault, tailwind};

/// What the plugins make of the text of the sheet at `path`.
pub(in crate::runnable::style) fn compiled(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    postcss: &Postcss,
    text: &str,
) -> Result<String, Failure> {
    let words = match postcss.tailwind.is_some() && text.contains("@tailwind") {
        true => tailwind::words(context, path)?,
        false => String::new(),
    };
    let program = program(
        runnable,
        context,
        Some(&postcss.config),
        Some(postcss),
        postcss.tailwind.as_ref(),
    )?
    .beside(runnable, &postcss.file)
    .stays();
    let props = json!({
        "action": "run",
        "css": text,
        "from": runnable.layout.place(path).to_string(),
        "mode": runnable.options.node(),
        "done": DONE,
        "words": words,
        "queries": postcss.browsers.as_ref().map(|(_, queries)| queries),
    });
    let given = program.run(runnable, context, path, PROGRAM, props)?;
    match given["css"].as_str() {
        Some(css) => Ok(css.to_owned()),
        None => Err(told(runnable, context, path, text, &given["error"])?),
    }
}

/// What a plugin has thrown, at the line of the file that is the one it names of the whole.
fn told(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    whole: &str,
    error: &Value,
) -> Result<Failure, Failure> {
    let bytes = context.content(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let line = error["line"].as_u64().and_then(|line| {
        let line = whole
            .lines()
            .nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
        text.lines().position(|own| own == line)
    });
    let (line, column) = match line {
        Some(line) => {
            let own = text.lines().nth(line).unwrap_or_default();
            let column = own.len() - own.trim_start().len();
            (line + 1, column + 1)
        }
        None => (0, 0),
    };
    let [line, column] = [line, column].map(|number| u32::try_from(number).unwrap_or_default());
    let by = error["plugin"].as_str().unwrap_or("PostCSS");
    let message = format!(
        "in {by}: {}",
        error["message"].as_str().unwrap_or("it gives nothing")
    );
    let diagnostic = fault(runnable.layout.shown(path), &text, line, column, &message);
    Ok(Failure::Diagnostics([diagnostic].into()))
}
