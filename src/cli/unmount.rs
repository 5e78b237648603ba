//! `hookfs unmount`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::report;
use crate::app::{Result, Status};
use crate::fuse::{self, MountError};

/// How long the daemon is waited for after its mount is gone, so that what follows finds its state free.
const PATIENCE: Duration = Duration::from_secs(10);

/// Unmounts, whether or not the daemon lives, and waits for the daemon to end.
pub(super) fn unmount(mount_point: &Path) -> Result<Status> {
    let pid = daemon_of(mount_point);
    match fuse::unmount(mount_point, false) {
        Ok(()) => {}
        Err(error @ MountError::Busy(_)) => {
            let users = users_of(mount_point);
            if !users.is_empty() {
                report::to_stderr(&format!("used by {}\n", users.join(", ")));
            }
            return Err(error.into());
        }
        Err(error) => return Err(error.into()),
    }
    if let Some(pid) = pid {
        let deadline = Instant::now() + PATIENCE;
        while is_alive(pid) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    Ok(Status::Done)
}

/// The pid that the mount tells of its daemon. A dead mount answers at once that it is dead.
fn daemon_of(mount_point: &Path) -> Option<u32> {
    let place = mount_point.canonicalize().ok()?;
    let ours = fuse::mounts()
        .ok()?
        .into_iter()
        .any(|mount| mount.is_hookfs() && mount.mount_point == place);
    if !ours {
        return None;
    }
    let text = fs::read(place.join("~@/~hookfs/status.json")).ok()?;
    let status: serde_json::Value = serde_json::from_slice(&text).ok()?;
    u32::try_from(status.get("pid")?.as_u64()?).ok()
}

/// Whether anything of a process still runs: its first thread may have ended and others hold its files for a moment more.
fn is_alive(pid: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
    let has_threads =
        || fs::read_dir(format!("/proc/{pid}/task")).is_ok_and(|threads| threads.count() > 1);
    !state.starts_with('Z') || has_threads()
}

/// The processes that have their working directory, their root or an open file in the mount, as far as we may see.
fn users_of(mount_point: &Path) -> Vec<String> {
    let Ok(place) = mount_point.canonicalize() else {
        return Vec::new();
    };
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut users = Vec::new();
    for process in processes.flatten() {
        let Some(pid) = process
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        // readlink only: nothing is opened, so nothing can block.
        if links_of(&process.path())
            .iter()
            .any(|target| target.starts_with(&place))
        {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            users.push(format!("{pid} ({})", name.trim()));
        }
    }
    users
}

fn links_of(process: &Path) -> Vec<PathBuf> {
    let mut links = vec![
        process.join("cwd"),
        process.join("root"),
        process.join("exe"),
    ];
    if let Ok(open) = fs::read_dir(process.join("fd")) {
        links.extend(open.flatten().map(|entry| entry.path()));
    }
    links
        .iter()
        .filter_map(|link| fs::read_link(link).ok())
        .collect()
}
