//! The workspace root: how far above SRC configuration and packages may be looked for.

use std::fs;
use std::path::{Path, PathBuf};

/// Files that only the root of a workspace or of an install has.
const LOCKS: [&str; 8] = [
    "pnpm-workspace.yaml",
    "pnpm-lock.yaml",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
    "lerna.json",
];

/// The nearest ancestor of `source` (itself included) that holds a workspace definition or a lock file, else the
/// nearest with a `package.json`, else `source`. A folder that ordinary users share (`/tmp`) or that is the root of
/// the file system is never one: what others put there must not decide what is served.
pub fn workspace_root(source: &Path) -> PathBuf {
    let candidates = || {
        source
            .ancestors()
            .filter(|folder| *folder == source || is_private(folder))
    };
    candidates()
        .find(|folder| is_workspace(folder))
        .or_else(|| candidates().find(|folder| folder.join("package.json").is_file()))
        .unwrap_or(source)
        .to_owned()
}

fn is_workspace(folder: &Path) -> bool {
    LOCKS.iter().any(|name| folder.join(name).is_file())
        || defines_workspaces(&folder.join("package.json"))
}

/// npm's and yarn's definition: the field `workspaces` of `package.json`.
fn defines_workspaces(package: &Path) -> bool {
    fs::read(package)
        .ok()
        .and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok())
        .is_some_and(|value| value.get("workspaces").is_some())
}

fn is_private(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    const WRITABLE_BY_OTHERS: u32 = 0o002;
    folder.parent().is_some()
        && fs::metadata(folder).is_ok_and(|metadata| metadata.mode() & WRITABLE_BY_OTHERS == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    #[test]
    fn a_lock_file_wins_over_a_nearer_package() {
        let folder = tree(&[
            ("pnpm-lock.yaml", ""),
            ("packages/app/package.json", "{}"),
            ("packages/app/src/a.ts", ""),
        ]);
        let source = folder.path().join("packages/app/src");
        assert_eq!(workspace_root(&source), folder.path());
    }

    #[test]
    fn a_package_is_next_and_the_source_itself_last() {
        let folder = tree(&[
            ("app/package.json", "{}"),
            ("app/src/a.ts", ""),
            ("bare/a.ts", ""),
        ]);
        let path = folder.path();
        assert_eq!(workspace_root(&path.join("app/src")), path.join("app"));
        assert_eq!(workspace_root(&path.join("bare")), path.join("bare"));
    }

    #[test]
    fn the_field_workspaces_defines_one() {
        let folder = tree(&[
            ("package.json", r#"{ "workspaces": ["packages/*"] }"#),
            ("packages/a/package.json", "{"),
            ("packages/a/a.ts", ""),
        ]);
        let path = folder.path();
        assert_eq!(workspace_root(&path.join("packages/a")), path);
    }
}
