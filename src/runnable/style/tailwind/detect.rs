//! The files of a folder in which classes are looked for without being named: those that git would not ignore.

use std::collections::BTreeMap;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::resolver::{follow, read_file};
use crate::runnable::names::is_hidden;
use crate::runnable::walk::target;
use crate::source::Entry;

/// Folders below one another, at most; links may lead in circles.
const DEEPEST: usize = 64;

/// Folders of packages and of what other programs make, which no `.gitignore` need name (Tailwind's own list, but for hidden
/// ones).
const NEVER: [&[u8]; 3] = [b"node_modules", b"venv", b"__pycache__"];

const IGNORES: &[u8] = b".gitignore";

/// The files below a folder by their literal paths, with those that links lead to.
pub(super) fn files(
    context: &dyn Context,
    folder: &SourcePath,
) -> Result<BTreeMap<SourcePath, SourcePath>, Failure> {
    let mut walk = Walk {
        context,
        ignores: Vec::new(),
        found: BTreeMap::new(),
    };
    let above: Vec<SourcePath> = folder.ancestors().skip(1).collect();
    for folder in above.iter().rev() {
        walk.learn(folder)?;
    }
    if let Some((real, Entry::Directory)) = follow(context, folder)? {
        walk.folder(folder, &real, 0)?;
    }
    Ok(walk.found)
}

struct Walk<'a> {
    context: &'a dyn Context,
    /// What each folder says of what is below it, the nearest last.
    ignores: Vec<(SourcePath, Gitignore)>,
    found: BTreeMap<SourcePath, SourcePath>,
}

impl Walk<'_> {
    /// Reads what a folder says.
    fn learn(&mut self, folder: &SourcePath) -> Result<(), Failure> {
        let Some(bytes) = read_file(self.context, &folder.child(IGNORES))? else {
            return Ok(());
        };
        let mut builder = GitignoreBuilder::new("");
        for line in String::from_utf8_lossy(&bytes).lines() {
            // As git has it: what is no pattern matches nothing.
            let _ = builder.add_line(None, line);
        }
        if let Ok(ignores) = builder.build() {
            self.ignores.push((folder.clone(), ignores));
        }
        Ok(())
    }

    fn folder(
        &mut self,
        literal: &SourcePath,
        real: &SourcePath,
        depth: usize,
    ) -> Result<(), Failure> {
        if depth > DEEPEST {
            return Ok(());
        }
        let entries = self.context.list(real)?;
        let known = self.ignores.len();
        if entries.iter().any(|entry| entry.name == IGNORES) {
            self.learn(literal)?;
        }
        for entry in entries.iter() {
            if is_hidden(&entry.name) {
                continue;
            }
            let Some((target, is_folder)) = target(self.context, real, entry)? else {
                continue;
            };
            let path = literal.child(&entry.name);
            if self.is_ignored(&path, is_folder) {
                continue;
            }
            match is_folder {
                true if NEVER.iter().any(|name| *name == &*entry.name) => {}
                true => self.folder(&path, &target, depth + 1)?,
                false => {
                    self.found.insert(path, target);
                }
            }
        }
        self.ignores.truncate(known);
        Ok(())
    }

    /// The nearest folder that says anything of a path decides. Its own folder is not ignored.
    fn is_ignored(&self, path: &SourcePath, is_folder: bool) -> bool {
        let said = self.ignores.iter().rev().find_map(|(folder, ignores)| {
            let below = String::from_utf8_lossy(path.below(folder)?).into_owned();
            let said = ignores.matched(below, is_folder);
            (!said.is_none()).then(|| said.is_ignore())
        });
        said.unwrap_or(false)
    }
}
