//! How files are opened: what is agreed on with the kernel at the start, and which way it serves what is open.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

use fuser::{FileHandle, FopenFlags, INodeNo, InitFlags, KernelConfig, Notifier, ReplyOpen};

use super::convert::errno;
use super::passthrough::registered;
use crate::fs::Fs;
use crate::fs::computed::Opened;
use crate::fs::source::{Handle, OpenKind};
use crate::fs::types::Result;

/// The largest request, in bytes.
const MAX_TRANSFER: u32 = 1 << 20;

/// Up to so many bytes are copied by a thread that serves requests.
const READ_AT_ONCE: u32 = 256 << 10;

/// Up to so many bytes are handed to the kernel with the open, so that it need not ask for them.
const HANDED: usize = 64 << 10;

/// What all threads that serve requests share.
pub(super) struct Shared {
    pub(super) fs: Arc<Fs>,
    pub(super) passthrough: Arc<AtomicBool>,
    /// Known once it is mounted.
    pub(super) notifier: Arc<OnceLock<Notifier>>,
    /// Held while bytes are handed to the kernel.
    pub(super) handing: Mutex<()>,
}

/// What the kernel offers.
pub(super) struct Offered {
    /// Serving files by itself.
    pub(super) passthrough: bool,
    /// Mapping files that are read past its page cache.
    pub(super) mapped_direct: bool,
}

/// Agrees on what the kernel may do.
pub(super) fn negotiate(config: &mut KernelConfig) -> Offered {
    let wanted = [
        InitFlags::FUSE_ASYNC_DIO,
        // A descriptor that was opened before a change behind the mount reads what is there after it: the kernel
        // asks for the attributes before it answers from its pages, and drops pages of another time or size. What
        // lives long (an output's version) and what is passed through costs nothing by this.
        InitFlags::FUSE_AUTO_INVAL_DATA,
        InitFlags::FUSE_DONT_MASK,
        InitFlags::FUSE_PARALLEL_DIROPS,
        InitFlags::FUSE_POSIX_LOCKS,
    ];
    for capability in wanted {
        if config.add_capabilities(capability).is_err() {
            tracing::debug!("the kernel does not offer {capability:?}");
        }
    }
    // Two levels, so that sources on overlayfs (containers) can be passed through as well.
    let passthrough = config.set_max_stack_depth(2).is_ok()
        && config.add_capabilities(InitFlags::FUSE_PASSTHROUGH).is_ok();
    let mapped_direct = config
        .add_capabilities(InitFlags::FUSE_DIRECT_IO_ALLOW_MMAP)
        .is_ok();
    // Each of these answers a value out of its range with the nearest that is not.
    if let Err(nearest) = config.set_max_write(MAX_TRANSFER) {
        config.set_max_write(nearest).ok();
    }
    if let Err(nearest) = config.set_max_readahead(MAX_TRANSFER) {
        config.set_max_readahead(nearest).ok();
    }
    config.set_max_background(64).ok();
    Offered {
        passthrough,
        mapped_direct,
    }
}

impl Shared {
    /// How the kernel is to treat an open source file.
    pub(super) fn source_flags(flags: i32, open: &OpenKind, locked: bool) -> FopenFlags {
        let mut told = match open {
            OpenKind::Cached { keep: true } => FopenFlags::FOPEN_KEEP_CACHE,
            OpenKind::Cached { keep: false } | OpenKind::Passthrough(_) => FopenFlags::empty(),
            OpenKind::Direct => FopenFlags::FOPEN_DIRECT_IO,
        };
        // The kernel opens the file that it serves with the same flags, and does not hear of `fcntl(F_SETFL)`: what was
        // opened with O_DIRECT would refuse a last part for ever (`dd` takes the flag away for that). So this is read and
        // written by us, beside those that the kernel serves.
        if flags & libc::O_DIRECT != 0 && matches!(open, OpenKind::Passthrough(_)) {
            told |= FopenFlags::FOPEN_DIRECT_IO;
        }
        // What was only read has no error to tell at close(2), and the locks that were taken through it go with the
        // handle. Not so where there are locks already: any close(2) gives up all that its process has on the file.
        if flags & libc::O_ACCMODE == libc::O_RDONLY && !locked {
            told |= FopenFlags::FOPEN_NOFLUSH;
        }
        told
    }

    pub(super) fn reply_source_open(
        &self,
        flags: i32,
        opened: (Handle, OpenKind),
        reply: ReplyOpen,
    ) {
        let (handle, open) = opened;
        let told = Self::source_flags(flags, &open, self.fs.source().is_locked(handle));
        let fh = FileHandle(handle.0);
        if let OpenKind::Passthrough(backing) = &open
            && let Some(id) = registered(backing, |file| reply.open_backing(file))
        {
            return reply.opened_passthrough(fh, told, id);
        }
        reply.opened(fh, told);
    }

    pub(super) fn reply_computed_open(
        &self,
        ino: INodeNo,
        opened: Result<Opened>,
        reply: ReplyOpen,
    ) {
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => return reply.error(errno(error)),
        };
        let fh = FileHandle(opened.handle.0);
        if opened.stream {
            let told = FopenFlags::FOPEN_DIRECT_IO | FopenFlags::FOPEN_NOFLUSH;
            return reply.opened(fh, told);
        }
        self.hand(ino, &opened);
        // Never a passthrough descriptor: a file of the store is looked at again whenever it is read.
        let told = FopenFlags::FOPEN_KEEP_CACHE | FopenFlags::FOPEN_NOFLUSH;
        reply.opened(fh, told);
    }

    /// Gives the kernel the pages of a small version before anybody can ask for them: a request fewer for each.
    ///
    /// The kernel waits where such a page is being read already, which takes another thread's answer. So this is done at
    /// the first open alone, and by one thread at a time: there are always others to answer.
    fn hand(&self, ino: INodeNo, opened: &Opened) {
        let (true, Some(bytes)) = (opened.is_first, opened.content.in_memory()) else {
            return;
        };
        if bytes.is_empty() || bytes.len() > HANDED {
            return;
        }
        let (Some(notifier), Ok(_handing)) = (self.notifier.get(), self.handing.try_lock()) else {
            return;
        };
        if let Err(error) = notifier.store(ino, 0, bytes) {
            // It asks for them, then.
            tracing::debug!("the kernel takes no pages: {error}");
        }
    }

    /// What is asked for where the source's pages are in memory; `None` where a disk may have to be waited for.
    pub(super) fn read_source_now(
        &self,
        handle: Handle,
        offset: u64,
        size: u32,
    ) -> Option<Result<Vec<u8>>> {
        if size > READ_AT_ONCE {
            return None;
        }
        let mut buffer = vec![0; size as usize];
        let filled = self.fs.source().read_now(handle, offset, &mut buffer)?;
        Some(filled.map(|filled| {
            buffer.truncate(filled);
            buffer
        }))
    }

    pub(super) fn read_source(&self, handle: Handle, offset: u64, size: u32) -> Result<Vec<u8>> {
        let mut buffer = vec![0; size as usize];
        let filled = self.fs.source().read(handle, offset, &mut buffer)?;
        buffer.truncate(filled);
        Ok(buffer)
    }
}
