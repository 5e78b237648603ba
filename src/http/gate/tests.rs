use hyper::Request;

use super::*;

fn status(policy: &Policy, method: &str, uri: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    let admitted = policy.address(&head);
    match admitted.and_then(|_| policy.check_sender(&head)) {
        Ok(()) => 200,
        Err(refusal) => refusal.status.as_u16(),
    }
}

fn of_host(policy: &Policy, host: &str) -> u16 {
    status(policy, "GET", "/", &[("host", host)])
}

#[test]
fn names_that_can_be_led_elsewhere_are_not_ours() {
    let ours = Policy::default();
    for host in [
        "localhost",
        "LOCALHOST:1",
        "app.localhost:80",
        "127.0.0.1:65535",
        "127.9.9.9",
        "[::1]:5",
        "[::1]",
        "localhost:",
    ] {
        assert_eq!(of_host(&ours, host), 200, "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "notlocalhost",
        "127.0.0.1.nip.io",
        "0.0.0.0",
        "192.168.0.1",
        "[::2]",
        "localhost.",
    ] {
        assert_eq!(of_host(&ours, host), 403, "{host}");
    }
    for host in [
        "",
        ":80",
        "a b",
        "user@localhost",
        "localhost:x",
        "localhost:1:2",
        "[::1",
        "::1",
        "[x]",
        "localhost/",
    ] {
        assert_ne!(of_host(&ours, host), 200, "{host}");
    }
    let more = Policy::default().allow("My.Host").allow_addresses();
    assert_eq!(of_host(&more, "my.host:80"), 200);
    assert_eq!(of_host(&more, "192.168.0.1"), 200);
    assert_eq!(of_host(&more, "[fe80::1]"), 200);
    assert_eq!(of_host(&more, "other.host"), 403);
}

#[test]
fn who_is_refused_is_told_what_would_let_him_in() {
    let told = |policy: Policy| {
        let request = Request::builder().header("host", "Dev.Example:80");
        let (head, ()) = request.body(()).unwrap().into_parts();
        policy.address(&head).unwrap_err().text
    };
    insta::assert_snapshot!(told(Policy::default()), @"the host `dev.example` is not served here; `--allow-host dev.example` would do so");
    insta::assert_snapshot!(told(Policy::default().told_by("--hot=")), @"the host `dev.example` is not served here; `--hot=dev.example` would do so");
    let mut headers = HeaderMap::new();
    headers.insert(ORIGIN, HeaderValue::from_static("https://dev.example"));
    let refusal = Policy::default().check_page(&headers, &[]).unwrap_err();
    insta::assert_snapshot!(refusal.text, @"pages of `https://dev.example` are not let in; `--hot-origin https://dev.example` would do so");
}

#[test]
fn there_is_one_host() {
    let ours = Policy::default();
    let local = ("host", "localhost");
    assert_eq!(status(&ours, "GET", "/", &[]), 400);
    assert_eq!(status(&ours, "GET", "/", &[local, local]), 400);
    assert_eq!(status(&ours, "GET", "http://localhost/", &[local]), 200);
    assert_eq!(status(&ours, "GET", "http://evil.example/", &[local]), 403);
    assert_eq!(status(&ours, "GET", "https://localhost/", &[local]), 400);
    assert_eq!(status(&ours, "OPTIONS", "*", &[local]), 400);
}

#[test]
fn bodies_come_plain_or_in_chunks() {
    let ours = Policy::default();
    let of = |codings: &[&str]| {
        let mut headers = vec![("host", "localhost")];
        headers.extend(codings.iter().map(|coding| ("transfer-encoding", *coding)));
        status(&ours, "POST", "/", &headers)
    };
    assert_eq!(of(&[]), 200);
    assert_eq!(of(&["chunked"]), 200);
    assert_eq!(of(&["CHUNKED"]), 200);
    for codings in [
        &["gzip, chunked"][..],
        &["gzip", "chunked"],
        &["chunked", "chunked"],
        &["identity"],
        &[""],
    ] {
        assert_eq!(of(codings), 501, "{codings:?}");
    }
}

#[test]
fn origins_are_ours_or_foreign() {
    let ours = Policy::default().allow("my.host");
    let of = |origins: &[&str]| {
        let mut headers = vec![("host", "localhost")];
        headers.extend(origins.iter().map(|origin| ("origin", *origin)));
        status(&ours, "POST", "/", &headers)
    };
    assert_eq!(of(&[]), 200);
    for origin in [
        "http://localhost:3000",
        "https://127.0.0.1",
        "http://[::1]:8",
        "https://my.host",
    ] {
        assert_eq!(of(&[origin]), 200, "{origin}");
    }
    for origin in [
        "null",
        "",
        "https://evil.example",
        "file://",
        "localhost",
        "http://localhost@evil.example",
        "http://localhost/",
        "chrome-extension://abc",
    ] {
        assert_eq!(of(&[origin]), 403, "{origin}");
    }
    assert_eq!(of(&["http://localhost", "http://localhost"]), 403);
}

#[test]
fn sockets_are_opened_by_pages_that_say_whose_they_are() {
    let ours = Policy::default().allow("my.host");
    let allowed = [
        "https://dev.example".to_owned(),
        "http://x.example:8080".to_owned(),
    ];
    let of = |origins: &[&str]| {
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        ours.check_page(&headers, &allowed).is_ok()
    };
    for origin in [
        "http://localhost:3000",
        "https://127.0.0.1",
        "http://[::1]:8",
        "https://my.host:1",
        "https://dev.example",
        "http://x.example:8080",
    ] {
        assert!(of(&[origin]), "{origin}");
    }
    for origin in [
        "null",
        "",
        "file://",
        "localhost",
        "https://evil.example",
        "http://dev.example",
        "https://dev.example:444",
        "https://dev.example.evil.example",
        "http://x.example",
        "http://localhost@evil.example",
        "http://localhost/",
        "http://localhost.evil.example",
        "chrome-extension://abc",
    ] {
        assert!(!of(&[origin]), "{origin}");
    }
    assert!(!of(&[]));
    assert!(!of(&["http://localhost", "http://localhost"]));
    assert!(!of(&["http://localhost", "https://evil.example"]));
}

#[test]
fn origins_are_written_as_browsers_send_them() {
    for (text, sent) in [
        ("https://Dev.Example/", "https://dev.example"),
        ("https://dev.example:443", "https://dev.example"),
        ("http://dev.example:80/", "http://dev.example"),
        ("http://dev.example:8080", "http://dev.example:8080"),
    ] {
        assert_eq!(origin(text).as_deref(), Some(sent));
    }
    for text in [
        "dev.example",
        "ftp://dev.example",
        "https://",
        "https://a/b",
        "null",
        "*",
    ] {
        assert_eq!(origin(text), None, "{text}");
    }
}

#[test]
fn other_sites_may_only_lead_to_pages() {
    let ours = Policy::default();
    let of = |method: &str, headers: &[(&str, &str)]| {
        let mut all = vec![("host", "localhost")];
        all.extend(headers);
        status(&ours, method, "/", &all)
    };
    let cross = ("sec-fetch-site", "cross-site");
    let (navigate, document) = (
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    );
    for site in ["same-origin", "same-site", "none"] {
        assert_eq!(of("GET", &[("sec-fetch-site", site)]), 200, "{site}");
    }
    assert_eq!(of("GET", &[cross, navigate, document]), 200);
    assert_eq!(of("POST", &[cross, navigate, document]), 403);
    assert_eq!(
        of("GET", &[cross, navigate, ("sec-fetch-dest", "iframe")]),
        403
    );
    assert_eq!(
        of(
            "GET",
            &[
                cross,
                ("sec-fetch-mode", "no-cors"),
                ("sec-fetch-dest", "script")
            ]
        ),
        403
    );
    assert_eq!(of("GET", &[cross]), 403);
    assert_eq!(of("GET", &[("sec-fetch-site", "other")]), 403);
    assert_eq!(
        of(
            "GET",
            &[("sec-fetch-site", "none"), ("sec-fetch-site", "none")]
        ),
        403
    );
}
