//! Modules that tests edit, and a program of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::super::{Body, Failed, LIVE, Limits, Live, Request};
use crate::script::scene::compiled;
use crate::script::{Code, Host, Loaded, Maps, Place, Program, Wanted};
use crate::worker::{Kind, Launch, Workers};

pub(super) const KIND: Kind = Kind {
    name: "live-test",
    cpu: Duration::from_secs(2),
    wall: Duration::MAX,
    memory: 256 << 20,
    stack: LIVE.stack,
    repeats: false,
    is_local: false,
};

/// The events that the program had for pages: for which, and the rest.
type Events = Arc<Mutex<Vec<(u32, String)>>>;

type Files = Arc<Mutex<BTreeMap<String, String>>>;

struct Shop {
    files: Files,
    given: BTreeMap<String, Option<String>>,
    printed: Arc<Mutex<String>>,
    events: Events,
}

impl Shop {
    fn text(&self, id: &str) -> Option<String> {
        self.files.lock().unwrap().get(id).cloned()
    }
}

/// Compiling takes a stack of its own.
fn compile(text: &str, id: &str) -> Result<crate::compiler::Emitted, String> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(crate::compiler::STACK)
            .spawn_scoped(scope, || compiled(text, id))
            .unwrap()
            .join()
            .unwrap()
    })
}

impl Host for Shop {
    fn load(&mut self, Wanted { id, .. }: &Wanted) -> Loaded {
        let text = self.text(id);
        self.given.insert(id.clone(), text.clone());
        match text.map(|text| compile(&text, id)) {
            None => Loaded::Missing(format!("no such module `{id}`")),
            Some(Err(fault)) => Loaded::Fault(fault),
            Some(Ok(emitted)) => Loaded::module(id.clone(), Code::Text(emitted.code)),
        }
    }

    fn write(&mut self, is_error: bool, bytes: &[u8]) {
        let mut printed = self.printed.lock().unwrap();
        if is_error {
            printed.push('!');
        }
        printed.push_str(&String::from_utf8_lossy(bytes));
    }

    fn event(&mut self, page: u32, name: &str, data: &str) {
        let mut events = self.events.lock().unwrap();
        events.push((page, format!("{name} {data}")));
    }

    fn places(&mut self, places: &[Place]) -> Vec<Option<Place>> {
        let mut maps = Maps::default();
        let read = |id: &str| compile(&self.text(id)?, id).ok()?.map;
        places.iter().map(|place| maps.place(place, read)).collect()
    }

    fn restart(&mut self) {
        self.given.clear();
    }

    fn changed(&mut self) -> Vec<String> {
        let is_other = |(id, then): &(&String, &Option<String>)| self.text(id) != **then;
        let changed: Vec<String> = self
            .given
            .iter()
            .filter(is_other)
            .map(|(id, _)| id.clone())
            .collect();
        for id in &changed {
            self.given.remove(id);
        }
        changed
    }
}

pub(super) struct Scene {
    pub(super) live: Arc<Live>,
    files: Files,
    printed: Arc<Mutex<String>>,
    events: Events,
    runtime: Runtime,
}

impl Scene {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, Limits::default())
    }

    pub(super) fn with(files: &[(&str, &str)], limits: Limits) -> Self {
        let own = |(id, text): &(&str, &str)| ((*id).to_owned(), (*text).to_owned());
        let files: Files = Arc::new(Mutex::new(files.iter().map(own).collect()));
        let printed = Arc::<Mutex<String>>::default();
        let events = Events::default();
        let shop = Shop {
            files: files.clone(),
            given: BTreeMap::new(),
            printed: printed.clone(),
            events: events.clone(),
        };
        let workers = Workers::new(Launch::of_test("script::live::tests::entry"));
        let program = Program {
            entry: "/server.ts".to_owned(),
            ..Program::default()
        };
        let live = Live::start(workers, KIND, program, limits, Box::new(shop)).unwrap();
        Self {
            live: Arc::new(live),
            files,
            printed,
            events,
            runtime: Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    pub(super) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(super) fn spawn(&self, path: &'static str) -> JoinHandle<Result<String, Failed>> {
        let live = self.live.clone();
        self.runtime.spawn(async move { get(&live, path).await })
    }

    /// Waits until the program has had so many events for pages, and gives them.
    pub(super) async fn events(&self, count: usize) -> Vec<(u32, String)> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let events = self.events.lock().unwrap().clone();
            if events.len() >= count {
                return events;
            }
            assert!(Instant::now() < deadline, "{events:?} {}", self.printed());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(super) fn save(&self, id: &str, text: &str) {
        self.files
            .lock()
            .unwrap()
            .insert(id.to_owned(), text.to_owned());
    }

    pub(super) fn remove(&self, id: &str) {
        self.files.lock().unwrap().remove(id);
    }

    pub(super) fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    /// What was printed since the last time.
    pub(super) fn take(&self) -> String {
        std::mem::take(&mut *self.printed.lock().unwrap())
    }

    /// Waits until what was printed is so.
    pub(super) async fn until(&self, is_so: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !is_so(&self.printed()) {
            assert!(Instant::now() < deadline, "printed: {}", self.printed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

pub(super) fn request(method: &str, path: &str) -> Request {
    Request {
        method: method.to_owned(),
        url: format!("http://localhost{path}"),
        headers: Vec::new(),
        body: None,
    }
}

pub(super) async fn read(body: Option<Body>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(mut body) = body {
        while let Some(piece) = body.recv().await {
            bytes.extend_from_slice(&piece?);
        }
    }
    Ok(String::from_utf8(bytes).unwrap())
}

/// The text of an answer.
pub(super) async fn get(live: &Live, path: &str) -> Result<String, Failed> {
    let answer = live.fetch(request("GET", path)).await?;
    Ok(read(answer.body).await.unwrap())
}
