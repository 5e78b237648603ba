//! What each request does, by what it is about.

mod attributes;
mod content;
mod folders;
mod locks;
mod names;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use fuser::{FileHandle, INodeNo};

use crate::fs::source::Handle;
use crate::fs::types::Ino;

/// A name in a folder.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    parent: Ino,
    name: &'a [u8],
}

/// An open file, or folder.
#[derive(Clone, Copy)]
pub(super) struct File {
    ino: INodeNo,
    handle: Handle,
}

impl<'a> At<'a> {
    pub(super) fn new(parent: INodeNo, name: &'a OsStr) -> Self {
        Self {
            parent: parent.0,
            name: bytes(name),
        }
    }

    /// The name for the log.
    fn shown(&self) -> &'a OsStr {
        OsStr::from_bytes(self.name)
    }
}

impl File {
    pub(super) fn new(ino: INodeNo, handle: FileHandle) -> Self {
        Self {
            ino,
            handle: Handle(handle.0),
        }
    }
}

pub(super) fn bytes(name: &OsStr) -> &[u8] {
    name.as_bytes()
}
