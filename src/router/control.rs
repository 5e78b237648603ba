//! `/~@/~hookfs`: files that describe the daemon.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use super::{File, Found, Listed, ListedKind, Live, Quotes, View};
use crate::base::SourcePath;
use crate::compute::{Context, Failure};

/// A flat directory of live files, each under the last component of its identity.
pub struct ControlView {
    files: Vec<Arc<dyn Live>>,
}

impl ControlView {
    /// A view of `files`, whose identities have different last components.
    pub fn new(mut files: Vec<Arc<dyn Live>>) -> Self {
        files.sort_by(|a, b| name(a.as_ref()).cmp(name(b.as_ref())));
        Self { files }
    }
}

fn name(file: &dyn Live) -> &[u8] {
    let identity = file.identity().as_bytes();
    identity.rsplit(|&b| b == b'/').next().unwrap_or_default()
}

impl View for ControlView {
    fn lookup(&self, _context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        if path.is_root() {
            return Ok(Found::Directory { source: None });
        }
        let mut files = self.files.iter();
        let found = files.find(|file| name(file.as_ref()) == path.as_bytes());
        Ok(found.map_or(Found::Absent, |file| Found::File(File::Text(file.clone()))))
    }

    fn list(&self, _context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        if !path.is_root() {
            return Err(Failure::Missing(path.clone()));
        }
        let listed = self.files.iter().map(|file| Listed {
            name: name(file.as_ref()).to_vec(),
            kind: ListedKind::File,
        });
        Ok(listed.collect())
    }
}

/// What makes a live file's text.
type Maker = Box<dyn Fn() -> Result<Bytes, Failure> + Send + Sync>;

/// A live file made by a function.
pub struct LiveText {
    identity: String,
    make: Maker,
    quotes: Quotes<'static>,
}

impl LiveText {
    /// The file with this identity (its path in the view), whose text is what `make` gives at each open.
    pub fn new(
        identity: impl Into<String>,
        make: impl Fn() -> Result<Bytes, Failure> + Send + Sync + 'static,
    ) -> Self {
        Self {
            identity: identity.into(),
            make: Box::new(make),
            quotes: Quotes::Nothing,
        }
    }

    /// The same, for the daemon's user alone: it quotes sources.
    pub fn private(mut self) -> Self {
        self.quotes = Quotes::Any;
        self
    }
}

impl Live for LiveText {
    fn text(&self) -> Result<Bytes, Failure> {
        (self.make)()
    }

    fn quotes(&self) -> Quotes<'_> {
        self.quotes
    }

    fn identity(&self) -> &str {
        &self.identity
    }
}

impl fmt::Debug for LiveText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LiveText({})", self.identity)
    }
}

/// A live file that is a growing file of the state folder.
#[derive(Debug)]
pub struct LiveStream {
    identity: String,
    path: PathBuf,
}

impl LiveStream {
    /// The file with this identity (its path in the view), whose bytes are those of the file at `path`.
    pub fn new(identity: impl Into<String>, path: PathBuf) -> Self {
        Self {
            identity: identity.into(),
            path,
        }
    }
}

impl Live for LiveStream {
    fn text(&self) -> Result<Bytes, Failure> {
        std::fs::read(&self.path).map(Bytes::from).map_err(|cause| {
            Failure::Internal(format!("cannot read `{}`: {cause}", self.path.display()))
        })
    }

    fn stream(&self) -> Option<PathBuf> {
        Some(self.path.clone())
    }

    fn identity(&self) -> &str {
        &self.identity
    }
}
