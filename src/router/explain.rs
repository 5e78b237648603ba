//! Diagnostics as people are shown them: with the chain of importers.

use std::collections::HashSet;

use crate::base::{Diagnostic, Key, SourcePath};

/// The most importers that are named.
const LONGEST: usize = 8;

/// The name of a source file as users know it: from the root of the mount, where SRC is `source`; a file outside SRC
/// under `/~root`, but for the workspace root's page.
pub fn shown_name(source: &SourcePath, path: &SourcePath) -> String {
    match path.below(source) {
        Some(rest) => format!("/{}", String::from_utf8_lossy(rest)),
        // The page that SRC adopts.
        None if path.as_bytes() == b"index.html" => path.to_string(),
        None => format!("/~root{path}"),
    }
}

/// The chain from the file of `key` to an entry: its importer, the importer's importer, and so on, nearest first.
/// Of several importers the first by name is taken, so that the text stays the same from run to run.
pub fn importer_chain(
    importers: impl Fn(&Key) -> Vec<Key>,
    source: &SourcePath,
    key: &Key,
) -> Vec<String> {
    let mut seen = HashSet::from([key.clone()]);
    let mut chain = Vec::new();
    let mut here = key.clone();
    while chain.len() < LONGEST {
        let nearest = importers(&here)
            .into_iter()
            .filter(|importer| !seen.contains(importer))
            .min();
        let Some(importer) = nearest else { break };
        // The modules of one file are one to its user.
        if importer.path != here.path {
            chain.push(shown_name(source, &importer.path));
        }
        seen.insert(importer.clone());
        here = importer;
    }
    chain
}

/// The diagnostics with their importers filled in.
pub fn explained(diagnostics: &[Diagnostic], chain: &[String]) -> Vec<Diagnostic> {
    let mut explained = diagnostics.to_vec();
    for diagnostic in &mut explained {
        diagnostic.importers = chain.to_vec();
    }
    explained
}
