//! The names of CSS modules: those of each file, and what they are composed of.

use super::bundle::{DEEPEST, Work};
use super::scope::{Composed, name, scoped};
use super::{fault, scan};
use crate::base::{ContentHash, SourcePath};
use crate::compute::Failure;

/// What makes the names of a file's own: the same on every machine.
fn hash(path: &SourcePath) -> String {
    let mut hash = ContentHash::of(path.as_bytes()).to_hex();
    hash.truncate(8);
    hash
}

impl Work<'_> {
    /// A CSS module, and before it those that it is composed of.
    pub(super) fn module(
        &mut self,
        path: &SourcePath,
        above: &mut Vec<SourcePath>,
    ) -> Result<(), Failure> {
        if above.contains(path) || self.modules.iter().any(|(done, _)| done == path) {
            return Ok(());
        }
        let module = scoped(&self.ready(path)?, &hash(path));
        above.push(path.clone());
        for composed in module.composed.values().flatten() {
            match composed {
                Composed::Of(_, specifier) => {
                    let other = self.style(path, specifier, None)?;
                    self.module(&other, above)?;
                }
                Composed::Local(local) if !module.names.contains(local) => {
                    return Err(self.no_class(path, local));
                }
                Composed::Local(_) | Composed::Global(_) => {}
            }
        }
        above.pop();
        self.modules.push((path.clone(), module));
        Ok(())
    }

    /// What is composed of a class that the file has not (an error of `postcss-modules-scope` as well).
    fn no_class(&self, path: &SourcePath, local: &str) -> Failure {
        let file = self.files.get(path).filter(|file| file.is_source);
        let text = file.map_or("", |file| &file.css);
        let offset = text.match_indices("composes").find_map(|(at, _)| {
            let value = text[at + "composes".len()..].split([';', '}']).next()?;
            let ends = |letter: char| letter == ':' || letter.is_whitespace();
            let mut words = value.split(ends).filter(|word| *word == local);
            Some(words.next()?.as_ptr() as usize - text.as_ptr() as usize)
        });
        let (line, column) = offset.map_or((0, 0), |offset| scan::place(text, offset));
        let shown = self.runnable.layout.shown(path);
        let message = format!("there is no class `{local}` to compose of in this file");
        Failure::Diagnostics([fault(shown, text, line, column, &message)].into())
    }

    /// The names of a CSS module, sorted: what they are in the page, those that they are composed of after them.
    pub(super) fn names(&self, path: &SourcePath) -> Vec<(String, String)> {
        let mut all = self
            .files
            .get(path)
            .map(|file| file.values.clone())
            .unwrap_or_default();
        let module = self.modules.iter().find(|(done, _)| done == path);
        for local in module.iter().flat_map(|(_, module)| &module.names) {
            let mut classes = Vec::new();
            self.compose(path, local, &mut Vec::new(), &mut classes);
            all.insert(local.clone(), classes.join(" "));
        }
        all.into_iter().collect()
    }

    /// Adds what a local name is in the page, and what it is composed of.
    fn compose(
        &self,
        path: &SourcePath,
        local: &str,
        above: &mut Vec<(SourcePath, String)>,
        classes: &mut Vec<String>,
    ) {
        let mut add = |class: String| {
            if !classes.contains(&class) {
                classes.push(class);
            }
        };
        let here = (path.clone(), local.to_owned());
        let Some((_, module)) = self.modules.iter().find(|(done, _)| done == path) else {
            return;
        };
        if above.contains(&here) || above.len() > DEEPEST || !module.names.contains(local) {
            return;
        }
        add(name(local, &hash(path)));
        above.push(here);
        for composed in module.composed.get(local).into_iter().flatten() {
            match composed {
                Composed::Global(class) => {
                    if !classes.contains(class) {
                        classes.push(class.clone());
                    }
                }
                Composed::Local(other) => self.compose(path, other, above, classes),
                Composed::Of(other, specifier) => {
                    // It was found before; where it cannot be read now, the run is repeated.
                    if let Ok(file) = self.style(path, specifier, None) {
                        self.compose(&file, other, above, classes);
                    }
                }
            }
        }
        above.pop();
    }
}
