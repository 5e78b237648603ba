//! The package that a directory belongs to.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::packages::{PACKAGE, Package, encode};
use crate::base::{Computation, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output};

/// The nearest `package.json` at or above the directory of the key: Node's `LOOKUP_PACKAGE_SCOPE`, never above the
/// workspace root.
pub const SCOPE: Computation = Computation::new("scope");

/// A package, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The directory of its `package.json`.
    pub directory: SourcePath,
    /// What that says.
    pub package: Arc<Package>,
}

/// Runs [`SCOPE`]: an `Option<Scope>`.
pub fn run(context: &dyn Context, directory: &SourcePath) -> Result<Output, Failure> {
    if directory.name() == b"node_modules" {
        return encode(&None::<Scope>);
    }
    let bytes = context.fetch(&Key::new(PACKAGE, directory.clone()), Part::MAIN)?;
    let package: Option<Package> = postcard::from_bytes(&bytes)
        .map_err(|error| Failure::Internal(format!("a package does not decode: {error}")))?;
    if let Some(package) = package {
        return encode(&Some(Scope {
            directory: directory.clone(),
            package: Arc::new(package),
        }));
    }
    match directory.parent() {
        Some(parent) => {
            let bytes = context.fetch(&Key::new(SCOPE, parent), Part::MAIN)?;
            Ok(Output {
                parts: vec![(Part::MAIN, bytes)],
                links: Vec::new(),
            })
        }
        None => encode(&None::<Scope>),
    }
}
