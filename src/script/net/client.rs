//! One request to a server, and the head of its answer.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use hyper::ext::ReasonPhrase;
use reqwest::header::{self, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Body, Client, Method, Response, Url};

use super::fault::{self, Fault};
use crate::script::message::Headers;

/// How long a connection may take, and how long a server may be silent: as long as in Node.
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(300);

/// Headers that are about a connection and not about the request (RFC 9110, 7.6.1), or that follow from the URL.
const NOT_SENT: [&str; 10] = [
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// Servers on this machine are asked directly, others by the proxy that the environment names, if any.
struct Clients {
    direct: Client,
    proxied: Client,
}

fn clients() -> Result<&'static Clients, &'static str> {
    static CLIENTS: OnceLock<Result<Clients, String>> = OnceLock::new();
    let make = || {
        // Another one that is there already does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .connect_timeout(CONNECT)
                .read_timeout(SILENCE)
        };
        Ok(Clients {
            direct: builder().no_proxy().build()?,
            proxied: builder().build()?,
        })
    };
    let clients = CLIENTS.get_or_init(|| make().map_err(|error: reqwest::Error| error.to_string()));
    clients.as_ref().map_err(String::as_str)
}

fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Sends a request. Redirects are answers like others.
pub(super) async fn send(
    method: &str,
    url: &str,
    headers: &Headers,
    body: Option<Body>,
) -> Result<Response, Fault> {
    let method = Method::from_bytes(method.as_bytes())
        .map_err(|_| Fault::wrong(format!("not a method: `{method}`")))?;
    let url = Url::parse(url).map_err(|_| Fault::wrong(format!("not a URL: `{url}`")))?;
    let clients = clients().map_err(Fault::wrong)?;
    let client = match is_local(&url) {
        true => &clients.direct,
        false => &clients.proxied,
    };
    let is_whole = body.as_ref().is_none_or(|body| body.as_bytes().is_some());
    let has_length = matches!(method, Method::POST | Method::PUT);
    let mut request = client.request(method, url);
    for (name, value) in headers {
        let name =
            HeaderName::from_bytes(name).map_err(|_| Fault::wrong("not the name of a header"))?;
        // The length of what is there is known; of what is to come, the program may know it.
        if NOT_SENT.contains(&name.as_str()) || is_whole && name == header::CONTENT_LENGTH {
            continue;
        }
        let value = HeaderValue::from_bytes(value)
            .map_err(|_| Fault::wrong(format!("not a value of the header `{name}`")))?;
        request = request.header(name, value);
    }
    match body {
        Some(body) => request = request.body(body),
        // Fetch standard, 4.6 ("HTTP-network-or-cache fetch"): servers ask for a length with these, also where there is no body.
        None if has_length => request = request.header(header::CONTENT_LENGTH, "0"),
        None => {}
    }
    request.send().await.map_err(|error| fault::of(&error))
}

/// The words beside the status.
pub(super) fn reason(response: &Response) -> String {
    match response.extensions().get::<ReasonPhrase>() {
        Some(phrase) => phrase
            .as_bytes()
            .iter()
            .map(|byte| char::from(*byte))
            .collect(),
        None => response
            .status()
            .canonical_reason()
            .unwrap_or_default()
            .to_owned(),
    }
}

/// The headers. Those that say how the body was coded are gone with the coding.
pub(super) fn headers(response: &Response) -> Headers {
    let own = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec())
    };
    response.headers().iter().map(own).collect()
}
