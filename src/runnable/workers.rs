//! The kinds of workers that the computations have.

use super::style::sass;
use crate::worker::serve;

/// Is a worker of the kind with this name, for as long as its parent lives. Returns where there is no such kind.
pub fn be_worker(name: &str) {
    if name == sass::KIND.name {
        serve(&sass::KIND, || sass::work);
    }
}
