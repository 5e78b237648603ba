//! Files that the kernel reads and writes by itself.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use fuser::BackingId;

use crate::fs::source::Backing;

/// What came of registering a file. It stays so as long as the file is open, since the kernel answers a mixture of
/// files or modes on one inode with EIO.
enum Registration {
    /// The kernel serves it.
    Kernel(BackingId),
    /// The kernel refused: we serve it.
    Refused,
}

/// The kernel's number for a file, which `register` asks for where nobody has yet; `None` where the kernel refused.
pub(super) fn registered(
    backing: &Backing,
    register: impl FnOnce(&OwnedFd) -> io::Result<BackingId>,
) -> Option<&BackingId> {
    let made = backing.registered(|| match register(&backing.file) {
        Ok(id) => Registration::Kernel(id),
        Err(cause) => {
            tracing::debug!("no passthrough: {cause}");
            Registration::Refused
        }
    });
    match made {
        Some(Registration::Kernel(id)) => Some(id),
        Some(Registration::Refused) | None => None,
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
