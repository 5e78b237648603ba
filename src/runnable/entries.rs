//! What all other outputs are there for: pages, files that hooks compute, and public files. A build begins with them.

use std::collections::BTreeSet;

use crate::base::SourcePath;
use crate::compute::{Context, Failure};
use crate::source::{Entry, EntryKind, InputError};

use super::hook;
use super::kind::Kind;
use super::names::is_hidden;
use super::public;

/// The entries below SRC, by their paths in the view, sorted. Folders of packages and folders that `.gitignore` names
/// (what other tools have built) are left out, as are hidden ones.
pub(super) fn entries(
    context: &dyn Context,
    source: &SourcePath,
) -> Result<Vec<SourcePath>, Failure> {
    let mut walk = Walk {
        context,
        source,
        ignored: Ignored::read(context, source)?,
        found: BTreeSet::new(),
        publics: Vec::new(),
    };
    walk.folder(source)?;
    if public::adopted_page(context, source)?.is_some() {
        walk.found.insert(SourcePath::root().child("index.html"));
    }
    Ok(walk.found.into_iter().collect())
}

struct Walk<'a> {
    context: &'a dyn Context,
    source: &'a SourcePath,
    ignored: Ignored,
    found: BTreeSet<SourcePath>,
    /// The folders of public files that it is in.
    publics: Vec<SourcePath>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &SourcePath) -> Result<(), Failure> {
        let public = public::folder(self.context, self.source, folder)?;
        if let Some(public) = &public {
            self.public(public, folder)?;
        }
        for path in hook::all_files(self.context, folder)? {
            self.add(&path);
        }
        for entry in self.context.list(folder)?.iter() {
            let path = folder.child(&entry.name);
            let is_left_out = is_hidden(&entry.name)
                || entry.name.starts_with(b"~")
                || entry.name == b"node_modules"
                || Some(&path) == public.as_ref();
            match entry.kind {
                _ if is_left_out => {}
                EntryKind::File => {
                    if Kind::of(&entry.name) == Kind::Page {
                        self.add(&path);
                    }
                    if let Some(target) = hook::target(&entry.name) {
                        self.add(&folder.child(target));
                    }
                }
                EntryKind::Directory if !self.ignored.holds(folder, &entry.name) => {
                    self.folder(&path)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// All files of a folder of public files, at the places where they appear.
    fn public(&mut self, folder: &SourcePath, place: &SourcePath) -> Result<(), Failure> {
        // A link to a folder around it has no end.
        if self.publics.contains(folder) {
            return Ok(());
        }
        self.publics.push(folder.clone());
        for (name, found, entry) in public::list(self.context, self.source, folder)? {
            let place = place.child(&name);
            match entry {
                Entry::Directory => self.public(&found, &place)?,
                _ => self.add(&place),
            }
        }
        self.publics.pop();
        Ok(())
    }

    fn add(&mut self, path: &SourcePath) {
        let below = path.below(self.source).unwrap_or_default();
        if let Ok(path) = SourcePath::parse(below) {
            self.found.insert(path);
        }
    }
}

/// The folders that `.gitignore` of SRC and of the workspace root name in plain words (gitignore(5)): `dist`, `/dist/`.
#[derive(Default)]
struct Ignored {
    anywhere: BTreeSet<Vec<u8>>,
    at: BTreeSet<SourcePath>,
}

impl Ignored {
    fn read(context: &dyn Context, source: &SourcePath) -> Result<Self, Failure> {
        let mut ignored = Self::default();
        for folder in BTreeSet::from([SourcePath::root(), source.clone()]) {
            let text = match context.content(&folder.child(".gitignore")) {
                Ok(text) => text,
                Err(InputError::Absent(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            for line in text.split(|&byte| byte == b'\n') {
                let line = line.trim_ascii();
                let name = line.strip_suffix(b"/").unwrap_or(line);
                let is_plain = !name.is_empty()
                    && !name.starts_with(b"#")
                    && !name.iter().any(|byte| b"*?[]!\\".contains(byte));
                let is_rooted = name.contains(&b'/');
                match (
                    is_plain,
                    folder.join(name.strip_prefix(b"/").unwrap_or(name)),
                ) {
                    (true, Ok(path)) if is_rooted => {
                        ignored.at.insert(path);
                    }
                    (true, _) => {
                        ignored.anywhere.insert(name.to_owned());
                    }
                    (false, _) => {}
                }
            }
        }
        Ok(ignored)
    }

    fn holds(&self, folder: &SourcePath, name: &[u8]) -> bool {
        self.anywhere.contains(name) || self.at.contains(&folder.child(name))
    }
}

#[cfg(test)]
mod tests {
    use super::super::RunnableView;
    use super::super::scene::{Scene, path, tree};
    use super::SourcePath;
    use crate::router::{File, Found, View};

    fn entries(files: &[(&str, &str)], source: &str) -> String {
        let scene = Scene::new(tree(files), source);
        let found = RunnableView::new(path(source)).entries(&scene).unwrap();
        let names: Vec<String> = found.iter().map(ToString::to_string).collect();
        names.join(" ")
    }

    #[test]
    fn pages_and_public_files_are_found() {
        let files = [
            ("index.html", ""),
            ("about/index.html", ""),
            ("main.ts", ""),
            ("public/robots.txt", ""),
            ("public/icons/a.svg", ""),
            ("public/.hidden", ""),
            ("node_modules/p/index.html", ""),
            (".cache/a.html", ""),
            ("dist/index.html", ""),
            ("docs/out/a.html", ""),
            ("docs/a.html", ""),
            ("docs/dist/b.html", ""),
            ("feed.xml.hook.ts", ""),
            ("useCart.hook.ts", ""),
            ("dist/a.txt.hook.ts", ""),
            (".gitignore", "# built\n/dist/\ndocs/out\n*.log\n"),
        ];
        assert_eq!(
            entries(&files, ""),
            "/about/index.html /docs/a.html /docs/dist/b.html /feed.xml /icons/a.svg /index.html /robots.txt"
        );
    }

    #[test]
    fn every_project_has_its_public_files() {
        let files = [
            ("public/a.txt", ""),
            ("apps/web/package.json", "{}"),
            ("apps/web/public/b.txt", ""),
            ("docs/public/c.txt", ""),
            ("node_modules/p/package.json", "{}"),
            ("node_modules/p/public/d.txt", ""),
        ];
        assert_eq!(entries(&files, ""), "/a.txt /apps/web/b.txt");
        // Beside the page, where that is the workspace root's.
        let files = [
            ("index.html", ""),
            ("public/a.txt", ""),
            ("src/public/b.ts", ""),
        ];
        assert_eq!(entries(&files, "src"), "/a.txt /index.html");
        assert_eq!(entries(&files[2..], "src"), "/b.ts");
    }

    #[test]
    fn what_links_lead_to_is_public_too() {
        let files = [
            ("shared/fonts/a.woff", "font"),
            ("shared/fonts/more", "-> ../fonts"),
            ("shared/logo.svg", "<svg/>"),
            ("web/index.html", ""),
            ("web/.env", "SECRET=1"),
            ("web/public", "-> ../static"),
            ("static/fonts", "-> ../shared/fonts"),
            ("static/logo.svg", "-> ../shared/logo.svg"),
            ("static/env.txt", "-> ../web/.env"),
            ("static/nothing.txt", "-> ./nowhere.txt"),
            ("static/out.txt", "-> ../../out.txt"),
        ];
        for source in ["", "web"] {
            let folder = if source.is_empty() { "web/" } else { "" };
            let all = ["fonts/a.woff", "index.html", "logo.svg"];
            let all: Vec<String> = all.iter().map(|name| format!("/{folder}{name}")).collect();
            assert_eq!(entries(&files, source), all.join(" "));
            let scene = Scene::new(tree(&files), source);
            let view = RunnableView::new(path(source));
            let found = |name: &str| view.lookup(&scene, &path(&format!("{folder}{name}")));
            let font = found("fonts/a.woff").unwrap();
            let is_font = |path: &SourcePath| path.as_bytes() == b"shared/fonts/a.woff";
            assert!(matches!(&font, Found::File(File::Copy(path)) if is_font(path)));
            for name in ["env.txt", "nothing.txt", "out.txt"] {
                assert!(matches!(found(name).unwrap(), Found::Absent), "{name}");
            }
            let listed = |folder: &str| -> Vec<String> {
                let listed = view.list(&scene, &path(folder)).unwrap();
                let names = listed
                    .iter()
                    .map(|entry| String::from_utf8_lossy(&entry.name));
                names.map(|name| name.into_owned()).collect()
            };
            let names = listed(folder.trim_end_matches('/'));
            let public = ["env.txt", "fonts", "logo.svg", "nothing.txt", "out.txt"];
            let public: Vec<_> = (public
                .iter()
                .filter(|name| names.iter().any(|own| own == *name)))
            .collect();
            assert_eq!(public, [&"fonts", &"logo.svg"]);
            assert_eq!(listed(&format!("{folder}fonts")), ["a.woff", "more"]);
        }
    }

    #[test]
    fn a_page_that_webpack_fills_in_is_no_public_file() {
        let template = "<link href=%PUBLIC_URL%/a.png>";
        for (page, want) in [(template, "/a.png"), ("<p>", "/a.png /index.html")] {
            let files = [("public/index.html", page), ("public/a.png", "")];
            assert_eq!(entries(&files, ""), want);
            let scene = Scene::new(tree(&files), "");
            let view = RunnableView::new(path(""));
            let found = view.lookup(&scene, &path("index.html")).unwrap();
            let is_there = !matches!(found, Found::Absent);
            assert_eq!(is_there, want.contains("index"));
            let listed = view.list(&scene, &path("")).unwrap();
            let is_listed = listed.iter().any(|entry| entry.name == b"index.html");
            assert_eq!(is_listed, is_there);
        }
    }

    #[test]
    fn those_of_the_workspace_root_are_adopted() {
        let files = [
            ("index.html", ""),
            ("public/robots.txt", ""),
            ("src/main.ts", ""),
            ("package.json", "{}"),
        ];
        assert_eq!(entries(&files, "src"), "/index.html /robots.txt");
        assert_eq!(entries(&[("src/main.ts", "")], "src"), "");
    }
}
