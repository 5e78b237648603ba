//! Signals that ask for the end.

use std::sync::{Arc, Mutex, PoisonError};

use crate::app::{Error, Result};

/// SIGINT, SIGTERM and SIGHUP (signal(7)), from before there is anything to end: one that comes meanwhile is not lost.
pub(super) struct Signals(Arc<Mutex<Caught>>);

enum Caught {
    Nothing,
    Early,
    Leads(Box<dyn Fn() + Send>),
    Ending,
}

impl Signals {
    /// Catches them from now on.
    ///
    /// # Errors
    /// [`Error::Internal`] where the system refuses.
    pub(super) fn catch() -> Result<Self> {
        let caught = Arc::new(Mutex::new(Caught::Nothing));
        let shared = caught.clone();
        ctrlc::set_handler(move || {
            let mut caught = shared.lock().unwrap_or_else(PoisonError::into_inner);
            match std::mem::replace(&mut *caught, Caught::Ending) {
                Caught::Nothing | Caught::Early => *caught = Caught::Early,
                Caught::Leads(stop) => {
                    drop(caught);
                    stop();
                }
                Caught::Ending => {}
            }
        })
        .map_err(|cause| Error::Internal(format!("cannot catch signals: {cause}")))?;
        Ok(Self(caught))
    }

    /// What they lead to, also those that came already; once.
    pub(super) fn lead_to(&self, stop: impl Fn() + Send + 'static) {
        let mut caught = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *caught {
            Caught::Early => {
                *caught = Caught::Ending;
                drop(caught);
                stop();
            }
            _ => *caught = Caught::Leads(Box::new(stop)),
        }
    }
}
