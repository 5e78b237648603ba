//! Why a mount is refused, for people.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why nothing was mounted or unmounted.
#[derive(Debug, Error)]
pub enum MountError {
    /// The source is not there.
    #[error("cannot mount `{}`: {cause}", .path.display())]
    Source {
        /// The source as it was given.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The source is no directory.
    #[error("cannot mount `{}`: not a directory", .0.display())]
    SourceNotDirectory(PathBuf),
    /// The mount point is not there, or cannot be looked at.
    #[error("cannot mount at `{}`: {cause}", .path.display())]
    MountPoint {
        /// The mount point as it was given.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The mount point is no directory.
    #[error("cannot mount at `{}`: not a directory", .0.display())]
    NotDirectory(PathBuf),
    /// The mount would hide files.
    #[error("cannot mount at `{}`: directory is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A hookfs is there and alive.
    #[error("cannot mount at `{}`: already mounted, from `{}`", .path.display(), .source_path.display())]
    AlreadyMounted {
        /// The mount point as it was given.
        path: PathBuf,
        /// What is mounted there.
        source_path: PathBuf,
    },
    /// The mount would hide its own source.
    #[error("cannot mount at `{}`: it would hide the source `{}`", .path.display(), .source_path.display())]
    OverSource {
        /// The mount point as it was given.
        path: PathBuf,
        /// The source as it was given.
        source_path: PathBuf,
    },
    /// Another file system is there and dead.
    #[error("cannot mount at `{}`: the file system there does not answer", .0.display())]
    Dead(PathBuf),
    /// There is no /dev/fuse, or no fusermount3.
    #[error("cannot mount at `{}`: FUSE is not available: {cause}", .path.display())]
    NoFuse {
        /// The mount point as it was given.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Ordinary users may not let others in.
    #[error("cannot mount at `{}`: `--allow-other` is not permitted", .0.display())]
    AllowOther(PathBuf),
    /// The kernel or fusermount3 refused.
    #[error("cannot mount at `{}`: {cause}", .path.display())]
    Refused {
        /// The mount point as it was given.
        path: PathBuf,
        /// What was said.
        cause: io::Error,
    },
    /// Nothing of ours is there to be unmounted.
    #[error("cannot unmount `{}`: no hookfs is mounted there", .0.display())]
    NotMounted(PathBuf),
    /// Files in it are open, or it is somebody's working directory.
    #[error("cannot unmount `{}`: it is in use", .0.display())]
    Busy(PathBuf),
    /// The kernel or fusermount3 refused.
    #[error("cannot unmount `{}`: {cause}", .path.display())]
    Unmount {
        /// The mount point as it was given.
        path: PathBuf,
        /// What was said.
        cause: io::Error,
    },
}

impl MountError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let quoted = |path: &PathBuf| format!("`{}`", path.display());
        Some(match self {
            Self::Source { .. } | Self::SourceNotDirectory(_) => {
                "the first argument is the directory with the sources".into()
            }
            Self::MountPoint { path, cause } if cause.kind() == io::ErrorKind::NotFound => {
                format!("create it: `mkdir -p {}`", path.display())
            }
            Self::NotDirectory(_) | Self::NotEmpty(_) => "choose an empty directory".into(),
            Self::AlreadyMounted { path, .. } => {
                format!("unmount it first: `hookfs unmount {}`", path.display())
            }
            Self::OverSource { .. } => {
                "choose a directory beside the source, or an empty one inside it".into()
            }
            Self::Dead(path) => format!("unmount it: `fusermount3 -uz {}`", path.display()),
            Self::NoFuse { .. } => "`hookfs doctor` says what is missing".into(),
            Self::AllowOther(_) => "add `user_allow_other` to /etc/fuse.conf".into(),
            Self::NotMounted(_) => "`findmnt -t fuse.hookfs` lists what is mounted".into(),
            Self::Busy(path) => format!("`fuser -vm {}` shows by whom", path.display()),
            Self::MountPoint { path, .. } => format!("is {} yours?", quoted(path)),
            Self::Refused { .. } | Self::Unmount { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_and_what_to_do() {
        let app = || PathBuf::from("app");
        let missing = || io::Error::from_raw_os_error(libc::ENOENT);
        let errors = [
            MountError::Source {
                path: "src".into(),
                cause: missing(),
            },
            MountError::SourceNotDirectory("src".into()),
            MountError::MountPoint {
                path: app(),
                cause: missing(),
            },
            MountError::NotDirectory(app()),
            MountError::NotEmpty(app()),
            MountError::AlreadyMounted {
                path: app(),
                source_path: "/src".into(),
            },
            MountError::OverSource {
                path: app(),
                source_path: "app/src".into(),
            },
            MountError::Dead(app()),
            MountError::NoFuse {
                path: app(),
                cause: missing(),
            },
            MountError::AllowOther(app()),
            MountError::NotMounted(app()),
            MountError::Busy(app()),
        ];
        let texts: Vec<String> = errors
            .iter()
            .map(|error| format!("{error}\n  hint: {}", error.hint().unwrap_or_default()))
            .collect();
        insta::assert_snapshot!(texts.join("\n"), @r#"
        cannot mount `src`: No such file or directory (os error 2)
          hint: the first argument is the directory with the sources
        cannot mount `src`: not a directory
          hint: the first argument is the directory with the sources
        cannot mount at `app`: No such file or directory (os error 2)
          hint: create it: `mkdir -p app`
        cannot mount at `app`: not a directory
          hint: choose an empty directory
        cannot mount at `app`: directory is not empty
          hint: choose an empty directory
        cannot mount at `app`: already mounted, from `/src`
          hint: unmount it first: `hookfs unmount app`
        cannot mount at `app`: it would hide the source `app/src`
          hint: choose a directory beside the source, or an empty one inside it
        cannot mount at `app`: the file system there does not answer
          hint: unmount it: `fusermount3 -uz app`
        cannot mount at `app`: FUSE is not available: No such file or directory (os error 2)
          hint: `hookfs doctor` says what is missing
        cannot mount at `app`: `--allow-other` is not permitted
          hint: add `user_allow_other` to /etc/fuse.conf
        cannot unmount `app`: no hookfs is mounted there
          hint: `findmnt -t fuse.hookfs` lists what is mounted
        cannot unmount `app`: it is in use
          hint: `fuser -vm app` shows by whom
        "#);
    }
}
