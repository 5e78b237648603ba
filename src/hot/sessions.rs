//! The threads of the sessions, and the one that wakes them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, at, bounded, never, select};

use super::pages::Pages;
use super::said::{Hello, Said};
use super::session::{Of, Session, Step};
use super::update;
use crate::base::Told;
use crate::graph::{Event, Rest};

/// How long after a question had no answer it is asked again, where nothing changes before.
const AGAIN: Duration = Duration::from_secs(1);

/// The most events that are told to be heard by nobody.
pub const UNHEARD: usize = 32;

/// What is told of an event that nobody hears.
pub fn unheard(event: &str) -> String {
    let event = event.escape_debug();
    format!("a page has sent `{event}`, and no program listens")
}

/// The way to a page.
pub trait Outlet: Send + 'static {
    /// Sends a message once the one before is on its way. False: the page has gone. Blocks.
    fn send(&mut self, text: String) -> bool;
}

impl Outlet for Box<dyn Outlet> {
    fn send(&mut self, text: String) -> bool {
        (**self).send(text)
    }
}

/// The sessions of the pages that are open. See the module above for its threads.
pub struct Sessions<P: Pages> {
    shared: Arc<Shared<P>>,
}

struct Shared<P> {
    pages: P,
    /// The events that nobody heard.
    told: Told,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: Vec<Weak<Inbox>>,
    /// Dropping it ends the thread that waits for changes.
    watcher: Option<Sender<()>>,
}

/// What a session is told.
#[derive(Default)]
struct Inbox {
    notes: Mutex<Notes>,
    come: Condvar,
}

#[derive(Default)]
struct Notes {
    hello: Option<Hello>,
    /// When a change was seen that is not yet looked at, in milliseconds since 1970.
    changed: Option<u64>,
    /// What a comparison would have waited for is known.
    is_ready: bool,
    is_over: bool,
}

impl Inbox {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, write: impl FnOnce(&mut Notes)) {
        write(&mut self.notes());
        self.come.notify_all();
    }

    /// Waits for a note, at most for `patience` where that is given. `None`: it is over.
    fn take(&self, patience: Option<Duration>) -> Option<(Option<Hello>, Option<u64>)> {
        let mut notes = self.notes();
        while !(notes.is_over || notes.is_ready || notes.hello.is_some() || notes.changed.is_some())
        {
            let Some(patience) = patience else {
                notes = self
                    .come
                    .wait(notes)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let waited = self.come.wait_timeout(notes, patience);
            let (waited, ended) = waited.unwrap_or_else(PoisonError::into_inner);
            notes = waited;
            if ended.timed_out() {
                break;
            }
        }
        notes.is_ready = false;
        let found = (notes.hello.take(), notes.changed.take());
        (!notes.is_over).then_some(found)
    }
}

/// What hears a page; dropping it ends the session.
pub struct Ear<P: Pages> {
    inbox: Arc<Inbox>,
    shared: Arc<Shared<P>>,
}

impl<P: Pages> Ear<P> {
    /// Hears what the page says.
    pub fn hear(&self, said: Said) {
        match said {
            Said::Hello(hello) => self.inbox.note(|notes| notes.hello = Some(hello)),
            Said::Send { event, .. } => {
                if let Some(news) = self.shared.told.news(&unheard(&event)) {
                    tracing::info!("{news}");
                }
            }
        }
    }
}

impl<P: Pages> Drop for Ear<P> {
    fn drop(&mut self) {
        self.inbox.note(|notes| notes.is_over = true);
        let mut state = self.shared.state();
        let own = Arc::as_ptr(&self.inbox);
        state
            .open
            .retain(|other| !std::ptr::eq(other.as_ptr(), own));
        if state.open.is_empty() {
            state.watcher = None;
        }
    }
}

impl<P> Shared<P> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Pages> Sessions<P> {
    /// None yet, of these pages.
    pub fn new(pages: P) -> Self {
        let state = Mutex::default();
        Self {
            shared: Arc::new(Shared {
                pages,
                told: Told::new(UNHEARD),
                state,
            }),
        }
    }

    /// What they are asked of.
    pub fn pages(&self) -> &P {
        &self.shared.pages
    }

    /// How many pages are open.
    pub fn count(&self) -> usize {
        self.shared.state().open.len()
    }

    /// A page has come, to which `outlet` leads.
    ///
    /// # Errors
    /// Where the system has no thread left.
    pub fn connect(&self, outlet: impl Outlet) -> std::io::Result<Ear<P>> {
        let inbox = Arc::new(Inbox::default());
        {
            let mut state = self.shared.state();
            if state.watcher.is_none() {
                state.watcher = Some(start_watcher(&self.shared)?);
            }
            state.open.push(Arc::downgrade(&inbox));
        }
        let ear = Ear {
            inbox: inbox.clone(),
            shared: self.shared.clone(),
        };
        let shared = self.shared.clone();
        std::thread::Builder::new()
            .name("hot-page".into())
            .spawn(move || serve(&shared.pages, &inbox, outlet))?;
        Ok(ear)
    }
}

/// One page, until it has gone.
fn serve(pages: &impl Pages, inbox: &Arc<Inbox>, mut outlet: impl Outlet) {
    let mut session: Option<Session> = None;
    let mut is_greeting = false;
    let mut again = None;
    let mut time = None;
    // What is known has been waited for since the last change. What is computed anew whenever it is asked for is so, too.
    let mut waited: Vec<Of> = Vec::new();
    while let Some((hello, changed)) = inbox.take(again) {
        time = time.or(changed);
        if changed.is_some() {
            waited.clear();
        }
        if let Some(hello) = hello {
            session = Some(Session::new(hello));
            is_greeting = true;
        }
        again = None;
        let Some(session) = &mut session else {
            continue;
        };
        let at = time.unwrap_or_else(now);
        if !is_greeting {
            match session.early(pages, at) {
                Ok(None) => {}
                Ok(Some(text)) => {
                    if !outlet.send(text) {
                        return;
                    }
                }
                Err(failure) => tracing::debug!("nothing can be told early: {failure}"),
            }
        }
        // Once a page is greeted, modules do not wait for what else it has, and changes not for hooks.
        let all: &[Of] = match is_greeting {
            true => &[Of::All],
            false => &[Of::Modules, Of::Besides],
        };
        let mut is_done = true;
        for of in all {
            let inbox = Arc::downgrade(inbox);
            let ready = move || {
                if let Some(inbox) = inbox.upgrade() {
                    inbox.note(|notes| notes.is_ready = true);
                }
            };
            if !is_greeting && !waited.contains(of) && session.waits(pages, *of, ready) {
                waited.push(*of);
                is_done = false;
                break;
            }
            match session.step(pages, *of, at) {
                Ok(Step::Nothing) => {}
                Ok(Step::Send(text) | Step::Reload(text)) => {
                    if !outlet.send(text) {
                        return;
                    }
                }
                Ok(Step::Later(until)) => {
                    again = until.map(|until| until.saturating_duration_since(Instant::now()));
                    is_done = false;
                    break;
                }
                Err(failure) => {
                    tracing::debug!("what a page consists of cannot be told: {failure}");
                    again = Some(AGAIN);
                    is_done = false;
                    break;
                }
            }
        }
        if !is_done {
            continue;
        }
        time = None;
        if std::mem::take(&mut is_greeting) && !outlet.send(update::READY.to_owned()) {
            return;
        }
    }
}

/// Starts the thread that waits for changes. What happens after this call it knows of.
fn start_watcher<P: Pages>(shared: &Arc<Shared<P>>) -> std::io::Result<Sender<()>> {
    let (stopper, stopped) = bounded(0);
    let events = shared.pages.changes();
    let hurry = shared.pages.hurry();
    let shared = shared.clone();
    std::thread::Builder::new()
        .name("hot".into())
        .spawn(move || {
            watch(&shared, &events, &stopped);
            drop(hurry);
        })?;
    Ok(stopper)
}

/// Wakes the sessions when the sources have changed, once no file is half of what it will be.
fn watch<P: Pages>(shared: &Shared<P>, events: &Receiver<Event>, stopped: &Receiver<()>) {
    let mut seen: Option<u64> = None;
    loop {
        let mut timer = never();
        if let Some(time) = seen {
            match shared.pages.rest() {
                Rest::Until(until) => timer = at(until),
                Rest::Since(_) => {
                    seen = None;
                    let open = shared.state().open.clone();
                    for inbox in open.iter().filter_map(Weak::upgrade) {
                        inbox.note(|notes| _ = notes.changed.get_or_insert(time));
                    }
                }
            }
        }
        select! {
            recv(events) -> event => match event {
                Ok(Event::Changed(_)) => _ = seen.get_or_insert_with(now),
                Ok(_) => {}
                Err(_) => return,
            },
            recv(stopped) -> _ => return,
            recv(timer) -> _ => {}
        }
    }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}
