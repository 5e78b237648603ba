//! `hookfs serve`: requests that two readers may take apart differently. What one takes for a body must not be another
//! request to us, so each of these is read in the one way that RFC 9112 knows, or is refused and the last of its connection.

use std::io::Write;

use crate::support::{Reply, Served, Tree};

const FILES: &str = "
//- /package.json
{}
//- /main.ts
export const a: number = 1;
//- /server.ts
export default {
  async fetch(request: Request): Promise<Response> {
    return new Response(`${request.method} ${new URL(request.url).pathname} ${JSON.stringify(await request.text())}`);
  },
};
";

/// A whole request, which is answered wherever the one before it has ended as it should.
const NEXT: &str = "GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// What is hidden in bodies.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// What an answer of the program to [`NEXT`] is.
const NEXT_ANSWERED: &str = "200 GET /next \"\"";

fn served(tree: &Tree) -> Served {
    let source = tree.project();
    let arguments = [source.to_str().unwrap(), "--port", "0"];
    Served::start(&source, &tree.folder().join("state"), &arguments)
}

/// All that comes over one connection for these bytes and [`NEXT`]: statuses, and texts of those that are 200.
fn answers(served: &Served, bytes: &str) -> Vec<String> {
    let mut stream = served.connect();
    // The server may refuse, and close, before it has read everything.
    let _ = stream.write_all(&latin1(&format!("{bytes}{NEXT}")));
    let mut all = Vec::new();
    loop {
        let reply = Reply::read(&mut stream, "GET");
        match reply.status {
            0 => return all,
            200 => all.push(format!("200 {}", reply.text().lines().next().unwrap_or(""))),
            status => all.push(status.to_string()),
        }
    }
}

/// Each character is a byte.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| letter as u8).collect()
}

fn post(headers: &str, body: &str) -> String {
    format!("POST /a HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n{body}")
}

fn chunked(body: &str) -> String {
    post("Transfer-Encoding: chunked", body)
}

#[track_caller]
fn check(served: &Served, cases: &[(String, &[&str])]) {
    for (bytes, expected) in cases {
        let shown: String = bytes.chars().take(160).collect();
        assert_eq!(answers(served, bytes), *expected, "{shown:?}");
    }
    assert_eq!(served.get("/main.ts").status, 200);
    assert!(!served.said().contains("hidden"), "{}", served.said());
}

#[test]
fn a_body_has_one_length() {
    let tree = Tree::new(FILES);
    let served = served(&tree);
    let read: &[&str] = &["200 POST /a \"abc\"", NEXT_ANSWERED];
    let refused: &[&str] = &["400"];
    let coded: &[&str] = &["501", NEXT_ANSWERED];
    let chunks = "3\r\nabc\r\n0\r\n\r\n";
    let length = HIDDEN.len();
    let mut cases = vec![
        (post("Content-Length: 3", "abc"), read),
        (chunked(chunks), read),
        (post("Transfer-Encoding: CHUNKED", chunks), read),
        // Twice the same is once (RFC 9110, 8.6).
        (post("Content-Length: 3\r\nContent-Length: 3", "abc"), read),
        // Chunks win over a length, and nothing that follows is read (RFC 9112, 6.3).
        (
            post(
                "Content-Length: 4\r\nTransfer-Encoding: chunked",
                &format!("0\r\n\r\n{HIDDEN}"),
            ),
            &["200 POST /a \"\""],
        ),
        (
            post(
                &format!(
                    "Transfer-Encoding: chunked\r\nContent-Length: {}",
                    length + 5
                ),
                &format!("0\r\n\r\n{HIDDEN}"),
            ),
            &["200 POST /a \"\""],
        ),
        (post("Transfer-Encoding: gzip, chunked", chunks), coded),
        (
            post(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                chunks,
            ),
            coded,
        ),
    ];
    for headers in [
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: 3, 3",
        "Content-Length: +3",
        "Content-Length: -3",
        "Content-Length: 0x3",
        "Content-Length:",
        "Content-Length: 3 3",
        "Content-Length: 99999999999999999999",
        "Content-Length : 3",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity\r\nContent-Length: 3",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: \u{b}chunked",
        "X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 3",
        "X: y\r\n\tfolded\r\nContent-Length: 3",
    ] {
        cases.push((post(headers, chunks), refused));
    }
    let old = chunked(chunks).replace("HTTP/1.1", "HTTP/1.0");
    cases.push((old, refused));
    // A body of a request that a file answers, or that is read by a program that did not expect one, is no request either.
    let get = |path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{HIDDEN}"
        )
    };
    let of_file: &[&str] = &["200 export const a = 1;", NEXT_ANSWERED];
    cases.push((get("/main.ts"), of_file));
    let of_program: &[&str] = &[
        "200 GET /a \"GET /hidden HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n\"",
        NEXT_ANSWERED,
    ];
    cases.push((get("/a"), of_program));
    check(&served, &cases);
}

#[test]
fn chunks_are_chunks_or_the_end() {
    let tree = Tree::new(FILES);
    let served = served(&tree);
    let read: &[&str] = &["200 POST /a \"abc\"", NEXT_ANSWERED];
    let mut cases = vec![
        (chunked("3;a=b;c=\"d\"\r\nabc\r\n0;x\r\n\r\n"), read),
        (chunked("0003\r\nabc\r\n0\r\n\r\n"), read),
        // What stands in trailers is not believed.
        (
            chunked("3\r\nabc\r\n0\r\nContent-Length: 50\r\nHost: evil.example\r\n\r\n"),
            read,
        ),
    ];
    let long = format!("3;{}\r\nabc\r\n0\r\n\r\n", "a".repeat(20_000));
    for body in [
        "3;a\nabc\r\n0\r\n\r\n",
        "3\nabc\n0\n\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        "-1\r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        &long,
    ] {
        cases.push((chunked(body), &["400"]));
    }
    check(&served, &cases);
}

#[test]
fn lines_and_targets_are_read_in_one_way() {
    let tree = Tree::new(FILES);
    let served = served(&tree);
    let get = |line: &str| format!("{line}\r\nHost: localhost\r\n\r\n");
    let answered: &[&str] = &["200 GET /a \"\"", NEXT_ANSWERED];
    let refused: &[&str] = &["400"];
    // A line may end in a line feed alone (RFC 9112, 2.2), and empty ones may be before a request.
    let mut cases = vec![
        (get("GET /a HTTP/1.1"), answered),
        ("GET /a HTTP/1.1\nHost: localhost\n\n".to_owned(), answered),
        (format!("\r\n\r\n{}", get("GET /a HTTP/1.1")), answered),
        (get("GET http://localhost/a HTTP/1.1"), answered),
        // Nobody's path, and the connection goes on.
        (get("GET /a%zz HTTP/1.1"), &["400", NEXT_ANSWERED]),
        (get("GET /a%00 HTTP/1.1"), &["400", NEXT_ANSWERED]),
        (get("GET /%2e%2e/a HTTP/1.1"), &["400", NEXT_ANSWERED]),
        (get("GET /a/../b HTTP/1.1"), &["400", NEXT_ANSWERED]),
        (get("OPTIONS * HTTP/1.1"), &["400", NEXT_ANSWERED]),
        (get("GET localhost:80 HTTP/1.1"), &["400", NEXT_ANSWERED]),
        (
            get("CONNECT localhost:80 HTTP/1.1"),
            &["400", NEXT_ANSWERED],
        ),
        (
            get("GET ftp://localhost/a HTTP/1.1"),
            &["400", NEXT_ANSWERED],
        ),
        (
            get("GET http://evil@localhost/a HTTP/1.1"),
            &["400", NEXT_ANSWERED],
        ),
        (
            get("GET http://evil.example/a HTTP/1.1"),
            &["403", NEXT_ANSWERED],
        ),
        (
            "GET http://localhost/a HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(),
            &["403", NEXT_ANSWERED],
        ),
        // An end of line that is written out stays in the path.
        (
            get("GET /a%0d%0aHost:%20evil HTTP/1.1"),
            &["200 GET /a%0d%0aHost:%20evil \"\"", NEXT_ANSWERED],
        ),
    ];
    for line in [
        "GET  /a HTTP/1.1",
        "GET /a  HTTP/1.1",
        "GET\t/a HTTP/1.1",
        "GET /a",
        "GET /a HTTP/1.2",
        "GET /a HTTP/0.9",
        "GET /a HTTP/1.1\rX: y",
        "GET /a HTTP/1.1\r\nX: a\rb",
        "GET /a HTTP/1.1\r\n: y",
        "GET /a HTTP/1.1\r\n X: y",
        "GET /\u{ff} HTTP/1.1",
        "GET http:///a HTTP/1.1",
    ] {
        cases.push((get(line), refused));
    }
    check(&served, &cases);
}
