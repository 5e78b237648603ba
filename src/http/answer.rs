//! An output as a response (RFC 9110).

use hyper::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::body::Body;
use super::ranges::{self, Asked};
use super::site::{Head, Opened};
use super::types;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Headers of the connection (RFC 9110, 7.6.1), which are never passed on.
const OF_CONNECTION: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that say of a file's bytes what only the server knows.
const OF_BYTES: [&str; 6] = [
    "accept-ranges",
    "content-length",
    "content-range",
    "date",
    "etag",
    "last-modified",
];

/// What every response says: the type is as it is told, and no other site loads it.
pub(super) fn protect(headers: &mut HeaderMap) {
    let entry = headers.entry(X_CONTENT_TYPE_OPTIONS);
    entry.or_insert(HeaderValue::from_static("nosniff"));
    let entry = headers.entry(RESOURCE_POLICY);
    entry.or_insert(HeaderValue::from_static("same-origin"));
}

/// Whether a header, in lower case, is about the connection.
pub(super) fn is_of_connection(name: &str) -> bool {
    OF_CONNECTION.contains(&name)
}

/// The response to GET and HEAD for a file with this name.
pub(super) fn file(request: &Parts, name: &[u8], opened: &Opened) -> Response<Body> {
    let head = &opened.head;
    let tag = format!("\"{}\"", head.hash);
    let mut response = Response::new(Body::empty());
    *response.headers_mut() = described(name, head, &tag);
    let asked = match conditions(&request.headers, &tag) {
        Condition::Failed => {
            *response.status_mut() = StatusCode::PRECONDITION_FAILED;
            return response;
        }
        Condition::Known => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().remove(CONTENT_TYPE);
            return response;
        }
        Condition::Part(range) if request.method == Method::GET && head.status == 200 => {
            ranges::read(range, head.len)
        }
        Condition::Part(_) | Condition::None => Asked::Whole,
    };
    let (start, len) = match asked {
        Asked::Whole => {
            *response.status_mut() = StatusCode::from_u16(head.status).unwrap_or(StatusCode::OK);
            (0, head.len)
        }
        Asked::Part { start, len } => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            (start, len)
        }
        Asked::Unsatisfiable => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            (0, 0)
        }
    };
    let range = match asked {
        Asked::Whole => None,
        Asked::Part { start, len } => {
            Some(format!("bytes {start}-{}/{}", start + len - 1, head.len))
        }
        Asked::Unsatisfiable => Some(format!("bytes */{}", head.len)),
    };
    let headers = response.headers_mut();
    if let Some(range) = range.and_then(|range| HeaderValue::try_from(range).ok()) {
        headers.insert(CONTENT_RANGE, range);
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(len));
    if request.method == Method::GET {
        *response.body_mut() = Body::of_file(opened.content.clone(), start, len);
    }
    response
}

/// What a response says of the file whatever it sends of it.
fn described(name: &[u8], head: &Head, tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8 + head.headers.len());
    let cached = match head.is_immutable {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(types::of(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cached));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let given = head.headers.iter().filter_map(|(name, value)| {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        let value = HeaderValue::try_from(value.as_str()).ok()?;
        let is_ours = is_of_connection(name.as_str()) || OF_BYTES.contains(&name.as_str());
        (!is_ours).then_some((name, value))
    });
    let mut given_before: Vec<HeaderName> = Vec::new();
    for (name, value) in given {
        // A hook's own takes the place of ours; several of its own stay several.
        match given_before.contains(&name) {
            true => _ = headers.append(name, value),
            false => {
                headers.insert(name.clone(), value);
                given_before.push(name);
            }
        }
    }
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    protect(&mut headers);
    headers
}

/// What the conditions of a request come to, in the order of RFC 9110, 13.2.2.
enum Condition<'a> {
    None,
    Failed,
    /// The client has this version already.
    Known,
    /// It wants a part.
    Part(&'a str),
}

fn conditions<'a>(headers: &'a HeaderMap, tag: &str) -> Condition<'a> {
    // Weak tags are none of ours.
    let holds = |name: &HeaderName, is_weak_equal: bool| {
        let mut values = headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok());
        values.any(|value| {
            value.split(',').map(str::trim).any(|one| {
                let strong = match is_weak_equal {
                    true => one.strip_prefix("W/").unwrap_or(one),
                    false => one,
                };
                one == "*" || strong == tag
            })
        })
    };
    if headers.contains_key(IF_MATCH) && !holds(&IF_MATCH, false) {
        return Condition::Failed;
    }
    if holds(&IF_NONE_MATCH, true) {
        return Condition::Known;
    }
    let mut ranges = headers.get_all(RANGE).iter();
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return Condition::None;
    };
    // There are no dates here that one could be compared with.
    let is_same = headers.get(IF_RANGE).is_none_or(|value| value == tag);
    match range.to_str() {
        Ok(range) if is_same => Condition::Part(range),
        _ => Condition::None,
    }
}
