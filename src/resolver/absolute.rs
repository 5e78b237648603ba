//! What a leading slash in a specifier means.

use super::files;
use super::importer::Importer;
use crate::base::SourcePath;
use crate::compute::Failure;
use crate::source::Entry;

impl Importer<'_> {
    /// `/x`: from SRC, else from the application of many that the importer is in, else from the workspace root; each time what
    /// the folder has, then what its `public` folder has.
    pub(super) fn absolute(&self, rest: &str) -> Result<Option<SourcePath>, Failure> {
        if rest.split('/').any(|part| part == "..") {
            return Ok(None);
        }
        let source = &self.resolver.settings.source;
        if let Some(found) = self.absolute_in(source, rest)? {
            return Ok(Some(found));
        }
        if let Some(application) = self.application()?
            && let Some(found) = self.absolute_in(&application, rest)?
        {
            return Ok(Some(found));
        }
        match source.is_root() {
            true => Ok(None),
            false => self.absolute_in(&SourcePath::root(), rest),
        }
    }

    fn absolute_in(&self, root: &SourcePath, rest: &str) -> Result<Option<SourcePath>, Failure> {
        if let Some(found) = self.file_or_directory(root, rest)? {
            return Ok(Some(found));
        }
        let (public, Entry::Directory) = files::entry_in(self.context, root, b"public")? else {
            return Ok(None);
        };
        Ok(match files::walk(self.context, &public, rest.as_bytes())? {
            Some((path, Entry::File)) => Some(path),
            _ => None,
        })
    }

    /// The nearest folder below SRC with a page or a `package.json`, where the importer is in one.
    fn application(&self) -> Result<Option<SourcePath>, Failure> {
        let source = &self.resolver.settings.source;
        let is_inside = |folder: &SourcePath| folder != source && folder.starts_with(source);
        if files::in_packages(&self.directory) {
            return Ok(None);
        }
        for folder in self.directory.ancestors().take_while(is_inside) {
            for name in [&b"index.html"[..], b"package.json"] {
                if let (_, Entry::File) = files::entry_in(self.context, &folder, name)? {
                    return Ok(Some(folder));
                }
            }
        }
        Ok(None)
    }
}
