//! One name of the outputs: a folder leads to others, a file is written where it differs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::super::error::{Error, Result};
use super::super::service::{Described, Named, Reference, Service};
use super::manifest::{self, Manifest, Written};
use super::plan::Plan;
use crate::base::{Diagnostic, ShortHash, SourcePath};

/// What came of a name.
pub(super) enum Visited {
    /// No file belongs to it.
    Nothing,
    /// The file is there.
    File {
        /// For the manifest.
        entry: Written,
        /// Whether it had to be written.
        written: bool,
        /// What is wrong with it all the same.
        faults: Vec<Diagnostic>,
        /// What the name of its version has, where that is not the beginning of its hash.
        name: Option<ShortHash>,
    },
}

/// Does what a name asks for, and adds to the plan where it leads.
pub(super) fn visit(
    service: &dyn Service,
    plan: &Plan,
    manifest: &Manifest,
    target: &Path,
    path: &SourcePath,
) -> Result<Visited> {
    let named = match service.describe(path) {
        // A module that no line of a source is in has no map.
        Err(Error::NoFile(_)) if path.name().ends_with(b".map") => Named::Absent,
        named => named?,
    };
    match named {
        Named::Absent => Ok(Visited::Nothing),
        Named::Folder => {
            for item in service.list(path)? {
                plan.add_listed(path, path.child(&item.name));
            }
            Ok(Visited::Nothing)
        }
        Named::Link(link) => {
            let file = target.join(path.as_path());
            let (entry, written) = write_link(&file, target, path, &link)?;
            Ok(Visited::File {
                entry,
                written,
                faults: Vec::new(),
                name: None,
            })
        }
        Named::File(file) => {
            for link in &file.links {
                add_linked(plan, path, link);
            }
            let (entry, written) = write_file(service, manifest, target, path, &file)?;
            Ok(Visited::File {
                entry,
                written,
                faults: file.faults,
                name: file.name,
            })
        }
    }
}

/// What a file refers to, with the source map beside it where it has one.
fn add_linked(plan: &Plan, from: &SourcePath, link: &Reference) {
    let output = &link.path;
    match link.is_optional {
        true => plan.add(output.clone()),
        false => plan.add_needed(from, output.clone()),
    }
    if let Some(parent) = output.parent() {
        let map = parent.child([output.name(), b".map"].concat());
        plan.add_needed(output, map);
    }
}

fn write_file(
    service: &dyn Service,
    manifest: &Manifest,
    target: &Path,
    path: &SourcePath,
    described: &Described,
) -> Result<(Written, bool)> {
    let file = target.join(path.as_path());
    // The owner can always replace it by the next build.
    let permissions = described.permissions & 0o777 | 0o200;
    let hash = described
        .hash
        .as_ref()
        .map(manifest::text_of)
        .unwrap_or_default();
    if let Some(entry) = manifest.unchanged(path, &file)
        && entry.hash == hash
        && fs::symlink_metadata(&file)
            .is_ok_and(|now| now.is_file() && now.permissions().mode() & 0o777 == permissions)
    {
        return Ok((entry.clone(), false));
    }
    make_folder(target, path)?;
    // An edit may come between the question and the bytes: the manifest has the hash of what was written.
    let mut hasher = blake3::Hasher::new();
    manifest::replace(&file, permissions, |open| {
        let mut both = Hashing {
            sink: open,
            hasher: &mut hasher,
        };
        service.read(path, &mut both)
    })?;
    let entry = Written::of(&file, hasher.finalize().to_hex().as_str())
        .map_err(Error::io("look at", &file))?;
    Ok((entry, true))
}

fn write_link(
    file: &Path,
    target: &Path,
    path: &SourcePath,
    link: &[u8],
) -> Result<(Written, bool)> {
    use std::os::unix::ffi::OsStrExt;
    let link = Path::new(std::ffi::OsStr::from_bytes(link));
    let hash = blake3::hash(link.as_os_str().as_bytes()).to_hex();
    let written = fs::read_link(file).ok().as_deref() != Some(link);
    if written {
        make_folder(target, path)?;
        match fs::remove_file(file) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io("remove", file)(cause));
            }
            _ => {}
        }
        std::os::unix::fs::symlink(link, file).map_err(Error::io("create", file))?;
    }
    let entry = Written::of(file, hash.as_str()).map_err(Error::io("look at", file))?;
    Ok((entry, written))
}

/// Makes the folders that a file stands in. A link in the place of one would lead out of the target: it goes.
pub(super) fn make_folder(target: &Path, path: &SourcePath) -> Result<()> {
    let mut folder = target.to_owned();
    for name in path.parent().iter().flat_map(SourcePath::components) {
        folder.push(std::str::from_utf8(name).map_or_else(
            |_| <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(name),
            std::ffi::OsStr::new,
        ));
        if fs::symlink_metadata(&folder).is_ok_and(|there| !there.is_dir()) {
            fs::remove_file(&folder).map_err(Error::io("remove", &folder))?;
        }
        match fs::create_dir(&folder) {
            Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(Error::io("create", &folder)(cause));
            }
            _ => {}
        }
    }
    let file = target.join(path.as_path());
    if fs::symlink_metadata(&file).is_ok_and(|there| there.is_dir()) {
        // What was a folder of the last build is a file now.
        fs::remove_dir_all(&file).map_err(Error::io("remove", &file))?;
    }
    Ok(())
}

struct Hashing<'a> {
    sink: &'a mut dyn std::io::Write,
    hasher: &'a mut blake3::Hasher,
}

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.sink.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.sink.flush()
    }
}
