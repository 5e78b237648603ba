//! Versions by name: where `/~@/` has `main.tsx.js`, it has `main.tsx.v0123456789abcdef.js` as well, for each version that
//! is there or still kept. The hash stands before the last extension, by which servers tell browsers the type.

use std::sync::Arc;

use crate::base::{Key, Part, ShortHash, SourcePath};
use crate::compute::Failure;
use crate::router::{File, Found, Version};

use super::assets::BYTES;
use super::kind::COPY;

/// The longest name (NAME_MAX of limits.h(0p) on Linux).
pub(super) const NAME_MAX: usize = 255;

/// By how much the name of a version is longer than the file's: `.v` and the digits.
pub(super) const LONGER: usize = 2 + ShortHash::DIGITS;

/// Where the version goes in a name: before the last extension, or at the end where there is none.
pub(super) fn place(name: &[u8]) -> usize {
    let dot = name.iter().rposition(|&byte| byte == b'.');
    dot.filter(|dot| *dot > 0).unwrap_or(name.len())
}

/// The name of the version of a file with this name that has this hash.
pub fn version_name(name: &[u8], hash: ShortHash) -> Vec<u8> {
    let (stem, rest) = name.split_at(place(name));
    [stem, format!(".v{hash}").as_bytes(), rest].concat()
}

/// The file's name and its version in the name of a version.
fn parse(name: &[u8]) -> Option<(Vec<u8>, ShortHash)> {
    let read = |end: usize| {
        let start = end.checked_sub(LONGER).filter(|start| *start > 0)?;
        let digits = name[start..end].strip_prefix(b".v")?;
        let plain = [&name[..start], &name[end..]].concat();
        // Each version has one name.
        (place(&plain) == start).then_some((plain, ShortHash::parse(digits)?))
    };
    read(name.len()).or_else(|| read(place(name)))
}

/// Whether a name has the form of a version's.
pub(super) fn is_version(name: &[u8]) -> bool {
    parse(name).is_some()
}

/// What a name stands for: what `plain` says or, where that is nothing, a version.
pub(super) fn plain_or_version(
    path: &SourcePath,
    plain: impl Fn(&SourcePath) -> Result<Found, Failure>,
) -> Result<Found, Failure> {
    match plain(path)? {
        Found::Absent => lookup(path, plain),
        found => Ok(found),
    }
}

/// What a name that nothing else has stands for as that of a version; `plain` says what the file's own stands for.
fn lookup(
    path: &SourcePath,
    plain: impl FnOnce(&SourcePath) -> Result<Found, Failure>,
) -> Result<Found, Failure> {
    let (Some((name, hash)), Some(parent)) = (parse(path.name()), path.parent()) else {
        return Ok(Found::Absent);
    };
    let Found::File(file) = plain(&parent.child(name))? else {
        return Ok(Found::Absent);
    };
    let (node, part) = match &file {
        // A source map is nobody's to name: its hash is in no output.
        File::Node { key, part, .. } if *part == Part::MAIN => (key.clone(), *part),
        File::Copy(source) => (Key::new(COPY, source.clone()), BYTES),
        _ => return Ok(Found::Absent),
    };
    Ok(Found::File(File::Version(Arc::new(Version {
        file,
        hash,
        node,
        part,
    }))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_stands_before_the_last_extension() {
        const HASH: &str = "0123456789abcdef";
        let hash = ShortHash::parse(HASH.as_bytes()).unwrap();
        for name in [
            "main.tsx.js",
            "a.svg",
            "LICENSE",
            "a b.module.css.js",
            "a.v1.js",
        ] {
            let at = place(name.as_bytes());
            let versioned = format!("{}.v{HASH}{}", &name[..at], &name[at..]);
            let read = parse(versioned.as_bytes());
            assert_eq!(read, Some((name.as_bytes().to_vec(), hash)), "{versioned}");
        }
        for other in [
            "main.tsx.js",
            ".v0123456789abcdef",
            ".v0123456789abcdef.js",
            "a.v0123456789abcde.js",
            "a.v0123456789abcdef0.js",
            "a.v0123456789ABCDEF.js",
            "av0123456789abcdef.js",
            // The place of the hash is before the last extension.
            "main.v0123456789abcdef.tsx.js",
            "LICENSE.v0123456789abcdef.tsx.js",
        ] {
            assert_eq!(parse(other.as_bytes()), None, "{other}");
        }
        // The file's own name has a version in it.
        let twice = "a.v0123456789abcdef.v0123456789abcdef.js";
        assert_eq!(
            parse(twice.as_bytes()),
            Some((b"a.v0123456789abcdef.js".to_vec(), hash))
        );
    }
}
