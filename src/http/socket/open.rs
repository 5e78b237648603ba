//! The opening handshake (RFC 6455, 4.2).

use hyper::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Socket, talk, way};
use crate::http::body::Body;
use crate::http::fault;
use crate::http::gate::{Many, Policy, Refusal, only};
use crate::http::target::Target;

/// The digits of a key: 16 bytes in base64.
const KEY: usize = 24;

fn refusal(status: StatusCode, text: impl Into<String>) -> Refusal {
    Refusal {
        status,
        text: text.into(),
    }
}

fn malformed(text: &str) -> Refusal {
    refusal(
        StatusCode::BAD_REQUEST,
        format!("malformed request: {text}"),
    )
}

impl Socket {
    /// Answers a request for the socket that was sent to a name of ours. What is upgraded is talked with by a task.
    pub(in crate::http) async fn open(
        &self,
        head: Parts,
        target: &Target,
        policy: &Policy,
    ) -> Response<Body> {
        let opened = match self.check(&head, target, policy) {
            Ok(accept) => self.connect(head, accept).await,
            Err(refusal) => Err(refusal),
        };
        let refusal = match opened {
            Ok(response) => return response,
            Err(refusal) => refusal,
        };
        let mut response = fault::refused(&refusal);
        if refusal.status == StatusCode::UPGRADE_REQUIRED {
            let headers = response.headers_mut();
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        response
    }

    /// Who it is, then what is asked: whoever is not let in learns nothing else. Gives the answer to the client's key.
    fn check(
        &self,
        head: &Parts,
        target: &Target,
        policy: &Policy,
    ) -> Result<HeaderValue, Refusal> {
        if head.headers.contains_key(UPGRADE) {
            policy
                .check_page(&head.headers, &self.config.origins)
                .inspect_err(|refusal| self.tell(&refusal.text))?;
            self.check_token(target)?;
        }
        let key = handshake(head)?;
        let mut protocols = words(&head.headers, &SEC_WEBSOCKET_PROTOCOL);
        if !protocols.any(|protocol| protocol == self.config.protocol) {
            return Err(malformed("the client speaks another protocol"));
        }
        HeaderValue::from_str(&derive_accept_key(key)).map_err(|_| malformed("the key is none"))
    }

    fn check_token(&self, target: &Target) -> Result<(), Refusal> {
        let query = target.query.as_deref().unwrap_or_default();
        let mut given = query
            .split('&')
            .filter_map(|pair| pair.strip_prefix("token="));
        let (token, more) = (given.next(), given.next());
        // Hashes are compared in a time that says nothing of where they differ.
        let is_it = |token: &str| {
            blake3::hash(token.as_bytes()) == blake3::hash(self.config.token.as_bytes())
        };
        match token {
            Some(token) if more.is_none() && is_it(token) => Ok(()),
            Some(_) => Err(refusal(
                StatusCode::FORBIDDEN,
                "the token is another one: reload the page, and what gave it",
            )),
            None => Err(refusal(StatusCode::FORBIDDEN, "the token is missing")),
        }
    }

    async fn connect(&self, head: Parts, accept: HeaderValue) -> Result<Response<Body>, Refusal> {
        let place = self.place().await.ok_or_else(|| {
            refusal(
                StatusCode::TOO_MANY_REQUESTS,
                "too many pages are connected",
            )
        })?;
        let peers = self.peers.clone();
        let (outgoing, outlet) = way();
        let connected = tokio::task::spawn_blocking(move || peers.connect(outgoing)).await;
        let unheard = |text: String| refusal(StatusCode::CONFLICT, text);
        let peer = connected
            .map_err(|cause| unheard(format!("nobody listens: {cause}")))?
            .map_err(unheard)?;
        let upgraded = hyper::upgrade::on(Request::from_parts(head, ()));
        let ending = self.ending.subscribe();
        tokio::spawn(async move {
            match upgraded.await {
                Ok(stream) => talk::talk(stream, peer, outlet, place, ending).await,
                Err(cause) => tracing::debug!("a socket was not opened: {cause}"),
            }
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        headers.insert(
            SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(self.config.protocol),
        );
        Ok(response)
    }
}

/// What makes a request one for a WebSocket (RFC 6455, 4.2.1); gives its key.
fn handshake(head: &Parts) -> Result<&[u8], Refusal> {
    if head.method != Method::GET {
        return Err(refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "a WebSocket is opened by GET",
        ));
    }
    if head.version != Version::HTTP_11 {
        return Err(malformed("a WebSocket is opened over HTTP/1.1"));
    }
    let has_body = |name: &HeaderName| {
        let mut values = head.headers.get_all(name).iter();
        values.any(|value| value != "0")
    };
    if has_body(&CONTENT_LENGTH) || has_body(&TRANSFER_ENCODING) {
        return Err(malformed(
            "a WebSocket is opened by a request without a body",
        ));
    }
    let has = |name: &HeaderName, wanted: &str| {
        words(&head.headers, name).any(|word| word.eq_ignore_ascii_case(wanted))
    };
    if !has(&UPGRADE, "websocket") || !has(&CONNECTION, "upgrade") {
        return Err(refusal(
            StatusCode::UPGRADE_REQUIRED,
            "here pages hear of changes, over a WebSocket",
        ));
    }
    let one = |name: &HeaderName| match only(&head.headers, name) {
        Ok(value) => Ok(value.map(HeaderValue::as_bytes)),
        Err(Many) => Err(malformed("a header of the handshake is there twice")),
    };
    if one(&SEC_WEBSOCKET_VERSION)? != Some(b"13") {
        return Err(refusal(
            StatusCode::UPGRADE_REQUIRED,
            "the WebSocket is of another version than 13",
        ));
    }
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    one(&SEC_WEBSOCKET_KEY)?
        .filter(|key| key.len() == KEY && key.iter().all(is_digit))
        .ok_or_else(|| malformed("the key of the handshake is none"))
}

/// The words of a header that is a list.
fn words<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',').map(str::trim))
}
