//! Hot updates: what a page has, and what it must get to have what the sources give now.
//!
//! ```text
//! said       what a page may say
//! pages      what pages consist of: asked of the graph
//! early      what of an edit need not wait for hooks
//! session    one page: the difference between what it has and what there is now
//! update     that difference as a message
//! sessions   the threads: one for each page, and one that wakes them
//! ```
//!
//! A page says what it has, module by module with its hash; from then on the session knows. An update is the difference
//! between that and what the page's entries consist of *now*, so that order, edits that come while the page is busy, and a
//! connection that was lost are one mechanism, and no edit can be missed.
//!
//! # Threads
//! A page's session is one thread's. It sleeps until the page says something or the sources have changed, asks the graph,
//! whose own threads compute as for any reader, and sends; while the page does not take what was sent, it waits, and what
//! changes meanwhile is in the next difference. Another thread waits for changes, and wakes the sessions once no file is half
//! of what it will be. There is one while there are pages; without any nothing is computed. The thread that hears a page only
//! leaves a note.

mod early;
mod pages;
mod said;
mod session;
mod sessions;
#[cfg(test)]
mod tests;
mod update;

pub use pages::{GraphPages, Name, Outline, Pages};
pub use said::{Hello, Malformed, Said};
pub use session::{Session, Step};
pub use sessions::{Ear, Outlet, Sessions, UNHEARD, unheard};
