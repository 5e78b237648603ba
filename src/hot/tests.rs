//! Sessions against a model: pages whose sources change at any moment, and clients that do what they are told.

mod client;
mod model;
mod random;

use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use client::Client;
use model::{Edit, Model};

use super::session::Of;
use super::*;

/// How long anything may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

fn model(files: &[(&str, &str)]) -> Model {
    let model = Model::default();
    for (id, text) in files {
        model.edit(&Edit::write(id, text));
    }
    model
}

/// A file's lines are what it imports, `later` what it imports later; everything else is text.
const FILES: [(&str, &str); 5] = [
    ("/index.html", "page 1\nimport /main\nstyle /s"),
    ("/main", "one\nimport /a\nlater /later"),
    ("/a", "a"),
    ("/later", "l\nimport /a"),
    ("/s", "red"),
];

#[test]
fn an_edit_sends_what_changed_alone() {
    let model = model(&FILES);
    let mut client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    assert_eq!(session.step(&model, Of::All, 1).unwrap(), Step::Nothing);
    model.edit(&Edit::write("/a", "b"));
    let Step::Send(text) = session.step(&model, Of::All, 7).unwrap() else {
        panic!("nothing to send");
    };
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["time"], 7);
    assert_eq!(told["changes"].as_array().unwrap().len(), 1, "{text}");
    assert_eq!(told["changes"][0]["id"], "/a");
    assert_eq!(told["changes"][0]["text"], "b");
    assert!(told.get("gone").is_none() && told.get("styles").is_none());
    client.hear(&text);
    assert_eq!(session.step(&model, Of::All, 8).unwrap(), Step::Nothing);
    client.assert_is_now(&model);
}

#[test]
fn modules_do_not_wait_for_sheets() {
    let model = model(&FILES);
    let mut client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    session.step(&model, Of::All, 1).unwrap();
    model.edit(&Edit::write("/a", "b"));
    model.edit(&Edit::write("/s", "blue"));
    for (of, part, other) in [
        (Of::Modules, "changes", "styles"),
        (Of::Besides, "styles", "changes"),
    ] {
        let Step::Send(text) = session.step(&model, of, 2).unwrap() else {
            panic!("nothing to send");
        };
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(
            told.get(part).is_some() && told.get(other).is_none(),
            "{text}"
        );
        client.hear(&text);
    }
    assert_eq!(session.step(&model, Of::Modules, 3).unwrap(), Step::Nothing);
    assert_eq!(session.step(&model, Of::All, 3).unwrap(), Step::Nothing);
    client.assert_is_now(&model);
}

#[test]
fn a_module_does_not_wait_for_what_takes_long() {
    let model = model(&[
        ("/index.html", "import /main"),
        ("/main", "m\nimport /a\nimport /slow"),
        ("/a", "a"),
        ("/slow", "s"),
        ("/new", "n"),
    ]);
    let mut client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    session.step(&model, Of::All, 1).unwrap();
    // Nothing does.
    model.edit(&Edit::write("/a", "b"));
    assert_eq!(session.early(&model, 2).unwrap(), None);
    let Step::Send(text) = session.step(&model, Of::All, 2).unwrap() else {
        panic!("nothing to send");
    };
    client.hear(&text);
    model.slow.lock().unwrap().insert("/slow".to_owned());
    model.edit(&Edit::write("/a", "c"));
    model.edit(&Edit::write("/slow", "t"));
    let early = session.early(&model, 3).unwrap().unwrap();
    assert!(
        early.contains("\"time\":3") && !early.contains("/slow"),
        "{early}"
    );
    client.hear(&early);
    assert_eq!(client.text("/a"), Some("c"));
    assert_eq!(session.early(&model, 3).unwrap(), None);
    let Step::Send(text) = session.step(&model, Of::All, 3).unwrap() else {
        panic!("nothing to send");
    };
    assert!(!text.contains("\"/a\""), "{text}");
    client.hear(&text);
    client.assert_is_now(&model);
    assert_eq!(session.step(&model, Of::All, 3).unwrap(), Step::Nothing);
    // What was told early is undone before the rest is known.
    model.edit(&Edit::write("/a", "d"));
    client.hear(&session.early(&model, 4).unwrap().unwrap());
    model.edit(&Edit::write("/a", "c"));
    let Step::Send(text) = session.step(&model, Of::All, 4).unwrap() else {
        panic!("nothing to send");
    };
    client.hear(&text);
    client.assert_is_now(&model);
    // What imports something else, does not compile, or may be half saved waits for all.
    for edit in [
        Edit::write("/main", "m\nimport /a\nimport /slow\nimport /new"),
        Edit::write("/a", "!no"),
        Edit::Begin("/a".to_owned()),
    ] {
        model.edit(&edit);
        assert_eq!(session.early(&model, 5).unwrap(), None, "{edit:?}");
        if let Step::Send(text) = session.step(&model, Of::All, 5).unwrap() {
            client.hear(&text);
        }
    }
}

#[test]
fn an_edit_that_was_undone_is_nothing() {
    let model = model(&FILES);
    let client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    session.step(&model, Of::All, 1).unwrap();
    model.edit(&Edit::write("/a", "b"));
    model.edit(&Edit::write("/a", "a"));
    assert_eq!(session.step(&model, Of::All, 2).unwrap(), Step::Nothing);
}

#[test]
fn few_shelves_are_asked_for() {
    let many: Vec<String> = (0..500).map(|at| format!("/m{at}")).collect();
    let imports: String = many.iter().map(|id| format!("import {id}\n")).collect();
    let model = model(&[("/index.html", &imports)]);
    for id in &many {
        model.edit(&Edit::write(id, "x"));
    }
    let client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    session.step(&model, Of::All, 1).unwrap();
    model.asked.store(0, Ordering::Relaxed);
    model.edit(&Edit::write("/m7", "y"));
    assert!(matches!(
        session.step(&model, Of::All, 2).unwrap(),
        Step::Send(_)
    ));
    assert_eq!(model.asked.load(Ordering::Relaxed), 1, "shelves");
    session.step(&model, Of::All, 2).unwrap();
    assert_eq!(model.asked.load(Ordering::Relaxed), 1, "shelves");
}

#[test]
fn what_is_imported_no_more_is_gone_and_what_is_new_is_sent() {
    let model = model(&FILES);
    let mut client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    model.edit(&Edit::write("/new", "n"));
    model.edit(&Edit::write("/main", "one\nimport /new"));
    let Step::Send(text) = session.step(&model, Of::All, 1).unwrap() else {
        panic!("nothing to send");
    };
    client.hear(&text);
    assert!(text.contains("\"gone\":[\"/a\"]"), "{text}");
    assert!(text.contains("\"id\":\"/new\""), "{text}");
    client.assert_is_now(&model);
    // It comes back.
    model.edit(&Edit::write("/main", "one\nimport /a\nlater /later"));
    let Step::Send(text) = session.step(&model, Of::All, 2).unwrap() else {
        panic!("nothing to send");
    };
    client.hear(&text);
    client.assert_is_now(&model);
}

#[test]
fn a_page_that_was_away_gets_what_it_missed() {
    let model = model(&FILES);
    let mut client = Client::load(&model, "/index.html");
    client.load_later(&model, "/later");
    model.edit(&Edit::write("/later", "l2\nimport /x"));
    model.edit(&Edit::write("/x", "x"));
    model.edit(&Edit::write("/main", "two"));
    let mut session = Session::new(client.hello());
    let Step::Send(text) = session.step(&model, Of::All, 1).unwrap() else {
        panic!("nothing to send");
    };
    client.hear(&text);
    client.assert_is_now(&model);
    assert_eq!(session.step(&model, Of::All, 1).unwrap(), Step::Nothing);
}

#[test]
fn a_page_s_own_text_and_workers_load_it_anew() {
    let model = model(&FILES);
    let client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    session.step(&model, Of::All, 1).unwrap();
    model.edit(&Edit::write(
        "/index.html",
        "page 2\nimport /main\nstyle /s",
    ));
    let reload = Step::Reload("{\"type\":\"reload\",\"reason\":\"index.html changed\"}".to_owned());
    assert_eq!(session.step(&model, Of::All, 1).unwrap(), reload);
    assert_eq!(session.step(&model, Of::All, 1).unwrap(), Step::Nothing);
    // Between its load and its first word.
    let mut late = Session::new(client.hello());
    assert_eq!(late.step(&model, Of::All, 1).unwrap(), reload);
    let client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    model.edit(&Edit::write("/main", "one\nworker /w"));
    model.edit(&Edit::write("/w", "1"));
    let Step::Send(text) = session.step(&model, Of::All, 1).unwrap() else {
        panic!("nothing to send");
    };
    assert!(text.contains("\"bundles\":{\"/w\":\""), "{text}");
    model.edit(&Edit::write("/w", "2"));
    let Step::Reload(text) = session.step(&model, Of::All, 1).unwrap() else {
        panic!("no reload");
    };
    assert!(text.contains("w changed"), "{text}");
}

#[test]
fn sheets_change_without_modules() {
    let model = model(&FILES);
    let mut client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    model.edit(&Edit::write("/s", "blue \"x\""));
    let Step::Send(text) = session.step(&model, Of::All, 1).unwrap() else {
        panic!("nothing to send");
    };
    assert!(!text.contains("changes"), "{text}");
    client.hear(&text);
    client.assert_is_now(&model);
}

#[test]
fn a_file_that_is_gone_leaves_the_page_as_it_is() {
    let model = model(&FILES);
    let mut client = Client::load(&model, "/index.html");
    client.load_later(&model, "/later");
    let mut session = Session::new(client.hello());
    session.step(&model, Of::All, 1).unwrap();
    model.edit(&Edit::Remove("/later".to_owned()));
    model.edit(&Edit::Remove("/index.html".to_owned()));
    assert_eq!(session.step(&model, Of::All, 1).unwrap(), Step::Nothing);
    model.edit(&Edit::write("/later", "back"));
    let index = FILES[0];
    model.edit(&Edit::write(index.0, index.1));
    let Step::Send(text) = session.step(&model, Of::All, 1).unwrap() else {
        panic!("nothing to send");
    };
    client.hear(&text);
    client.assert_is_now(&model);
}

#[test]
fn what_does_not_compile_is_sent_with_what_is_wrong() {
    let model = model(&FILES);
    let client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    model.edit(&Edit::write("/a", "!no \"end\""));
    let Step::Send(text) = session.step(&model, Of::All, 1).unwrap() else {
        panic!("nothing to send");
    };
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["changes"][0]["fault"]["fault"], "no \"end\"");
}

#[test]
fn a_file_that_may_be_half_saved_waits() {
    let model = model(&FILES);
    let client = Client::load(&model, "/index.html");
    let mut session = Session::new(client.hello());
    model.edit(&Edit::Begin("/a".to_owned()));
    assert!(matches!(
        session.step(&model, Of::All, 1).unwrap(),
        Step::Later(Some(_))
    ));
    assert!(matches!(
        session.step(&model, Of::All, 1).unwrap(),
        Step::Later(Some(_))
    ));
    model.edit(&Edit::write("/a", "whole"));
    let Step::Send(text) = session.step(&model, Of::All, 1).unwrap() else {
        panic!("nothing to send");
    };
    assert!(text.contains("whole"), "{text}");
}

/// An outlet that hands on what is sent.
struct Pipe(mpsc::SyncSender<String>);

impl Outlet for Pipe {
    fn send(&mut self, text: String) -> bool {
        self.0.send(text).is_ok()
    }
}

#[test]
fn sessions_are_woken_and_end_with_their_pages() {
    let sessions = Sessions::new(model(&FILES));
    let pages = sessions.pages();
    assert_eq!(pages.listeners(), 0);
    let (sender, first) = mpsc::sync_channel(0);
    let one = sessions.connect(Pipe(sender)).unwrap();
    let (sender, second) = mpsc::sync_channel(0);
    let two = sessions.connect(Pipe(sender)).unwrap();
    assert_eq!((sessions.count(), pages.listeners()), (2, 1));
    let mut clients = [
        Client::load(pages, "/index.html"),
        Client::load(pages, "/index.html"),
    ];
    for (ear, client) in [&one, &two].into_iter().zip(&clients) {
        ear.hear(Said::read(&client.hello_text()).unwrap());
    }
    let next = |from: &mpsc::Receiver<String>| from.recv_timeout(DEADLINE).unwrap();
    assert_eq!([next(&first), next(&second)], ["{\"type\":\"ready\"}"; 2]);
    pages.edit(&Edit::write("/a", "b"));
    clients[0].hear(&next(&first));
    clients[0].assert_is_now(pages);
    // One that takes nothing holds up no other, and then gets all at once.
    for number in 0..10 {
        let text = format!("b{number}");
        pages.edit(&Edit::write("/a", &text));
        let deadline = Instant::now() + DEADLINE;
        while clients[0].text("/a") != Some(&text) {
            assert!(Instant::now() < deadline);
            clients[0].hear(&next(&first));
        }
    }
    let mut updates = 0;
    while clients[1].text("/a") != Some("b9") {
        clients[1].hear(&next(&second));
        updates += 1;
    }
    assert!(updates <= 3, "{updates} updates");
    clients[1].assert_is_now(pages);
    drop(one);
    assert_eq!(sessions.count(), 1);
    assert!(first.recv_timeout(DEADLINE).is_err());
    drop(two);
    let deadline = Instant::now() + DEADLINE;
    while pages.listeners() > 0 {
        assert!(Instant::now() < deadline, "the watcher goes on");
        std::thread::yield_now();
    }
    // Nobody is there: nothing is asked.
    let before = pages.questions.load(Ordering::Relaxed);
    pages.edit(&Edit::write("/a", "c"));
    assert_eq!(pages.questions.load(Ordering::Relaxed), before);
}

#[test]
fn edits_are_told_while_hooks_run() {
    let sources = model(&[
        ("/index.html", "import /a\nimport /slow\nstyle /s"),
        ("/a", "a"),
        ("/slow", "s"),
        ("/s", "red"),
    ]);
    sources.slow.lock().unwrap().insert("/slow".to_owned());
    *sources.waiting.lock().unwrap() = Some(Vec::new());
    let mut client = Client::load(&sources, "/index.html");
    let sessions = Sessions::new(sources);
    let pages = sessions.pages();
    let (sender, told) = mpsc::sync_channel(0);
    let ear = sessions.connect(Pipe(sender)).unwrap();
    ear.hear(Said::read(&client.hello_text()).unwrap());
    let next = || told.recv_timeout(DEADLINE).unwrap();
    assert_eq!(next(), "{\"type\":\"ready\"}");
    for text in ["b", "c", "d"] {
        pages.edit(&Edit::write("/a", text));
        pages.edit(&Edit::write("/slow", text));
        while client.text("/a") != Some(text) {
            client.hear(&next());
        }
        assert_eq!(client.text("/slow"), Some("s"));
    }
    // They have run: what they make is told.
    let deadline = Instant::now() + DEADLINE;
    while !client.is_now(pages) {
        assert!(Instant::now() < deadline, "{client:?}");
        let waiting = pages.waiting.lock().unwrap().replace(Vec::new());
        waiting.into_iter().flatten().for_each(|ready| ready());
        if let Ok(text) = told.recv_timeout(Duration::from_millis(1)) {
            client.hear(&text);
        }
    }
}

#[test]
fn a_page_that_comes_amid_a_save_does_not_wait_for_a_change() {
    let sources = model(&FILES);
    let client = Client::load(&sources, "/index.html");
    sources.edit(&Edit::Begin("/a".to_owned()));
    sources.pause.store(1, Ordering::Relaxed);
    let sessions = Sessions::new(sources);
    let (sender, told) = mpsc::sync_channel(0);
    let ear = sessions.connect(Pipe(sender)).unwrap();
    ear.hear(Said::read(&client.hello_text()).unwrap());
    // Nobody tells of a change from here on: the writer is given up after a while.
    sessions.pages().forget();
    let next = told.recv_timeout(DEADLINE).unwrap();
    assert!(next.contains("\"id\":\"/a\""), "{next}");
    assert_eq!(told.recv_timeout(DEADLINE).unwrap(), "{\"type\":\"ready\"}");
}
