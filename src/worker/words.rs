//! What a worker says on its standard error: nobody reads it, but for its last words.

use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::process::ChildStderr;

/// The most bytes of its last words that are told.
const MOST: usize = 64 << 10;

/// See the module.
pub(super) struct Words {
    /// Until it is closed.
    pipe: Option<ChildStderr>,
    last: Vec<u8>,
}

impl Words {
    /// Of this pipe; of none, where it can't be read without waiting.
    pub(super) fn new(pipe: Option<ChildStderr>) -> Self {
        let at_once = |pipe: &ChildStderr| {
            let descriptor = pipe.as_raw_fd();
            // SAFETY: both calls read and set flags of a descriptor that is open.
            unsafe {
                let flags = libc::fcntl(descriptor, libc::F_GETFL);
                flags >= 0 && libc::fcntl(descriptor, libc::F_SETFL, flags | libc::O_NONBLOCK) >= 0
            }
        };
        Self {
            pipe: pipe.filter(at_once),
            last: Vec::new(),
        }
    }

    /// What there is to be waited for.
    pub(super) fn pipe(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    /// Takes what has been said, so that a worker that says much is never held up; of that, the end is kept. Gives whether
    /// there was something.
    pub(super) fn take(&mut self) -> bool {
        let before = self.last.len();
        let mut piece = [0; 4096];
        // As much as a pipe holds, and then whoever reads has other things to do.
        for _ in 0..MOST / piece.len() {
            let Some(pipe) = &mut self.pipe else {
                break;
            };
            match pipe.read(&mut piece) {
                Ok(0) => self.pipe = None,
                Ok(count) => self
                    .last
                    .extend_from_slice(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // What can't be read is no more than less to tell.
                Err(_) => self.pipe = None,
            }
        }
        let has_said = self.last.len() > before;
        let surplus = self.last.len().saturating_sub(MOST);
        self.last.drain(..surplus);
        has_said
    }

    /// The last words.
    pub(super) fn last(&mut self) -> String {
        self.take();
        String::from_utf8_lossy(&self.last).into_owned()
    }
}
