use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::config::Options;
use super::super::service::{CacheSize, Described, Item, Named, Reference, Service};
use super::*;

struct Fake {
    stopped: AtomicBool,
}

struct Answers;

impl Service for Answers {
    fn describe(&self, path: &SourcePath) -> Result<Named> {
        Ok(Named::File(Described {
            hash: Some(crate::base::ContentHash::of(path.as_bytes())),
            name: None,
            permissions: 0o644,
            links: vec![Reference {
                path: path.clone(),
                is_optional: true,
            }],
            faults: Vec::new(),
        }))
    }

    fn list(&self, _: &SourcePath) -> Result<Vec<Item>> {
        Err(Error::NoFile("/x".into()))
    }

    fn entries(&self) -> Result<Vec<SourcePath>> {
        Ok(Vec::new())
    }

    fn read(&self, path: &SourcePath, sink: &mut dyn Write) -> Result<()> {
        match path.as_bytes() {
            b"empty" => Ok(()),
            b"broken" => Err(Error::Diagnostics(vec![Diagnostic::new("syntax", "what")])),
            b"cut" => {
                sink.write_all(b"half").unwrap();
                Err(Error::Internal("gone".into()))
            }
            bytes => {
                sink.write_all(&bytes.repeat(100_000)).unwrap();
                Ok(())
            }
        }
    }

    fn report(&self, _: &SourcePath) -> Result<serde_json::Value> {
        Ok(serde_json::json!({ "fresh": true }))
    }

    fn status(&self) -> Result<serde_json::Value> {
        panic!("a fault in a conversation")
    }

    fn cache(&self) -> Result<CacheSize> {
        Ok(CacheSize {
            records: 1,
            blobs: 2,
            blob_bytes: 3,
            disk_bytes: 4,
        })
    }

    fn prune(&self, bytes: u64) -> Result<u64> {
        Ok(bytes)
    }

    fn clear(&self) -> Result<u64> {
        Ok(0)
    }
}

impl Backend for Fake {
    fn service(&self, _: Option<&Options>) -> Result<Arc<dyn Service + Send + Sync>> {
        Ok(Arc::new(Answers))
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }
}

fn path(text: impl AsRef<[u8]>) -> SourcePath {
    SourcePath::parse(text).unwrap()
}

fn serve() -> (tempfile::TempDir, PathBuf, Arc<Fake>, Server) {
    let folder = tempfile::tempdir().unwrap();
    // Longer than a socket's address may be.
    let state = folder.path().join("long".repeat(40));
    std::fs::create_dir(&state).unwrap();
    let fake = Arc::new(Fake {
        stopped: AtomicBool::new(false),
    });
    let server = Server::start(&state, fake.clone()).unwrap();
    (folder, state, fake, server)
}

#[test]
fn questions_are_answered_over_the_socket() {
    let (_folder, state, fake, server) = serve();
    let client = Client::connect(&state, None).unwrap().unwrap();
    let odd = path(b"a/\xff\n");
    assert_eq!(
        client.describe(&odd).unwrap(),
        Answers.describe(&odd).unwrap()
    );
    assert!(matches!(client.list(&odd), Err(Error::NoFile(_))));
    let mut bytes = Vec::new();
    client.read(&path("abc-0123456789"), &mut bytes).unwrap();
    assert_eq!(bytes, b"abc-0123456789".repeat(100_000));
    bytes.clear();
    client.read(&path("empty"), &mut bytes).unwrap();
    assert!(bytes.is_empty());
    assert!(matches!(
        client.read(&path("broken"), &mut bytes),
        Err(Error::Diagnostics(_))
    ));
    assert!(matches!(
        client.read(&path("cut"), &mut bytes),
        Err(Error::Internal(_))
    ));
    assert_eq!(client.prune(7).unwrap(), 7);
    client.stop().unwrap();
    assert!(client.cache().is_ok());
    assert!(fake.stopped.load(Ordering::SeqCst));
    drop(server);
    assert!(Client::connect(&state, None).unwrap().is_none());
}

#[test]
fn what_is_no_message_ends_that_conversation_only() {
    let (_folder, state, _, _server) = serve();
    let (_fd, socket) = short_path(&state).unwrap();
    for garbage in [
        &b"\xff\xff\xff\xff"[..],
        b"\x04\0\0\0null",
        b"\x02\0\0\0{}",
        b"\x09\0\0\0\"Status\"\xff",
        b"\x10\0\0\0{\"Opt",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x01",
    ] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(garbage).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        // Either an end or a reset: the daemon may close before it has read everything.
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty());
    }
    let client = Client::connect(&state, None).unwrap().unwrap();
    assert!(matches!(client.status(), Err(Error::Conversation(_))));
    let client = Client::connect(&state, None).unwrap().unwrap();
    assert!(client.cache().is_ok());
}
