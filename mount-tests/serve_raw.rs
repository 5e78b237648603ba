//! `hookfs serve`: requests that no browser sends, and those that another site sends.

use std::io::{Read, Write};
use std::os::unix::fs::symlink;

use crate::support::{Served, Tree};

const FILES: &str = "
//- /src/index.html
<!doctype html>
<title>home</title>
//- /src/main.ts
export const a: number = 1;
//- /src/.env
SECRET
//- /src/.git/config
SECRET
//- /src/folder/.env.local
SECRET
//- /outside.txt
SECRET
//- /package.json
{}
";

fn served(tree: &Tree, arguments: &[&str]) -> Served {
    let source = tree.path("src");
    let all = [&[source.to_str().unwrap(), "--port", "0"], arguments].concat();
    Served::start(&source, &tree.folder().join("state"), &all)
}

fn line(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

#[test]
fn targets_that_are_no_paths_are_refused() {
    let tree = Tree::new(FILES);
    let served = served(&tree, &[]);
    for target in [
        "//localhost/main.ts",
        "//evil.example/",
        "/../outside.txt",
        "/..",
        "/folder/../main.ts",
        "/./main.ts",
        "/%2e%2e/outside.txt",
        "/%2E%2E%2foutside.txt",
        "/..%2foutside.txt",
        "/folder%2f..%2f..%2foutside.txt",
        "/folder%2fmain.ts",
        "/..\\outside.txt",
        "/folder\\main.ts",
        "/main.ts%00",
        "/%00",
        "/main.ts%",
        "/main.ts%4",
        "/main.ts%zz",
        "*",
        "main.ts",
        "https://localhost/main.ts",
        "localhost:80",
        "/main ts",
    ] {
        let reply = served.raw(line(target));
        assert_eq!(reply.status, 400, "{target}: {reply:?}");
        assert!(!reply.text().contains("SECRET"), "{target}");
    }
    for (target, status) in [
        ("http://localhost/main.ts", 200),
        ("http://evil.example/main.ts", 403),
        ("/main.ts?../../x%00", 200),
        ("/main.ts?raw", 200),
        ("/main.ts?import&raw??", 200),
        ("/main.ts#/../../outside.txt", 200),
    ] {
        assert_eq!(served.raw(line(target)).status, status, "{target}");
    }
}

#[test]
fn nothing_hidden_and_nothing_outside_is_given() {
    let tree = Tree::new(FILES);
    symlink(tree.path("outside.txt"), tree.path("src/out.txt")).unwrap();
    symlink(tree.path(""), tree.path("src/up")).unwrap();
    symlink(".env", tree.path("src/inner.txt")).unwrap();
    symlink("main.ts", tree.path("src/link.ts")).unwrap();
    symlink("/etc", tree.path("src/etc")).unwrap();
    let served = served(&tree, &[]);
    for path in [
        "/.env",
        "/.env?.svg",
        "/.env?raw",
        "/.env?import&raw",
        "/%2eenv",
        "/%2Eenv",
        "/.ENV",
        "/.env/",
        "/.env%20",
        "/folder/.env.local",
        "/.git/config",
        "/.git%20/config",
        "/~.git/config",
        "/~.git",
        "/~.env",
        "/%7e.env",
        "/folder/~.env.local",
        "/folder/%2eenv.local",
        "/out.txt",
        "/up/outside.txt",
        "/up/src/.env",
        "/inner.txt",
        "/etc/passwd",
        "/~root/outside.txt",
        "/~root/src/.env",
        "/~root/package.json",
        "/%252e%252e/outside.txt",
        "/..%252foutside.txt",
        "/%c0%ae%c0%ae/outside.txt",
    ] {
        let reply = served.ask("GET", path, &["Accept: text/plain"]);
        assert_eq!(reply.status, 404, "{path}");
        // A link may get the page at the root instead, which is no file's text.
        for accept in ["text/html", "*/*"] {
            let linked = served.ask("GET", path, &[&format!("Accept: {accept}")]);
            let is_page = linked.status == 200 && linked.text().contains("<title>home");
            assert!(linked.status == 404 || is_page, "{path}: {linked:?}");
            assert!(!is_page || !path.to_lowercase().contains("/."), "{path}");
        }
    }
    assert_eq!(served.get("/link.ts").status, 200);
    let long = format!("/{}", "a".repeat(300));
    assert_eq!(served.get(&long).status, 404);
    assert_eq!(served.get(&"/aaaaaaaaaaaaaaa".repeat(1000)).status, 404);
}

#[test]
fn malformed_requests_end_their_connection_only() {
    let tree = Tree::new(FILES);
    let served = served(&tree, &[]);
    let huge = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "a".repeat(1 << 20)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
        "X: y\r\n".repeat(10_000)
    );
    let long = line(&format!("/{}", "a".repeat(1 << 20)));
    for (bytes, statuses) in [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), &[400][..]),
        (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n".to_vec(),
            &[400],
        ),
        (
            b"GET / HTTP/1.1\r\nHost: localhost, evil\r\n\r\n".to_vec(),
            &[400],
        ),
        (b"GET / HTTP/1.1\r\nHost:\r\n\r\n".to_vec(), &[400]),
        (
            b"GET / HTTP/1.1\r\nHost: local\xffhost\r\n\r\n".to_vec(),
            &[400],
        ),
        (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX y\r\n\r\n".to_vec(),
            &[400],
        ),
        (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX: \0\r\n\r\n".to_vec(),
            &[400],
        ),
        (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n".to_vec(),
            &[400],
        ),
        (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
                .to_vec(),
            &[400],
        ),
        (
            b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n".to_vec(),
            &[400, 0],
        ),
        (
            b"G\xffT / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
            &[400],
        ),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &[400, 0]),
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
            &[400, 0],
        ),
        (
            b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
            &[400, 405],
        ),
        (
            b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
            &[405],
        ),
        (huge.into_bytes(), &[431, 0]),
        (many.into_bytes(), &[431, 0]),
        (long.into_bytes(), &[414, 431, 0]),
    ] {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let reply = served.raw(&bytes);
        assert!(statuses.contains(&reply.status), "{shown:?}: {reply:?}");
        assert_eq!(served.get("/main.ts").status, 200, "after {shown:?}");
    }
    // Half a request, and the client is gone.
    for half in [
        "",
        "GET",
        "GET / HTTP/1.1\r\nHost: loc",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
    ] {
        let mut stream = served.connect();
        stream.write_all(half.as_bytes()).unwrap();
        drop(stream);
    }
    assert_eq!(served.get("/main.ts").status, 200);
}

#[test]
fn other_sites_are_kept_out() {
    let tree = Tree::new(FILES);
    let served = served(&tree, &["--allow-host", "dev.example"]);
    let of = |host: &str, headers: &str| {
        served.raw(format!(
            "GET /main.ts HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n"
        ))
    };
    for host in [
        "localhost",
        "127.0.0.1",
        "[::1]:1",
        "a.localhost",
        "dev.example:80",
        "DEV.example",
    ] {
        assert_eq!(of(host, "").status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "dev.example.evil",
        "169.254.169.254",
    ] {
        let reply = of(host, "");
        assert_eq!(reply.status, 403, "{host}");
        assert!(reply.text().contains("--allow-host"), "{}", reply.text());
    }
    for (headers, status) in [
        ("Origin: http://localhost:3000\r\n", 200),
        ("Origin: https://dev.example\r\n", 200),
        ("Origin: null\r\n", 403),
        ("Origin:\r\n", 403),
        ("Origin: https://evil.example\r\n", 403),
        (
            "Origin: http://localhost\r\nOrigin: https://evil.example\r\n",
            403,
        ),
        ("Sec-Fetch-Site: same-origin\r\n", 200),
        (
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n",
            403,
        ),
        (
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
            200,
        ),
    ] {
        let reply = of("localhost", headers);
        assert_eq!(reply.status, status, "{headers}");
        assert_eq!(reply.header("access-control-allow-origin"), "");
    }
    assert!(!served.said().contains("over the network"));
}

#[test]
fn connections_without_end_hold_up_nobody() {
    let tree = Tree::new(FILES);
    let served = served(&tree, &[]);
    // More than there may be at a time: those that are idle make room.
    let mut idle = Vec::new();
    for index in 0..560 {
        let mut stream = served.connect();
        let begun: &[u8] = match index % 2 {
            0 => b"",
            _ => b"GET /main.ts HTTP/1.1\r\nHost: localhost\r\n\r\n",
        };
        stream.write_all(begun).unwrap();
        idle.push(stream);
        if index % 100 == 99 {
            assert_eq!(served.get("/main.ts").status, 200, "after {index}");
        }
    }
    let mut first = [0; 12];
    idle[1].read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
}
