//! What the commands that ask share: which options, which output, which state.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::arguments::{OptionArguments, StateArguments};
use crate::app::{Asked, Error, Options, Place, Result};
use crate::base::SourcePath;
use crate::fuse;

/// The options where any were given; else those of the daemon, where there is one.
pub(super) fn asked(arguments: &OptionArguments) -> Result<Asked> {
    let options = arguments.options()?;
    Ok(match options == Options::default() {
        true => Asked::Its,
        false => Asked::Given(options),
    })
}

/// A path under `/~@/` as people write it: with or without the slash, and with `~@` before it or not.
pub(super) fn output_path(path: &Path) -> Result<SourcePath> {
    let text = path.as_os_str().as_bytes();
    let text = text.strip_prefix(b"/").unwrap_or(text);
    let text = text.strip_prefix(b"~@/").unwrap_or(text);
    SourcePath::parse(text).map_err(|cause| Error::Usage {
        message: format!("no output can be `{}`: {cause}", path.display()),
        hint: None,
    })
}

/// What a mount says of itself; `None` where the folder is no mount of ours.
pub(super) fn mounted_at(folder: &Path) -> Result<Option<Value>> {
    let place = match folder.canonicalize() {
        Ok(place) => place,
        Err(cause) if cause.raw_os_error() == Some(libc::ENOTCONN) => {
            return Err(Error::DeadMount(folder.to_owned()));
        }
        Err(_) => return Ok(None),
    };
    let mounts = fuse::mounts().map_err(Error::io("read", Path::new("/proc/self/mountinfo")))?;
    let top = mounts.iter().rev().find(|mount| mount.mount_point == place);
    if !top.is_some_and(fuse::MountInfo::is_hookfs) {
        return Ok(None);
    }
    let path = place.join("~@/~hookfs/status.json");
    match std::fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|cause| Error::Conversation(cause.to_string())),
        Err(cause) if cause.raw_os_error() == Some(libc::ENOTCONN) => Err(Error::DeadMount(place)),
        Err(cause) => Err(Error::io("read", &path)(cause)),
    }
}

/// The place that a mount serves, or that of the source.
pub(super) fn place_of(folder: &Path, state: &StateArguments) -> Result<Place> {
    let field =
        |status: &Value, name: &str| status.get(name).and_then(Value::as_str).map(PathBuf::from);
    match mounted_at(folder)? {
        Some(status) => match (field(&status, "source"), field(&status, "state")) {
            (Some(source), Some(state)) => Place::new(&source, Some(&state)),
            _ => Err(Error::Conversation(
                "its status says not where its state is".into(),
            )),
        },
        None => state.place(folder),
    }
}
