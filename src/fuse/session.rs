//! A mount's life: from the checks to the end of the daemon.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select};
use fuser::{BackgroundSession, Config, MountOption, SessionACL};

use super::adapter::Adapter;
use super::error::MountError;
use super::mountinfo::mounts;
use super::pool::Pool;
use super::{mountpoint, passthrough};
use crate::fs::Fs;

/// How long requests under way may take after a lazy unmount while files are still open.
const GRACE: Duration = Duration::from_secs(3);

/// How often they are looked at, and in how many looks in a row none may be seen.
const LOOK: Duration = Duration::from_millis(10);
const QUIET_LOOKS: u32 = 5;

/// How to mount.
#[derive(Clone, Debug)]
pub struct MountOptions {
    /// The source directory as the user gave it, for checks and for `findmnt`.
    pub source: PathBuf,
    /// The kernel refuses every change.
    pub read_only: bool,
    /// Other users may come; the kernel checks permissions.
    pub allow_other: bool,
}

/// A mounted file system.
pub struct Session {
    unmounter: Unmounter,
    ended: Receiver<io::Result<()>>,
    stopped: Receiver<()>,
    pools: [Pool; 2],
    fs: Arc<Fs>,
}

/// Unmounts from any thread.
#[derive(Clone)]
pub struct Unmounter {
    place: PathBuf,
    device: u64,
    stop: Sender<()>,
}

/// Mounts `fs` and serves it from threads of its own.
///
/// # Errors
/// [`MountError`]; nothing is mounted then.
pub fn mount(
    fs: Arc<Fs>,
    mount_point: &Path,
    options: &MountOptions,
) -> Result<Session, MountError> {
    let place = mountpoint::prepare(&options.source, mount_point)?;
    let adapter = Adapter::new(fs.clone());
    let capable = adapter.passthrough_flag();
    let notifier = adapter.notifier();
    let pools = adapter.pools();
    let session = fuser::Session::new(adapter, &place, &config(options))
        .map_err(|cause| refused(mount_point, options, cause))?;
    // The first.
    notifier.set(session.notifier()).ok();
    let device = device_at(&place).map_err(|cause| MountError::Refused {
        path: mount_point.into(),
        cause,
    })?;
    fs.stay_off(device, &place);
    // Nothing is served yet: a mode of passthrough that changed while a file is open would be an error to its reader.
    let permitted = capable.load(std::sync::atomic::Ordering::Acquire)
        && passthrough::is_permitted(session.as_fd());
    capable.store(permitted, std::sync::atomic::Ordering::Release);
    fs.source().set_passthrough(permitted);
    let background = session.spawn().map_err(|cause| MountError::Refused {
        path: mount_point.into(),
        cause,
    })?;
    let (end, ended) = bounded(1);
    let served = threads_of(background);
    let waiting = std::thread::Builder::new()
        .name("session".into())
        .spawn(move || {
            let result = served
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a thread of the session panicked")));
            // Who waits for it no longer has no use for it.
            end.send(result).ok();
        });
    waiting.map_err(|cause| MountError::Refused {
        path: mount_point.into(),
        cause,
    })?;
    let (stop, stopped) = bounded(1);
    Ok(Session {
        unmounter: Unmounter {
            place,
            device,
            stop,
        },
        ended,
        stopped,
        pools,
        fs,
    })
}

/// The threads of a session, without fuser's own unmounting at their end: it does not see that the mount is gone, and
/// would unmount what another has mounted at the place meanwhile. [`Unmounter`] does it by the device number.
fn threads_of(mut session: BackgroundSession) -> JoinHandle<io::Result<()>> {
    let served = std::mem::replace(&mut session.guard, std::thread::spawn(|| Ok(())));
    std::mem::forget(session);
    served
}

fn config(options: &MountOptions) -> Config {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut config = Config::default();
    config.n_threads = Some(cores.clamp(2, 4));
    // fusermount3 splits its options at commas.
    let name: String = options
        .source
        .canonicalize()
        .unwrap_or_else(|_| options.source.clone())
        .to_string_lossy()
        .chars()
        .map(|c| {
            if c == ',' || c == '\\' || c.is_control() {
                '_'
            } else {
                c
            }
        })
        .collect();
    config.mount_options = vec![
        MountOption::FSName(name),
        MountOption::CUSTOM("subtype=hookfs".into()),
        MountOption::NoDev,
        MountOption::NoSuid,
    ];
    if options.read_only {
        config.mount_options.push(MountOption::RO);
    }
    if options.allow_other {
        config.mount_options.push(MountOption::DefaultPermissions);
        config.acl = SessionACL::All;
    }
    config
}

fn refused(mount_point: &Path, options: &MountOptions, cause: io::Error) -> MountError {
    let path = mount_point.to_owned();
    let fuse_is_missing =
        cause.kind() == io::ErrorKind::NotFound || !Path::new("/dev/fuse").exists();
    match cause.kind() {
        _ if fuse_is_missing => MountError::NoFuse { path, cause },
        io::ErrorKind::PermissionDenied if options.allow_other => MountError::AllowOther(path),
        _ => MountError::Refused { path, cause },
    }
}

/// The device number of the mount at a place, found without asking the mount.
fn device_at(place: &Path) -> io::Result<u64> {
    let mounts = mounts()?;
    let ours = mounts.iter().rev().find(|mount| mount.mount_point == place);
    ours.map(|mount| mount.device)
        .ok_or_else(|| io::Error::other("the mount is not in /proc/self/mountinfo"))
}

impl Session {
    /// Where it is mounted: absolute, links resolved.
    pub fn mount_point(&self) -> &Path {
        &self.unmounter.place
    }

    /// What unmounts it from another thread (a signal's).
    pub fn unmounter(&self) -> Unmounter {
        self.unmounter.clone()
    }

    /// Unmounts it; see [`Unmounter::unmount`].
    pub fn unmount(&self) {
        self.unmounter.unmount();
    }

    /// Waits until it is unmounted, by [`Unmounter::unmount`] or from outside. After a lazy unmount files may still be
    /// open: requests under way have some seconds to end, then the end of the process ends the rest. What waits for a
    /// lock is ended.
    ///
    /// # Errors
    /// What ended the session, where it was no unmount.
    pub fn wait(self) -> io::Result<()> {
        let ended = select! {
            recv(self.ended) -> ended => ended.unwrap_or(Ok(())),
            recv(self.stopped) -> _ => {
                self.fs.source().shutdown();
                self.quiet()
            }
        };
        self.fs.source().shutdown();
        // Where the session broke it is mounted still.
        self.unmounter.unmount();
        ended
    }

    /// Waits until no request is under way, or the last file is closed.
    fn quiet(&self) -> io::Result<()> {
        let deadline = Instant::now() + GRACE;
        let mut quiet = 0;
        while quiet < QUIET_LOOKS && Instant::now() < deadline {
            match self.ended.recv_timeout(LOOK) {
                Ok(ended) => return ended,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            quiet = match self.pools.iter().all(Pool::is_quiet) {
                true => quiet + 1,
                false => 0,
            };
        }
        Ok(())
    }
}

impl Unmounter {
    /// Unmounts: at once where nothing is in use, else lazily, so that the name is free and open files end with the
    /// process. Done once; what else was mounted at the place meanwhile stays.
    pub fn unmount(&self) {
        let ours = || device_at(&self.place).is_ok_and(|device| device == self.device);
        if ours()
            && detach(&self.place, false).is_err()
            && ours()
            && let Err(cause) = detach(&self.place, true)
        {
            tracing::warn!("cannot unmount `{}`: {cause}", self.place.display());
        }
        // One stop is enough.
        self.stop.try_send(()).ok();
    }
}

/// Unmounts the hookfs at `mount_point`, whoever serves it. `lazy`: also while it is in use.
///
/// # Errors
/// [`MountError::Busy`] where it is in use; the mount is as it was then.
pub fn unmount(mount_point: &Path, lazy: bool) -> Result<(), MountError> {
    let failed = |cause| MountError::Unmount {
        path: mount_point.into(),
        cause,
    };
    let mut place = mountpoint::literal(mount_point).map_err(failed)?;
    if mountpoint::ours_at(&place).map_err(failed)?.is_none() {
        // Perhaps a link to it.
        if let Ok(resolved) = mount_point.canonicalize() {
            place = resolved;
        }
    }
    if mountpoint::ours_at(&place).map_err(failed)?.is_none() {
        return Err(MountError::NotMounted(mount_point.into()));
    }
    detach(&place, lazy).map_err(|cause| match cause.raw_os_error() {
        Some(libc::EBUSY) => MountError::Busy(mount_point.into()),
        _ => failed(cause),
    })
}

/// umount2(2), or fusermount3 where only that may.
pub fn detach(place: &Path, lazy: bool) -> io::Result<()> {
    let path = std::ffi::CString::new(place.as_os_str().as_bytes())?;
    let flags = match lazy {
        true => libc::MNT_DETACH | libc::UMOUNT_NOFOLLOW,
        false => libc::UMOUNT_NOFOLLOW,
    };
    // SAFETY: the path is a C string that lives through the call.
    if unsafe { libc::umount2(path.as_ptr(), flags) } == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    if error.raw_os_error() != Some(libc::EPERM) {
        return Err(error);
    }
    let mut command = Command::new("fusermount3");
    command
        .arg("-u")
        .args(lazy.then_some("-z"))
        .arg("--")
        .arg(place);
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    match text.contains("busy") {
        true => Err(io::Error::from_raw_os_error(libc::EBUSY)),
        false => Err(io::Error::other(text.trim().to_owned())),
    }
}
