//! Symbolic links of the tree, as readers of the view need them.

use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::resolver::follow;
use crate::source::Entry;

use super::layout::Layout;

/// The target of the link at `path` in the view: the place of what it leads to, relative to the link's own, `suffix`
/// appended. A link that leads out of the workspace, or nowhere, keeps the target that is stored.
pub fn target(
    layout: &Layout,
    context: &dyn Context,
    path: &SourcePath,
    stored: &[u8],
    suffix: &str,
) -> Result<Vec<u8>, Failure> {
    let literal = || [stored, suffix.as_bytes()].concat();
    let (destination, entry) = match follow(context, path)? {
        Some(found) => found,
        None => return Ok(literal()),
    };
    if entry == Entry::Absent {
        return Ok(literal());
    }
    let here = layout.place(path).parent().unwrap_or_else(SourcePath::root);
    let mut target = layout.place(&destination).relative_from(&here);
    target.extend_from_slice(suffix.as_bytes());
    Ok(target)
}
