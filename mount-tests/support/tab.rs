//! A page that is open, without a browser: it has what its bundle has, and does what it is told.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

use super::DEADLINE;

/// What a page consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Where it hears of changes, and the token.
    pub socket: String,
    /// The name of its bundle.
    pub bundle: String,
    /// What it has loaded, by ids: the page first.
    pub entries: Vec<String>,
    /// Which text it has.
    pub text: String,
    /// The hashes of its modules.
    pub modules: BTreeMap<String, String>,
    /// Its linked style sheets.
    pub styles: BTreeMap<String, String>,
}

fn after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1)
}

impl Loaded {
    /// Reads a page; `read` gives a file by its name from `/~@/`.
    ///
    /// # Panics
    /// Where the page is not hot.
    pub fn page(read: &dyn Fn(&str) -> String) -> Self {
        let page = read("index.html");
        let value = |name: &str| {
            let tag = after(&page, &format!("<meta name=\"{name}\" content=\""));
            let tag = tag.unwrap_or_else(|| panic!("no `{name}` in {page}"));
            tag.split('"').next().unwrap_or_default().to_owned()
        };
        let named = |start: &str| {
            let at = page.find(start).map(|at| &page[at..]);
            at.map(|rest| {
                rest.split(['"', '\'', ' ', '>'])
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
        };
        let bundle = named("~hot/index.html.v").expect("a bundle");
        let text = read(&bundle);
        let sheets = named("style.v").into_iter();
        let sheets = sheets.map(|name| ("/style.css".to_owned(), name));
        Self {
            socket: value("hookfs-hot"),
            bundle,
            entries: vec!["/index.html".to_owned()],
            text: value("hookfs-page"),
            modules: pieces(&text),
            styles: sheets.collect(),
        }
    }

    /// The page as it is now, with what it has imported later.
    fn again(&self, read: &dyn Fn(&str) -> String) -> Self {
        let later = self.entries.iter().skip(1);
        later.fold(Self::page(read), |page, id| {
            page.and(read, id.trim_start_matches('/'))
        })
    }

    /// With what a module imports later, of this name under `/~@/`.
    pub fn and(mut self, read: &dyn Fn(&str) -> String, module: &str) -> Self {
        self.entries.push(format!("/{module}"));
        self.modules
            .extend(pieces(&read(&format!("~hot/{module}"))));
        self
    }
}

/// The pieces of a bundle and their hashes.
fn pieces(text: &str) -> BTreeMap<String, String> {
    let mut modules = BTreeMap::new();
    for line in text.lines() {
        // `["/a.ts.js","hash",` begins a piece.
        let Some(rest) = line.strip_prefix("[\"/") else {
            continue;
        };
        let mut parts = rest.split('"');
        let (id, hash) = (parts.next(), parts.nth(1));
        if let (Some(id), Some(hash)) = (id, hash)
            && hash.len() == 16
        {
            modules.insert(format!("/{id}"), hash.to_owned());
        }
    }
    modules
}

/// See the module.
pub struct Tab {
    socket: WebSocket<TcpStream>,
    /// What it has.
    pub loaded: Loaded,
    /// The texts that it was sent, or what is wrong.
    pub texts: BTreeMap<String, String>,
    /// What is wrong with its style sheets.
    pub faults: BTreeMap<String, String>,
    /// How many updates came.
    pub updates: usize,
    /// Why it was to be loaded anew.
    pub reloads: Vec<String>,
    /// Events that came.
    pub events: Vec<(String, Value)>,
    /// Whether it was told that it has what there is.
    pub is_ready: bool,
}

impl Tab {
    /// Connects a page that a server at this port of the loopback device has given, or that says itself where to connect.
    ///
    /// # Panics
    /// Where it is refused.
    pub fn open(loaded: Loaded, port: u16) -> Self {
        let (place, token) = loaded.socket.split_once(' ').expect("a token");
        let url = match place.strip_prefix('/') {
            Some(path) => format!("ws://127.0.0.1:{port}/{path}"),
            None => place.to_owned(),
        };
        let mut request = format!("{url}?token={token}")
            .into_client_request()
            .expect("a URL");
        let host = request
            .uri()
            .authority()
            .expect("a host")
            .as_str()
            .to_owned();
        let headers = request.headers_mut();
        headers.insert(
            "origin",
            "http://localhost:8000".parse().expect("an origin"),
        );
        headers.insert(
            "sec-websocket-protocol",
            "hookfs-hot".parse().expect("a protocol"),
        );
        let stream = TcpStream::connect(host).expect("a connection");
        stream.set_read_timeout(Some(DEADLINE)).expect("a time-out");
        stream.set_nodelay(true).expect("no delay");
        let (socket, _) = tungstenite::client(request, stream).expect("a socket");
        let mut tab = Self {
            socket,
            loaded,
            texts: BTreeMap::new(),
            faults: BTreeMap::new(),
            updates: 0,
            reloads: Vec::new(),
            events: Vec::new(),
            is_ready: false,
        };
        tab.hello();
        tab
    }

    /// As [`Tab::open`], and waits until it has what there is.
    pub fn ready(loaded: Loaded, port: u16) -> Self {
        let mut tab = Self::open(loaded, port);
        tab.until("it is ready", |tab| tab.is_ready);
        tab
    }

    fn hello(&mut self) {
        let hello = json!({
            "type": "hello",
            "page": if self.loaded.text.is_empty() { "/" } else { "/index.html" },
            "entries": self.loaded.entries,
            "modules": self.loaded.modules,
            "text": (!self.loaded.text.is_empty()).then_some(&self.loaded.text),
            "styles": self.loaded.styles,
        });
        self.say(&hello);
    }

    /// Says something.
    pub fn say(&mut self, value: &Value) {
        self.socket
            .send(Message::text(value.to_string()))
            .expect("a message that is sent");
    }

    /// Sends an event.
    pub fn send(&mut self, event: &str, data: &Value) {
        self.say(&json!({ "type": "send", "event": event, "data": data }));
    }

    /// Hears what comes next, a sign of life maybe; false: the other side has ended the conversation.
    pub fn hear(&mut self) -> bool {
        match self.socket.read() {
            Ok(Message::Text(text)) => {
                let told = serde_json::from_str(&text).expect("JSON");
                self.take(&told);
                true
            }
            Ok(Message::Close(_)) | Err(_) => false,
            Ok(_) => true,
        }
    }

    fn take(&mut self, told: &Value) {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        match told["type"].as_str().expect("a kind") {
            "ready" => self.is_ready = true,
            "reload" => self.reloads.push(text(&told["reason"])),
            "custom" => self
                .events
                .push((text(&told["event"]), told["data"].clone())),
            "update" => {
                self.updates += 1;
                for change in told["changes"].as_array().into_iter().flatten() {
                    let id = text(&change["id"]);
                    self.loaded
                        .modules
                        .insert(id.clone(), text(&change["hash"]));
                    let given = match change.get("fault") {
                        Some(fault) => text(&fault["fault"]),
                        None => text(&change["text"]),
                    };
                    self.texts.insert(id, given);
                }
                for id in told["gone"].as_array().into_iter().flatten() {
                    let gone = self.loaded.modules.remove(&text(id));
                    assert!(gone.is_some(), "{id} was not there");
                }
                for (id, style) in told["styles"].as_object().into_iter().flatten() {
                    match style.get("fault") {
                        Some(fault) => self.faults.insert(id.clone(), text(&fault["fault"])),
                        None => {
                            self.loaded.styles.insert(id.clone(), text(style));
                            self.faults.remove(id)
                        }
                    };
                }
            }
            other => panic!("`{other}` is no message"),
        }
    }

    /// Hears until something is so.
    ///
    /// # Panics
    /// Where the conversation ends before, or it takes too long.
    pub fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !so(self) {
            assert!(
                start.elapsed() < DEADLINE,
                "waited too long until {what}: {:?}",
                self.texts
            );
            assert!(self.hear(), "the conversation ended before {what}");
        }
    }

    /// Hears until a module's text has this in it.
    pub fn until_text(&mut self, id: &str, part: &str) {
        let has = |tab: &Self| tab.texts.get(id).is_some_and(|text| text.contains(part));
        self.until(&format!("{id} has `{part}`"), has);
    }

    /// Hears until it has what a page has that is loaded now.
    ///
    /// # Panics
    /// Where it never has.
    pub fn until_now(&mut self, read: &dyn Fn(&str) -> String) {
        let start = Instant::now();
        self.socket
            .get_ref()
            .set_read_timeout(Some(Duration::from_millis(50)))
            .expect("a time-out");
        loop {
            let now = self.loaded.again(read);
            if (&now.modules, &now.styles) == (&self.loaded.modules, &self.loaded.styles) {
                break;
            }
            assert!(
                start.elapsed() < DEADLINE,
                "it has {:?}, and there is {now:?}",
                self.loaded
            );
            match self.socket.read() {
                Ok(Message::Text(text)) => self.take(&serde_json::from_str(&text).expect("JSON")),
                Ok(_) => {}
                Err(tungstenite::Error::Io(error))
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) => {}
                Err(error) => panic!("the conversation ended: {error}"),
            }
        }
        self.socket
            .get_ref()
            .set_read_timeout(Some(DEADLINE))
            .expect("a time-out");
    }
}
