//! Messages to a worker, from whichever thread has some.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A queue of messages with a bell, which wakes the thread that talks with the worker.
#[derive(Debug)]
pub struct Post {
    queue: Mutex<VecDeque<Vec<u8>>>,
    /// Whether the bell was rung and is not heard yet.
    is_rung: AtomicBool,
    rope: UnixStream,
    bell: UnixStream,
}

impl Post {
    /// An empty one.
    ///
    /// # Errors
    /// Where the system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let (rope, bell) = UnixStream::pair()?;
        rope.set_nonblocking(true)?;
        bell.set_nonblocking(true)?;
        Ok(Self {
            queue: Mutex::default(),
            is_rung: AtomicBool::new(false),
            rope,
            bell,
        })
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a message, in its turn.
    pub fn send(&self, message: Vec<u8>) {
        self.queue().push_back(message);
        self.ring();
    }

    /// Wakes the thread that talks with the worker.
    pub fn ring(&self) {
        if !self.is_rung.swap(true, Ordering::SeqCst) {
            // There is room for it: no other is on its way.
            let _ = (&self.rope).write(&[0]);
        }
    }

    /// Where the bell is heard.
    pub(super) fn bell(&self) -> &UnixStream {
        &self.bell
    }

    /// The bell was heard; whatever is sent from now on rings it anew.
    pub(super) fn heard(&self) {
        let mut rings = [0; 64];
        loop {
            match (&self.bell).read(&mut rings) {
                Ok(count) if count < rings.len() => break,
                Err(error) if error.kind() != ErrorKind::Interrupted => break,
                _ => {}
            }
        }
        self.is_rung.swap(false, Ordering::SeqCst);
    }

    /// The next message.
    pub(super) fn take(&self) -> Option<Vec<u8>> {
        self.queue().pop_front()
    }
}
