use super::*;

fn drained(tree: &MemoryTree) -> Vec<Change> {
    let mut changes = Vec::new();
    tree.drain(&mut changes);
    changes
}

#[test]
fn reports_only_what_is_watched() {
    let tree = MemoryTree::of([("a/b.ts", "1"), ("c/d.ts", "2")]);
    assert_eq!(tree.watch(&parse("a")), Watching::Exact);
    tree.write("a/b.ts", "3");
    tree.write("c/d.ts", "4");
    let path = parse("a/b.ts");
    assert_eq!(
        drained(&tree),
        [
            Change::Content {
                path: path.clone(),
                closed: false
            },
            Change::Content { path, closed: true }
        ]
    );
    tree.write("c/e/f.ts", "5");
    assert_eq!(drained(&tree), []);
}

#[test]
fn an_absent_directory_is_reported_when_it_comes() {
    let tree = MemoryTree::new();
    tree.watch(&parse("x/y"));
    tree.write("x/y/z.ts", "");
    assert_eq!(drained(&tree), [Change::Name(parse("x"))]);
}

#[test]
fn a_renamed_directory_takes_its_content_and_leaves_its_watches() {
    let tree = MemoryTree::of([("a/b/c", "1"), ("ab", "2")]);
    tree.watch(&parse("a/b"));
    tree.rename("a", "z");
    assert_eq!(
        drained(&tree),
        [Change::Name(parse("a")), Change::Name(parse("z"))]
    );
    assert_eq!(tree.read(&parse("z/b/c")).unwrap().0, "1");
    assert_eq!(tree.entry(&parse("a/b")).unwrap().0, Entry::Absent);
    assert_eq!(tree.watched(), [SourcePath::root()]);
    let names: Vec<_> = tree
        .list(&SourcePath::root())
        .unwrap()
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names, [b"ab".to_vec(), b"z".to_vec()]);
}

#[test]
fn fails_on_demand() {
    let tree = MemoryTree::of([("a", "1")]);
    tree.fail("a", libc::EIO);
    assert!(matches!(tree.read(&parse("a")), Err(InputError::Io { .. })));
    tree.heal("a");
    tree.on_read(|tree, path| tree.write(path.as_bytes(), "2"));
    assert_eq!(tree.read(&parse("a")).unwrap().0, "1");
    tree.no_hook();
    assert_eq!(tree.read(&parse("a")).unwrap().0, "2");
    assert_eq!(tree.counts().reads, 3);
    tree.watch(&SourcePath::root());
    tree.overflow();
    tree.write("a", "3");
    assert_eq!(drained(&tree), [Change::Everything]);
    tree.refuse_watches("no");
    assert_eq!(
        tree.watch(&SourcePath::root()),
        Watching::Impossible("no".into())
    );
}
