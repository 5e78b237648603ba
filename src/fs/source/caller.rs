//! Creating as somebody else: the caller's ids and umask, for the length of one system call of one thread.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use rustix::thread::{
    CapabilitySets, UnshareFlags, capabilities, set_capabilities, unshare_unsafe,
};

use super::super::types::{Caller, Errno, Result};

thread_local! {
    /// Whether this thread has a umask of its own; `None` where it has not tried.
    static OWN_UMASK: Cell<Option<bool>> = const { Cell::new(None) };
}

/// Where threads cannot have a umask each, the one of the process is lent to one at a time.
static SHARED_UMASK: Mutex<()> = Mutex::new(());

/// Runs `create` so that what it makes has the caller's owner and group by the source file system's own rules
/// (set-group-id directories, default ACLs, quotas).
///
/// # Errors
/// EPERM where the caller is somebody else and this process may not act for others; else what `create` gives.
pub(super) fn as_caller<T>(
    caller: &Caller,
    umask: u32,
    create: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let ids = Ids::take(caller)?;
    let made = with_umask(umask, create);
    drop(ids);
    made
}

/// The file-system ids of this thread (credentials(7)), given back when dropped.
struct Ids {
    own: Option<(u32, u32)>,
}

impl Ids {
    fn take(caller: &Caller) -> Result<Self> {
        let own = (
            rustix::process::geteuid().as_raw(),
            rustix::process::getegid().as_raw(),
        );
        if own == (caller.uid, caller.gid) {
            return Ok(Self { own: None });
        }
        // From here on, dropping `ids` gives back whatever was taken.
        let ids = Self { own: Some(own) };
        let full = capabilities(None)?;
        set_group(caller.gid)?;
        if caller.uid != own.0 {
            set_user(caller.uid)?;
            keep_capabilities(full)?;
        }
        Ok(ids)
    }
}

impl Drop for Ids {
    fn drop(&mut self) {
        if let Some((uid, gid)) = self.own {
            // Back to the effective ids, which is always allowed (setfsuid(2)); the capabilities come back with them.
            let _ = set_user(uid);
            let _ = set_group(gid);
        }
    }
}

/// Leaving uid 0 took the file capabilities from the effective set. The kernel has checked the caller's permissions,
/// supplementary groups included, so what remains is to create.
fn keep_capabilities(full: CapabilitySets) -> Result<()> {
    set_capabilities(None, full)?;
    Ok(())
}

fn set_user(uid: u32) -> Result<()> {
    // SAFETY: setfsuid has no memory effects; it concerns the calling thread only. Asking for -1 changes nothing and
    // gives the present id, the only way to learn whether it was set (setfsuid(2)).
    let now = unsafe {
        libc::setfsuid(uid);
        libc::setfsuid(u32::MAX)
    };
    if now.cast_unsigned() == uid {
        Ok(())
    } else {
        Err(Errno(libc::EPERM))
    }
}

fn set_group(gid: u32) -> Result<()> {
    // SAFETY: as for setfsuid.
    let now = unsafe {
        libc::setfsgid(gid);
        libc::setfsgid(u32::MAX)
    };
    if now.cast_unsigned() == gid {
        Ok(())
    } else {
        Err(Errno(libc::EPERM))
    }
}

/// The umask of before, given back when dropped.
struct Umask(libc::mode_t);

impl Drop for Umask {
    fn drop(&mut self) {
        // SAFETY: umask has no memory effects.
        unsafe { libc::umask(self.0) };
    }
}

fn with_umask<T>(umask: u32, create: impl FnOnce() -> T) -> T {
    let own = OWN_UMASK.get().unwrap_or_else(|| {
        // SAFETY: only the working directory, root and umask become this thread's own; descriptors stay shared.
        let own = unsafe { unshare_unsafe(UnshareFlags::FS) }.is_ok();
        OWN_UMASK.set(Some(own));
        own
    });
    let shared = (!own).then(|| SHARED_UMASK.lock().unwrap_or_else(PoisonError::into_inner));
    // SAFETY: umask has no memory effects.
    let before = Umask(unsafe { libc::umask(umask & 0o777) });
    let made = create();
    drop(before);
    drop(shared);
    made
}
