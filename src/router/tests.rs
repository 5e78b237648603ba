use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::base::{Computation, ContentHash};
use crate::source::{Entry, InputError, ListedEntry};

/// Views of these tests ask nothing.
pub(super) struct Nothing;

impl Context for Nothing {
    fn content(&self, path: &SourcePath) -> Result<Bytes, InputError> {
        Err(InputError::Absent(path.clone()))
    }
    fn glance(&self, path: &SourcePath, _aspect: &str) -> Result<Bytes, InputError> {
        self.content(path)
    }
    fn entry(&self, _path: &SourcePath) -> Result<Entry, InputError> {
        Ok(Entry::Absent)
    }
    fn list(&self, path: &SourcePath) -> Result<Arc<[ListedEntry]>, InputError> {
        Err(InputError::Absent(path.clone()))
    }
    fn fetch(&self, key: &Key, _part: Part) -> Result<Bytes, Failure> {
        Err(Failure::Missing(key.path.clone()))
    }
    fn measure(&self, key: &Key, _part: Part) -> Result<(ContentHash, u64), Failure> {
        Err(Failure::Missing(key.path.clone()))
    }
}

/// A view with the files it is made with and the directories above them.
struct Fixed(Vec<(&'static str, File)>);

fn path(text: &str) -> SourcePath {
    SourcePath::parse(text).unwrap()
}

fn node(name: &str) -> File {
    File::Node {
        key: Key::new(Computation::new("module"), path(name)),
        part: Part::MAIN,
        names: 1,
    }
}

impl View for Fixed {
    fn lookup(&self, _context: &dyn Context, at: &SourcePath) -> Result<Found, Failure> {
        if let Some((_, file)) = self.0.iter().find(|(name, _)| path(name) == *at) {
            return Ok(Found::File(file.clone()));
        }
        let mut names = self.0.iter().map(|(name, _)| path(name));
        Ok(match names.any(|name| name.starts_with(at)) {
            true => Found::Directory { source: None },
            false => Found::Absent,
        })
    }
    fn list(&self, _context: &dyn Context, at: &SourcePath) -> Result<Vec<Listed>, Failure> {
        let mut listed: Vec<Listed> = self
            .0
            .iter()
            .filter_map(|(name, _)| {
                let rest = path(name).below(at)?.to_vec();
                let mut parts = rest.split(|&b| b == b'/');
                Some(Listed {
                    name: parts.next()?.to_vec(),
                    kind: match parts.next() {
                        Some(_) => ListedKind::Directory,
                        None => ListedKind::File,
                    },
                })
            })
            .collect();
        listed.sort();
        listed.dedup();
        Ok(listed)
    }
}

fn names(view: &dyn View, at: &str) -> Vec<String> {
    let listed = view.list(&Nothing, &path(at)).unwrap();
    let names = listed.into_iter();
    names
        .map(|entry| String::from_utf8(entry.name).unwrap())
        .collect()
}

#[test]
fn the_longest_prefix_serves_a_path_and_its_name_is_not_listed() {
    let table = MountTable::new()
        .with(
            SourcePath::root(),
            Arc::new(Fixed(vec![
                ("a", node("outer")),
                ("~rootless", node("outer")),
            ])),
        )
        .with(path("~root"), Arc::new(Fixed(vec![("a", node("inner"))])));
    let found = |name: &str| match table.lookup(&Nothing, &path(name)).unwrap() {
        Found::File(File::Node { key, .. }) => key.path.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(found("a"), "/outer");
    assert_eq!(found("~root/a"), "/inner");
    assert_eq!(found("~rootless"), "/outer");
    assert_eq!(found("~root/b"), "Absent");
    assert!(matches!(
        table.lookup(&Nothing, &path("~root")).unwrap(),
        Found::Directory { .. }
    ));
    assert_eq!(names(&table, ""), ["a", "~rootless"]);
}

#[derive(Debug)]
struct Told;

impl Reports for Told {
    fn report(&self, key: &Key) -> Result<Bytes, Failure> {
        Ok(Bytes::from(format!("{{\"key\":\"{key}\"}}")))
    }
}

#[test]
fn the_graph_view_has_a_report_beside_each_output() {
    let outputs = Arc::new(Fixed(vec![
        ("ui/a.tsx", node("ui/a.tsx")),
        ("b.json", node("b.json")),
        ("logo.png", File::Copy(path("logo.png"))),
    ]));
    let view = GraphView::new(outputs, Arc::new(Told));
    let text = |name: &str| match view.lookup(&Nothing, &path(name)).unwrap() {
        Found::File(File::Text(live)) => String::from_utf8(live.text().unwrap().to_vec()).unwrap(),
        other => format!("{other:?}"),
    };
    assert_eq!(text("ui/a.tsx.json"), r#"{"key":"module:/ui/a.tsx"}"#);
    assert_eq!(text("b.json.json"), r#"{"key":"module:/b.json"}"#);
    assert_eq!(text("logo.png.json"), r#"{"key":"copy:/logo.png"}"#);
    for absent in ["b.json", "ui/a.tsx", ".json", "ui/.json"] {
        assert_eq!(text(absent), "Absent", "{absent}");
    }
    assert_eq!(names(&view, ""), ["b.json.json", "logo.png.json", "ui"]);
    assert_eq!(names(&view, "ui"), ["a.tsx.json"]);
}

#[test]
fn control_files_describe_the_daemon_as_it_is_when_asked() {
    let view = ControlView::new(vec![
        Arc::new(LiveStream::new("~hookfs/events", "/nowhere/events".into())),
        Arc::new(LiveText::new("~hookfs/errors.json", || {
            Ok(Bytes::from_static(b"[]"))
        })),
    ]);
    assert_eq!(names(&view, ""), ["errors.json", "events"]);
    let Found::File(File::Text(live)) = view.lookup(&Nothing, &path("errors.json")).unwrap() else {
        panic!("errors.json is a live file");
    };
    assert_eq!(live.text().unwrap(), "[]");
    assert!(matches!(
        view.lookup(&Nothing, &path("x")).unwrap(),
        Found::Absent
    ));
}

#[test]
fn the_chain_of_importers_ends_at_an_entry_and_not_in_a_circle() {
    let key = |name: &str| Key::new(Computation::new("module"), path(name));
    let importers = |of: &Key| match of.path.to_string().as_str() {
        "/src/c.ts" => vec![key("src/b.ts")],
        "/src/b.ts" => vec![key("src/c.ts"), key("src/z.ts"), key("lib/a.ts")],
        _ => vec![],
    };
    let chain = importer_chain(importers, &path("src"), &key("src/c.ts"));
    assert_eq!(chain, ["/b.ts", "/~root/lib/a.ts"]);
}
