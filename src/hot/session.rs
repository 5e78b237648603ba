//! One page: what it has, and the difference to what there is now.

mod early;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use super::pages::{Name, Pages};
use super::said::Hello;
use super::update::{self, Update};
use crate::base::{ContentHash, ShortHash};
use crate::compute::Failure;
use crate::graph::Rest;
use crate::runnable::{HotBody, HotPage, HotStyle};

/// How often a difference is made anew because something has changed meanwhile, until one is sent that was true for a moment.
const TRIES: usize = 8;

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The page has what there is.
    Nothing,
    /// A file may be half saved, or may have been while it was looked at: to ask again when something changes, and then, where
    /// a time is given.
    Later(Option<Instant>),
    /// To send this, with which the page has what there is.
    Send(String),
    /// To send this, with which the page begins anew.
    Reload(String),
}

/// What of a page is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Its modules alone. Sheets may take long, where a hook makes them of every source.
    Modules,
    /// All but these.
    Besides,
    /// All of it.
    All,
}

/// What an entry consisted of when it was compared with what the page has.
#[derive(Clone, Debug)]
struct Known {
    id: String,
    /// `None`: it is to be compared whatever it is.
    body: Option<ContentHash>,
    shelves: Vec<Shelf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Shelf {
    /// `None`: it is to be compared whatever it is.
    hash: Option<ContentHash>,
    ids: Vec<String>,
    /// One of them does not compile.
    has_fault: bool,
}

impl Shelf {
    fn empty(hash: Option<ContentHash>) -> Self {
        Self {
            hash,
            ids: Vec::new(),
            has_fault: false,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Session {
    page: String,
    entries: Vec<Known>,
    /// The hash of each module that the page has; `None`: what it said is none.
    has: HashMap<String, Option<ShortHash>>,
    /// How many entries have a module.
    members: HashMap<String, u32>,
    /// There may be modules of the page that are in no entry.
    has_strangers: bool,
    /// The page's own text, its sheets, and what it loads by URL, as it has them. `None`: what there is is taken for it.
    text: Option<String>,
    styles: Option<BTreeMap<String, HotStyle>>,
    files: BTreeMap<String, String>,
    /// The sheets of a page that is made elsewhere, and does not say which text it has.
    links: Vec<String>,
    /// Of these, those that it has without a version: of them the present one is taken for it.
    plain: HashSet<String>,
}

/// What an entry consists of now, and what of it the page has not.
struct Look<P: Pages> {
    entry: P::Entry,
    standing: P::Standing,
    /// The shelves that are other ones, by their number.
    shelves: Vec<(usize, Shelf)>,
    /// How many there are; `None`: nothing has changed.
    count: Option<usize>,
}

/// A difference that is not yet the page's.
struct Draft<P: Pages> {
    /// `None`: there is no such file now.
    looks: Vec<Option<Look<P>>>,
    bodies: BTreeMap<String, HotBody>,
    page: Option<HotPage>,
}

impl Session {
    /// Of a page that has said what it has.
    pub fn new(hello: Hello) -> Self {
        let mut seen = HashSet::new();
        let known = |id| Known {
            id,
            body: None,
            shelves: Vec::new(),
        };
        let entries = hello.entries.into_iter();
        let links = |styles: BTreeMap<String, String>| {
            let styles = styles.into_iter();
            styles
                .map(|(id, name)| (id, HotStyle::Link(name)))
                .collect()
        };
        let is_made_here = hello.text.is_some();
        let sheets = hello.styles.iter().flatten().filter(|_| !is_made_here);
        let plain = sheets
            .clone()
            .filter(|(id, name)| id.strip_prefix('/') == Some(name.as_str()));
        Self {
            links: sheets.clone().map(|(id, _)| id.clone()).collect(),
            plain: plain.map(|(id, _)| id.clone()).collect(),
            entries: entries
                .filter(|id| seen.insert(id.clone()))
                .map(known)
                .collect(),
            page: hello.page,
            has: hello
                .modules
                .into_iter()
                .map(|(id, hash)| (id, ShortHash::parse(hash.as_bytes())))
                .collect(),
            members: HashMap::new(),
            has_strangers: true,
            text: hello.text,
            styles: hello.styles.map(links),
            files: hello.bundles,
        }
    }

    /// Compares what the page has with what there is now, which it has when what is given was sent. `time`: when a change was
    /// seen, in milliseconds since 1970.
    ///
    /// # Errors
    /// [`Failure`] of a question; the page has what it had.
    pub fn step<P: Pages>(&mut self, pages: &P, of: Of, time: u64) -> Result<Step, Failure> {
        let mut bodies = BTreeMap::new();
        for attempt in 1..=TRIES {
            let before = pages.rest();
            if let Rest::Until(until) = before {
                return Ok(Step::Later(Some(until)));
            }
            let moment = pages.moment();
            let Some(draft) = self.draft(pages, of, std::mem::take(&mut bodies))? else {
                continue;
            };
            let is_same_moment = moment.is_some() && pages.moment() == moment;
            let has_moved = !is_same_moment && self.has_moved(pages, of, &draft)?;
            // Where it is the same, what was read was whole at each moment.
            let is_whole = pages.rest() == before;
            if is_whole && (!has_moved || attempt == TRIES) {
                let step = self.take(pages, of, draft, time);
                if has_moved {
                    self.distrust();
                }
                return Ok(step);
            }
            bodies = draft.bodies;
        }
        // Something has changed since this began, and whoever waits for changes says so.
        Ok(Step::Later(None))
    }

    /// Has everything compared the next time: what was sent is of several moments.
    fn distrust(&mut self) {
        for known in &mut self.entries {
            known.body = None;
            for shelf in &mut known.shelves {
                shelf.hash = None;
            }
        }
    }

    /// What the page has besides modules; `None`: nothing is known of it.
    fn besides<P: Pages>(&self, pages: &P, of: Of) -> Result<Option<HotPage>, Failure> {
        if of == Of::Modules {
            return Ok(None);
        }
        if !self.links.is_empty() {
            // Whoever makes it knows its text.
            let text = ContentHash::of(b"");
            let styles = pages.sheets(&self.page, &self.links)?;
            return Ok(Some(HotPage { text, styles }));
        }
        match pages.entry(&self.page)? {
            Some(entry) => pages.page(&entry),
            None => Ok(None),
        }
    }

    /// The difference; `None`: something has changed meanwhile. `before`: the bodies that an attempt before has asked for.
    fn draft<P: Pages>(
        &self,
        pages: &P,
        of: Of,
        before: BTreeMap<String, HotBody>,
    ) -> Result<Option<Draft<P>>, Failure> {
        let mut draft = Draft {
            looks: Vec::with_capacity(self.entries.len()),
            bodies: BTreeMap::new(),
            page: self.besides(pages, of)?,
        };
        let compared = match of {
            Of::Besides => &[],
            Of::Modules | Of::All => &self.entries[..],
        };
        for known in compared {
            let Some(entry) = pages.entry(&known.id)? else {
                draft.looks.push(None);
                continue;
            };
            match self.look(pages, known, entry, &before, &mut draft.bodies)? {
                Some(look) => draft.looks.push(Some(look)),
                None => return Ok(None),
            }
        }
        Ok(Some(draft))
    }

    fn look<P: Pages>(
        &self,
        pages: &P,
        known: &Known,
        entry: P::Entry,
        before: &BTreeMap<String, HotBody>,
        bodies: &mut BTreeMap<String, HotBody>,
    ) -> Result<Option<Look<P>>, Failure> {
        let standing = pages.standing(&entry)?;
        let outline = pages.outline(&standing);
        let mut shelves = Vec::new();
        let is_same = known.body == Some(outline.body);
        let as_many = known.shelves.len() == outline.shelves.len();
        for (number, hash) in outline.shelves.iter().enumerate() {
            let shelf = known.shelves.get(number).filter(|_| as_many);
            if is_same || shelf.is_some_and(|shelf| shelf.hash == Some(*hash)) {
                continue;
            }
            let mut shelf = Shelf::empty(Some(*hash));
            let Some(pieces) = pages.shelf(&entry, &standing, number)? else {
                return Ok(None);
            };
            for piece in pieces {
                let Name { id, hash, is_fault } = pages.name(&piece);
                shelf.has_fault |= is_fault;
                shelf.ids.push(id.to_owned());
                if self.has.get(id) == Some(&Some(hash)) {
                    continue;
                }
                let is_it = |body: &&HotBody| body.hash == hash;
                let known = bodies.get(id).or_else(|| before.get(id));
                let body = match known.filter(is_it) {
                    Some(body) => Some(body.clone()),
                    None => pages.body(&piece)?,
                };
                let Some(body) = body else { return Ok(None) };
                if body.hash != hash {
                    // It has changed since: this shelf was never compared.
                    shelf.hash = None;
                }
                bodies.insert(id.to_owned(), body);
            }
            shelves.push((number, shelf));
        }
        let count = (!is_same).then_some(outline.shelves.len());
        Ok(Some(Look {
            entry,
            standing,
            shelves,
            count,
        }))
    }

    /// Whether something has changed since it was asked.
    fn has_moved<P: Pages>(&self, pages: &P, of: Of, draft: &Draft<P>) -> Result<bool, Failure> {
        for look in draft.looks.iter().flatten() {
            let now = pages.standing(&look.entry)?;
            if pages.outline(&now).body != pages.outline(&look.standing).body {
                return Ok(true);
            }
        }
        Ok(self.besides(pages, of)? != draft.page)
    }

    /// Makes the difference the page's.
    fn take<P: Pages>(&mut self, pages: &P, of: Of, draft: Draft<P>, time: u64) -> Step {
        let mut update = Update {
            changes: draft.bodies,
            ..Update::default()
        };
        let mut reason = None;
        if let Some(page) = draft.page
            && self.take_page(page, &mut update.styles)
        {
            reason = Some(format!("{} changed", self.page.trim_start_matches('/')));
        }
        let mut left = Vec::new();
        let is_whole = of != Of::Besides && draft.looks.iter().all(Option::is_some);
        for (at, look) in draft.looks.into_iter().enumerate() {
            let Some(look) = look else { continue };
            let outline = pages.outline(&look.standing);
            for (id, name) in outline.files {
                match self.files.insert(id.clone(), name.clone()) {
                    Some(before) if before == *name => continue,
                    Some(_) => reason = Some(format!("{} changed", id.trim_start_matches('/'))),
                    None => {}
                }
                update.files.insert(id.clone(), name.clone());
            }
            if let Some(count) = look.count {
                let body = outline.body;
                self.take_shelves(at, body, count, look.shelves, &mut left);
            }
        }
        for (id, body) in &update.changes {
            self.has.insert(id.clone(), Some(body.hash));
        }
        update.gone = self.gone(left, is_whole);
        match reason {
            Some(reason) => Step::Reload(update::reload(&reason)),
            None if update.is_empty() => Step::Nothing,
            None => Step::Send(update.message(time)),
        }
    }

    /// The modules that no entry imports any more, of those that may be such. While an entry is not there, or a module does not
    /// compile, nothing is gone: the page goes on with what it had, and what that imported may come back at once.
    fn gone(&mut self, mut left: Vec<String>, is_whole: bool) -> Vec<String> {
        let mut shelves = self.entries.iter().flat_map(|known| &known.shelves);
        if !is_whole || shelves.any(|shelf| shelf.has_fault) {
            self.has_strangers |= !left.is_empty();
            return Vec::new();
        }
        if std::mem::take(&mut self.has_strangers) {
            left = self.has.keys().cloned().collect();
        }
        left.retain(|id| !self.members.contains_key(id) && self.has.remove(id).is_some());
        left.sort();
        left
    }

    /// Whether the page must be loaded anew.
    fn take_page(&mut self, page: HotPage, changed: &mut BTreeMap<String, HotStyle>) -> bool {
        let text = page.text.to_hex();
        let is_other = self.text.as_ref().is_some_and(|known| *known != text);
        self.text = Some(text);
        let styles: BTreeMap<String, HotStyle> = page.styles.into_iter().collect();
        if let Some(known) = &self.styles {
            let plain = std::mem::take(&mut self.plain);
            let is_other = |(id, style): &(&String, &HotStyle)| {
                let is_taken = plain.contains(*id) && matches!(style, HotStyle::Link(_));
                !is_taken && known.get(*id) != Some(*style)
            };
            let others = styles.iter().filter(is_other);
            changed.extend(others.map(|(id, style)| (id.clone(), style.clone())));
        }
        self.styles = Some(styles);
        is_other
    }

    /// `left`: the ids that were on a shelf that is another one now.
    fn take_shelves(
        &mut self,
        at: usize,
        body: ContentHash,
        count: usize,
        shelves: Vec<(usize, Shelf)>,
        left: &mut Vec<String>,
    ) {
        let known = &mut self.entries[at];
        let is_whole = shelves.iter().all(|(_, shelf)| shelf.hash.is_some());
        known.body = is_whole.then_some(body);
        let mut before = Vec::new();
        if known.shelves.len() != count {
            before.append(&mut known.shelves);
            known.shelves = vec![Shelf::empty(None); count];
        }
        for (number, shelf) in shelves {
            for id in &shelf.ids {
                *self.members.entry(id.clone()).or_default() += 1;
            }
            before.push(std::mem::replace(&mut known.shelves[number], shelf));
        }
        for id in before.into_iter().flat_map(|shelf| shelf.ids) {
            if let Some(count) = self.members.get_mut(&id) {
                *count -= 1;
                if *count == 0 {
                    self.members.remove(&id);
                }
            }
            left.push(id);
        }
    }
}
