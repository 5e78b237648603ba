//! The URLs of a style sheet: what they lead to from its output.

use super::bundle::Work;
use super::urls::{MARK, unmarked};
use super::{Piece, Sheet, scan};
use crate::base::{Key, SourcePath};
use crate::compute::Failure;
use crate::resolver::Target;
use crate::runnable::assets::url_computation;
use crate::runnable::hook::is_of_hooks;
use crate::runnable::kind::{COPY, Kind};
use crate::runnable::layout::versioned;
use crate::runnable::made;
use crate::source::Entry;

/// The rule by whose URL Leaflet finds its icons (`L.Icon.Default`): what stands before the name is where it looks for all of
/// them. So there is no version in that URL; what is made of it at run time has none either.
const ICONS: &str = ".leaflet-default-icon-path";
/// The icons that it looks for there.
const ICON: &[u8] = b"marker-icon.png";
const OTHER_ICONS: [&str; 2] = ["marker-icon-2x.png", "marker-shadow.png"];

/// The mark of that URL.
fn of_icons(code: &str) -> Option<usize> {
    let rule = &code[code.find(ICONS)?..];
    let rule = &rule[..rule.find('}')?];
    let number = &rule[rule.find(MARK)? + MARK.len()..];
    let end = number.find(|letter: char| !letter.is_ascii_digit());
    number[..end.unwrap_or(number.len())].parse().ok()
}

impl Work<'_> {
    /// Puts what URLs lead to in place of the marks.
    pub(super) fn placed(&self, path: &SourcePath, code: &str) -> Result<Sheet, Failure> {
        let mut links = Vec::new();
        let of_icons = of_icons(code);
        let mut pieces = unmarked(self.externals.concat(), code, |number| {
            let Some((from, url)) = self.marks.get(number) else {
                return Ok(None);
            };
            let placed = match of_icons == Some(number) {
                true => self.icons(path, from, url, &mut links)?,
                false => self.url(path, from, url, true, &mut links)?,
            };
            Ok(Some(placed.map_or_else(
                || Piece::Text(scan::escaped(url)),
                Piece::Url,
            )))
        })?;
        let is_first = pieces.len() == 1;
        if let Some(Piece::Text(last)) = pieces.last_mut()
            && !(is_first && last.is_empty())
            && !last.ends_with('\n')
        {
            last.push('\n');
        }
        Ok(Sheet {
            pieces,
            links,
            ..Sheet::default()
        })
    }

    /// The URL of Leaflet's icons; the sheet leads to those that it does not name, too.
    fn icons(
        &self,
        path: &SourcePath,
        from: &SourcePath,
        url: &str,
        links: &mut Vec<Key>,
    ) -> Result<Option<String>, Failure> {
        let placed = self.url(path, from, url, false, links)?;
        let icon = links.iter().rev().find(|link| link.path.name() == ICON);
        if let Some(folder) = icon.and_then(|icon| icon.path.parent()) {
            for name in OTHER_ICONS {
                let other = Key::new(COPY, folder.child(name));
                if self.context.entry(&other.path)? == Entry::File && !links.contains(&other) {
                    links.push(other);
                }
            }
        }
        Ok(placed)
    }

    /// The URL from the output of `path` to what `url` in the file `from` means, with its version, if that is wanted and there is
    /// one; `None`: it stays as it is written.
    fn url(
        &self,
        path: &SourcePath,
        from: &SourcePath,
        url: &str,
        versions: bool,
        links: &mut Vec<Key>,
    ) -> Result<Option<String>, Failure> {
        let cut = url.find(['?', '#']).unwrap_or(url.len());
        let (name, suffix) = url.split_at(cut);
        let has_scheme = name.split('/').next().unwrap_or_default().contains(':');
        if name.is_empty() || has_scheme || name.starts_with("//") {
            return Ok(None);
        }
        let importer = self.runnable.resolver.importer(self.context, from);
        let config = self.runnable.resolver.config(self.context, from)?;
        let plain = crate::runnable::requests::unescaped(name);
        let plain = String::from_utf8_lossy(&plain);
        let mut found = importer.style(&plain, &config)?;
        if found.is_none() && !name.starts_with(['.', '/']) {
            let name = plain.strip_prefix('~').unwrap_or(&plain);
            if let Ok(Target::File(file, _)) = importer.resolve(name, &config)? {
                found = Some(file);
            }
        }
        if found.is_none() {
            found = self.made(from, |importer| importer.style(&plain, &config))?;
        }
        if let Some(file) = found
            && crate::runnable::views::is_served(
                self.runnable.layout.source(),
                self.context,
                &file,
            )?
        {
            let is_style = Kind::of_path(&file) == Kind::Style;
            let key = Key::new(url_computation(Kind::of_path(&file)), file);
            let key = made::served(self.context, self.runnable.layout.source(), key)?;
            // Only a file as it is: a style sheet's hash could be made of itself.
            let version =
                match key.computation == COPY || (is_of_hooks(&key.computation) && !is_style) {
                    true if versions => crate::runnable::hashed::version(self.context, &key)?,
                    _ => None,
                };
            let url = self.runnable.layout.url(path, &key);
            let placed = versioned(&url, suffix, version);
            if !links.contains(&key) {
                links.push(key);
            }
            return Ok(Some(placed));
        }
        // What is not there may come from elsewhere; it is still a path from the file that names it.
        let directory = from.parent().unwrap_or_else(SourcePath::root);
        match directory.join(plain.as_bytes()) {
            Ok(file) if !name.starts_with(['/', '~', '@']) => {
                let key = Key::new(COPY, file);
                let placed = format!("{}{suffix}", self.runnable.layout.url(path, &key));
                Ok(Some(placed))
            }
            _ => Ok(None),
        }
    }
}
