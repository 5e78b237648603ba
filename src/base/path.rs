//! Paths of the source tree.

use std::borrow::Borrow;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A path relative to the workspace root: bytes, parsed once, never with a leading or trailing slash, an empty
/// component, `.` or `..`. The empty path is the workspace root itself.
///
/// It is literal: nothing that takes one follows a symbolic link in any of its components.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourcePath(Arc<[u8]>);

/// Why bytes are no [`SourcePath`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// `..` goes above the workspace root.
    #[error("path leaves the workspace root")]
    Outside,
    /// A NUL byte, which no file name may hold (POSIX, `3.170 Filename`).
    #[error("path holds a NUL byte")]
    Nul,
}

impl SourcePath {
    /// The workspace root.
    pub fn root() -> Self {
        Self(Arc::from(&b""[..]))
    }

    /// Parses a path as a user or a specifier writes it: leading slashes mean the workspace root, `.` and empty
    /// components go, `..` takes the component before it away (by text, not by links).
    ///
    /// # Errors
    /// [`PathError`] where it leaves the root or holds a NUL byte.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, PathError> {
        Self::root().join(text)
    }

    /// Follows `text` from this path, as [`SourcePath::parse`] does from the root. A leading slash in `text` means
    /// nothing here.
    ///
    /// # Errors
    /// [`PathError`] where it leaves the root or holds a NUL byte.
    pub fn join(&self, text: impl AsRef<[u8]>) -> Result<Self, PathError> {
        let text = text.as_ref();
        if text.contains(&0) {
            return Err(PathError::Nul);
        }
        let mut parts: Vec<&[u8]> = self.components().collect();
        for part in text.split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => {
                    parts.pop().ok_or(PathError::Outside)?;
                }
                name => parts.push(name),
            }
        }
        Ok(Self(Arc::from(parts.join(&b'/'))))
    }

    /// The path of the entry `name` in this directory. `name` is one component: no slash, not `.` or `..`.
    pub fn child(&self, name: impl AsRef<[u8]>) -> Self {
        let name = name.as_ref();
        debug_assert!(!name.is_empty() && name != b"." && name != b".." && !name.contains(&b'/'));
        self.with_below(name)
    }

    /// The path whose part below this one is `rest`, as [`SourcePath::below`] gives it.
    pub fn with_below(&self, rest: &[u8]) -> Self {
        match (self.is_root(), rest.is_empty()) {
            (true, _) => Self(Arc::from(rest)),
            (false, true) => self.clone(),
            (false, false) => joined(&[&self.0, b"/", rest]),
        }
    }

    /// The path with more at the end of its name: no slash.
    pub fn with_suffix(&self, suffix: &[u8]) -> Self {
        debug_assert!(!suffix.contains(&b'/'));
        joined(&[&self.0, suffix])
    }

    /// The directory that holds this entry; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let end = self.0.iter().rposition(|&b| b == b'/').unwrap_or(0);
        Some(Self(Arc::from(&self.0[..end])))
    }

    /// The last component; empty for the root.
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|&b| b == b'/').next().unwrap_or_default()
    }

    /// The last component's extension, without its dot: what follows the last dot that is not the first byte.
    pub fn extension(&self) -> Option<&[u8]> {
        let name = self.name();
        let dot = name.iter().rposition(|&b| b == b'.')?;
        (dot > 0).then(|| &name[dot + 1..])
    }

    /// The components from the root on.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> + Clone {
        self.0.split(|&b| b == b'/').filter(|part| !part.is_empty())
    }

    /// This path, its parent, and so on, the root last.
    pub fn ancestors(&self) -> impl Iterator<Item = SourcePath> {
        std::iter::successors(Some(self.clone()), SourcePath::parent)
    }

    /// Whether this is the workspace root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this path is `base` or lies below it, by whole components.
    pub fn starts_with(&self, base: &SourcePath) -> bool {
        self.below(base).is_some()
    }

    /// What follows `base` in this path, without a leading slash (empty where they are the same); `None` where this
    /// path does not lie in `base`.
    pub fn below(&self, base: &SourcePath) -> Option<&[u8]> {
        if base.is_root() {
            return Some(&self.0);
        }
        let rest = self.0.strip_prefix(&*base.0)?;
        match rest.first() {
            None => Some(rest),
            Some(b'/') => Some(&rest[1..]),
            Some(_) => None,
        }
    }

    /// The relative path that leads from the directory `from` to this path, as a specifier or a link target needs it:
    /// `x`, `../x`, `.`.
    pub fn relative_from(&self, from: &SourcePath) -> Vec<u8> {
        let mine: Vec<&[u8]> = self.components().collect();
        let theirs: Vec<&[u8]> = from.components().collect();
        let shared = mine.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let mut parts: Vec<&[u8]> = vec![b".."; theirs.len() - shared];
        parts.extend(&mine[shared..]);
        if parts.is_empty() {
            return b".".to_vec();
        }
        parts.join(&b'/')
    }

    /// The bytes, without a leading slash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As a path of the standard library, relative.
    pub fn as_path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }

    /// The path as text, where it is UTF-8.
    pub fn to_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

/// In one allocation, but for long ones.
fn joined(parts: &[&[u8]]) -> SourcePath {
    let mut bytes = [0; 128];
    let mut end = 0;
    for part in parts {
        let Some(place) = bytes.get_mut(end..end + part.len()) else {
            return SourcePath(Arc::from(parts.concat()));
        };
        place.copy_from_slice(part);
        end += part.len();
    }
    SourcePath(Arc::from(&bytes[..end]))
}

impl Borrow<[u8]> for SourcePath {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

/// With a leading slash, for people: `/ui/form.tsx`. Bytes that are not UTF-8 show as U+FFFD.
impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for SourcePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for SourcePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <std::borrow::Cow<'de, [u8]>>::deserialize(deserializer)?;
        Self::parse(&bytes).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> SourcePath {
        SourcePath::parse(text).unwrap()
    }

    #[test]
    fn parses_as_people_and_specifiers_write() {
        assert_eq!(path("/a//b/./c/").as_bytes(), b"a/b/c");
        assert_eq!(path("a/../b").as_bytes(), b"b");
        assert_eq!(SourcePath::parse("a/../.."), Err(PathError::Outside));
        assert_eq!(SourcePath::parse(b"a\0b"), Err(PathError::Nul));
        assert!(path("/").is_root());
    }

    #[test]
    fn knows_its_place() {
        let file = path("ui/form.test.tsx");
        assert_eq!(file.parent(), Some(path("ui")));
        assert_eq!(file.name(), b"form.test.tsx");
        assert_eq!(file.extension(), Some(&b"tsx"[..]));
        assert_eq!(path(".env").extension(), None);
        assert_eq!(path("ui").parent(), Some(SourcePath::root()));
        assert_eq!(SourcePath::root().parent(), None);
        assert!(file.starts_with(&path("ui")));
        assert!(!path("uix/a").starts_with(&path("ui")));
        assert_eq!(file.below(&path("ui")), Some(&b"form.test.tsx"[..]));
        assert_eq!(path("ui").below(&path("ui")), Some(&b""[..]));
    }

    #[test]
    fn is_put_together_of_parts() {
        let long = "x".repeat(120);
        for (directory, rest, whole) in [
            ("", "a/b", "a/b"),
            ("a", "b/c", "a/b/c"),
            ("a/b", "", "a/b"),
            (&long, &long, &format!("{long}/{long}")),
        ] {
            assert_eq!(path(directory).with_below(rest.as_bytes()), path(whole));
            assert_eq!(path(whole).below(&path(directory)), Some(rest.as_bytes()));
            let longer = path(&format!("{whole}.js"));
            assert_eq!(path(whole).with_suffix(b".js"), longer);
        }
        assert_eq!(path("a").child(&long), path(&format!("a/{long}")));
    }

    #[test]
    fn relative_paths_lead_back() {
        for (from, to, want) in [
            ("a/b", "a/c", "../c"),
            ("a", "a/c", "c"),
            ("", "x", "x"),
            ("a/b", "a/b", "."),
            ("a/b/c", "d", "../../../d"),
        ] {
            let relative = path(to).relative_from(&path(from));
            assert_eq!(relative, want.as_bytes());
            assert_eq!(path(from).join(&relative), Ok(path(to)));
        }
    }

    #[test]
    fn survives_being_stored() {
        let odd = SourcePath::parse(b"a/\xff\n").unwrap();
        let bytes = postcard::to_allocvec(&odd).unwrap();
        assert_eq!(postcard::from_bytes::<SourcePath>(&bytes).unwrap(), odd);
    }
}
