//! Two builds of one version have different identities.

use std::fs;

use super::scene::sass_workers;
use super::{Options, Runnable};
use crate::compute::Computations;

#[path = "../../build/fingerprint.rs"]
mod fingerprint;

#[test]
fn another_build_has_another_identity() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let code = || fingerprint::of(root, &["lock", "src"]).unwrap();
    fs::create_dir_all(root.join("src/deep")).unwrap();
    fs::write(root.join("src/a.rs"), "fn a() {}").unwrap();
    fs::write(root.join("src/deep/b.rs"), "").unwrap();
    let mut seen = vec![code()];
    assert_eq!(seen[0], code());
    fs::write(root.join("other"), "is not asked for").unwrap();
    assert_eq!(seen[0], code());
    let mut is_new = |what: &str| {
        let now = code();
        assert!(!seen.contains(&now), "{what}");
        seen.push(now);
    };
    fs::write(root.join("src/deep/b.rs"), "fn b() {}").unwrap();
    is_new("a content");
    fs::rename(root.join("src/deep/b.rs"), root.join("src/deep/c.rs")).unwrap();
    is_new("a name");
    fs::write(root.join("lock"), "one").unwrap();
    is_new("a file that was not there");
    fs::write(root.join("src/a.rs"), "fn a() {} ").unwrap();
    is_new("one byte more");

    let identity = Runnable::new(
        Options::new(crate::base::SourcePath::root()),
        sass_workers(),
    )
    .identity();
    let code = identity.split("code=").nth(1).unwrap();
    let code = code.split(' ').next().unwrap();
    assert!(code.len() == 16 && u64::from_str_radix(code, 16).unwrap() != 0);
}
