//! The versions by name that the written files call each other by: copies of the files, beside them.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use super::super::error::{Error, Result};
use super::manifest::{self, Files, Manifest, Written};
use super::write::make_folder;
use crate::base::{ContentHash, ShortHash, SourcePath};
use crate::fs::computed::LONG_AGO;
use crate::runnable::{Kind, version_name};

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) written: usize,
    pub(super) kept: usize,
    /// Files name a version that none of them is: an edit came between.
    pub(super) is_torn: bool,
}

/// Writes the versions that the files in `files` name, and adds them there. `names`: the hashes that some files are named
/// by instead of their own.
pub(super) fn write(
    manifest: &Manifest,
    target: &Path,
    files: &mut Files,
    names: &HashMap<Vec<u8>, ShortHash>,
) -> Result<Done> {
    let mut done = Done::default();
    let mut named = named(target, files);
    let mut copies = Files::new();
    for (name, entry) in files.iter() {
        let own = ContentHash::from_hex(&entry.hash).map(|hash| hash.short());
        let Some(hash) = names.get(name).copied().or(own) else {
            continue;
        };
        // Two files may have one content.
        if !named.contains_key(&hash) {
            continue;
        }
        named.insert(hash, true);
        let Ok(path) = SourcePath::parse(name) else {
            continue;
        };
        // What imports name is the other name of its module.
        if matches!(Kind::of_path(&path), Kind::Module(_)) {
            continue;
        }
        let copy = match path.parent() {
            Some(parent) => parent.child(version_name(path.name(), hash)),
            None => continue,
        };
        if files.contains_key(copy.as_bytes()) {
            continue;
        }
        let file = target.join(copy.as_path());
        let known = manifest.unchanged(&copy, &file);
        let (entry, is_new) = match known.filter(|known| known.hash == entry.hash) {
            Some(known) => (known.clone(), false),
            None => (copied(target, &path, &copy, &entry.hash)?, true),
        };
        match is_new {
            true => done.written += 1,
            false => done.kept += 1,
        }
        copies.insert(copy.as_bytes().to_vec(), entry);
    }
    done.is_torn = named.values().any(|found| !found);
    files.extend(copies);
    Ok(done)
}

fn copied(target: &Path, from: &SourcePath, to: &SourcePath, hash: &str) -> Result<Written> {
    let (original, file) = (target.join(from.as_path()), target.join(to.as_path()));
    make_folder(target, to)?;
    let bytes = fs::read(&original).map_err(Error::io("read", &original))?;
    let permissions = fs::metadata(&original).map_err(Error::io("look at", &original))?;
    manifest::replace(&file, permissions.permissions().mode() & 0o777, |open| {
        open.write_all(&bytes).map_err(Error::io("write", &file))
    })?;
    fs::File::open(&file)
        .and_then(|open| open.set_modified(SystemTime::UNIX_EPOCH + LONG_AGO))
        .map_err(Error::io("set the time of", &file))?;
    Written::of(&file, hash).map_err(Error::io("look at", &file))
}

/// The hashes of all versions that the texts among the files name, each not yet found.
fn named(target: &Path, files: &Files) -> HashMap<ShortHash, bool> {
    let mut named = HashMap::new();
    for name in files.keys() {
        let Ok(path) = SourcePath::parse(name) else {
            continue;
        };
        let names_others = matches!(
            Kind::of_path(&path),
            Kind::Page | Kind::Style | Kind::Script | Kind::Module(_)
        );
        // A link leads to a file that is among them itself.
        let file = target.join(path.as_path());
        let is_file = fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_file());
        if let (true, true, Ok(text)) = (names_others, is_file, fs::read(&file)) {
            named.extend(hashes(&text).into_iter().map(|hash| (hash, false)));
        }
    }
    named
}

/// What stands in a text as hashes stand in names: `.v0123456789abcdef`.
fn hashes(text: &[u8]) -> BTreeSet<ShortHash> {
    let mut found = BTreeSet::new();
    for at in memchr::memmem::find_iter(text, b".v") {
        let rest = &text[at + 2..];
        let ends = rest
            .get(ShortHash::DIGITS)
            .is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if let (Some(digits), true) = (rest.get(..ShortHash::DIGITS), ends) {
            found.extend(ShortHash::parse(digits));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_found_in_names_alone() {
        let text = b"import './a.tsx.v0123456789abcdef.js'; url(./LICENSE.v00000000000000ff) \
            .v012 'b.v0123456789ABCDEF.js' 'c.v0123456789abcdef0.js' .v1111111111111111";
        let found: Vec<String> = hashes(text).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            ["00000000000000ff", "0123456789abcdef", "1111111111111111"]
        );
    }
}
