//! The DevTools protocol: numbered commands and their answers, and events, as JSON over one WebSocket. Sessions are
//! flat: each message names the page or worker that it is for.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::support::DEADLINE;

/// What happened in a session.
#[derive(Debug)]
pub struct Event {
    /// The page's or worker's session.
    pub session: String,
    /// As `Network.loadingFailed`.
    pub method: String,
    /// Its parameters.
    pub params: Value,
}

/// A connection to a browser.
pub struct Connection {
    socket: WebSocket<TcpStream>,
    last: u64,
    events: VecDeque<Event>,
}

impl Connection {
    /// Connects to the endpoint that the browser told.
    pub fn to(port: u16, path: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("Chromium's endpoint");
        stream
            .set_read_timeout(Some(DEADLINE))
            .expect("a time limit");
        let url = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) = tungstenite::client(url, stream)
            .unwrap_or_else(|error| panic!("no WebSocket to Chromium: {error}"));
        // From now on a read is a look whether something came.
        socket
            .get_ref()
            .set_read_timeout(Some(Duration::from_millis(20)))
            .expect("a time limit");
        Self {
            socket,
            last: 0,
            events: VecDeque::new(),
        }
    }

    /// Sends a command, and gives its result, or the protocol's error. The empty session is the browser itself.
    ///
    /// # Panics
    /// Where no answer comes.
    pub fn call(&mut self, session: &str, method: &str, params: Value) -> Result<Value, String> {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if !session.is_empty() {
            command["sessionId"] = session.into();
        }
        self.socket
            .send(Message::text(command.to_string()))
            .unwrap_or_else(|error| panic!("cannot send {method}: {error}"));
        let start = Instant::now();
        loop {
            if let Some(mut message) = self.receive() {
                if message["id"] == self.last {
                    return match message.get("error") {
                        Some(error) => Err(format!("{method}: {error}")),
                        None => Ok(message["result"].take()),
                    };
                }
                // The answer to a command that nobody waited for is no event.
                self.keep(message);
            }
            assert!(start.elapsed() < DEADLINE, "no answer to {method}");
        }
    }

    /// Sends a command whose answer nobody needs.
    pub fn send(&mut self, session: &str, method: &str, params: Value) {
        self.last += 1;
        let command =
            json!({ "id": self.last, "method": method, "params": params, "sessionId": session });
        self.socket
            .send(Message::text(command.to_string()))
            .unwrap_or_else(|error| panic!("cannot send {method}: {error}"));
    }

    /// The next event, if there is one within a moment.
    pub fn event(&mut self) -> Option<Event> {
        if self.events.is_empty()
            && let Some(message) = self.receive()
        {
            self.keep(message);
        }
        self.events.pop_front()
    }

    fn keep(&mut self, mut message: Value) {
        if let Some(method) = message["method"].as_str() {
            self.events.push_back(Event {
                session: message["sessionId"].as_str().unwrap_or_default().to_owned(),
                method: method.to_owned(),
                params: message["params"].take(),
            });
        }
    }

    /// One message, or none within the socket's time limit.
    fn receive(&mut self) -> Option<Value> {
        match self.socket.read() {
            Ok(Message::Text(text)) => Some(serde_json::from_str(&text).expect("JSON")),
            Ok(_) => None,
            Err(tungstenite::Error::Io(error)) if is_timeout(&error) => None,
            Err(error) => panic!("the connection to Chromium is gone: {error}"),
        }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
    )
}
