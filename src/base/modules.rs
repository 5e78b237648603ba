//! Names of folders that packages stand in.

/// How the name of a folder in a `node_modules` begins that stands for another `node_modules`, outside of the tree: one that a
/// linked package looks in. No such folder is on disk.
pub const ELSEWHERE: &[u8] = b".linked-";

/// The name in the folder of a linked package that leads to the one above it, where there is one.
pub const ABOVE: &[u8] = b".linked";

/// Whether packages stand in a folder of this name.
pub fn holds_packages(name: &[u8]) -> bool {
    name == b"node_modules" || name.starts_with(ELSEWHERE)
}
