//! For whom a bundle is.

use crate::base::Computation;

/// The family of what is for pages that are hot: its detail is the computation of the same for those that are not.
const HOT: &str = "hot";

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::runnable) enum Variant {
    /// Pages that stay as they are, and workers.
    Plain,
    /// Pages whose modules are replaced while they run.
    Hot,
}

impl Variant {
    /// The computation that gives to these what `plain` gives to the others.
    pub(in crate::runnable) fn of(self, plain: Computation) -> Computation {
        match self {
            Self::Plain => plain,
            Self::Hot => Computation::of(HOT, plain.name()),
        }
    }

    /// For whom a computation is, and the name that it has for the plain ones.
    pub(in crate::runnable) fn split(computation: &Computation) -> (Self, &str) {
        match computation.detail(HOT) {
            Some(name) => (Self::Hot, name),
            None => (Self::Plain, computation.name()),
        }
    }

    /// Where their bundles stand under `/~@/`.
    pub(in crate::runnable) fn prefix(self) -> &'static [u8] {
        match self {
            Self::Plain => b"~bundle",
            Self::Hot => b"~hot",
        }
    }
}
