//! The modules of Node (<https://nodejs.org/api/module.html#modulebuiltinmodules>).

use crate::compiler::{Replacement, RequestKind};

use super::hashed::Scope;

/// Those that the runtime of `src/client` has, as `src/client/platform/node/table.ts` says.
const PROVIDED: [&str; 17] = [
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "crypto",
    "events",
    "fs",
    "fs/promises",
    "path",
    "path/posix",
    "process",
    "querystring",
    "string_decoder",
    "timers",
    "timers/promises",
    "url",
    "util",
];

/// What an import of such a module means. Where there is none, the import succeeds, and the first use throws, naming the
/// importer: packages import what they may never use.
pub(super) fn answer(scope: Scope, kind: RequestKind, name: &str, importer: &str) -> Replacement {
    let in_runtime = scope == Scope::Function;
    if in_runtime && PROVIDED.contains(&name) {
        let specifier = format!("node:{name}");
        return match kind.is_require() {
            true => Replacement::Value(specifier),
            false => Replacement::Specifier(specifier),
        };
    }
    let lacking = match in_runtime {
        true => "is not provided",
        false => "does not exist in browsers",
    };
    let message = format!("`{name}` is a module of Node.js and {lacking} (imported by {importer})");
    match kind {
        // Who tries has another way.
        RequestKind::TriedRequire => Replacement::Throw { message },
        _ => Replacement::Unavailable { message },
    }
}

#[cfg(test)]
mod tests {
    use super::PROVIDED;

    #[test]
    fn the_runtime_has_what_is_said_of_it() {
        let table = include_str!("../client/platform/node/table.ts");
        let (_, table) = table.split_once("= {").unwrap();
        let (table, _) = table.split_once("};").unwrap();
        let names: Vec<&str> = table
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, _)| name.trim().trim_matches('\''))
            .collect();
        assert_eq!(names, PROVIDED);
    }
}
