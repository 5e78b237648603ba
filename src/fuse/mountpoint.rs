//! Whether there may be mounted at a place: nothing is hidden, stacked, or waited for.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::MountError;
use super::mountinfo::{MountInfo, mounts};
use super::session::detach;

/// How long a mount that is there already may take to show that it is alive.
const ANSWER: Duration = Duration::from_secs(2);

/// Looks at the mount point and the source; takes the place of a dead hookfs. Gives the mount point, absolute and with
/// links resolved.
pub fn prepare(source: &Path, mount_point: &Path) -> Result<PathBuf, MountError> {
    let real_source = source.canonicalize().map_err(|cause| MountError::Source {
        path: source.into(),
        cause,
    })?;
    if !real_source.is_dir() {
        return Err(MountError::SourceNotDirectory(source.into()));
    }
    remove_dead(mount_point)?;
    let failed = |cause| MountError::MountPoint {
        path: mount_point.into(),
        cause,
    };
    let place = mount_point.canonicalize().map_err(failed)?;
    if !std::fs::metadata(&place).map_err(failed)?.is_dir() {
        return Err(MountError::NotDirectory(mount_point.into()));
    }
    if real_source.starts_with(&place) {
        return Err(MountError::OverSource {
            path: mount_point.into(),
            source_path: source.into(),
        });
    }
    if let Some(mount) = ours_at(&place).map_err(failed)? {
        return Err(MountError::AlreadyMounted {
            path: mount_point.into(),
            source_path: mount.source,
        });
    }
    match std::fs::read_dir(&place).map_err(failed)?.next() {
        None => Ok(place),
        Some(_) => Err(MountError::NotEmpty(mount_point.into())),
    }
}

/// The uppermost mount at a place, if it is a hookfs.
pub fn ours_at(place: &Path) -> io::Result<Option<MountInfo>> {
    let mut mounts = mounts()?;
    mounts.retain(|mount| mount.mount_point == place);
    Ok(mounts.pop().filter(MountInfo::is_hookfs))
}

/// The absolute path, links above the last component resolved: the last one itself may be dead.
pub fn literal(path: &Path) -> io::Result<PathBuf> {
    let (parent, Some(name)) = (path.parent(), path.file_name()) else {
        return path.canonicalize();
    };
    let parent = match parent {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    Ok(parent.canonicalize()?.join(name))
}

/// Unmounts what killed daemons left at the mount point.
fn remove_dead(mount_point: &Path) -> Result<(), MountError> {
    let failed = |cause| MountError::MountPoint {
        path: mount_point.into(),
        cause,
    };
    let place = literal(mount_point).map_err(failed)?;
    loop {
        let dead = match answer(&place) {
            Answer::Alive => return Ok(()),
            Answer::Dead => true,
            Answer::None => false,
        };
        match ours_at(&place).map_err(failed)? {
            Some(_) if dead => {
                tracing::info!(
                    "unmounting what is left of a dead hookfs at `{}`",
                    place.display()
                );
                detach(&place, true).map_err(failed)?;
            }
            Some(mount) => {
                return Err(MountError::AlreadyMounted {
                    path: mount_point.into(),
                    source_path: mount.source,
                });
            }
            None => return Err(MountError::Dead(mount_point.into())),
        }
    }
}

enum Answer {
    /// It answers, be it with an error (there may be nothing there).
    Alive,
    /// Its daemon is gone.
    Dead,
    /// Its daemon is there and does not answer.
    None,
}

fn answer(place: &Path) -> Answer {
    // A thread of its own: it may wait for ever.
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let asked = place.to_owned();
    let spawned = std::thread::Builder::new()
        .name("look".into())
        .spawn(move || {
            let found = std::fs::metadata(asked).map_err(|error| error.raw_os_error());
            // Nobody listens after the time is up.
            sender.send(found.err().flatten()).ok();
        });
    if spawned.is_err() {
        return Answer::Alive;
    }
    match receiver.recv_timeout(ANSWER) {
        Ok(Some(libc::ENOTCONN | libc::ECONNABORTED)) => Answer::Dead,
        Ok(_) => Answer::Alive,
        Err(_) => Answer::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_would_hide_something() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["src/inside", "empty", "full"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        std::fs::write(at("full/x"), "").unwrap();
        std::fs::write(at("file"), "").unwrap();
        let refusal = |source: &str, mount_point: &str| {
            let refused = prepare(&at(source), &at(mount_point)).map(|_| ());
            refused.map_or_else(
                |error| {
                    error
                        .to_string()
                        .replace(&*folder.path().to_string_lossy(), "")
                },
                |()| "mounts".into(),
            )
        };
        let texts = [
            ("src", "empty"),
            ("src", "src/inside"),
            ("gone", "empty"),
            ("file", "empty"),
            ("src", "gone"),
            ("src", "file"),
            ("src", "full"),
            ("src", "src"),
            ("src/inside", "src"),
            ("src", ""),
        ]
        .map(|(source, mount_point)| refusal(source, mount_point));
        insta::assert_snapshot!(texts.join("\n"), @r#"
        mounts
        mounts
        cannot mount `/gone`: No such file or directory (os error 2)
        cannot mount `/file`: not a directory
        cannot mount at `/gone`: No such file or directory (os error 2)
        cannot mount at `/file`: not a directory
        cannot mount at `/full`: directory is not empty
        cannot mount at `/src`: it would hide the source `/src`
        cannot mount at `/src`: it would hide the source `/src/inside`
        cannot mount at `/`: it would hide the source `/src`
        "#);
    }
}
