//! Symbolic links, resolved one recorded step at a time.

use thiserror::Error;

use super::Context;
use crate::base::SourcePath;
use crate::source::{Entry, InputError};

/// Why a path with links leads nowhere.
#[derive(Debug, Clone, Error)]
pub enum LinkError {
    /// A link leads out of the workspace root; it is never followed.
    #[error("the link `{0}` leaves the tree")]
    Outside(SourcePath),
    /// More than forty links (Linux's own limit, path_resolution(7)).
    #[error("too many levels of symbolic links at `{0}`")]
    Loop(SourcePath),
    /// A name could not be looked at.
    #[error(transparent)]
    Input(#[from] InputError),
}

/// Follows every link in `path` (path_resolution(7)) and gives the literal path with what it stands for. A name that
/// is not there gives [`Entry::Absent`] with the path where it would be.
///
/// # Errors
/// [`LinkError`].
pub fn resolve_links(
    context: &dyn Context,
    path: &SourcePath,
) -> Result<(SourcePath, Entry), LinkError> {
    const LIMIT: usize = 40;
    let mut followed = 0;
    let mut here = SourcePath::root();
    let mut entry = Entry::Directory;
    // The components still to walk, the next one last.
    let mut rest: Vec<Vec<u8>> = path.components().rev().map(<[u8]>::to_vec).collect();
    while let Some(name) = rest.pop() {
        if name == b".." {
            here = here
                .parent()
                .ok_or_else(|| LinkError::Outside(path.clone()))?;
            continue;
        }
        let next = here.child(&name);
        if entry == Entry::Absent {
            here = next;
            continue;
        }
        match context.entry(&next)? {
            Entry::Link(target) => {
                followed += 1;
                if followed > LIMIT {
                    return Err(LinkError::Loop(path.clone()));
                }
                if target.starts_with(b"/") {
                    return Err(LinkError::Outside(next));
                }
                let steps = target.split(|&b| b == b'/');
                rest.extend(
                    steps
                        .rev()
                        .filter(|step| !step.is_empty() && *step != b".")
                        .map(<[u8]>::to_vec),
                );
            }
            found => {
                let through_file =
                    !matches!(found, Entry::Directory | Entry::Absent) && !rest.is_empty();
                entry = if through_file { Entry::Absent } else { found };
                here = next;
            }
        }
    }
    if here.is_root() {
        entry = Entry::Directory;
    }
    Ok((here, entry))
}
