//! Folders whose names begin with a dot: `.velite`, `.contentlayer/generated`, where tools put modules for the project to
//! import.
//!
//! Such a folder may hold anything else too, and whoever can read `/~@/` can read what it has. So a file there has an
//! output only where all of this holds:
//! - no folder on the way to it is [closed](is_closed): those of version control, keys, editors, hosts and caches;
//! - its own name does not begin with a dot;
//! - it is code, a style sheet, an image, a font or the like; or JSON that has code beside it or above it in the same
//!   folder with a dot, which what tools keep for themselves has not.
//!
//! Under `/~@/` the folder is called `~.velite`: servers and hosts leave out what begins with a dot, and rightly so. As all
//! names that begin with `~` it stands in no listing, and neither does what is in it.

use std::borrow::Cow;

use crate::base::{SourcePath, holds_packages};
use crate::compute::{Context, Failure};
use crate::source::{EntryKind, InputError};

use super::kind::Kind;
use super::names::{is_hidden, is_store};

/// What stands before the name of such a folder under `/~@/`.
const MARK: &[u8] = b"~";

/// Folders of which nothing is ever given, their names without the dot. Those that begin with `git` or `env` are closed too.
const CLOSED: [&str; 62] = [
    // Version control.
    "hg",
    "svn",
    "bzr",
    "jj",
    "sl",
    "pijul",
    // Keys, and what tools know of their users.
    "ssh",
    "gnupg",
    "pki",
    "password-store",
    "secret",
    "secrets",
    "private",
    "credentials",
    "certs",
    "vault",
    "aws",
    "azure",
    "gcloud",
    "config",
    "local",
    "docker",
    "kube",
    "npm",
    "netrc",
    "terraform",
    "pulumi",
    "sops",
    "age",
    // Editors and assistants.
    "vscode",
    "idea",
    "vs",
    "fleet",
    "zed",
    "cursor",
    "claude",
    "codex",
    "gemini",
    "continue",
    "windsurf",
    "devcontainer",
    // Hosts, and what is built for them.
    "vercel",
    "netlify",
    "firebase",
    "amplify",
    "sst",
    "serverless",
    "wrangler",
    "aws-sam",
    "output",
    "next",
    "open-next",
    // Tools of a project, and caches.
    "bin",
    "cache",
    "hookfs",
    "husky",
    "tmp",
    "turbo",
    "venv",
    "vite",
    "parcel-cache",
    "yarn",
];

/// Whether nothing in a folder with this name is ever given.
pub(super) fn is_closed(name: &[u8]) -> bool {
    let name = name.strip_prefix(b".").unwrap_or(name).to_ascii_lowercase();
    let begins = |with: &[u8]| name.starts_with(with);
    // `..` and `...x` are nobody's.
    begins(b"git")
        || begins(b"env")
        || begins(b".")
        || name.is_empty()
        || CLOSED.iter().any(|known| known.as_bytes() == name)
}

/// Whether a name in a path begins with a dot, but for those of folders that packages are kept in.
pub(super) fn is_in(path: &[u8]) -> bool {
    hidden(path).next().is_some()
}

/// Such names, each with how many bytes of the path lead to it.
fn hidden(path: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let may_be = path.starts_with(b".") || memchr::memmem::find(path, b"/.").is_some();
    let path = if may_be { path } else { b"" };
    let mut start = 0;
    let mut before: &[u8] = b"";
    std::iter::from_fn(move || {
        while start < path.len() {
            let rest = path[start..].split(|byte| *byte == b'/').next();
            let (name, above) = (rest.unwrap_or_default(), before);
            start += name.len() + 1;
            before = name;
            if is_hidden(name) && !(holds_packages(above) && is_store(name)) {
                return Some((name, start - 1));
            }
        }
        None
    })
}

/// A place under `/~@/`, as it would be if names could begin with a dot there, as it is.
pub(super) fn place(path: SourcePath) -> SourcePath {
    let mut marked = Vec::new();
    let mut taken = 0;
    for (name, end) in hidden(path.as_bytes()) {
        marked.extend_from_slice(&path.as_bytes()[taken..end - name.len()]);
        marked.extend_from_slice(MARK);
        taken = end - name.len();
    }
    if marked.is_empty() {
        return path;
    }
    marked.extend_from_slice(&path.as_bytes()[taken..]);
    SourcePath::parse(marked).unwrap_or(path)
}

/// The other way round; `None`: nothing stands at such a place.
pub(super) fn meant(place: &SourcePath) -> Option<Cow<'_, SourcePath>> {
    let bytes = place.as_bytes();
    if is_in(bytes) {
        return None;
    }
    if !is_marked(place) {
        return Some(Cow::Borrowed(place));
    }
    let mut names: Vec<&[u8]> = place.components().collect();
    for name in names.iter_mut().filter(|name| name.starts_with(b"~.")) {
        *name = &name[MARK.len()..];
        if is_closed(name) {
            return None;
        }
    }
    SourcePath::parse(names.join(&b'/')).ok().map(Cow::Owned)
}

/// Whether a place under `/~@/` is that of such a folder, or in one.
pub(super) fn is_marked(place: &SourcePath) -> bool {
    place.components().any(|name| name.starts_with(b"~."))
}

/// Whether a file has an output, as far as its folders' names and its own are concerned.
pub(super) fn is_open(
    context: &dyn Context,
    source: &SourcePath,
    file: &SourcePath,
) -> Result<bool, Failure> {
    let below = file.below(source).unwrap_or(file.as_bytes());
    let Some((_, first)) = hidden(below).next() else {
        return Ok(true);
    };
    let is_ours = |(name, end): (&[u8], usize)| {
        !is_closed(name) && !below[..end - name.len()].ends_with(b"node_modules/")
    };
    if is_hidden(file.name()) || !hidden(below).all(is_ours) {
        return Ok(false);
    }
    let outermost = file.as_bytes().len() - below.len() + first;
    match Kind::of_path(file) {
        Kind::Module(_) | Kind::Script | Kind::Style | Kind::Wasm => Ok(true),
        Kind::Asset => {
            const DATA: [&[u8]; 4] = [b"txt", b"pdf", b"bin", b"webmanifest"];
            Ok(!file
                .extension()
                .is_some_and(|extension| DATA.contains(&extension)))
        }
        Kind::Json => is_beside_code(context, file, outermost),
        Kind::Page | Kind::Declaration | Kind::Other => Ok(false),
    }
}

/// Whether the folder of a file, or one above it, has code, up to that which so many bytes of the path lead to.
fn is_beside_code(
    context: &dyn Context,
    file: &SourcePath,
    outermost: usize,
) -> Result<bool, Failure> {
    let folders = file.ancestors().skip(1);
    for folder in folders.take_while(|folder| folder.as_bytes().len() >= outermost) {
        let entries = match context.list(&folder) {
            Ok(entries) => entries,
            Err(InputError::Absent(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        let is_code = |name: &[u8]| {
            !is_hidden(name) && matches!(Kind::of(name), Kind::Module(_) | Kind::Script)
        };
        if entries
            .iter()
            .any(|entry| entry.kind == EntryKind::File && is_code(&entry.name))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runnable::scene::path;

    #[test]
    fn a_place_has_no_name_that_begins_with_a_dot() {
        for (plain, marked) in [
            ("", ""),
            ("a/b.ts", "a/b.ts"),
            (".velite/a.js", "~.velite/a.js"),
            ("a/.b/.c/d.ts", "a/~.b/~.c/d.ts"),
            ("node_modules/.pnpm/p@1/a.js", "node_modules/.pnpm/p@1/a.js"),
            (
                "node_modules/.pnpm/p@1/.x/a.js",
                "node_modules/.pnpm/p@1/~.x/a.js",
            ),
            (".velite", "~.velite"),
            ("a/.own.ts", "a/~.own.ts"),
        ] {
            let place = place(path(plain));
            assert_eq!(place, path(marked));
            assert_eq!(meant(&place).as_deref(), Some(&path(plain)), "{plain}");
        }
        let cache = place(path("node_modules/.cache/a.js"));
        assert_eq!(meant(&cache), None);
        assert_eq!(meant(&path(".velite")), None);
        assert_eq!(meant(&path(".velite/a.js")), None);
        assert_eq!(meant(&path("a/.git/config")), None);
    }
}
