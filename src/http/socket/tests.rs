//! Sockets over real connections: who gets one, and what may be said.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

use super::*;
use crate::http::{Policy, Route, Server, Stopper};

const DEADLINE: Duration = Duration::from_secs(60);

/// Says what it hears, in capital letters; `bye` ends the conversation, `many` is answered by more than anybody takes.
struct Echo(mpsc::Sender<()>);

struct Echoing(Outgoing, mpsc::Sender<()>);

impl Peers for Echo {
    fn connect(&self, outgoing: Outgoing) -> Result<Box<dyn Peer>, String> {
        Ok(Box::new(Echoing(outgoing, self.0.clone())))
    }
}

impl Peer for Echoing {
    fn hear(&mut self, text: String) -> Hearing<'_> {
        Box::pin(async move {
            match text.as_str() {
                "bye" => return Err("nobody says bye".to_owned()),
                "many" => {
                    let long = "x".repeat(64 << 10);
                    let mut taken = 0;
                    while self.0.offers().offer(long.clone()) {
                        taken += 1;
                    }
                    assert_eq!(taken, OFFERED);
                }
                text => assert!(self.0.offers().offer(text.to_uppercase())),
            }
            Ok(())
        })
    }
}

impl Drop for Echoing {
    fn drop(&mut self) {
        let _ = self.1.send(());
    }
}

struct Served {
    port: u16,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
    gone: mpsc::Receiver<()>,
}

impl Served {
    fn start() -> Self {
        let (sender, gone) = mpsc::channel();
        let config = SocketConfig {
            name: "~hot",
            protocol: "hookfs-hot",
            token: "t0ken".to_owned(),
            origins: vec!["https://dev.example".to_owned()],
        };
        let route = Route::nowhere(Policy::default()).with_socket(config, Arc::new(Echo(sender)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Server::new(vec![listener], route);
        let stopper = server.stopper();
        let thread = std::thread::spawn(move || server.run().unwrap());
        Self {
            port,
            stopper,
            thread: Some(thread),
            gone,
        }
    }

    fn connection(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// Opens a socket with these headers; the status and text of a refusal.
    fn open(
        &self,
        target: &str,
        headers: &[(&str, &str)],
    ) -> Result<WebSocket<TcpStream>, (u16, String)> {
        let mut text = format!("GET {target} HTTP/1.1\r\nHost: localhost:1\r\n");
        text.push_str("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n");
        text.push_str("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        if !headers
            .iter()
            .any(|(name, _)| *name == "Sec-WebSocket-Version")
        {
            text.push_str("Sec-WebSocket-Version: 13\r\n");
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        self.raw(&(text + "\r\n"))
    }

    fn raw(&self, text: &str) -> Result<WebSocket<TcpStream>, (u16, String)> {
        let mut stream = self.connection();
        stream.write_all(text.as_bytes()).unwrap();
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status == 101 {
            assert!(
                head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
                "{head}"
            );
            assert!(
                head.contains("sec-websocket-protocol: hookfs-hot\r\n"),
                "{head}"
            );
            let role = tungstenite::protocol::Role::Client;
            return Ok(WebSocket::from_raw_socket(stream, role, None));
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
        Err((status, String::from_utf8(body).unwrap()))
    }

    fn talk(&self) -> WebSocket<TcpStream> {
        let ours = [OURS, ("Sec-WebSocket-Protocol", "hookfs-hot")];
        self.open("/~hot?token=t0ken", &ours).unwrap()
    }

    fn stop(mut self) {
        self.stopper.stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

const OURS: (&str, &str) = ("Origin", "http://localhost:3000");
const PROTOCOL: (&str, &str) = ("Sec-WebSocket-Protocol", "other, hookfs-hot");
const TARGET: &str = "/~hot?token=t0ken";

fn ended(socket: &mut WebSocket<TcpStream>) -> (CloseCode, String) {
    loop {
        match socket.read() {
            Ok(Message::Close(Some(frame))) => return (frame.code, frame.reason.to_string()),
            Ok(Message::Close(None)) | Err(_) => return (CloseCode::Abnormal, String::new()),
            Ok(_) => {}
        }
    }
}

#[test]
fn pages_of_ours_talk() {
    let served = Served::start();
    for origin in [
        "http://localhost",
        "https://127.0.0.1:8",
        "http://[::1]:5173",
        "https://dev.example",
    ] {
        // A browser says that a page on another port or name of this machine is of another site.
        let headers = [
            ("Origin", origin),
            PROTOCOL,
            ("Sec-Fetch-Site", "cross-site"),
        ];
        let mut socket = served.open(TARGET, &headers).unwrap();
        socket.send(Message::text("hello")).unwrap();
        assert_eq!(socket.read().unwrap(), Message::text("HELLO"), "{origin}");
    }
    let url = format!("ws://127.0.0.1:{}{TARGET}", served.port);
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", "http://localhost:1".parse().unwrap());
    headers.insert("sec-websocket-protocol", "hookfs-hot".parse().unwrap());
    let (mut socket, _) = tungstenite::client(request, served.connection()).unwrap();
    socket.send(Message::text("é")).unwrap();
    assert_eq!(socket.read().unwrap(), Message::text("É"));
    socket.close(None).unwrap();
    assert_eq!(ended(&mut socket).0, CloseCode::Abnormal);
    served.gone.recv_timeout(DEADLINE).unwrap();
    served.stop();
}

#[test]
fn all_others_are_refused_and_told_why() {
    let served = Served::start();
    let with = |target: &str, headers: &[(&str, &str)], status: u16, why: &str| {
        let (given, text) = served.open(target, headers).expect_err(why);
        assert_eq!(given, status, "{headers:?}: {text}");
        assert!(text.contains(why), "{text}");
    };
    for (origin, why) in [
        (
            "https://evil.example",
            "`--hot-origin https://evil.example`",
        ),
        ("http://localhost.evil.example", "--hot-origin"),
        ("http://dev.example", "--hot-origin http://dev.example"),
        ("null", "nobody's origin"),
        ("", "nobody's origin"),
        ("file://", "nobody's origin"),
    ] {
        with(TARGET, &[("Origin", origin), PROTOCOL], 403, why);
    }
    with(TARGET, &[PROTOCOL], 403, "no origin");
    with(TARGET, &[OURS, OURS, PROTOCOL], 403, "several origins");
    with(
        TARGET,
        &[OURS, ("Origin", "https://evil.example"), PROTOCOL],
        403,
        "several origins",
    );
    for (target, why) in [
        ("/~hot", "token is missing"),
        ("/~hot?", "token is missing"),
        ("/~hot?token", "token is missing"),
        ("/~hot?token=", "token is another one"),
        ("/~hot?token=t0ke", "token is another one"),
        ("/~hot?token=t0kenn", "token is another one"),
        ("/~hot?token=T0KEN", "token is another one"),
        ("/~hot?token=t0ken&token=t0ken", "token is another one"),
        ("/~hot?token=x&token=t0ken", "token is another one"),
        ("/%7Ehot?x=y", "token is missing"),
    ] {
        with(target, &[OURS, PROTOCOL], 403, why);
    }
    for body in [("Content-Length", "5"), ("Transfer-Encoding", "chunked")] {
        with(TARGET, &[OURS, PROTOCOL, body], 400, "without a body");
    }
    with(TARGET, &[OURS], 400, "another protocol");
    with(
        TARGET,
        &[OURS, ("Sec-WebSocket-Protocol", "x")],
        400,
        "another protocol",
    );
    with(
        TARGET,
        &[OURS, PROTOCOL, ("Sec-WebSocket-Version", "8")],
        426,
        "version",
    );
    with(
        "/~hot/x?token=t0ken",
        &[OURS, PROTOCOL],
        404,
        "nothing is at",
    );
    with("//~hot?token=t0ken", &[OURS, PROTOCOL], 400, "malformed");
    let of_host = |host: &str| {
        let text = format!(
            "GET {TARGET} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: hookfs-hot\r\n\r\n"
        );
        served.raw(&text).err().map(|(status, _)| status)
    };
    assert_eq!(of_host("evil.example"), Some(403));
    assert_eq!(of_host("localhost.evil.example:80"), Some(403));
    assert_eq!(of_host("localhost, evil.example"), Some(400));
    assert_eq!(of_host("127.0.0.1"), None);
    for (request, status) in [
        (
            format!("GET {TARGET} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            426,
        ),
        (
            format!("POST {TARGET} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            405,
        ),
        (
            format!(
                "GET {TARGET} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nUpgrade: websocket\r\n\r\n"
            ),
            426,
        ),
        (
            format!(
                "GET {TARGET} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
            ),
            426,
        ),
        (
            format!(
                "GET {TARGET} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n"
            ),
            400,
        ),
    ] {
        assert_eq!(served.raw(&request).err().unwrap().0, status, "{request}");
    }
    served.stop();
}

#[test]
fn what_is_no_message_ends_its_socket_alone() {
    let served = Served::start();
    let mut other = served.talk();
    let mut socket = served.talk();
    socket.send(Message::binary(vec![1, 2])).unwrap();
    assert_eq!(
        ended(&mut socket),
        (CloseCode::Unsupported, "messages are text".to_owned())
    );
    let mut socket = served.talk();
    socket.send(Message::text("bye")).unwrap();
    assert_eq!(
        ended(&mut socket),
        (CloseCode::Policy, "nobody says bye".to_owned())
    );
    let mut socket = served.talk();
    // The server may end it before all of it is sent.
    let _ = socket.send(Message::text("x".repeat((4 << 20) + 1)));
    assert!(matches!(
        ended(&mut socket).0,
        CloseCode::Size | CloseCode::Abnormal
    ));
    // Frames: of a length that nobody has the memory for, not masked, of no known kind, of text that is none.
    for (frame, code) in [
        (
            &[
                0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
            ][..],
            CloseCode::Size,
        ),
        (&[0x81, 0x01, b'x'], CloseCode::Protocol),
        (&[0x83, 0x80, 0, 0, 0, 0], CloseCode::Protocol),
        (&[0xc1, 0x81, 0, 0, 0, 0, b'x'], CloseCode::Protocol),
        (&[0x81, 0x81, 0, 0, 0, 0, 0xff], CloseCode::Invalid),
    ] {
        let mut socket = served.talk();
        socket.get_mut().write_all(frame).unwrap();
        assert_eq!(ended(&mut socket).0, code, "{frame:?}");
    }
    // One that leaves without a word.
    drop(served.talk());
    other.send(Message::text("still")).unwrap();
    assert_eq!(other.read().unwrap(), Message::text("STILL"));
    served.stop();
}

#[test]
fn floods_are_bounded() {
    let served = Served::start();
    let mut socket = served.talk();
    socket.send(Message::text("many")).unwrap();
    for _ in 0..OFFERED {
        assert_eq!(socket.read().unwrap().len(), 64 << 10);
    }
    socket.send(Message::text("on")).unwrap();
    assert_eq!(socket.read().unwrap(), Message::text("ON"));
    // As many sockets as there may be, and no more; those that end make room.
    let on = |socket: &mut WebSocket<TcpStream>| {
        socket.send(Message::text("on")).unwrap();
        assert_eq!(socket.read().unwrap(), Message::text("ON"));
    };
    let mut sockets: Vec<_> = (2..MOST).map(|_| served.talk()).collect();
    sockets.iter_mut().for_each(on);
    // One that says nothing keeps nobody out.
    let mut silent = served.talk();
    let mut last = served.talk();
    assert_eq!(
        ended(&mut silent),
        (
            CloseCode::Again,
            "others came, and this one has said nothing for the longest time".to_owned()
        )
    );
    served.gone.recv_timeout(DEADLINE).unwrap();
    on(&mut last);
    sockets.push(last);
    // Nor do pages, of which the one leaves that has said nothing for the longest time: the first has.
    on(&mut socket);
    on(&mut sockets[0]);
    let mut next = served.talk();
    assert_eq!(ended(&mut sockets[1]).0, CloseCode::Again);
    served.gone.recv_timeout(DEADLINE).unwrap();
    on(&mut next);
    on(&mut socket);
    // Be it one that reads nothing of what is sent to it.
    let mut deaf = sockets.swap_remove(2);
    deaf.send(Message::text("many")).unwrap();
    assert_eq!(deaf.read().unwrap().len(), 64 << 10);
    sockets.remove(1);
    sockets.iter_mut().for_each(on);
    on(&mut socket);
    on(&mut next);
    let mut after = served.talk();
    served.gone.recv_timeout(DEADLINE).unwrap();
    on(&mut after);
    sockets.iter_mut().for_each(on);
    served.stop();
}

#[test]
fn the_end_of_the_server_is_told() {
    let served = Served::start();
    let mut socket = served.talk();
    served.stopper.stop();
    assert_eq!(
        ended(&mut socket),
        (CloseCode::Away, "the server ends".to_owned())
    );
    served.stop();
}
