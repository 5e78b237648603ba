//! The URL of a request, decoded once.

use crate::base::{ShortHash, SourcePath, holds_packages};

/// The longest name (NAME_MAX of limits.h(0p) on Linux) and path in bytes that can be a file's.
const NAME_MAX: usize = 255;
const PATH_MAX: usize = 4000;

/// The path of a request's URL, taken apart. Whether it can name a file is decided here, by its decoded names alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The names between its slashes, decoded; without the empty one after a slash at its end.
    pub(super) names: Vec<Vec<u8>>,
    /// It ends in a slash.
    pub(super) is_folder: bool,
    /// As it was sent.
    pub(super) path: String,
    /// What follows the `?`, as it was sent.
    pub(super) query: Option<String>,
    /// A name in it holds an encoded slash, so that it is no file's.
    pub(super) has_slash: bool,
}

/// Why a path is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

impl Target {
    /// Takes apart a path and query in origin form (RFC 9112, 3.2.1).
    ///
    /// # Errors
    /// [`Malformed`] for what no URL parser sends (WHATWG URL, 4.4): dot segments, encoded or not; a backslash; a path that
    /// another parser may take for a host; escapes that are none; a NUL.
    pub(super) fn parse(path: &str, query: Option<&str>) -> Result<Self, Malformed> {
        if !path.starts_with('/') {
            return Err(Malformed("the path does not begin with a slash"));
        }
        if path.starts_with("//") || path.contains('\\') {
            return Err(Malformed("the path may be taken for a host"));
        }
        let mut names = Vec::new();
        for name in path[1..].split('/') {
            names.push(decode(name)?);
        }
        let has_slash = names.iter().any(|name| name.contains(&b'/'));
        let mut parts = names
            .iter()
            .flat_map(|name| name.split(|byte| *byte == b'/'));
        if parts.any(|part| part == b"." || part == b"..") {
            return Err(Malformed("the path has a dot segment"));
        }
        let is_folder = path.ends_with('/');
        if is_folder {
            names.pop();
        }
        Ok(Self {
            names,
            is_folder,
            path: path.to_owned(),
            query: query.map(str::to_owned),
            has_slash,
        })
    }

    /// The path without the names of a base, where it lies there.
    pub(super) fn below(&self, base: &[Vec<u8>]) -> Option<&[Vec<u8>]> {
        self.names.strip_prefix(base)
    }

    /// The same URL with another path.
    pub(super) fn with_path(&self, path: &str) -> String {
        match &self.query {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        }
    }
}

/// The file that names lead to; `None`: no file's name is like that, or it is hidden.
pub(super) fn file(names: &[Vec<u8>]) -> Option<SourcePath> {
    let mut path = SourcePath::root();
    let mut before: &[u8] = b"";
    let length: usize = names.iter().map(|name| name.len() + 1).sum();
    for name in names {
        // Package managers keep packages there (`node_modules/.pnpm`).
        let is_hidden = name.starts_with(b".") && !holds_packages(before) || is_key(name);
        if name.is_empty() || name.contains(&b'/') || name.len() > NAME_MAX || is_hidden {
            return None;
        }
        path = path.child(name);
        before = name;
    }
    (length <= PATH_MAX).then_some(path)
}

/// Whether a name is that of a certificate or its key, as tools for local HTTPS leave them beside the sources, or of a module or
/// version of one. Vite's server keeps the same from others (its `server.fs.deny`).
fn is_key(name: &[u8]) -> bool {
    let mut parts = name.rsplit(|byte| *byte == b'.');
    let is_added = |part: &&[u8]| {
        let is_version = part.len() == 1 + ShortHash::DIGITS && part[0] == b'v';
        let added = [
            &b"js"[..],
            b"map",
            b"raw",
            b"bytes",
            b"url",
            b"inline",
            b"url-inline",
        ];
        is_version || added.contains(part)
    };
    let last = parts.find(|part| !is_added(part));
    let is_kind = |part: &[u8]| {
        [&b"pem"[..], b"crt"]
            .iter()
            .any(|kind| part.eq_ignore_ascii_case(kind))
    };
    last.is_some_and(is_kind) && parts.next().is_some()
}

/// Percent-decoding (RFC 3986, 2.1).
fn decode(text: &str) -> Result<Vec<u8>, Malformed> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                match (digit(), digit()) {
                    (Some(high), Some(low)) => (high * 16 + low) as u8,
                    _ => return Err(Malformed("the path has a `%` that begins no escape")),
                }
            }
            byte => byte,
        };
        if byte == 0 {
            return Err(Malformed("the path has a NUL"));
        }
        bytes.push(byte);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str) -> Vec<String> {
        let target = Target::parse(path, None).unwrap();
        let text = |name: &Vec<u8>| String::from_utf8_lossy(name).into_owned();
        target.names.iter().map(text).collect()
    }

    #[test]
    fn names_are_decoded_once() {
        assert_eq!(names("/"), Vec::<String>::new());
        assert_eq!(names("/a%20b/c%C3%A9"), ["a b", "cé"]);
        assert_eq!(names("/%2541"), ["%41"]);
        assert_eq!(names("/a/"), ["a"]);
        assert!(Target::parse("/a/", None).unwrap().is_folder);
        assert_eq!(names("/a//b"), ["a", "", "b"]);
    }

    #[test]
    fn what_no_client_sends_is_malformed() {
        for path in [
            "",
            "*",
            "a",
            "//host/a",
            "/a\\b",
            "/a/../b",
            "/./a",
            "/..",
            "/.",
            "/%2e%2E/a",
            "/%2e",
            "/a/.%2e",
            "/..%2fa",
            "/a%2f..%2fb",
            "/%",
            "/%4",
            "/%4g",
            "/%+1",
            "/%00",
            "/a%00.js",
        ] {
            assert!(Target::parse(path, None).is_err(), "{path}");
        }
    }

    #[test]
    fn some_names_are_no_files() {
        let is_file = |path: &str| file(&Target::parse(path, None).unwrap().names).is_some();
        for path in [
            "/",
            "/a/b.js",
            "/node_modules/.pnpm/a/b.js",
            "/a..b",
            "/a.",
            "/pem",
            "/crt.ts.js",
            "/effects.crt.css.js",
        ] {
            assert!(is_file(path), "{path}");
        }
        for path in [
            "/.env",
            "/%2eenv",
            "/a/.git/config",
            "/a/.pnpm/b",
            "/localhost-key.pem",
            "/a/ca.CRT",
            "/ca.pem.raw.js",
            "/ca.pem.bytes.js",
            "/ca.pem.url-inline.js",
            "/ca.v0123456789abcdef.pem",
            "/ca.pem.url.v0123456789abcdef.js",
            "/a//b",
            "/a%2fb",
            &format!("/{}", "a".repeat(256)),
            &"/aaaaaaaaa".repeat(401),
        ] {
            assert!(!is_file(path), "{path}");
        }
    }
}
