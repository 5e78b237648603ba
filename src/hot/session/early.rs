//! What a page gets of a change before it is known what all of it consists of.

use super::{Of, Session};
use crate::compute::Failure;
use crate::graph::Rest;
use crate::hot::pages::Pages;
use crate::hot::update::Update;

impl Session {
    /// A message with what has changed and need not wait for the rest, which is compared after that all the same; `None`:
    /// there is nothing such.
    ///
    /// # Errors
    /// [`Failure`] of a question; the page has what it had.
    pub fn early<P: Pages>(&mut self, pages: &P, time: u64) -> Result<Option<String>, Failure> {
        let before = pages.rest();
        if matches!(before, Rest::Until(_)) {
            return Ok(None);
        }
        let mut entries = Vec::with_capacity(self.entries.len());
        for known in &self.entries {
            let Some(entry) = pages.entry(&known.id)? else {
                return Ok(None);
            };
            entries.push(entry);
        }
        let has = |id: &str| self.has.get(id).copied().flatten();
        let update = Update {
            changes: pages.early(&entries, &has)?,
            ..Update::default()
        };
        if update.is_empty() || pages.rest() != before {
            return Ok(None);
        }
        for (id, body) in &update.changes {
            self.has.insert(id.clone(), Some(body.hash));
        }
        // It may be undone before it is compared with the rest.
        for known in &mut self.entries {
            for shelf in &mut known.shelves {
                if shelf.ids.iter().any(|id| update.changes.contains_key(id)) {
                    shelf.hash = None;
                    known.body = None;
                }
            }
        }
        Ok(Some(update.message(time)))
    }

    /// Whether a comparison would wait for hooks to run; then `ready` is called when they have. Who waits in the meantime for
    /// changes can tell of those early.
    pub fn waits<P: Pages>(
        &self,
        pages: &P,
        of: Of,
        ready: impl Fn() + Clone + Send + 'static,
    ) -> bool {
        if matches!(pages.rest(), Rest::Until(_)) {
            return false;
        }
        self.entries.iter().any(|known| {
            // Whoever compares meets the same failure.
            let entry = pages.entry(&known.id).ok().flatten();
            entry.is_some_and(|entry| pages.waits(&entry, of, Box::new(ready.clone())))
        })
    }
}
