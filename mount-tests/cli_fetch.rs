//! `fetch` of programs beyond this machine's own servers: over TLS, and by way of a proxy.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{Tree, hookfs};

const FILES: &str = "
//- /src/ask.ts
for (const url of process.argv.slice(2)) {
  try {
    const answer = await fetch(url);
    console.log(answer.status, await answer.text());
  } catch (error) {
    const { cause } = error as { cause: Error & { code: string } };
    console.log(cause.code, cause.message);
  }
}
";

/// For localhost, signed by the authority in `AUTHORITY`.
const SIGNED: [&str; 2] = [
    include_str!("certificates/leaf.pem"),
    include_str!("certificates/leaf.key"),
];
const AUTHORITY: &str = include_str!("certificates/ca.pem");
/// For localhost, signed by itself.
const OWN: [&str; 2] = [
    include_str!("certificates/own.pem"),
    include_str!("certificates/own.key"),
];

/// What a program prints that asks for these.
fn asked(tree: &Tree, variables: &[(&str, &str)], urls: &[&str]) -> Vec<String> {
    let mut command: Command = hookfs();
    command
        .args(["run", "project/src", "ask.ts", "--state"])
        .arg(tree.folder().join("state"))
        .arg("--")
        .args(urls)
        .current_dir(tree.folder())
        .stdin(Stdio::null());
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said.lines().map(str::to_owned).collect()
}

/// The head of a request; nothing where the connection says nothing.
fn head(stream: &mut impl std::io::Read) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    Some(first)
}

/// A server with this certificate, which answers everything; its port.
fn secure([certificate, key]: [&str; 2]) -> u16 {
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    served(move |stream| {
        let connection = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        if head(&mut stream).is_some() {
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret";
            stream.write_all(answer).unwrap();
            stream.conn.send_close_notify();
            stream.flush().unwrap();
        }
    })
}

/// Has each connection answered, one after the other, until the tests are over; its port.
fn served(answer: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream);
        }
    });
    port
}

#[test]
fn a_servers_certificate_is_trusted_where_it_is_to_be_and_else_told() {
    let tree = Tree::new(FILES);
    let url = format!("https://localhost:{}/", secure(SIGNED));
    let address = url.replace("localhost", "127.0.0.1");
    let own = format!("https://localhost:{}/", secure(OWN));
    let file = tree.folder().join("authority.pem");
    std::fs::write(&file, AUTHORITY).unwrap();
    let trusted = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let answers = asked(&tree, &trusted, &[&url, &address]);
    assert_eq!(answers[0], "200 secret");
    assert!(
        answers[1].starts_with("ERR_TLS_CERT_ALTNAME_INVALID "),
        "{answers:?}"
    );
    let answers = asked(&tree, &[], &[&url, &own]);
    let expected = "UNABLE_TO_VERIFY_LEAF_SIGNATURE the server's certificate is refused: \
        nobody who is trusted has signed the server's certificate; SSL_CERT_FILE";
    assert!(answers[0].starts_with(expected), "{answers:?}");
    let expected = "DEPTH_ZERO_SELF_SIGNED_CERT the server's certificate is refused";
    assert!(answers[1].starts_with(expected), "{answers:?}");
}

#[test]
fn a_proxy_is_asked_for_other_machines_but_those_that_it_is_not_for() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = heard.clone();
    let proxy = served(move |mut stream| {
        let Some(first) = head(&mut stream) else {
            return;
        };
        let answer: &[u8] = match first.starts_with("CONNECT") {
            true => b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            false => b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nfound",
        };
        hears.lock().unwrap().push(first);
        stream.write_all(answer).unwrap();
    });
    let own = served(|mut stream| {
        if head(&mut stream).is_some() {
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nhere";
            stream.write_all(answer).unwrap();
        }
    });
    let tree = Tree::new(FILES);
    let proxy = format!("http://127.0.0.1:{proxy}");
    let own = format!("http://127.0.0.1:{own}/");
    let variables = [
        ("HTTP_PROXY", &*proxy),
        ("HTTPS_PROXY", &*proxy),
        ("NO_PROXY", "other.invalid"),
    ];
    // Names that no server of names has (RFC 6761, 6.4).
    let urls = [
        "http://some.invalid/a?b",
        "https://some.invalid/",
        "http://other.invalid/",
        &own,
    ];
    let answers = asked(&tree, &variables, &urls);
    assert_eq!(answers[0], "200 found");
    assert!(
        answers[1].contains("the proxy does not lead to the server"),
        "{answers:?}"
    );
    assert!(answers[2].starts_with("ENOTFOUND "), "{answers:?}");
    assert_eq!(answers[3], "200 here");
    let heard = heard.lock().unwrap();
    let expected = [
        "GET http://some.invalid/a?b HTTP/1.1",
        "CONNECT some.invalid:443 HTTP/1.1",
    ];
    assert_eq!(*heard, expected);
}
