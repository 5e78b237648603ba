//! A mount whose outputs panic.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::{MountOptions, mount};
use crate::fs::Fs;
use crate::fs::computed::tests::fake::mounted;
use crate::fs::source::{SourceFs, SourceOptions};

/// More than there are threads that serve requests.
const MANY: usize = 6;

fn error(path: &Path) -> Option<i32> {
    fs::read(path).err().and_then(|error| error.raw_os_error())
}

#[test]
fn a_panic_costs_its_own_request() {
    let (fake, computed) = mounted();
    fake.set("a.ts", Ok("a"));
    fake.set("panics.ts", Ok("never"));
    let source = fake.folder.path().canonicalize().unwrap();
    let options = SourceOptions {
        read_only: false,
        default_permissions: false,
        descriptors: None,
    };
    let tree = SourceFs::new(&source, options).unwrap();
    let place = tempfile::tempdir().unwrap();
    let session = mount(
        Arc::new(Fs::new(tree, computed)),
        place.path(),
        &MountOptions {
            source,
            read_only: false,
            allow_other: false,
        },
    )
    .unwrap();
    let outputs = place.path().join("~@");
    for _ in 0..MANY {
        assert_eq!(error(&outputs.join("panic")), Some(libc::EIO));
        // In a thread of the pool, once nothing is known without waiting.
        *fake.busy.lock().unwrap() = true;
        assert_eq!(error(&outputs.join("panics.ts")), Some(libc::EIO));
        *fake.busy.lock().unwrap() = false;
        assert_eq!(error(&outputs.join("panics.ts")), Some(libc::EIO));
    }
    assert_eq!(fs::read(outputs.join("a.ts")).unwrap(), b"a");
    fs::write(place.path().join("b"), "b").unwrap();
    session.unmount();
    session.wait().unwrap();
}
