//! What is added to pages that a handler makes and that load a hot bundle: at their end, whatever they are. Behind `</html>` too, a parser makes it part of
//! the page (HTML, 13.2.6.4.22 "after after body").

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};

use super::body::Body;

type Response = hyper::Response<Body>;

/// What such a page has in it.
const MARK: &[u8] = b"~hot/";

/// The same response; where it is a page that loads a hot bundle, with this at the end.
pub(super) fn with(response: Response, end: &Bytes) -> Response {
    let (mut head, body) = response.into_parts();
    let is_whole = head.status != StatusCode::PARTIAL_CONTENT;
    if !is_whole || !is_page(&head.headers) {
        return Response::from_parts(head, body);
    }
    let body = body.followed_by(end.clone(), MARK);
    if let Some(length) = body.length() {
        let length = HeaderValue::from(length);
        head.headers.insert(CONTENT_LENGTH, length);
    }
    Response::from_parts(head, body)
}

/// Whether what is said of a body makes it HTML to which text of ASCII can be added.
fn is_page(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let kind = String::from_utf8_lossy(kind.unwrap_or_default()).to_ascii_lowercase();
    let is_html = kind.split(';').next().unwrap_or_default().trim() == "text/html";
    is_html && !kind.contains("utf-16") && !headers.contains_key(CONTENT_ENCODING)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tokio::sync::mpsc::channel;

    use super::*;

    fn ended(
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: Body,
    ) -> (String, String) {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in headers {
            response
                .headers_mut()
                .insert(*name, HeaderValue::from_static(value));
        }
        let response = with(response, &Bytes::from_static(b"<meta>"));
        let length = response.headers().get(CONTENT_LENGTH);
        let length = length
            .map_or("none", |length| length.to_str().unwrap())
            .to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let body = runtime.block_on(response.into_body().collect());
        let text = match body {
            Ok(body) => String::from_utf8(body.to_bytes().to_vec()).unwrap(),
            Err(error) => error.to_string(),
        };
        (text, length)
    }

    fn whole(text: &'static str) -> Body {
        Body::whole(Bytes::from_static(text.as_bytes()))
    }

    const HTML: (&str, &str) = ("content-type", "Text/HTML; charset=utf-8");

    #[test]
    fn pages_have_it_at_their_end() {
        let of = |text: &str, length: &str| (text.to_owned(), length.to_owned());
        let page = ended(200, &[HTML, ("content-length", "9")], whole("<p>/~hot/"));
        assert_eq!(page, of("<p>/~hot/<meta>", "15"));
        assert_eq!(ended(404, &[HTML], whole("~hot/")).0, "~hot/<meta>");
        let (sender, receiver) = channel(8);
        let stream = Body::of_stream(receiver);
        for text in ["<p>", "~ho", "t", "/", "b"] {
            sender
                .try_send(Ok(Bytes::from_static(text.as_bytes())))
                .unwrap();
        }
        drop(sender);
        assert_eq!(ended(200, &[HTML], stream), of("<p>~hot/b<meta>", "none"));
    }

    #[test]
    fn nothing_else_has_it() {
        for (status, headers, text) in [
            (200, &[][..], "~hot/"),
            (200, &[("content-type", "application/json")], "~hot/"),
            (
                200,
                &[("content-type", "text/html; charset=UTF-16LE")],
                "~hot/",
            ),
            (200, &[HTML, ("content-encoding", "gzip")], "~hot/"),
            (206, &[HTML], "~hot/"),
            (200, &[HTML], "~hot"),
            (200, &[HTML], ""),
        ] {
            assert_eq!(ended(status, headers, whole(text)).0, text, "{headers:?}");
        }
        // What breaks off is no whole page.
        let (sender, receiver) = channel(4);
        sender.try_send(Ok(Bytes::from_static(b"~hot/"))).unwrap();
        sender
            .try_send(Err(std::io::Error::other("broken")))
            .unwrap();
        assert_eq!(ended(200, &[HTML], Body::of_stream(receiver)).0, "broken");
    }
}
