//! The table of prefixes: the longest one that holds a path serves it.

use std::sync::Arc;

use super::{Found, Listed, View};
use crate::base::SourcePath;
use crate::compute::{Context, Failure};

/// Which view serves which prefix of `/~@/`. It is a view itself: that of `/~@/` as a whole.
///
/// A view other than the one at the root is reached by its name and listed nowhere, so that a walk of the outputs
/// meets each of them once (as ZFS hides `.zfs`).
#[derive(Default)]
pub struct MountTable {
    /// The longest prefix first.
    mounts: Vec<(SourcePath, Arc<dyn View>)>,
}

impl MountTable {
    /// A table without views.
    pub fn new() -> Self {
        Self::default()
    }

    /// The table with `view` at `prefix` (the root: everything that no other prefix holds). A view that was there
    /// before is replaced.
    pub fn with(mut self, prefix: SourcePath, view: Arc<dyn View>) -> Self {
        self.mounts.retain(|(taken, _)| *taken != prefix);
        self.mounts.push((prefix, view));
        self.mounts
            .sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.as_bytes().len()));
        self
    }

    /// The view that serves `path`, and the path as that view has it.
    pub fn view(&self, path: &SourcePath) -> Option<(&Arc<dyn View>, SourcePath)> {
        self.mounts.iter().find_map(|(prefix, view)| {
            let rest = path.below(prefix)?;
            // Part of a path is a path: this parse cannot fail.
            Some((view, SourcePath::parse(rest).ok()?))
        })
    }

    /// What a path leads to, with each folder above it looked at and links followed.
    ///
    /// # Errors
    /// [`Failure`] where the sources cannot be read.
    pub fn find(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        // As many as Linux follows (path_resolution(7)).
        const LIMIT: usize = 40;
        let mut path = path.clone();
        for _ in 0..LIMIT {
            match self.step(context, &path)? {
                Step::Found(found) => return Ok(found),
                Step::Elsewhere(next) => path = next,
            }
        }
        Ok(Found::Absent)
    }

    /// One name after the other, up to the first link.
    fn step(&self, context: &dyn Context, path: &SourcePath) -> Result<Step, Failure> {
        let mut here = SourcePath::root();
        let mut found = Found::Directory { source: None };
        for name in path.components() {
            if !matches!(found, Found::Directory { .. }) {
                return Ok(Step::Found(Found::Absent));
            }
            let parent = here.clone();
            here = here.child(name);
            found = self.lookup(context, &here)?;
            if let Found::Link(target) = &found {
                let rest = path.below(&here).unwrap_or_default();
                let next = parent.join(target).and_then(|place| place.join(rest));
                return Ok(match next {
                    Ok(next) if !target.starts_with(b"/") => Step::Elsewhere(next),
                    _ => Step::Found(Found::Absent),
                });
            }
        }
        Ok(Step::Found(found))
    }

    /// Whether some prefix lies strictly below `path`.
    fn leads_to_a_mount(&self, path: &SourcePath) -> bool {
        let mut prefixes = self.mounts.iter().map(|(prefix, _)| prefix);
        prefixes.any(|prefix| prefix != path && prefix.starts_with(path))
    }
}

enum Step {
    Found(Found),
    Elsewhere(SourcePath),
}

impl View for MountTable {
    fn lookup(&self, context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        let found = match self.view(path) {
            Some((view, rest)) => view.lookup(context, &rest)?,
            None => Found::Absent,
        };
        match found {
            Found::Absent if self.leads_to_a_mount(path) => Ok(Found::Directory { source: None }),
            found => Ok(found),
        }
    }

    fn list(&self, context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        match self.view(path) {
            Some((view, rest)) => match view.list(context, &rest) {
                Err(Failure::Missing(_)) if self.leads_to_a_mount(path) => Ok(Vec::new()),
                listed => listed,
            },
            None if self.leads_to_a_mount(path) => Ok(Vec::new()),
            None => Err(Failure::Missing(path.clone())),
        }
    }

    fn maker(
        &self,
        context: &dyn Context,
        path: &SourcePath,
    ) -> Result<Option<SourcePath>, Failure> {
        for (_, view) in &self.mounts {
            if let Some(maker) = view.maker(context, path)? {
                return Ok(Some(maker));
            }
        }
        Ok(None)
    }

    fn entries(&self, context: &dyn Context) -> Result<Vec<SourcePath>, Failure> {
        let mut entries = Vec::new();
        for (prefix, view) in &self.mounts {
            let found = view.entries(context)?;
            // A path below a prefix is a path: no join fails.
            entries.extend(
                found
                    .iter()
                    .filter_map(|path| prefix.join(path.as_bytes()).ok()),
            );
        }
        entries.sort();
        Ok(entries)
    }
}
