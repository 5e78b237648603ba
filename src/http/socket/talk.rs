//! One socket, from the handshake to its end. One task has it: it reads a message when the one before was heard, and sends
//! one when the one before is sent, so that it holds one of each.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Outlet, Peer};
use crate::http::crowd::{Place, Seat};

/// The longest message and frame of a client in bytes.
const LONGEST: usize = 4 << 20;

/// How often a client is asked whether it is there.
const PING: Duration = Duration::from_secs(15);

/// How long it may say nothing, not even that it is there.
const SILENCE: Duration = Duration::from_secs(45);

/// How long its leave may take.
const LEAVE: Duration = Duration::from_secs(1);

/// The longest reason of an end: what fits a control frame (RFC 6455, 5.5) beside the code.
const REASON: usize = 123;

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// Talks until either side ends it.
pub(super) async fn talk(
    stream: Upgraded,
    mut peer: Box<dyn Peer>,
    mut outlet: Outlet,
    place: Place,
    mut ending: watch::Receiver<bool>,
) {
    let config = WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .write_buffer_size(16 << 10)
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST));
    let io = TokioIo::new(stream);
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
    let end = tokio::select! {
        end = converse(&mut socket, &mut *peer, &mut outlet, &place.seat) => end,
        () = place.seat.leave() => {
            Some((CloseCode::Again, "others came, and this one has said nothing for the longest time".to_owned()))
        }
        () = over(&mut ending) => Some((CloseCode::Away, "the server ends".to_owned())),
    };
    drop(peer);
    if let Some((code, reason)) = end {
        // Whoever comes in its place does not wait for its leave.
        let _place = (code != CloseCode::Again).then_some(place);
        leave(socket, code, &reason).await;
    }
}

/// Gives why our side ends it; `None`: the other one has.
async fn converse(
    socket: &mut Stream,
    peer: &mut dyn Peer,
    outlet: &mut Outlet,
    seat: &Arc<Seat>,
) -> Option<(CloseCode, String)> {
    let mut ticks = interval_at(Instant::now() + PING, PING);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let mut is_page = None;
    loop {
        let sent = tokio::select! {
            came = socket.next() => {
                heard = Instant::now();
                match came {
                    Some(Ok(Message::Text(text))) => {
                        is_page.get_or_insert_with(|| seat.ask());
                        seat.touch();
                        let hearing = peer.hear(text.as_str().to_owned());
                        if let Err(reason) = hearing.await {
                            return Some((CloseCode::Policy, reason));
                        }
                    }
                    Some(Ok(Message::Binary(_))) => {
                        return Some((CloseCode::Unsupported, "messages are text".to_owned()));
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                    Some(Ok(Message::Close(_))) => {
                        // Our answer lies ready.
                        let _ = timeout(LEAVE, socket.flush()).await;
                        return None;
                    }
                    Some(Err(cause)) => return wrong(&cause),
                    None => return None,
                }
                Ok(())
            }
            text = outlet.turn.recv() => match text {
                Some(text) => socket.send(Message::text(text)).await,
                None => return Some((CloseCode::Restart, "what was behind it has ended".to_owned())),
            },
            Some(text) = outlet.offered.recv() => socket.send(Message::text(text)).await,
            _ = ticks.tick() => match heard.elapsed() > SILENCE {
                true => return None,
                false => socket.send(Message::Ping(Vec::new().into())).await,
            },
        };
        if let Err(cause) = sent {
            tracing::debug!("a socket ended: {cause}");
            return None;
        }
    }
}

/// Waits until the server ends.
async fn over(ending: &mut watch::Receiver<bool>) {
    // A server that is no more has ended.
    let _ = ending.wait_for(|is_ending| *is_ending).await;
}

/// What is said to a client whose frames are none (RFC 6455, 7.4.1).
fn wrong(cause: &Error) -> Option<(CloseCode, String)> {
    let code = match cause {
        Error::Capacity(_) => CloseCode::Size,
        Error::Utf8(_) => CloseCode::Invalid,
        Error::Protocol(_) => CloseCode::Protocol,
        _ => return None,
    };
    Some((code, cause.to_string()))
}

/// Says why, and waits a little for the other side's leave, so that it reads what was said.
async fn leave(mut socket: Stream, code: CloseCode, reason: &str) {
    let end = (0..=REASON.min(reason.len()))
        .rev()
        .find(|end| reason.is_char_boundary(*end))
        .unwrap_or_default();
    let frame = CloseFrame {
        code,
        reason: reason[..end].to_owned().into(),
    };
    let leaving = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    // One that does not answer is left all the same.
    let _ = timeout(LEAVE, leaving).await;
}
