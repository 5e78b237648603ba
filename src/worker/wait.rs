//! Waiting for a socket.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Waits until one of `events` (poll(2)) has come, or the other end is closed: true. False: the time is over, or a signal
/// came.
///
/// # Errors
/// Those of poll(2).
pub(super) fn wait(
    stream: &UnixStream,
    events: libc::c_short,
    longest: Option<Duration>,
) -> io::Result<bool> {
    let mut asked = libc::pollfd {
        fd: stream.as_raw_fd(),
        events,
        revents: 0,
    };
    let longest = longest.map_or(-1, |time| {
        i32::try_from(time.as_millis()).unwrap_or(i32::MAX)
    });
    // SAFETY: the pointer is to the one structure that is counted, and is used during the call only.
    match unsafe { libc::poll(&mut asked, 1, longest) } {
        0 => Ok(false),
        1.. => Ok(true),
        _ => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            error => Err(error),
        },
    }
}
