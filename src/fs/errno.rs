//! The one place where a failure becomes the number that the kernel can carry.

use super::types::Errno;
use crate::compute::Failure;
use crate::source::InputError;

/// Each failure's number. What more there is to say was reported before.
impl From<&Failure> for Errno {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Diagnostics(_) | Failure::Internal(_) => Self(libc::EIO),
            Failure::Limit(_) => Self(libc::ETIMEDOUT),
            Failure::Missing(_) => Self(libc::ENOENT),
            Failure::Cycle(..) => Self(libc::ELOOP),
            Failure::Input(input) => Self::from(input),
        }
    }
}

impl From<&InputError> for Errno {
    fn from(error: &InputError) -> Self {
        match error {
            InputError::Absent(_) => Self(libc::ENOENT),
            InputError::Io { cause, .. } => Self::of(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;
    use crate::base::{Diagnostic, SourcePath};

    #[test]
    fn every_failure_has_its_number() {
        let path = SourcePath::root().child("a.ts");
        let denied = InputError::Io {
            path: path.clone(),
            cause: Arc::new(io::Error::from_raw_os_error(libc::EACCES)),
        };
        let table = [
            (
                Failure::Diagnostics(Arc::from([Diagnostic::new("syntax", "x")])),
                libc::EIO,
            ),
            (
                Failure::Limit(Arc::from([Diagnostic::new("style", "x")])),
                libc::ETIMEDOUT,
            ),
            (Failure::Missing(path.clone()), libc::ENOENT),
            (
                Failure::Cycle(Arc::from([Diagnostic::new("cycle", "x")]), Arc::from([])),
                libc::ELOOP,
            ),
            (Failure::Input(denied), libc::EACCES),
            (Failure::Input(InputError::Absent(path)), libc::ENOENT),
            (Failure::Internal("x".into()), libc::EIO),
        ];
        for (failure, number) in table {
            assert_eq!(Errno::from(&failure), Errno(number), "{failure}");
        }
    }
}
