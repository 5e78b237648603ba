//! What plugins of bundlers make of files and of queries on imports: none of them runs here, and what is to be done instead
//! is said where such an import stands.

use crate::base::{Diagnostic, SourcePath};

/// Endings of files that a compiler of their own makes modules of.
const COMPILED: [&[u8]; 5] = [b"vue", b"svelte", b"astro", b"marko", b"riot"];

/// The queries with which an SVG is asked for as a component of what is not compiled here (vite-plugin-solid-svg and others).
const COMPONENT: [&str; 4] = ["solid", "component-solid", "vue", "svelte"];

/// The queries of vite-imagetools that give something else than a URL.
const IMAGES: [&str; 5] = ["as", "metadata", "srcset", "picture", "img"];

/// Of a query that means something to a plugin alone, and gives something else than what the file gives without it.
pub(super) fn of_query(file: &SourcePath, query: &str) -> Option<Diagnostic> {
    let named = |known: &[&'static str]| {
        let mut names = query
            .split('&')
            .map(|part| part.split('=').next().unwrap_or_default());
        names.find_map(|name| known.iter().copied().find(|known| *known == name))
    };
    let is = |endings: &[&[u8]]| {
        let extension = file.extension().unwrap_or_default();
        endings.contains(&extension)
    };
    if is(&[b"svg"])
        && let Some(name) = named(&COMPONENT)
    {
        let message = format!("`?{name}` is for a plugin that makes a component of an SVG");
        let hint = "no plugin runs here: `?react` gives a component of React, `?raw` the text, no query the URL";
        return Some(Diagnostic::new("unsupported", message).hint(hint));
    }
    if is(&[b"png", b"jpg", b"jpeg", b"webp", b"avif", b"gif"])
        && let Some(name) = named(&IMAGES)
    {
        let message = format!("`?{name}` is for a plugin that makes images (vite-imagetools)");
        let hint = "no plugin runs here: import the image itself for its URL, or have a hook make the module";
        return Some(Diagnostic::new("unsupported", message).hint(hint));
    }
    None
}

/// Of an import of a file that nothing here makes a module of.
pub(super) fn of_file(file: &SourcePath) -> Diagnostic {
    let name = String::from_utf8_lossy(file.name());
    let hook = format!(
        "a hook, `{name}.mjs.hook.ts`, can make the module that is imported from `./{name}.mjs`"
    );
    let extension = file.extension().unwrap_or_default();
    if COMPILED.contains(&extension) {
        let message = format!(
            "`.{}` files need their own compiler, which does not run here",
            String::from_utf8_lossy(extension)
        );
        return Diagnostic::new("unsupported", message).hint(format!("{hook}, by that compiler"));
    }
    let hint = format!("import it with `?raw` for its text, or with `?url` for its URL; or {hook}");
    Diagnostic::new("unsupported", "no loader knows such a file").hint(hint)
}
