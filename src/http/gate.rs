//! Who may ask, and for what: every request passes here, whatever answers it.
//!
//! A page of any site can send requests to this machine, and a name of any site can be made to lead here (DNS
//! rebinding). So the name that a request was sent to must be one of ours, and so must the origin of whoever sends it;
//! what another site loads as a script, a style or an image is refused, and only links to pages are followed.

use std::net::{IpAddr, Ipv6Addr};

use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Version};

use super::target::{Malformed, Target};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The names that this server answers to: those of the loopback device, and what is allowed besides.
#[derive(Clone, Debug)]
pub struct Policy {
    names: Vec<String>,
    has_addresses: bool,
    /// The option that allows one more, up to the name.
    option: &'static str,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            has_addresses: false,
            option: "--allow-host ",
        }
    }
}

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

impl From<Malformed> for Refusal {
    fn from(Malformed(why): Malformed) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            text: format!("malformed request: {why}"),
        }
    }
}

fn forbidden(text: String) -> Refusal {
    Refusal {
        status: StatusCode::FORBIDDEN,
        text,
    }
}

impl Policy {
    /// The same with one more name or address.
    pub fn allow(mut self, name: &str) -> Self {
        self.names.push(name.to_ascii_lowercase());
        self
    }

    /// The same where another option allows names: its text up to the name.
    pub fn told_by(self, option: &'static str) -> Self {
        Self { option, ..self }
    }

    /// The same with all addresses that are written as numbers: nobody can make these lead elsewhere. For a server that
    /// listens on all interfaces.
    pub fn allow_addresses(self) -> Self {
        Self {
            has_addresses: true,
            ..self
        }
    }

    /// Lets in who sends a request, by what browsers tell of the page that has them do so.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) fn check_sender(&self, head: &Parts) -> Result<(), Refusal> {
        self.check_origin(&head.headers)?;
        check_site(&head.method, &head.headers)
    }

    /// Takes the URL of a request apart that was sent to a name of ours.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) fn address(&self, head: &Parts) -> Result<Target, Refusal> {
        if head.version > Version::HTTP_11 {
            return Err(Malformed("not HTTP/1").into());
        }
        let sent_to = only(&head.headers, &HOST)
            .map_err(|Many| Malformed("several hosts"))?
            .ok_or(Malformed("no host"))?;
        let mut hosts = vec![text(sent_to).ok_or(Malformed("the host is no text"))?];
        if let Some(authority) = head.uri.authority() {
            // The absolute form (RFC 9112, 3.2.2), which proxies are sent.
            if head.uri.scheme_str() != Some("http") {
                return Err(Malformed("the target is of another scheme").into());
            }
            hosts.push(authority.as_str());
        }
        if !is_plain(&head.headers) {
            return Err(Refusal {
                status: StatusCode::NOT_IMPLEMENTED,
                text: "no transfer coding but `chunked`, once, is understood here".to_owned(),
            });
        }
        let target = Target::parse(head.uri.path(), head.uri.query())?;
        for host in hosts {
            let name = host_name(host).ok_or(Malformed("the host is none"))?;
            if !self.is_ours(&name) {
                return Err(forbidden(format!(
                    "the host `{name}` is not served here; `{}{name}` would do so",
                    self.option
                )));
            }
        }
        Ok(target)
    }

    /// Lets a page open a socket. Unlike other requests it must say whose it is: browsers do so for every WebSocket, whatever
    /// the page does (RFC 6455, 10.2), and what it says decides. `origins`: those that are let in besides our own.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) fn check_page(
        &self,
        headers: &HeaderMap,
        origins: &[String],
    ) -> Result<(), Refusal> {
        let origin = only(headers, &ORIGIN)
            .map_err(|Many| forbidden("the request has several origins".to_owned()))?
            .ok_or_else(|| forbidden("the request has no origin".to_owned()))?;
        let origin = text(origin).unwrap_or("null").to_ascii_lowercase();
        let is_allowed = || origins.contains(&origin);
        match host_of_origin(&origin) {
            Some(name) if self.is_ours(&name) || is_allowed() => Ok(()),
            Some(_) => Err(forbidden(format!(
                "pages of `{origin}` are not let in; `--hot-origin {origin}` would do so"
            ))),
            None => Err(forbidden(format!("`{origin}` is nobody's origin"))),
        }
    }

    fn is_ours(&self, name: &str) -> bool {
        is_loopback(name)
            || self.names.iter().any(|allowed| allowed == name)
            || self.has_addresses && address(name).is_some()
    }

    /// `null`, nothing, and several origins are nobody's (RFC 6454, 7.3).
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let foreign = || forbidden("the request comes from another origin".to_owned());
        let Some(origin) = only(headers, &ORIGIN).map_err(|Many| foreign())? else {
            return Ok(());
        };
        let origin = text(origin).ok_or_else(foreign)?;
        match host_of_origin(origin) {
            Some(name) if self.is_ours(&name) => Ok(()),
            _ => Err(foreign()),
        }
    }
}

/// The name in an origin; `None`: it is none of a page that came over HTTP.
fn host_of_origin(origin: &str) -> Option<String> {
    let mut schemes = ["http://", "https://"].iter();
    let host = schemes.find_map(|scheme| origin.strip_prefix(scheme))?;
    host_name(host)
}

/// An origin as browsers send it (RFC 6454, 6.2), from what people write: in lower case, without a slash at its end or the
/// scheme's own port. `None`: it is none.
pub fn origin(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    host_of_origin(&text)?;
    let own = if text.starts_with("https://") {
        ":443"
    } else {
        ":80"
    };
    Some(
        text.strip_suffix(own)
            .unwrap_or(&text)
            .trim_end_matches(':')
            .to_owned(),
    )
}

/// What browsers tell of the sender (Fetch Metadata): other sites may only lead their users to pages here.
fn check_site(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let foreign = || forbidden("the request comes from another site".to_owned());
    let site = only(headers, &FETCH_SITE).map_err(|Many| foreign())?;
    match site.map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"same-site" | b"none") => Ok(()),
        Some(b"cross-site") => {
            let is = |name: &HeaderName, want: &str| matches!(only(headers, name), Ok(Some(value)) if value == want);
            let is_reading = *method == Method::GET || *method == Method::HEAD;
            match is_reading && is(&FETCH_MODE, "navigate") && is(&FETCH_DESTINATION, "document") {
                true => Ok(()),
                false => Err(foreign()),
            }
        }
        Some(_) => Err(foreign()),
    }
}

/// Whether a browser is about to show what is answered: as it says itself, else by what it accepts.
pub(super) fn is_navigation(head: &Parts) -> bool {
    match head.headers.get(&FETCH_MODE) {
        Some(mode) => mode == "navigate",
        None => {
            let mut accepted = head.headers.get_all(hyper::header::ACCEPT).iter();
            accepted.any(|value| text(value).is_some_and(|text| text.contains("text/html")))
        }
    }
}

/// Whether whoever asks is no browser, and takes a page as well as anything else: curl, Node, a check of health. Node tells
/// its mode, and of the sender nothing.
pub(super) fn takes_anything(head: &Parts) -> bool {
    let headers = &head.headers;
    if headers.contains_key(&FETCH_SITE) || headers.contains_key(&FETCH_DESTINATION) {
        return false;
    }
    let mut accepted = headers.get_all(hyper::header::ACCEPT).iter().peekable();
    accepted.peek().is_none()
        || accepted.any(|value| text(value).is_some_and(|text| text.contains("*/*")))
}

/// A header that is there more than once.
pub(super) struct Many;

pub(super) fn only<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a HeaderValue>, Many> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    match values.next() {
        None => Ok(first),
        Some(_) => Err(Many),
    }
}

/// Whether a body comes as it is, or in chunks: one in another coding (RFC 9112, 6.1) would be taken for what it is not.
fn is_plain(headers: &HeaderMap) -> bool {
    match only(headers, &TRANSFER_ENCODING) {
        Ok(None) => true,
        Ok(Some(coding)) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        Err(Many) => false,
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// The name in `name:port`, in lower case; an IPv6 address without its brackets.
fn host_name(host: &str) -> Option<String> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            (
                address,
                rest.strip_prefix(':').or(rest.is_empty().then_some(""))?,
            )
        }
        None => host.split_once(':').unwrap_or((host, "")),
    };
    let is_port = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
    (is_port && !name.is_empty() && name.bytes().all(is_name)).then(|| name.to_ascii_lowercase())
}

fn address(name: &str) -> Option<IpAddr> {
    name.parse().ok()
}

/// Whether a name means this machine everywhere (RFC 6761, 6.3), and whatever a name server says.
pub(super) fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name.ends_with(".localhost")
        || address(name).is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
