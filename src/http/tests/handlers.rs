//! Bases, and what a handler answers.

use super::*;

#[test]
fn a_base_is_in_front_of_all() {
    let made = made(&[], None, "/app/");
    assert_eq!(get(&made, "/app/about").body(), "<p>about");
    for path in ["/", "/app"] {
        let came = get(&made, path);
        assert_eq!(
            (came.status, came.header("location")),
            (307, "/app/"),
            "{path}"
        );
    }
    assert_eq!(get(&made, "/app/docs").header("location"), "/app/docs/");
    assert_eq!(ask(&made, "GET", "/app/users/5", &[PAGE]).body(), "<p>home");
    for path in ["/about", "/application/about", "/ap"] {
        assert_eq!(ask(&made, "GET", path, &[PAGE]).status, 404, "{path}");
    }
}

#[test]
fn a_handler_answers_what_no_file_does() {
    let made = made(&[], Some(Arc::new(Echo)), "/");
    assert_eq!(get(&made, "/about").body(), "<p>about");
    let came = get(&made, "/api/a%2Fb//c?q=1");
    assert_eq!(came.body(), "GET http://localhost:80/api/a%2Fb//c?q=1 ");
    assert_eq!(came.headers.get_all("x-a").iter().count(), 2);
    assert!(!came.headers.contains_key("connection"));
    assert_eq!(came.header("content-length"), came.body().len().to_string());
    assert_eq!(came.header("x-content-type-options"), "nosniff");
    // Other methods are the handler's also where a file is.
    assert_eq!(
        send(&made, "POST", "/about", &[], "sent").body(),
        "POST http://localhost:80/about sent"
    );
    let came = ask(&made, "HEAD", "/api", &[]);
    assert_eq!((came.body(), came.header("content-length")), ("", "999"));
    assert_eq!(ask(&made, "TRACE", "/api", &[]).status, 405);
    assert_eq!(get(&made, "/a/..%2fb").status, 400);
}

#[test]
fn what_becomes_of_a_handlers_failures() {
    let made = made(&[], Some(Arc::new(Echo)), "/");
    let came = get(&made, "/fails");
    assert_eq!(
        (came.status, came.body()),
        (500, "error[handler]: it failed\n")
    );
    assert_eq!(get(&made, "/wrong").status, 500);
    assert_eq!(get(&made, "/said").reason, b"Said \xe9");
    assert_eq!(get(&made, "/about").reason, b"");
    assert!(get(&made, "/breaks").body.is_err());
    // Nothing is there, says the handler: a link leads to the page all the same, but for a page that says so.
    assert_eq!(ask(&made, "GET", "/missing", &[PAGE]).body(), "<p>home");
    assert_eq!(get(&made, "/missing").status, 404);
    let own = ask(&made, "GET", "/missing?html", &[PAGE]);
    assert_eq!((own.status, own.header("content-type")), (404, "text/html"));
    assert_eq!(ask(&made, "POST", "/missing", &[PAGE]).status, 404);
}
