use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::config::Asked;
use super::super::service::{CacheSize, Described, Item, Named, Reference, Service};
use super::*;
use crate::hot::{Ear, GraphPages, Outlet};
use crate::http::{Content, Found, Head, Opened, Site};

struct Fake {
    stopped: AtomicBool,
}

struct Answers;

impl Answering for Answers {
    fn page(&self, _: Box<dyn Outlet>) -> Result<Ear<GraphPages>> {
        Err(Error::Internal("there are no pages".into()))
    }
}

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

    fn bytecode(&self, of: Option<&SourcePath>) -> Result<Option<Vec<u8>>> {
        Ok(of.is_none().then(|| vec![7; 2 << 20]))
    }

    fn revision(&self) -> Result<Option<u64>> {
        Ok(Some(7))
    }

    fn report(&self, _: &SourcePath) -> Result<serde_json::Value> {
        Ok(serde_json::json!({ "fresh": true }))
    }

    fn problems(&self) -> Result<Vec<Diagnostic>> {
        Ok(vec![Diagnostic::new("syntax", "what")])
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

/// A file for each path but two, whose bytes are the path's again and again.
#[derive(Debug)]
struct Text(Vec<u8>);

impl Content for Text {
    fn read_at(&self, offset: u64, size: usize) -> std::io::Result<bytes::Bytes> {
        let start = self.0.len().min(offset as usize);
        let end = self.0.len().min(start + size);
        Ok(bytes::Bytes::copy_from_slice(&self.0[start..end]))
    }
}

impl Site for Answers {
    fn try_find(&self, _: &SourcePath) -> Option<std::result::Result<Found, Fault>> {
        None
    }

    fn find(&self, path: &SourcePath) -> std::result::Result<Found, Fault> {
        let text = path.as_bytes().repeat(1 << 20);
        match path.as_bytes() {
            b"none" => Ok(Found::Absent),
            b"folder" => Ok(Found::Folder),
            b"broken" => Err(Fault::Diagnostics(vec![Diagnostic::new("syntax", "what")])),
            _ => Ok(Found::File(Opened {
                head: Head::new(crate::base::ContentHash::of(&text), text.len() as u64),
                content: Arc::new(Text(text)),
            })),
        }
    }
}

impl Backend for Fake {
    fn service(&self, _: &Asked) -> Result<Arc<dyn Answering>> {
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
    let client = Client::connect(&state, &Asked::Its).unwrap().unwrap();
    let odd = path(b"a/\xff\n");
    assert_eq!(
        client.describe(&odd).unwrap(),
        Answers.describe(&odd).unwrap()
    );
    assert!(matches!(client.list(&odd), Err(Error::NoFile(_))));
    assert_eq!(client.bytecode(None).unwrap(), Some(vec![7; 2 << 20]));
    assert_eq!(client.bytecode(Some(&odd)).unwrap(), None);
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
    assert!(Client::connect(&state, &Asked::Its).unwrap().is_none());
}

#[test]
fn a_file_stays_open_until_another_is_opened() {
    let (_folder, state, _, _server) = serve();
    let client = Client::connect(&state, &Asked::Its).unwrap().unwrap();
    assert!(client.part(0, 1).is_err());
    let (Leading::File(head), first) = client.open(&path("abc")).unwrap() else {
        panic!("no file");
    };
    assert_eq!(head.len, 3 << 20);
    assert_eq!(first.len(), PIECE);
    assert_eq!(&client.part(head.len - 2, 10).unwrap()[..], b"bc");
    assert_eq!(client.part(1, PIECE * 2).unwrap().len(), PIECE);
    assert!(client.part(head.len, 10).unwrap().is_empty());
    let opened = |name: &str| client.open(&path(name));
    assert!(matches!(opened("broken"), Err(Error::Diagnostics(_))));
    assert!(client.part(0, 1).is_err());
    assert!(matches!(opened("folder"), Ok((Leading::Folder, _))));
    assert!(matches!(opened("none"), Ok((Leading::Nowhere, _))));
    assert!(client.cache().is_ok());
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
    let client = Client::connect(&state, &Asked::Its).unwrap().unwrap();
    assert!(matches!(client.status(), Err(Error::Conversation(_))));
    let client = Client::connect(&state, &Asked::Its).unwrap().unwrap();
    assert!(client.cache().is_ok());
}
