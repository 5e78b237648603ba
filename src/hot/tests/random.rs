//! Random edits at any moment, connections that break, and pages that are loaded anew: at rest a page has what there is.

use std::sync::Mutex;

use proptest::prelude::*;

use super::client::Client;
use super::model::{Edit, Model};
use super::*;

const IDS: [&str; 8] = ["/index.html", "/a", "/b", "/c", "/d", "/e", "/s", "/later"];

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => (1..6usize).prop_map(|at| format!("import {}", IDS[at])),
        1 => Just("style /s".to_owned()),
        1 => Just("worker /e".to_owned()),
        2 => (0..4u32).prop_map(|number| format!("text {number}")),
        1 => Just("say \"x\"".to_owned()),
    ];
    (0..9u32, prop::collection::vec(line, 0..5)).prop_map(|(number, lines)| {
        let fault = if number == 0 { "!" } else { "" };
        format!("{fault}v{number}\n{}", lines.join("\n"))
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    let id = || (0..IDS.len()).prop_map(|at| IDS[at].to_owned());
    prop_oneof![
        6 => (id(), text()).prop_map(|(id, text)| Edit::Write(id, text)),
        1 => id().prop_map(Edit::Remove),
        1 => id().prop_map(Edit::Begin),
    ]
}

#[derive(Clone, Debug)]
enum Act {
    Edit(Edit),
    /// A step, with edits that come before the questions with these numbers.
    Step(Vec<(usize, Edit)>),
    /// The connection breaks, and the page comes back.
    Return,
    /// It imports `/later`.
    Later,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let amid = prop::collection::vec((0..40usize, edit()), 0..6);
    let act = prop_oneof![
        4 => edit().prop_map(Act::Edit),
        4 => amid.prop_map(Act::Step),
        1 => Just(Act::Return),
        1 => Just(Act::Later),
    ];
    prop::collection::vec(act, 1..40)
}

struct Play {
    model: Model,
    client: Client,
    session: Session,
    is_later: bool,
}

impl Play {
    fn load(&mut self) {
        self.client = Client::load(&self.model, "/index.html");
        self.is_later = false;
        self.greet();
    }

    fn greet(&mut self) {
        self.session = Session::new(self.client.hello());
    }

    /// A change; whether there was something to do.
    fn step(&mut self) -> bool {
        let early = self.session.early(&self.model, 0).unwrap();
        if let Some(text) = &early {
            self.client.hear(text);
        }
        let modules = self.step_of(Of::Modules);
        self.step_of(Of::Besides) || modules || early.is_some()
    }

    fn step_of(&mut self, of: Of) -> bool {
        match self.session.step(&self.model, of, 0).unwrap() {
            Step::Nothing | Step::Later(_) => false,
            Step::Send(text) => {
                self.client.hear(&text);
                true
            }
            Step::Reload(_) => {
                self.load();
                true
            }
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Edit(edit) => self.model.edit(&edit),
            Act::Step(amid) => {
                let left = Mutex::new((0, amid));
                *self.model.hook.lock().unwrap() = Some(std::sync::Arc::new(move |model| {
                    let mut left = left.lock().unwrap();
                    let at = left.0;
                    left.0 += 1;
                    for (_, edit) in left.1.iter().filter(|(number, _)| *number == at) {
                        model.edit(edit);
                    }
                }));
                self.step();
                *self.model.hook.lock().unwrap() = None;
            }
            Act::Return => self.greet(),
            Act::Later if !self.is_later && self.model.now().files.contains_key("/later") => {
                self.is_later = true;
                self.client.load_later(&self.model, "/later");
                self.greet();
            }
            Act::Later => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn at_rest_a_page_has_what_there_is(acts in acts()) {
        let model = super::model(&[("/index.html", "import /a"), ("/a", "a"), ("/later", "import /a")]);
        model.slow.lock().unwrap().insert("/e".to_owned());
        let client = Client::load(&model, "/index.html");
        let session = Session::new(client.hello());
        let mut play = Play { model, client, session, is_later: false };
        for act in acts {
            play.act(act);
        }
        // Whoever writes ends one day.
        for id in IDS {
            let text = play.model.now().files.get(id).cloned();
            if text.as_deref() == Some("") {
                play.model.edit(&Edit::write(id, "done"));
            }
        }
        let mut steps = 0;
        while play.step() {
            steps += 1;
            prop_assert!(steps < 4, "it has no end");
        }
        prop_assert!(play.client.is_now(&play.model), "{:#?}\n{:#?}", play.client, play.model.now());
    }
}
