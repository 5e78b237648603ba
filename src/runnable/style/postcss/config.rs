//! Which configuration of PostCSS holds in a folder (`postcss-load-config`'s names): that of the nearest package that has one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CONFIG, Data};
use crate::base::{Diagnostic, Key, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::resolver::read_file;
use crate::runnable::MODULE;
use crate::runnable::all::{Runnable, whole_file};
use crate::runnable::style::whole::{decoded, encoded};
use crate::source::Entry;

const MANIFEST: &[u8] = b"package.json";

/// Endings of modules.
const MODULES: [&str; 6] = ["js", "mjs", "cjs", "ts", "mts", "cts"];

/// What the files are called that configure tools of style sheets, before their ending.
const STEMS: [&str; 2] = ["postcss.config", "tailwind.config"];

/// A configuration, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Config {
    /// The file.
    pub(super) file: SourcePath,
    pub(super) data: Data,
    /// The browsers that the project names.
    pub(super) browsers: Option<Vec<String>>,
}

/// Whether a file outside SRC has an output because it configures the tools of style sheets.
pub(in crate::runnable) fn is_configuration(path: &SourcePath) -> bool {
    let name = path.name();
    STEMS.iter().any(|stem| {
        let rest = name.strip_prefix(stem.as_bytes());
        rest.is_some_and(|rest| rest.first() == Some(&b'.'))
    })
}

/// The configuration that holds in a folder.
pub(super) fn of(context: &dyn Context, folder: &SourcePath) -> Result<Option<Config>, Failure> {
    decoded(context, &Key::new(CONFIG, folder.clone()))
}

/// Runs the computation of a folder's configuration.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    folder: &SourcePath,
) -> Result<Output, Failure> {
    let manifest = read_file(context, &folder.child(MANIFEST))?;
    let found = match manifest.is_some() || folder.is_root() {
        true => here(runnable, context, folder, manifest.as_deref())?,
        false => None,
    };
    encoded(&match (found, folder.parent()) {
        (Some((file, data)), _) => Some(Config {
            file,
            data,
            browsers: browsers(runnable, context, folder)?,
        }),
        (None, Some(parent)) => of(context, &parent)?,
        (None, None) => None,
    })
}

/// The configuration in a package.
fn here(
    runnable: &Runnable,
    context: &dyn Context,
    folder: &SourcePath,
    manifest: Option<&[u8]>,
) -> Result<Option<(SourcePath, Data)>, Failure> {
    // A file that is no JSON says nothing here; whoever needs it as a package says what is wrong with it.
    let manifest: Value = serde_json::from_slice(manifest.unwrap_or_default()).unwrap_or_default();
    if let Some(own) = manifest.get("postcss") {
        return Ok(Some((folder.child(MANIFEST), Data::Text(own.to_string()))));
    }
    for name in [".postcssrc", ".postcssrc.json", "postcss.config.json"] {
        let file = folder.child(name);
        let Some(bytes) = read_file(context, &file)? else {
            continue;
        };
        return match serde_json::from_slice::<Value>(&bytes) {
            Ok(value) => Ok(Some((file, Data::Text(value.to_string())))),
            Err(error) => {
                let message = format!("this configuration of PostCSS is no JSON: {error}");
                let diagnostic = Diagnostic::new("style", message)
                    .hint("of YAML nothing is read: write it as JSON, or as `postcss.config.js`");
                Err(whole_file(runnable, &file, diagnostic))
            }
        };
    }
    for ending in MODULES {
        let file = folder.child(format!("{}.{ending}", STEMS[0]));
        if context.entry(&file)? != Entry::Absent {
            return Ok(Some((file.clone(), Data::Module(Key::new(MODULE, file)))));
        }
        let hidden = folder.child(format!(".postcssrc.{ending}"));
        if context.entry(&hidden)? != Entry::Absent {
            let message = "a configuration of PostCSS in a hidden module is not run";
            let hint = format!("rename it to `postcss.config.{ending}`");
            let diagnostic = Diagnostic::new("unsupported", message).hint(hint);
            return Err(whole_file(runnable, &hidden, diagnostic));
        }
    }
    Ok(None)
}

/// The configuration of Tailwind 3 in a folder.
pub(super) fn of_tailwind(
    context: &dyn Context,
    folder: &SourcePath,
) -> Result<Option<SourcePath>, Failure> {
    for ending in MODULES {
        let file = folder.child(format!("{}.{ending}", STEMS[1]));
        if context.entry(&file)? != Entry::Absent {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// What a project asks of Browserslist, in the nearest file that says it (its own names and rules).
fn browsers(
    runnable: &Runnable,
    context: &dyn Context,
    folder: &SourcePath,
) -> Result<Option<Vec<String>>, Failure> {
    let mode = runnable.options.node();
    for folder in folder.ancestors() {
        if let Some(bytes) = read_file(context, &folder.child(".browserslistrc"))? {
            return Ok(Some(section(&String::from_utf8_lossy(&bytes), mode)));
        }
        let manifest = read_file(context, &folder.child(MANIFEST))?.unwrap_or_default();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap_or_default();
        let Some(own) = manifest.get("browserslist") else {
            continue;
        };
        let of_mode = own.get(mode).or_else(|| own.get("defaults"));
        return Ok(match of_mode.unwrap_or(own) {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(all) => {
                let texts = all.iter().filter_map(Value::as_str);
                Some(texts.map(str::to_owned).collect())
            }
            _ => None,
        });
    }
    Ok(None)
}

/// The queries of a `.browserslistrc` for an environment: those of its section, else those before all sections.
fn section(text: &str, mode: &str) -> Vec<String> {
    let (mut before, mut own) = (Vec::new(), Vec::new());
    let mut here: Option<bool> = None;
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let name = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        match (name, here) {
            (Some(names), _) => here = Some(names.split_whitespace().any(|name| name == mode)),
            (None, _) if line.is_empty() => {}
            (None, None) => before.push(line.to_owned()),
            (None, Some(true)) => own.push(line.to_owned()),
            (None, Some(false)) => {}
        }
    }
    match own.is_empty() {
        true => before,
        false => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_browsers_are_told_apart() {
        let text = "# all\nlast 2 versions # b\n\n[production staging]\n> 1%\nie 10\n[development]\nlast 1 chrome version\n";
        assert_eq!(section(text, "production"), ["> 1%", "ie 10"]);
        assert_eq!(section(text, "test"), ["last 2 versions"]);
    }

    #[test]
    fn configurations_are_known_by_their_names() {
        let is = |name: &str| is_configuration(&SourcePath::parse(name).unwrap());
        assert!(is("postcss.config.js") && is("a/tailwind.config.ts.js"));
        assert!(!is("postcss.configured.js") && !is("vite.config.ts"));
    }
}
