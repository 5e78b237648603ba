//! The files of an engine: what a file is, and its bytes.

use std::io::Write;
use std::path::Path;

use super::engine::Engine;
use super::error::{Error, Result};
use super::service::{Described, Reference};
use crate::base::{ContentHash, Diagnostic, Key, Part, ShortHash, SourcePath};
use crate::compute::{Context, Failure, Link, LinkKind};
use crate::router::{File, Version};
use crate::runnable::faults_of;
use crate::store::Blob;

impl Engine {
    fn permissions(&self, source: &SourcePath) -> u32 {
        use crate::source::Tree;
        const DEFAULT: u32 = 0o644;
        match self.tree.entry(source) {
            Ok((_, Some(stamp))) => stamp.mode & 0o777,
            _ => DEFAULT,
        }
    }

    /// `None`: it is a version that is gone.
    pub(super) fn describe_file(&self, file: &File) -> Result<Option<Described>> {
        Ok(Some(match file {
            File::Node { key, part, .. } => {
                let fetched = self
                    .graph
                    .fetch(key, *part)
                    .map_err(|failure| self.explain(key, failure))?;
                let links = match *part {
                    Part::MAIN => self
                        .graph
                        .links(key)
                        .map_err(|failure| self.explain(key, failure))?,
                    _ => Vec::new(),
                };
                let in_package = key.path.components().any(|name| name == b"node_modules");
                let reference = |link: &Link| Reference {
                    path: self.layout.output_of(&link.key),
                    is_optional: in_package && link.kind != LinkKind::Import,
                };
                Described {
                    hash: Some(fetched.hash),
                    name: self.name_of(key, *part),
                    permissions: self.permissions(&key.path),
                    links: links.iter().map(reference).collect(),
                    faults: self.faults(key),
                }
            }
            File::Copy(path) => {
                let fetched = self.graph.version(path).map_err(Failure::from)?;
                Described {
                    hash: Some(fetched.hash),
                    name: None,
                    permissions: self.permissions(path),
                    links: Vec::new(),
                    faults: Vec::new(),
                }
            }
            File::Text(_) => Described {
                hash: None,
                name: None,
                permissions: 0o444,
                links: Vec::new(),
                faults: Vec::new(),
            },
            File::Version(version) => match self.hash_of(version)? {
                Some(hash) => Described {
                    hash: Some(hash),
                    name: None,
                    permissions: self.permissions(&version.node.path),
                    links: Vec::new(),
                    faults: Vec::new(),
                },
                None => return Ok(None),
            },
        }))
    }

    /// What names the present version of a part, where that is not its hash.
    fn name_of(&self, key: &Key, part: Part) -> Option<ShortHash> {
        let named = (part == Part::MAIN).then(|| self.graph.fetch(key, Part::NAME))?;
        Some(named.ok()?.hash.short())
    }

    /// The hash of a version's bytes; `None`: it is gone, or never was.
    pub(super) fn hash_of(&self, version: &Version) -> Result<Option<ContentHash>> {
        let kept = self.graph.kept(&version.node, version.part, version.hash);
        match (kept, &version.file) {
            // A copy that is too large to be kept, or does not hold still.
            (Ok(None) | Err(Failure::Missing(_)), File::Copy(path)) => {
                let digest = self.graph.look().digest(path);
                let (hash, _) = digest.map_err(Failure::from)?;
                Ok(Some(hash).filter(|hash| hash.short() == version.hash))
            }
            (Ok(kept), _) => Ok(kept.map(|kept| kept.hash)),
            (Err(failure), _) => Err(self.explain(&version.node, failure)),
        }
    }

    /// The bytes of a version with this hash, if they are kept.
    pub(super) fn kept_blob(&self, version: &Version, hash: &ContentHash) -> Option<Blob> {
        let (key, part) = (&version.node, version.part);
        let kept = self.graph.kept(key, part, version.hash).ok()??;
        (kept.hash == *hash).then_some(())?;
        self.graph.blob(key, part, hash).ok()
    }

    /// What is wrong with an output that is there all the same.
    fn faults(&self, key: &Key) -> Vec<Diagnostic> {
        let failure = faults_of(key).and_then(|faults| self.graph.fetch(&faults, Part::MAIN).err());
        match failure {
            Some(Failure::Diagnostics(diagnostics)) => diagnostics.to_vec(),
            _ => Vec::new(),
        }
    }

    pub(super) fn write_file(
        &self,
        path: &SourcePath,
        file: &File,
        sink: &mut dyn Write,
    ) -> Result<()> {
        let failed = |cause| Error::io("copy", Path::new("the output"))(cause);
        match file {
            File::Node { key, part, .. } => {
                let blob = self.version_of(key, *part)?;
                write_blob(&blob, sink).map_err(failed)
            }
            File::Copy(path) => {
                let bytes = self.graph.look().content(path).map_err(Failure::from)?;
                sink.write_all(&bytes).map_err(failed)
            }
            File::Text(live) => sink.write_all(&live.text()?).map_err(failed),
            File::Version(version) => {
                let gone = || Error::NoFile(path.to_string());
                let hash = self.hash_of(version)?.ok_or_else(gone)?;
                if let Some(blob) = self.kept_blob(version, &hash) {
                    return write_blob(&blob, sink).map_err(failed);
                }
                let File::Copy(source) = &version.file else {
                    return Err(gone());
                };
                // Another one than that which was looked at is none of this name.
                let bytes = self.graph.look().content(source).map_err(Failure::from)?;
                match ContentHash::of(&bytes) == hash {
                    true => sink.write_all(&bytes).map_err(failed),
                    false => Err(gone()),
                }
            }
        }
    }

    /// The bytes as they are now. A version that an edit has overtaken between the two questions is asked for again.
    pub(super) fn version_of(&self, key: &Key, part: Part) -> Result<Blob> {
        const TRIES: usize = 20;
        let explain = |failure| self.explain(key, failure);
        let mut last = None;
        for _ in 0..TRIES {
            let fetched = self.graph.fetch(key, part).map_err(explain)?;
            match self.graph.blob(key, part, &fetched.hash) {
                Ok(blob) => return Ok(blob),
                Err(failure) => last = Some(failure),
            }
        }
        Err(explain(last.unwrap_or_else(|| {
            Failure::Internal("no version held still".into())
        })))
    }
}

pub(super) fn write_blob(blob: &Blob, sink: &mut dyn Write) -> std::io::Result<()> {
    const STEP: usize = 1 << 20;
    let mut offset = 0;
    while offset < blob.len() {
        let bytes = blob.read_at(offset, STEP)?;
        if bytes.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        sink.write_all(&bytes)?;
        offset += bytes.len() as u64;
    }
    Ok(())
}
