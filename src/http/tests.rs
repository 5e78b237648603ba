//! Whole requests to a site and a handler made up here.

mod handlers;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use tokio::sync::mpsc::channel;

use super::*;
use crate::base::{ContentHash, Diagnostic, SourcePath};

/// Files by their paths; a text that begins with `!` is what is wrong with it.
struct Files {
    files: BTreeMap<&'static str, &'static str>,
    /// Whether memory knows them.
    is_known: bool,
    found: AtomicUsize,
}

#[derive(Debug)]
struct Text(&'static str, bool);

impl Content for Text {
    fn at_hand(&self) -> Option<Bytes> {
        self.1.then(|| Bytes::from_static(self.0.as_bytes()))
    }

    fn read_at(&self, offset: u64, size: usize) -> io::Result<Bytes> {
        let start = self.0.len().min(offset as usize);
        let end = self.0.len().min(start + size.min(3));
        Ok(Bytes::from_static(&self.0.as_bytes()[start..end]))
    }
}

impl Files {
    fn look(&self, path: &SourcePath) -> Result<Found, Fault> {
        let name = path.to_string();
        let name = name.strip_prefix('/').unwrap();
        if let Some(text) = self.files.get(name) {
            if let Some(wrong) = text.strip_prefix('!') {
                return Err(Fault::Diagnostics(vec![Diagnostic::new("syntax", wrong)]));
            }
            let mut head = Head::new(ContentHash::of(text.as_bytes()), text.len() as u64);
            head.is_immutable = name.contains(".v0123456789abcdef.");
            if name == "feed" {
                head.status = 203;
                for (name, value) in [
                    ("content-type", "application/atom+xml"),
                    ("etag", "\"x\""),
                    ("content-length", "1"),
                    ("bad name", "x"),
                    ("x-a", "1"),
                    ("x-a", "2"),
                    ("transfer-encoding", "chunked"),
                ] {
                    head.headers.push((name.to_owned(), value.to_owned()));
                }
            }
            let content = Arc::new(Text(text, self.is_known));
            return Ok(Found::File(Opened { head, content }));
        }
        let mut names = self.files.keys();
        let is_folder = path.is_root() || names.any(|file| file.starts_with(&format!("{name}/")));
        Ok(if is_folder {
            Found::Folder
        } else {
            Found::Absent
        })
    }
}

impl Site for Files {
    fn try_find(&self, path: &SourcePath) -> Option<Result<Found, Fault>> {
        self.is_known.then(|| self.look(path))
    }

    fn find(&self, path: &SourcePath) -> Result<Found, Fault> {
        self.found.fetch_add(1, Ordering::Relaxed);
        self.look(path)
    }
}

const FILES: [(&str, &str); 14] = [
    ("index.html", "<p>home"),
    ("about.html", "<p>about"),
    ("docs/index.html", "<p>docs"),
    ("both.html", "<p>both"),
    ("both/index.html", "<p>both's folder"),
    ("main.tsx.js", "0123456789"),
    ("a.v0123456789abcdef.js", "1"),
    ("broken.ts.js", "!what <is> wrong"),
    ("bad.html", "!no page"),
    ("feed", "<feed/>"),
    (".env", "SECRET"),
    ("node_modules/.pnpm/a.js", "a"),
    ("sp ace/é.txt", "odd"),
    ("empty.txt", ""),
];

struct Made {
    route: Route,
    site: Arc<Files>,
}

fn made(
    more: &[(&'static str, &'static str)],
    handler: Option<Arc<dyn Handler>>,
    base: &str,
) -> Made {
    let site = Arc::new(Files {
        files: FILES.iter().chain(more).copied().collect(),
        is_known: true,
        found: AtomicUsize::new(0),
    });
    Made {
        route: Route::new(site.clone(), handler, Policy::default(), base),
        site,
    }
}

/// What came: the status, the headers but those that are always the same, and the body.
#[derive(Debug)]
struct Came {
    status: u16,
    reason: Vec<u8>,
    headers: hyper::HeaderMap,
    body: Result<String, String>,
}

impl Came {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn body(&self) -> &str {
        self.body.as_deref().unwrap()
    }
}

fn ask(made: &Made, method: &str, path: &str, headers: &[(&str, &str)]) -> Came {
    send(made, method, path, headers, "")
}

fn send(
    made: &Made,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Came {
    let mut request = hyper::Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:80");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::new(Bytes::from_static(body.as_bytes())))
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (head, body) = made.route.answer(request).await.into_parts();
        let body = match body.collect().await {
            Ok(body) => Ok(String::from_utf8(body.to_bytes().to_vec()).unwrap()),
            Err(cause) => Err(cause.to_string()),
        };
        Came {
            status: head.status.as_u16(),
            reason: head
                .extensions
                .get::<hyper::ext::ReasonPhrase>()
                .map_or_else(Vec::new, |reason| reason.as_bytes().to_vec()),
            headers: head.headers,
            body,
        }
    })
}

fn get(made: &Made, path: &str) -> Came {
    ask(made, "GET", path, &[])
}

const PAGE: (&str, &str) = ("accept", "text/html,*/*");

#[test]
fn urls_lead_to_files() {
    let made = made(&[], None, "/");
    for (path, body) in [
        ("/", "<p>home"),
        ("/index.html", "<p>home"),
        ("/index", "<p>home"),
        ("/about", "<p>about"),
        ("/about?a=/../b", "<p>about"),
        ("/about.html", "<p>about"),
        ("/docs/", "<p>docs"),
        ("/both", "<p>both"),
        ("/both/", "<p>both's folder"),
        ("/main.tsx.js?raw", "0123456789"),
        ("/sp%20ace/%C3%A9.txt", "odd"),
        ("/node_modules/.pnpm/a.js", "a"),
        ("/empty.txt", ""),
    ] {
        let came = get(&made, path);
        assert_eq!((came.status, came.body()), (200, body), "{path}");
        assert_eq!(
            came.header("content-length"),
            body.len().to_string(),
            "{path}"
        );
        assert_eq!(came.header("x-content-type-options"), "nosniff");
        assert_eq!(came.header("cross-origin-resource-policy"), "same-origin");
        assert!(!came.headers.contains_key("access-control-allow-origin"));
    }
    for (path, location) in [
        ("/docs", "/docs/"),
        ("/docs?a=b", "/docs/?a=b"),
        ("/about/?x", "/about?x"),
    ] {
        let came = get(&made, path);
        assert_eq!(
            (came.status, came.header("location")),
            (307, location),
            "{path}"
        );
    }
    for path in [
        "/none",
        "/.env",
        "/%2eenv",
        "/.env?.html",
        "/main.tsx.js/",
        "/docs//",
        "/about//",
        "/both/none",
    ] {
        let came = ask(&made, "GET", path, &[("accept", "text/plain")]);
        assert_eq!(came.status, 404, "{path}");
        assert_eq!(came.header("content-type"), "text/plain; charset=utf-8");
    }
    for path in ["//about", "/../about", "/a%2fb", "/about%00", "/about%"] {
        assert_eq!(get(&made, path).status, 400, "{path}");
    }
    assert_eq!(made.site.found.load(Ordering::Relaxed), 0, "nobody waited");
}

#[test]
fn a_search_that_takes_long_is_made_elsewhere() {
    let mut made = made(&[], None, "/");
    let site = Arc::new(Files {
        files: FILES.into_iter().collect(),
        is_known: false,
        found: AtomicUsize::new(0),
    });
    made.route = Route::new(site.clone(), None, Policy::default(), "/");
    // Its bytes come three at a time.
    assert_eq!(get(&made, "/main.tsx.js").body(), "0123456789");
    assert_eq!(ask(&made, "GET", "/a/b", &[PAGE]).body(), "<p>home");
    assert!(site.found.load(Ordering::Relaxed) > 2);
}

#[test]
fn versions_are_told_apart() {
    let made = made(&[], None, "/");
    let came = get(&made, "/main.tsx.js");
    let tag = format!("\"{}\"", ContentHash::of(b"0123456789"));
    assert_eq!(came.header("etag"), tag);
    assert_eq!(came.header("cache-control"), "no-cache");
    assert_eq!(
        came.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    let with = |name: &str, value: &str| ask(&made, "GET", "/main.tsx.js", &[(name, value)]);
    let weak = format!("W/{tag}");
    let several = format!("\"a\", {weak}");
    for value in [&tag, &weak, &several, &"*".to_owned()] {
        let came = with("if-none-match", value);
        assert_eq!((came.status, came.body()), (304, ""), "{value}");
        assert_eq!(came.header("etag"), tag);
        assert!(!came.headers.contains_key("content-length"));
    }
    assert_eq!(with("if-none-match", "\"a\"").status, 200);
    assert_eq!(with("if-match", "\"a\"").status, 412);
    assert_eq!(with("if-match", &tag).status, 200);
    assert_eq!(with("if-match", &weak).status, 412);
    let versioned = get(&made, "/a.v0123456789abcdef.js");
    assert_eq!(
        versioned.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
}

#[test]
fn parts_are_given() {
    let made = made(&[], None, "/");
    let tag = format!("\"{}\"", ContentHash::of(b"0123456789"));
    let of = |headers: &[(&str, &str)]| ask(&made, "GET", "/main.tsx.js", headers);
    let part = of(&[("range", "bytes=2-4")]);
    assert_eq!((part.status, part.body()), (206, "234"));
    assert_eq!(part.header("content-range"), "bytes 2-4/10");
    assert_eq!(part.header("content-length"), "3");
    assert_eq!(
        of(&[("range", "bytes=2-4"), ("if-range", &tag)]).status,
        206
    );
    for other in [
        "\"a\"",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        &format!("W/{tag}"),
    ] {
        let whole = of(&[("range", "bytes=2-4"), ("if-range", other)]);
        assert_eq!((whole.status, whole.body()), (200, "0123456789"), "{other}");
    }
    let none = of(&[("range", "bytes=10-")]);
    assert_eq!((none.status, none.body()), (416, ""));
    assert_eq!(none.header("content-range"), "bytes */10");
    assert_eq!(
        of(&[("range", "bytes=1-2"), ("if-none-match", &tag)]).status,
        304
    );
    assert_eq!(
        of(&[("range", "bytes=0-1"), ("range", "bytes=0-1")]).status,
        200
    );
    let head = ask(&made, "HEAD", "/main.tsx.js", &[("range", "bytes=2-4")]);
    assert_eq!(
        (head.status, head.body(), head.header("content-length")),
        (200, "", "10")
    );
}

#[test]
fn what_a_hook_says_counts() {
    let made = made(&[], None, "/");
    let came = get(&made, "/feed");
    assert_eq!((came.status, came.body()), (203, "<feed/>"));
    assert_eq!(came.header("content-type"), "application/atom+xml");
    assert_eq!(came.header("content-length"), "7");
    assert_eq!(
        came.header("etag"),
        format!("\"{}\"", ContentHash::of(b"<feed/>"))
    );
    assert_eq!(came.headers.get_all("x-a").iter().count(), 2);
    assert!(!came.headers.contains_key("transfer-encoding"));
}

#[test]
fn what_fails_says_why() {
    let made = made(&[], None, "/");
    let came = get(&made, "/broken.ts.js");
    assert_eq!(
        (came.status, came.body()),
        (500, "error[syntax]: what <is> wrong\n")
    );
    assert_eq!(came.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(came.header("cache-control"), "no-store");
    let page = ask(&made, "GET", "/broken.ts.js", &[PAGE]);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.body().contains("what &lt;is&gt; wrong"));
    assert_eq!(ask(&made, "GET", "/bad", &[PAGE]).status, 500);
}

#[test]
fn deep_links_get_the_page() {
    let site = made(&[], None, "/");
    let navigate = ("sec-fetch-mode", "navigate");
    for headers in [&[PAGE][..], &[navigate], &[navigate, PAGE]] {
        for path in ["/users/5", "/users/john.doe", "/docs/none", "/search?q=a.b"] {
            for method in ["GET", "HEAD"] {
                let came = ask(&site, method, path, headers);
                assert_eq!(came.status, 200, "{path}");
                assert_eq!(came.header("content-type"), "text/html; charset=utf-8");
                assert_eq!(came.body(), if method == "GET" { "<p>home" } else { "" });
            }
        }
    }
    for path in [
        "/none.js",
        "/.env",
        "/a/.git/config",
        "/~root/none",
        "/a//b",
    ] {
        let came = ask(&site, "GET", path, &[PAGE]);
        assert_eq!(came.status, 404, "{path}");
        assert!(came.body().contains("404"));
    }
    // What is no browser gets it as well, by names that are no file's; what a browser's scripts fetch does not.
    let mode = ("sec-fetch-mode", "cors");
    let any = ("accept", "*/*");
    for headers in [
        &[any][..],
        &[("accept", "a/b, */*;q=0.5")],
        &[mode, any],
        &[],
    ] {
        let came = ask(&site, "GET", "/users/5", headers);
        assert_eq!((came.status, came.body()), (200, "<p>home"), "{headers:?}");
        assert_eq!(ask(&site, "HEAD", "/users/5", headers).status, 200);
        assert_eq!(ask(&site, "GET", "/users/john.doe", headers).status, 404);
    }
    let script = ("sec-fetch-dest", "empty");
    for headers in [
        &[mode, ("sec-fetch-site", "same-origin"), PAGE][..],
        &[mode, script, any],
        &[script, any],
        &[("accept", "application/json")],
    ] {
        assert_eq!(ask(&site, "GET", "/users/5", headers).status, 404);
    }
    let missing = made(
        &[("404.html", "<p>gone"), ("docs/404.html", "<p>no docs")],
        None,
        "/",
    );
    for (path, body) in [
        ("/users/5", "<p>gone"),
        ("/docs/a/b", "<p>no docs"),
        ("/docs/none/", "<p>no docs"),
    ] {
        let came = ask(
            &missing,
            "GET",
            path,
            &[PAGE, ("if-none-match", "*"), ("range", "bytes=0-1")],
        );
        assert_eq!((came.status, came.body()), (404, body), "{path}");
    }
}

#[test]
fn files_are_read_only() {
    let made = made(&[], None, "/");
    for method in [
        "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND",
    ] {
        let came = ask(&made, method, "/about", &[]);
        assert_eq!(
            (came.status, came.header("allow")),
            (405, "GET, HEAD"),
            "{method}"
        );
    }
}

/// Answers as its URL's path says.
struct Echo;

impl Handler for Echo {
    fn fetch(&self, mut request: Request) -> Answering<'_> {
        Box::pin(async move {
            let mut sent = Vec::new();
            if let Some(body) = &mut request.body {
                while let Some(piece) = body.recv().await {
                    sent.extend_from_slice(
                        &piece.map_err(|cause| Fault::Other(cause.to_string()))?,
                    );
                }
            }
            let (sender, receiver) = channel(4);
            let text = format!(
                "{} {} {}",
                request.method,
                request.url,
                String::from_utf8(sent).unwrap()
            );
            sender.send(Ok(Bytes::from(text))).await.unwrap();
            let header =
                |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
            let mut response = Response {
                status: 200,
                text: String::new(),
                headers: vec![
                    header("x-a", "1"),
                    header("x-a", "2"),
                    header("bad header", "x"),
                    header("connection", "close"),
                    header("content-length", "999"),
                ],
                body: Some(receiver),
            };
            if request.url.contains("missing") {
                response.status = 404;
            }
            if request.url.ends_with("said") {
                response.text = "Said \u{e9}".to_owned();
            }
            if request.url.ends_with("html") {
                response.headers.push(header("content-type", "text/html"));
            }
            if request.url.ends_with("fails") {
                return Err(Fault::Diagnostics(vec![Diagnostic::new(
                    "handler",
                    "it failed",
                )]));
            }
            if request.url.ends_with("wrong") {
                response.status = 101;
            }
            if request.url.ends_with("breaks") {
                tokio::spawn(async move {
                    let _ = sender.send(Err(io::Error::other("broken"))).await;
                });
            }
            Ok(response)
        })
    }
}
