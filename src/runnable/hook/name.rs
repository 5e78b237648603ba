//! Which files are hooks, and what each computes: `feed.xml.hook.ts` computes `feed.xml`.

use crate::base::{Key, SourcePath};
use crate::compute::{Context, Failure};
use crate::runnable::listing::{self, Names};
use crate::runnable::versions;
use crate::source::{Entry, EntryKind};

use super::HOOK;

/// What a hook's name ends in; where several would compute one file, the first does.
const ENDINGS: [&str; 4] = [".hook.ts", ".hook.tsx", ".hook.js", ".hook.jsx"];

/// The name of the file that a hook with this name computes; `None`: it is no hook, like `useCart.hook.ts`, whose rest has
/// no dot.
pub fn target(name: &[u8]) -> Option<&[u8]> {
    stem(name).filter(|stem| is_target(stem))
}

/// A hook's name without its ending.
pub(super) fn stem(name: &[u8]) -> Option<&[u8]> {
    ENDINGS
        .iter()
        .find_map(|ending| name.strip_suffix(ending.as_bytes()))
}

/// A piece of the name of a hook that computes many files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// As it is.
    Text(String),
    /// `[slug]`: a parameter that is part of one name.
    One(String),
    /// `[...rest]`: one that spans folders.
    Rest(String),
}

/// The pieces of the name of a hook with parameters; `None`: it is none. What is no parameter must have a dot.
pub(super) fn pattern(name: &[u8]) -> Option<Vec<Piece>> {
    let mut rest = std::str::from_utf8(stem(name)?).ok()?;
    let mut pieces = Vec::new();
    while let Some((before, after)) = rest.split_once('[') {
        let (parameter, after) = after.split_once(']')?;
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let (name, spans) = match parameter.strip_prefix("...") {
            Some(name) => (name, true),
            None => (parameter, false),
        };
        if name.is_empty() || name.contains(['[', '.']) {
            return None;
        }
        pieces.push(match spans {
            true => Piece::Rest(name.to_owned()),
            false => Piece::One(name.to_owned()),
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    let has_parameter = pieces.iter().any(|piece| !matches!(piece, Piece::Text(_)));
    let has_dot = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains('.'));
    (has_parameter && pieces.iter().any(has_dot)).then_some(pieces)
}

/// Whether a path from the hook's folder may be one of its files, as far as its name tells.
pub(super) fn may_match(pieces: &[Piece], path: &str) -> bool {
    let spans = pieces.iter().any(|piece| matches!(piece, Piece::Rest(_)));
    let starts = match pieces.first() {
        Some(Piece::Text(text)) => path.starts_with(text.as_str()),
        _ => true,
    };
    let ends = match pieces.last() {
        Some(Piece::Text(text)) => path.ends_with(text.as_str()),
        _ => true,
    };
    starts && ends && (spans || !path.contains('/'))
}

/// Whether a hook can compute a file of this name. Names in brackets are those of parameters; those of versions are asked for
/// with each module of a page, and are the versions' alone.
fn is_target(name: &[u8]) -> bool {
    let dot = name.iter().rposition(|byte| *byte == b'.');
    let is_shown = !name.starts_with(b".") && !name.starts_with(b"~");
    is_shown
        && !name.contains(&b'[')
        && !versions::is_version(name)
        && dot.is_some_and(|dot| dot > 0 && dot + 1 < name.len())
}

/// Whether code of a folder is the user's own.
pub(super) fn is_own(folder: &SourcePath) -> bool {
    folder.components().all(|name| name != b"node_modules")
}

/// The hook that computes the file at this place of SRC.
pub fn find(context: &dyn Context, path: &SourcePath) -> Result<Option<Key>, Failure> {
    let Some(folder) = path.parent().filter(is_own) else {
        return Ok(None);
    };
    if !is_target(path.name()) {
        return Ok(None);
    }
    for ending in ENDINGS {
        let hook = folder.child([path.name(), ending.as_bytes()].concat());
        if context.entry(&hook)? == Entry::File {
            return Ok(Some(Key::new(HOOK, hook)));
        }
    }
    Ok(None)
}

/// Adds the names that the hooks of a folder compute.
pub fn list(names: &mut Names, context: &dyn Context, folder: &SourcePath) -> Result<(), Failure> {
    if !is_own(folder) {
        return Ok(());
    }
    for entry in context.list(folder)?.iter() {
        if let (EntryKind::File, Some(target)) = (entry.kind, target(&entry.name)) {
            listing::made(names, target);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_may_have_parameters() {
        let text = |text: &str| Piece::Text(text.to_owned());
        let one = |name: &str| Piece::One(name.to_owned());
        let of = |name: &str| pattern(name.as_bytes());
        assert_eq!(
            of("[slug].html.hook.tsx"),
            Some(vec![one("slug"), text(".html")])
        );
        assert_eq!(
            of("a-[x]-[y].json.hook.ts"),
            Some(vec![
                text("a-"),
                one("x"),
                text("-"),
                one("y"),
                text(".json")
            ])
        );
        assert_eq!(
            of("[...rest].html.hook.js"),
            Some(vec![Piece::Rest("rest".to_owned()), text(".html")])
        );
        for none in [
            "[slug].hook.ts",
            "[...rest].hook.ts",
            "a.html.hook.ts",
            "[].html.hook.ts",
            "[a.html.hook.ts",
            "[a.b].html.hook.ts",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
        let pieces = of("post-[slug].html.hook.tsx").unwrap();
        for (path, fits) in [
            ("post-a.html", true),
            ("post-a/b.html", false),
            ("a.html", false),
            ("post-a.xml", false),
        ] {
            assert_eq!(may_match(&pieces, path), fits, "{path}");
        }
        assert!(may_match(
            &of("[...rest].html.hook.js").unwrap(),
            "a/b/c.html"
        ));
    }

    #[test]
    fn a_hook_names_a_file_with_an_extension() {
        for (name, computed) in [
            ("feed.xml.hook.ts", Some("feed.xml")),
            ("index.html.hook.tsx", Some("index.html")),
            ("a.b.c.hook.js", Some("a.b.c")),
            ("data.json.hook.jsx", Some("data.json")),
            ("useCart.hook.ts", None),
            (".hook.ts", None),
            (".htaccess.hook.ts", None),
            ("~a.txt.hook.ts", None),
            ("a..hook.ts", None),
            ("feed.xml.hook.mts", None),
            ("feed.xml.hook.ts.js", None),
            ("[slug].html.hook.tsx", None),
        ] {
            assert_eq!(
                target(name.as_bytes()),
                computed.map(str::as_bytes),
                "{name}"
            );
        }
    }
}
