//! The packages that a workspace consists of.

use serde_json::Value;

use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};
use crate::resolver::{covers, read_file};
use crate::source::Entry;

/// The patterns that say where the workspace's packages are; the key is the workspace root.
pub(super) const MEMBERS: Computation = Computation::new("members");

/// Runs [`MEMBERS`]: a list of patterns, those that exclude starting with `!`. From `workspaces` of `package.json` (npm,
/// yarn, bun) and `packages` of `pnpm-workspace.yaml`; and the folders in the workspace that `package.json` has installed as
/// links to them (`"x": "file:./libs/x"`).
pub fn run(context: &dyn Context, root: &SourcePath) -> Result<Output, Failure> {
    let mut patterns = Vec::new();
    if let Some(bytes) = read_file(context, &root.child("package.json"))? {
        // A file that is no JSON defines nothing here; whoever needs it as a package says what is wrong with it.
        let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let workspaces = value.get("workspaces").unwrap_or(&Value::Null);
        let listed = workspaces.get("packages").unwrap_or(workspaces);
        let texts = listed
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        patterns.extend(texts.map(str::to_owned));
        patterns.extend(folders_of(&value));
    }
    if let Some(bytes) = read_file(context, &root.child("pnpm-workspace.yaml"))? {
        patterns.extend(packages_of_yaml(&String::from_utf8_lossy(&bytes)));
    }
    let bytes = postcard::to_allocvec(&patterns)
        .map_err(|error| Failure::Internal(format!("patterns do not encode: {error}")))?;
    Ok(Output {
        parts: vec![(Part::MAIN, bytes.into())],
        links: Vec::new(),
    })
}

/// The folders below that of a `package.json` which are named there as packages.
fn folders_of(manifest: &Value) -> Vec<String> {
    let sections = ["dependencies", "devDependencies", "optionalDependencies"];
    let all = sections
        .iter()
        .filter_map(|name| manifest.get(name)?.as_object());
    let versions = all.flat_map(|all| all.values()).filter_map(Value::as_str);
    let folder = |version: &str| {
        let protocols = ["file:", "link:", "portal:"];
        let path = protocols
            .iter()
            .find_map(|protocol| version.strip_prefix(protocol))?;
        let path = plain(path);
        let is_below =
            !path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        // Names in which these stand cannot be told from patterns.
        (is_below && !path.contains(['*', '?', '[', ']', '{', '}', '!'])).then(|| path.to_owned())
    };
    versions.filter_map(folder).collect()
}

/// The list under the key `packages` in pnpm's file: of YAML, a block or flow list of plain or quoted texts.
fn packages_of_yaml(text: &str) -> Vec<String> {
    let mut patterns = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if let Some(rest) = line.strip_prefix("packages:") {
            inside = true;
            let flow = rest.trim().trim_start_matches('[').trim_end_matches(']');
            patterns.extend(flow.split(',').filter_map(scalar));
        } else if inside && trimmed.starts_with("- ") {
            patterns.extend(scalar(&trimmed[2..]));
        } else if !trimmed.is_empty() && !trimmed.starts_with('#') {
            inside = false;
        }
    }
    patterns
}

fn scalar(text: &str) -> Option<String> {
    let text = text.trim();
    let quoted = ['\'', '"'].into_iter().find_map(|quote| {
        let rest = text.strip_prefix(quote)?;
        rest.split(quote).next()
    });
    let plain = || text.split(" #").next().unwrap_or_default().trim();
    let text = quoted.unwrap_or_else(plain);
    (!text.is_empty() && !text.starts_with('#')).then(|| text.to_owned())
}

fn patterns(context: &dyn Context) -> Result<Vec<String>, Failure> {
    let bytes = context.fetch(&Key::new(MEMBERS, SourcePath::root()), Part::MAIN)?;
    postcard::from_bytes(&bytes)
        .map_err(|error| Failure::Internal(format!("patterns do not decode: {error}")))
}

fn plain(pattern: &str) -> &str {
    pattern.trim_start_matches("./").trim_end_matches('/')
}

/// Whether packages of the workspace may lie below a folder.
pub fn may_lie_below(context: &dyn Context, folder: &SourcePath) -> Result<bool, Failure> {
    let names: Vec<&[u8]> = folder.components().collect();
    let begins = |pattern: &String| {
        let parts: Vec<&str> = plain(pattern).split('/').collect();
        let any = parts.iter().position(|part| *part == "**");
        let depth = any.unwrap_or(parts.len() - 1).min(names.len());
        let is_long = any.is_some() || parts.len() > names.len();
        is_long && (depth == 0 || covers(&parts[..depth].join("/"), &names[..depth].join(&b'/')))
    };
    Ok(patterns(context)?.iter().any(begins))
}

/// Whether the path lies in a package of the workspace.
pub fn holds(context: &dyn Context, path: &SourcePath) -> Result<bool, Failure> {
    let patterns = patterns(context)?;
    let matches = |pattern: &str, directory: &SourcePath| {
        let pattern = plain(pattern);
        !matches!(pattern, "" | ".") && covers(pattern, directory.as_bytes())
    };
    for directory in path.ancestors().filter(|directory| !directory.is_root()) {
        let included = patterns.iter().any(|pattern| matches(pattern, &directory));
        let excluded = patterns
            .iter()
            .filter_map(|pattern| pattern.strip_prefix('!'))
            .any(|pattern| matches(pattern, &directory));
        if included && !excluded && context.entry(&directory.child("package.json"))? == Entry::File
        {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::{folders_of, packages_of_yaml};

    #[test]
    fn folders_that_are_installed_are_members() {
        let manifest = serde_json::json!({
            "dependencies": { "a": "file:./libs/a", "b": "^1.0.0", "c": "file:../c", "d": "file:/d", "e": "link:e/" },
            "devDependencies": { "f": "portal:libs/f", "g": "file:.", "h": "file:libs/[h]" },
            "peerDependencies": { "i": "file:i" },
        });
        assert_eq!(folders_of(&manifest), ["libs/a", "e", "libs/f"]);
    }

    #[test]
    fn reads_the_lists_that_pnpm_writes() {
        let text = "# a\npackages:\n  - 'packages/*'\n  # b\n  - \"apps/**\" # c\n  - tools\n  - '!x'\ncatalog:\n  - no\n";
        assert_eq!(
            packages_of_yaml(text),
            ["packages/*", "apps/**", "tools", "!x"]
        );
        assert_eq!(packages_of_yaml("packages: [a, 'b/*']"), ["a", "b/*"]);
        assert!(packages_of_yaml("onlyBuiltDependencies:\n  - esbuild\n").is_empty());
    }
}
