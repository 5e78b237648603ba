//! A hash of files by name and content.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::io;
use std::path::Path;

/// The fingerprint of what `names` below `root` are: files, or folders with all that is in them. One that is not there
/// counts as such.
pub(crate) fn of(root: &Path, names: &[&str]) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    for name in names {
        add(&mut hasher, root, Path::new(name))?;
    }
    Ok(hasher.finish())
}

fn add(hasher: &mut DefaultHasher, root: &Path, name: &Path) -> io::Result<()> {
    let path = root.join(name);
    if path.is_dir() {
        let mut inside = Vec::new();
        for entry in fs::read_dir(&path)? {
            inside.push(entry?.file_name());
        }
        inside.sort();
        for child in inside {
            add(hasher, root, &name.join(child))?;
        }
        return Ok(());
    }
    match fs::read(&path) {
        Ok(bytes) => {
            // Lengths keep names and contents apart.
            for part in [name.as_os_str().as_encoded_bytes(), &bytes] {
                hasher.write_usize(part.len());
                hasher.write(part);
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
