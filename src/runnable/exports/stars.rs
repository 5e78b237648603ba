//! All names that come through the `export *` of a file, and where each is.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::super::all::Runnable;
use super::free::is_free;
use super::outline::{self, OUTLINE, Specifiers};
use crate::base::{Computation, Key, SourcePath};
use crate::compute::{Context, Failure, Output};

/// The names that a file's `export *` give, as far as files may be left out: a [`Table`].
pub(in super::super) const STARS: Computation = Computation::new("stars");

/// Files that lead to each other by `export *` are followed so deep.
const DEPTH: usize = 64;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Table {
    /// The nearest file that exports the name, with nothing but files without side effects on the way; `None`: there are
    /// several, which is an error where they are not the same.
    places: BTreeMap<String, Option<SourcePath>>,
    /// There may be more: nothing is sure.
    is_open: bool,
}

impl Table {
    /// Where a name is; `None` within: it is not sure. `None`: nowhere.
    pub(super) fn place(&self, name: &str) -> Option<Option<&SourcePath>> {
        match self.is_open {
            true => Some(None),
            false => self.places.get(name).map(Option::as_ref),
        }
    }
}

/// Runs [`STARS`].
pub(in super::super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
) -> Result<Output, Failure> {
    let mut walk = Walk {
        runnable,
        context,
        known: BTreeMap::new(),
        is_open: false,
    };
    let mut places = Places::new();
    if let Some(outline) = outline::fetch(runnable, context, path)? {
        walk.known.insert(path.clone(), None);
        walk.stars(path, &outline.own.stars, 0, &mut places)?;
    }
    super::output(&Table {
        places,
        is_open: walk.is_open,
    })
}

/// As [`Table::places`].
type Places = BTreeMap<String, Option<SourcePath>>;

struct Walk<'a> {
    runnable: &'a Runnable,
    context: &'a dyn Context,
    /// What each file gives through `export *`; `None`: it is being looked at.
    known: BTreeMap<SourcePath, Option<Rc<Places>>>,
    is_open: bool,
}

impl Walk<'_> {
    /// Adds what these `export *` of a file give (ECMA-262, "ResolveExport": not `default`).
    fn stars(
        &mut self,
        file: &SourcePath,
        stars: &[String],
        depth: usize,
        places: &mut Places,
    ) -> Result<(), Failure> {
        let specifiers = Specifiers::new(self.runnable, self.context, file);
        let (files, all) = specifiers.files(stars)?;
        self.is_open |= !all;
        let keys: Vec<Key> = files
            .iter()
            .map(|file| Key::new(OUTLINE, file.clone()))
            .collect();
        self.context.prepare(&keys);
        for file in files {
            for (name, place) in self.of(&file, depth + 1)?.iter() {
                places
                    .entry(name.clone())
                    .and_modify(|known| {
                        *known = known.take().filter(|one| Some(one) == place.as_ref())
                    })
                    .or_insert_with(|| place.clone());
            }
        }
        Ok(())
    }

    /// What a file gives to one that has `export *` from it.
    fn of(&mut self, file: &SourcePath, depth: usize) -> Result<Rc<Places>, Failure> {
        match self.known.get(file) {
            Some(Some(known)) => return Ok(known.clone()),
            // A circle.
            Some(None) => {
                self.is_open = true;
                return Ok(Rc::default());
            }
            None => {}
        }
        let outline = outline::fetch(self.runnable, self.context, file)?;
        let Some(outline) = outline.filter(|outline| !outline.is_common && depth <= DEPTH) else {
            self.is_open = true;
            return Ok(Rc::default());
        };
        self.known.insert(file.clone(), None);
        let own = &outline.own;
        self.is_open |= own.is_open;
        let mut places = Places::new();
        self.stars(file, &own.stars, depth, &mut places)?;
        if !own.stars.is_empty() && !is_free(self.runnable, self.context, file)? {
            for place in places.values_mut().flatten() {
                *place = file.clone();
            }
        }
        // A file's own exports go before those of its `export *`.
        let names = own.names.iter().filter(|name| *name != "default");
        places.extend(names.map(|name| (name.clone(), Some(file.clone()))));
        let places = Rc::new(places);
        self.known.insert(file.clone(), Some(places.clone()));
        Ok(places)
    }
}
