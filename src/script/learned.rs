//! What a program has been told since its engine began. An engine may be used once more where all of that is still so: to ask
//! again makes it known to whoever keeps account of what is asked, as if the program had asked anew.

use std::collections::HashMap;

use super::{Ask, Host, Loaded, Told, Wanted};
use crate::base::ContentHash;

/// More than that is not asked again.
const MOST: usize = 20_000;

/// See the module.
#[derive(Default)]
pub(super) struct Learned {
    /// By the ids that were asked for: the id and the code that came; `None`: there was none.
    modules: HashMap<String, Option<(String, ContentHash)>>,
    /// By the questions, encoded: a digest of the answer.
    told: HashMap<Vec<u8>, (Ask, ContentHash)>,
    /// It has been told different things, or what it was told is for once.
    is_spoilt: bool,
}

impl Learned {
    /// Takes what a module was.
    pub(super) fn loaded(&mut self, wanted: &Wanted, loaded: &Loaded) {
        let Some(came) = came(wanted, loaded) else {
            self.is_spoilt = true;
            return;
        };
        let before = self.modules.insert(wanted.id.clone(), came.clone());
        self.is_spoilt |= before.is_some_and(|before| before != came) || self.is_too_much();
    }

    /// Takes an answer.
    pub(super) fn told(&mut self, ask: &Ask, told: &Told) {
        let (Ok(key), Some(digest)) = (postcard::to_allocvec(ask), digest(told)) else {
            self.is_spoilt = true;
            return;
        };
        let before = self.told.insert(key, (ask.clone(), digest));
        self.is_spoilt |= before.is_some_and(|(_, before)| before != digest) || self.is_too_much();
    }

    fn is_too_much(&self) -> bool {
        self.modules.len() + self.told.len() > MOST
    }

    /// Asks again; whether all is as it was.
    pub(super) fn holds(&self, host: &mut dyn Host) -> bool {
        if self.is_spoilt {
            return false;
        }
        let all: Vec<_> = self.modules.iter().collect();
        let wanted = |(id, came): &(&String, &Option<(String, ContentHash)>)| Wanted {
            id: (*id).clone(),
            has: came.as_ref().map(|(_, hash)| *hash),
        };
        let wanted: Vec<Wanted> = all.iter().map(wanted).collect();
        let loaded = host.load_all(&wanted);
        let are_same = loaded.len() == wanted.len()
            && wanted
                .iter()
                .zip(&loaded)
                .zip(&all)
                .all(|((wanted, loaded), (_, before))| {
                    came(wanted, loaded).as_ref() == Some(before)
                });
        are_same
            && self
                .told
                .values()
                .all(|(ask, before)| digest(&host.ask(ask)) == Some(*before))
    }
}

/// What came of a question for a module; `None`: nothing that lasts.
fn came(wanted: &Wanted, loaded: &Loaded) -> Option<Option<(String, ContentHash)>> {
    match loaded {
        Loaded::Module { id, hash, .. } => Some(Some((id.clone(), *hash))),
        Loaded::Known(id) => Some(Some((id.clone(), wanted.has?))),
        Loaded::Missing(_) => Some(None),
        Loaded::Fault(_) | Loaded::Failed(_) => None,
    }
}

fn digest(told: &Told) -> Option<ContentHash> {
    Some(ContentHash::of(&postcard::to_allocvec(told).ok()?))
}
