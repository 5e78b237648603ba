//! The content of open files. Everything here may block as long as the disk does.

use std::os::fd::{AsRawFd, OwnedFd};

use rustix::fs::OFlags;
use rustix::io::{Errno as Sys, ReadWriteFlags};

use super::super::types::{Errno, Result};
use super::names::reopen;
use super::place::proc_path;
use super::{Handle, SourceFs, WriteFlags};

/// RWF_NOAPPEND (Linux 6.9): the offset counts although the descriptor has O_APPEND (readv(2)).
const RWF_NOAPPEND: i32 = 0x20;

impl SourceFs {
    /// Fills `buffer` as far as the file goes: fewer bytes mean its end.
    ///
    /// # Errors
    /// As pread(2).
    pub fn read(&self, handle: Handle, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let open = self.file(handle)?;
        let mut done = 0;
        while done < buffer.len() {
            match rustix::io::pread(&*open.file, &mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(Sys::INTR) => {}
                // What was read is answered first; the error comes again with the next request.
                Err(_) if done > 0 => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(done)
    }

    /// As [`SourceFs::read`] where the pages are in memory; `None` where a disk may have to be waited for.
    ///
    /// # Errors
    /// As pread(2).
    pub fn read_now(
        &self,
        handle: Handle,
        offset: u64,
        buffer: &mut [u8],
    ) -> Option<Result<usize>> {
        let open = match self.file(handle) {
            Ok(open) => open,
            Err(error) => return Some(Err(error)),
        };
        let mut done = 0;
        while done < buffer.len() {
            let mut rest = [std::io::IoSliceMut::new(&mut buffer[done..])];
            let at = offset + done as u64;
            match rustix::io::preadv2(&*open.file, &mut rest, at, ReadWriteFlags::NOWAIT) {
                // The end of the file; but Linux 5.9 and 5.10 say so where a page is not in memory (preadv2(2), BUGS).
                Ok(0) if self.ends_at(&open.file, at) => break,
                Ok(0) => return None,
                Ok(count) => done += count,
                Err(Sys::INTR) => {}
                // Not in memory, or a file system that does not know the flag.
                Err(Sys::AGAIN | Sys::OPNOTSUPP) => return None,
                Err(error) => return Some(Err(error.into())),
            }
        }
        Some(Ok(done))
    }

    fn ends_at(&self, file: &OwnedFd, offset: u64) -> bool {
        self.stat(file).is_ok_and(|stat| stat.size() <= offset)
    }

    /// Writes, and gives how many bytes were taken (fewer only where the next attempt fails).
    ///
    /// # Errors
    /// As pwrite(2).
    pub fn write(
        &self,
        handle: Handle,
        offset: u64,
        data: &[u8],
        flags: WriteFlags,
    ) -> Result<usize> {
        let open = self.file(handle)?;
        let append = !flags.from_cache && flags.open_flags & libc::O_APPEND != 0;
        let mut how = 0;
        match (append, open.flags & libc::O_APPEND != 0) {
            (true, false) => how |= libc::RWF_APPEND,
            (false, true) => how |= RWF_NOAPPEND,
            _ => {}
        }
        if flags.open_flags & libc::O_SYNC == libc::O_SYNC {
            how |= libc::RWF_SYNC;
        } else if flags.open_flags & libc::O_DSYNC != 0 {
            how |= libc::RWF_DSYNC;
        }
        if flags.kill_privileges {
            self.drop_set_ids(&open.file)?;
        }
        let offset = i64::try_from(offset).map_err(|_| Errno(libc::EFBIG))?;
        let mut done = 0;
        while done < data.len() {
            let at = offset + i64::try_from(done).map_err(|_| Errno(libc::EFBIG))?;
            match write_at(&open.file, at, &data[done..], how) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(Errno(libc::EINTR)) => {}
                Err(_) if done > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// Clears set-user-id, and set-group-id where it is not a mandatory-locking mark (write(2)).
    fn drop_set_ids(&self, file: &OwnedFd) -> Result<()> {
        let mode = self.stat(file)?.mode() & 0o7777;
        let group = if mode & libc::S_IXGRP == 0 {
            0
        } else {
            libc::S_ISGID
        };
        let cleared = mode & !(libc::S_ISUID | group);
        if cleared != mode {
            rustix::fs::fchmod(file, rustix::fs::Mode::from_raw_mode(cleared))?;
        }
        Ok(())
    }

    /// Makes what was written durable.
    ///
    /// # Errors
    /// As fsync(2).
    pub fn fsync(&self, handle: Handle, datasync: bool) -> Result<()> {
        let open = self.file(handle)?;
        sync(&open.file, datasync)
    }

    /// Reserves, frees or zeroes a range; `mode` as fallocate(2) has it.
    ///
    /// # Errors
    /// As fallocate(2).
    pub fn fallocate(&self, handle: Handle, offset: u64, length: u64, mode: i32) -> Result<()> {
        let open = self.file(handle)?;
        let mode = rustix::fs::FallocateFlags::from_bits_retain(mode.cast_unsigned());
        Ok(rustix::fs::fallocate(&*open.file, mode, offset, length)?)
    }

    /// SEEK_DATA and SEEK_HOLE (lseek(2)); the others the kernel does itself.
    ///
    /// # Errors
    /// As lseek(2).
    pub fn lseek(&self, handle: Handle, offset: i64, whence: i32) -> Result<i64> {
        let open = self.file(handle)?;
        // SAFETY: no memory effects; the position of this descriptor is used by nobody.
        let at = unsafe { libc::lseek(open.file.as_raw_fd(), offset, whence) };
        if at < 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        Ok(at)
    }

    /// Copies within the source's file system, by reference where it can.
    ///
    /// # Errors
    /// As copy_file_range(2); EXDEV and EOPNOTSUPP make the kernel copy by itself.
    pub fn copy_file_range(
        &self,
        from: Handle,
        mut from_offset: u64,
        to: Handle,
        mut to_offset: u64,
        length: u64,
    ) -> Result<usize> {
        let (from, to) = (self.file(from)?, self.file(to)?);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(rustix::fs::copy_file_range(
            &*from.file,
            Some(&mut from_offset),
            &*to.file,
            Some(&mut to_offset),
            length,
        )?)
    }
}

fn write_at(file: &OwnedFd, offset: i64, data: &[u8], how: i32) -> Result<usize> {
    let part = libc::iovec {
        iov_base: data.as_ptr().cast_mut().cast(),
        iov_len: data.len(),
    };
    // SAFETY: the vector describes `data`, which outlives the call and is only read.
    let count = unsafe { libc::pwritev2(file.as_raw_fd(), &raw const part, 1, offset, how) };
    if let Ok(count) = usize::try_from(count) {
        return Ok(count);
    }
    let error = Errno::of(&std::io::Error::last_os_error());
    if error == Errno(libc::EOPNOTSUPP) && how & RWF_NOAPPEND != 0 {
        // Before Linux 6.9: a descriptor without O_APPEND.
        let plain = reopen(file, OFlags::WRONLY | OFlags::CLOEXEC)?;
        return write_at(&plain, offset, data, how & !RWF_NOAPPEND);
    }
    Err(error)
}

pub(super) fn sync(file: &OwnedFd, datasync: bool) -> Result<()> {
    if datasync {
        Ok(rustix::fs::fdatasync(file)?)
    } else {
        Ok(rustix::fs::fsync(file)?)
    }
}

/// truncate(2) of the file of a descriptor, O_PATH included.
pub(super) fn truncate(file: &OwnedFd, size: u64) -> Result<()> {
    let size = i64::try_from(size).map_err(|_| Errno(libc::EFBIG))?;
    let path = std::ffi::CString::new(proc_path(file)).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: the path is a C string that outlives the call.
    if unsafe { libc::truncate(path.as_ptr(), size) } == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error().into())
    }
}
