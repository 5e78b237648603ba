//! What answers a request: the gate first, then the socket, files, then the handler, then the page for deep links.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::body::Body;
use super::dynamic::Handler;
use super::fault::Fault;
use super::gate::{Policy, is_navigation, takes_anything};
use super::lookup::{self, Instead, Place, Stopped};
use super::site::{Found, Site};
use super::socket::{Peers, Socket, SocketConfig};
use super::target::{Malformed, Target};
use super::{answer, dynamic, ending, fault};
use crate::base::SourcePath;

type Response = hyper::Response<Body>;

/// Where requests go. Each is answered by itself: there is no state between two.
#[derive(Clone)]
pub struct Route {
    site: Arc<dyn Site>,
    handler: Option<Arc<dyn Handler>>,
    /// What stands at the end of pages that the handler makes.
    end: Option<Bytes>,
    socket: Option<Arc<Socket>>,
    policy: Arc<Policy>,
    /// The names of the base, and the base as it is written.
    base: Arc<(Vec<Vec<u8>>, String)>,
}

impl Route {
    /// To the files of `site` below `base`, a path with slashes at both ends, and to `handler`, where there is one, for
    /// what no file answers.
    pub fn new(
        site: Arc<dyn Site>,
        handler: Option<Arc<dyn Handler>>,
        policy: Policy,
        base: &str,
    ) -> Self {
        let names = base.split('/').filter(|name| !name.is_empty());
        let names = names.map(|name| name.as_bytes().to_vec()).collect();
        Self {
            site,
            handler,
            end: None,
            socket: None,
            policy: Arc::new(policy),
            base: Arc::new((names, base.to_owned())),
        }
    }

    /// The same; a page that loads a hot bundle, and that the handler gives to who is about to show it, ends in this.
    pub fn with_end(self, end: Bytes) -> Self {
        Self {
            end: Some(end),
            ..self
        }
    }

    /// To no files, below `/`: for a server that has sockets alone.
    pub fn nowhere(policy: Policy) -> Self {
        Self::new(Arc::new(Nothing), None, policy, "/")
    }

    /// The same with a socket below the base.
    pub fn with_socket(self, config: SocketConfig, peers: Arc<dyn Peers>) -> Self {
        Self {
            socket: Some(Arc::new(Socket::new(config, peers))),
            ..self
        }
    }

    /// Ends the conversations that have no end of their own, within this time.
    pub(super) async fn end(&self, patience: Duration) {
        if let Some(socket) = &self.socket {
            socket.end(patience).await;
        }
    }

    /// Answers a request. Dropping the future ends the work for it.
    pub(super) async fn answer<B>(&self, request: hyper::Request<B>) -> Response
    where
        B: hyper::body::Body<Data = Bytes, Error: std::error::Error + Send + Sync>
            + Send
            + Unpin
            + 'static,
    {
        let (head, body) = request.into_parts();
        let target = match self.policy.address(&head) {
            Ok(target) => target,
            Err(refusal) => return fault::refused(&refusal),
        };
        if let Some(socket) = &self.socket
            && let Some(names) = target.below(&self.base.0)
            && socket.is_at(names)
        {
            return socket.open(head, &target, &self.policy).await;
        }
        if let Err(refusal) = self.policy.check_sender(&head) {
            return fault::refused(&refusal);
        }
        // Those that no `Request` can have (Fetch, 2.2.1).
        if matches!(head.method.as_str(), "CONNECT" | "TRACE" | "TRACK") {
            return fault::not_allowed();
        }
        let is_reading = head.method == Method::GET || head.method == Method::HEAD;
        if is_reading && let Some(response) = self.file(&head, &target).await {
            return response;
        }
        let handler = self.handler.as_ref().filter(|handler| handler.is_there());
        let Some(handler) = handler else {
            return match is_reading {
                true if target.has_slash => {
                    fault::refused(&Malformed("an encoded slash names no file").into())
                }
                true => match self
                    .instead(&head, &target, is_deep_link(&head, &target))
                    .await
                {
                    Some(response) => response,
                    None => {
                        let is_page = is_navigation(&head);
                        let is_root = target.below(&self.base.0).is_some_and(<[_]>::is_empty);
                        let reason = match is_page || is_root {
                            true => self.site.without_page(),
                            false => None,
                        };
                        fault::missing_for(&target.path, is_page, reason.as_deref())
                    }
                },
                false => fault::not_allowed(),
            };
        };
        let broken = dynamic::Broken::default();
        let request = dynamic::request(&head, &target, body, &broken);
        let answered = handler.fetch(request).await;
        match answered.and_then(|answer| dynamic::response(&head.method, answer)) {
            // To a program, what the module says of its own names is the answer.
            Ok(response) if is_reading && is_nowhere(&response) => {
                let instead = self.instead(&head, &target, is_navigation(&head));
                instead.await.unwrap_or(response)
            }
            Ok(response) => match &self.end {
                Some(end) if is_reading && is_navigation(&head) => ending::with(response, end),
                _ => response,
            },
            Err(_) if broken.is() => fault::refused(&Malformed("the body breaks off").into()),
            Err(fault) => fault::failed(&fault, is_navigation(&head)),
        }
    }

    /// What the files answer; `None`: nothing.
    async fn file(&self, head: &Parts, target: &Target) -> Option<Response> {
        let (base, written) = &*self.base;
        let Some(names) = target.below(base) else {
            return target
                .names
                .is_empty()
                .then(|| elsewhere(&target.with_path(written)));
        };
        if names.is_empty() && !target.is_folder {
            return Some(elsewhere(&target.with_path(written)));
        }
        let now = |path: &_| self.site.try_find(path);
        let place = match lookup::place(&now, target, names) {
            Err(Stopped::Later) => {
                let (site, target, names) = (self.site.clone(), target.clone(), names.to_vec());
                wait(move || lookup::place(&|path| Some(site.find(path)), &target, &names)).await
            }
            place => place,
        };
        Some(match place {
            Ok(Place::File(name, opened)) => answer::file(head, &name, &opened),
            Ok(Place::Elsewhere(url)) => elsewhere(&url),
            Ok(Place::Nothing) => return None,
            Err(stopped) => failed(stopped, is_navigation(head)),
        })
    }

    /// What is shown to who follows a link to where nothing is, if this is one.
    async fn instead(&self, head: &Parts, target: &Target, is_link: bool) -> Option<Response> {
        let names = target.below(&self.base.0).filter(|_| is_link)?;
        let now = |path: &_| self.site.try_find(path);
        let instead = match lookup::instead(&now, names) {
            Err(Stopped::Later) => {
                let (site, names) = (self.site.clone(), names.to_vec());
                wait(move || lookup::instead(&|path| Some(site.find(path)), &names)).await
            }
            instead => instead,
        };
        match instead {
            Ok(Instead::Page(opened)) => Some(answer::file(head, b".html", &opened)),
            Ok(Instead::Missing(mut opened)) => {
                opened.head.status = StatusCode::NOT_FOUND.as_u16();
                // A client's copy is no answer to what was asked for.
                let mut plain = Parts::clone(head);
                plain.headers.clear();
                Some(answer::file(&plain, b".html", &opened))
            }
            Ok(Instead::Nothing) => None,
            Err(stopped) => Some(failed(stopped, true)),
        }
    }
}

/// No files.
struct Nothing;

impl Site for Nothing {
    fn try_find(&self, path: &SourcePath) -> Option<Result<Found, Fault>> {
        Some(self.find(path))
    }

    fn find(&self, _path: &SourcePath) -> Result<Found, Fault> {
        Ok(Found::Absent)
    }
}

/// Looks for a file on a thread that may wait.
async fn wait<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Stopped> + Send + 'static,
) -> Result<T, Stopped> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|cause| {
        Err(Stopped::Fault(Fault::Other(format!(
            "the search ended: {cause}"
        ))))
    })
}

fn failed(stopped: Stopped, is_page: bool) -> Response {
    let fault = match stopped {
        Stopped::Fault(fault) => fault,
        Stopped::Later => Fault::Other("the search took longer than it may".to_owned()),
    };
    fault::failed(&fault, is_page)
}

/// A response that leads to another URL of this server for now: what is where may change with every edit.
fn elsewhere(url: &str) -> Response {
    let mut response = Response::new(Body::empty());
    let Ok(url) = HeaderValue::from_str(url) else {
        return fault::missing(url, false);
    };
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let headers = response.headers_mut();
    headers.insert(LOCATION, url);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer::protect(headers);
    response
}

/// Whether a request may be for a page by one of the routes of an application.
fn is_deep_link(head: &Parts, target: &Target) -> bool {
    let has_dot = || target.names.last().is_some_and(|name| name.contains(&b'.'));
    is_navigation(head) || takes_anything(head) && !has_dot()
}

/// Whether a handler says that nothing is there, and shows no page that says so.
fn is_nowhere(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    response.status() == StatusCode::NOT_FOUND && !is_page
}
