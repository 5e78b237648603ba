//! Bytes on their way out.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

use super::site::Content;

/// How many bytes of a large file are held at a time.
const STEP: usize = 256 << 10;

/// The body of a response.
#[derive(Debug)]
pub struct Body {
    kind: Kind,
    end: Option<End>,
}

/// What follows when all has come, if this was in it.
#[derive(Debug)]
struct End {
    bytes: Bytes,
    mark: &'static [u8],
    is_seen: bool,
    /// The last bytes so far, in which the mark may begin.
    last: Vec<u8>,
}

impl End {
    fn pass(&mut self, bytes: &[u8]) {
        if self.is_seen {
            return;
        }
        self.last.extend_from_slice(bytes);
        self.is_seen = has(&self.last, self.mark);
        let done = self.last.len().saturating_sub(self.mark.len() - 1);
        self.last.drain(..done);
    }
}

fn has(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

#[derive(Debug)]
enum Kind {
    Whole(Bytes),
    /// What is left of a file, read as the client takes it.
    File {
        content: Arc<dyn Content>,
        offset: u64,
        left: u64,
        reading: Option<JoinHandle<io::Result<Bytes>>>,
    },
    /// What a handler sends, when it sends it.
    Stream {
        first: VecDeque<Bytes>,
        rest: Receiver<io::Result<Bytes>>,
    },
}

impl Body {
    /// No bytes.
    pub(super) fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    /// These bytes.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::of(Kind::Whole(bytes))
    }

    fn of(kind: Kind) -> Self {
        Self { kind, end: None }
    }

    /// The same with more after its end, if it has this in it. One that breaks off has no end.
    pub(super) fn followed_by(self, bytes: Bytes, mark: &'static [u8]) -> Self {
        match self.kind {
            Kind::Whole(own) if has(&own, mark) => Self::whole([own, bytes].concat().into()),
            Kind::Stream { .. } => {
                let end = End {
                    bytes,
                    mark,
                    is_seen: false,
                    last: Vec::new(),
                };
                Self {
                    end: Some(end),
                    ..self
                }
            }
            kind => Self::of(kind),
        }
    }

    /// `len` bytes of a file, which has so many, from `offset` on.
    pub(super) fn of_file(content: Arc<dyn Content>, offset: u64, len: u64) -> Self {
        let at_hand = content.at_hand().and_then(|bytes| {
            let start = usize::try_from(offset).ok()?;
            let end = start.checked_add(usize::try_from(len).ok()?)?;
            (end <= bytes.len()).then(|| bytes.slice(start..end))
        });
        Self::of(match at_hand {
            Some(bytes) => Kind::Whole(bytes),
            None => Kind::File {
                content,
                offset,
                left: len,
                reading: None,
            },
        })
    }

    /// What comes, as it comes. What has come already, and is all, is sent with its length.
    pub(super) fn of_stream(mut rest: Receiver<io::Result<Bytes>>) -> Self {
        use tokio::sync::mpsc::error::TryRecvError;
        let mut first = VecDeque::new();
        loop {
            match rest.try_recv() {
                Ok(Ok(bytes)) => first.push_back(bytes),
                // The end that the client sees is that of a broken stream.
                Ok(Err(cause)) => {
                    let (sender, broken) = tokio::sync::mpsc::channel(1);
                    // There is room for one.
                    let _ = sender.try_send(Err(cause));
                    return Self::of(Kind::Stream {
                        first,
                        rest: broken,
                    });
                }
                Err(TryRecvError::Disconnected) if first.len() <= 1 => {
                    return Self::whole(first.pop_front().unwrap_or_default());
                }
                Err(TryRecvError::Disconnected | TryRecvError::Empty) => {
                    return Self::of(Kind::Stream { first, rest });
                }
            }
        }
    }

    /// Its length in bytes, where that is known.
    pub(super) fn length(&self) -> Option<u64> {
        match &self.kind {
            Kind::Whole(bytes) => Some(bytes.len() as u64),
            Kind::File { left, .. } => Some(*left),
            Kind::Stream { .. } => None,
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        let next = match &mut this.kind {
            Kind::Whole(bytes) if bytes.is_empty() => None,
            Kind::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            Kind::File { left: 0, .. } => None,
            Kind::File {
                content,
                offset,
                left,
                reading,
            } => {
                let reading_now = reading.get_or_insert_with(|| {
                    let (content, offset) = (content.clone(), *offset);
                    let size = usize::try_from(*left).unwrap_or(STEP).min(STEP);
                    tokio::task::spawn_blocking(move || content.read_at(offset, size))
                });
                let read = ready!(Pin::new(reading_now).poll(context));
                *reading = None;
                Some(match read {
                    Ok(Ok(bytes)) if bytes.is_empty() || bytes.len() as u64 > *left => {
                        Err(io::ErrorKind::UnexpectedEof.into())
                    }
                    Ok(Ok(bytes)) => {
                        *offset += bytes.len() as u64;
                        *left -= bytes.len() as u64;
                        Ok(bytes)
                    }
                    Ok(Err(cause)) => Err(cause),
                    Err(cause) => Err(io::Error::other(cause)),
                })
            }
            Kind::Stream { first, rest } => match first.pop_front() {
                Some(bytes) => Some(Ok(bytes)),
                None => ready!(rest.poll_recv(context)),
            },
        };
        let next = match next {
            Some(Ok(bytes)) => {
                this.end.iter_mut().for_each(|end| end.pass(&bytes));
                Some(Ok(bytes))
            }
            Some(Err(cause)) => {
                this.end = None;
                Some(Err(cause))
            }
            None => {
                let end = this.end.take().filter(|end| end.is_seen);
                end.map(|end| Ok(end.bytes))
            }
        };
        Poll::Ready(next.map(|result| result.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.length() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.length()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
