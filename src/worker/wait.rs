//! Waiting for a socket.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Waits until one of `events` (poll(2)) has come, or the other end is closed: true. False: the time is over, or a signal
/// came. Something to read at one of `others` ends the wait, too.
///
/// # Errors
/// Those of poll(2).
pub(super) fn wait(
    stream: &UnixStream,
    events: libc::c_short,
    others: [Option<BorrowedFd<'_>>; 2],
    longest: Option<Duration>,
) -> io::Result<bool> {
    let asked = |descriptor: libc::c_int, events| libc::pollfd {
        // Negative ones are passed over (poll(2)).
        fd: descriptor,
        events,
        revents: 0,
    };
    let other = |other: Option<BorrowedFd<'_>>| {
        asked(other.map_or(-1, |other| other.as_raw_fd()), libc::POLLIN)
    };
    let [first, second] = others.map(other);
    let mut all = [asked(stream.as_raw_fd(), events), first, second];
    let count = libc::nfds_t::try_from(all.len()).unwrap_or(libc::nfds_t::MAX);
    // Whatever is left of a millisecond is waited for: who waits for a time does not come too early.
    let longest = longest.map_or(-1, |time| {
        let whole = time.as_millis() + u128::from(time.subsec_nanos() % 1_000_000 > 0);
        i32::try_from(whole).unwrap_or(i32::MAX)
    });
    // SAFETY: the pointer is to at least as many structures as are counted, and is used during the call only.
    match unsafe { libc::poll(all.as_mut_ptr(), count, longest) } {
        0 => Ok(false),
        1.. => Ok(true),
        _ => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            error => Err(error),
        },
    }
}
