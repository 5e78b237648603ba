//! Descriptors that the kernel reads and writes by itself: one registration per inode while it is open, since the
//! kernel answers a mixture of descriptors or modes on one inode with EIO.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::{Arc, Mutex, PoisonError};

use fuser::BackingId;

use crate::fs::types::Ino;

/// What is registered, with the number of open handles.
#[derive(Default)]
pub struct Backings(Mutex<HashMap<Ino, (Registration, usize)>>);

/// How an inode is open. It stays so until the last handle is closed.
#[derive(Clone)]
pub enum Registration {
    /// The kernel serves it.
    Kernel(Arc<BackingId>),
    /// The kernel refused: we serve it.
    Refused,
}

impl Backings {
    /// The registration of an inode that is being opened, made by `register` for the first handle. Each call is taken
    /// back by [`Backings::release`].
    pub fn open(&self, ino: Ino, register: impl FnOnce() -> io::Result<BackingId>) -> Registration {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The lock is held while the kernel registers (no I/O), so that two first opens make one registration.
        let (registration, opens) = table.entry(ino).or_insert_with(|| {
            let registration = match register() {
                Ok(backing) => Registration::Kernel(Arc::new(backing)),
                Err(cause) => {
                    tracing::debug!("no passthrough: {cause}");
                    Registration::Refused
                }
            };
            (registration, 0)
        });
        *opens += 1;
        registration.clone()
    }

    /// A handle was closed; nothing happens for an inode that was not opened here.
    pub fn release(&self, ino: Ino) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, opens)) = table.get_mut(&ino) else {
            return;
        };
        *opens -= 1;
        let last = match *opens {
            0 => table.remove(&ino),
            _ => None,
        };
        drop(table);
        drop(last);
    }
}

/// Whether the kernel lets this process register descriptors (it asks for CAP_SYS_ADMIN), tried on an empty file in
/// memory.
pub fn is_permitted(device: impl AsFd) -> bool {
    /// `FUSE_DEV_IOC_BACKING_CLOSE`, `_IOW(229, 2, uint32_t)` of linux/fuse.h.
    const BACKING_CLOSE: libc::c_ulong = 0x4004_e502;
    let Ok(file) = rustix::fs::memfd_create(c"hookfs", rustix::fs::MemfdFlags::CLOEXEC) else {
        return false;
    };
    let device = device.as_fd();
    match BackingId::create_raw(device, &file) {
        Ok(id) => {
            // SAFETY: the ioctl reads one `u32` through the pointer, which is valid for the call.
            unsafe { libc::ioctl(device.as_raw_fd(), BACKING_CLOSE as _, &raw const id) };
            true
        }
        Err(cause) => {
            tracing::debug!("passthrough is not permitted: {cause}");
            false
        }
    }
}
