//! Programs that want more than they may have.

use std::time::Duration;

use super::scene::Files;
use super::{Failed, Program, run, work};
use crate::worker::tests::kind;
use crate::worker::{Error, Kind, Launch, Workers, serve};

const KIND: Kind = Kind {
    name: "js-test",
    cpu: Duration::from_secs(1),
    wall: Duration::from_secs(300),
    memory: 256 << 20,
    stack: 4 << 20,
    repeats: true,
};

#[test]
#[ignore = "what the workers of the tests beside it run"]
fn entry() {
    if kind().is_some() {
        serve(&KIND, || work::Scripts::new(KIND));
    }
}

fn workers() -> Workers {
    Workers::new(Launch::of_test("script::hostile_tests::entry"))
}

/// The status and what was printed to standard error.
fn result(workers: &Workers, text: &str) -> (Result<i32, Failed>, String) {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(crate::compiler::STACK)
            .spawn_scoped(scope, || {
                let mut files = Files::new(&[("/main.js", text)]);
                let program = Program {
                    entry: "/main.js".to_owned(),
                    ..Program::default()
                };
                let result = run(workers, &KIND, &program, &mut files, &mut || false);
                let err = files.printed.borrow().err.clone();
                (result, err)
            })
            .unwrap()
            .join()
            .unwrap()
    })
}

/// The workers still work.
fn still_well(workers: &Workers) {
    let (result, err) = result(workers, "process.exitCode = 7;");
    assert_eq!((result.unwrap(), err.as_str()), (7, ""));
}

#[test]
fn what_never_ends_is_ended() {
    let workers = workers();
    for text in [
        "while (true);",
        "[].indexOf.call({ length: 2 ** 53 - 1 }, 1);",
        "/^(a+)+$/.exec('a'.repeat(50) + 'b');",
        "(function again() { Promise.resolve().then(again); })();",
        "(function again() { setImmediate(again); })();",
        "'x'.repeat(2 ** 20).split('').sort(() => { while (true); });",
    ] {
        let (result, _) = result(&workers, text);
        assert!(
            matches!(result, Err(Failed::Worker(Error::Time(_)))),
            "{text}: {result:?}"
        );
    }
    still_well(&workers);
}

#[test]
fn a_stack_that_runs_out_is_an_error() {
    let workers = workers();
    for text in [
        "(function deeper() { return deeper() + 1; })();",
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a);",
        "JSON.parse('['.repeat(1e6));",
        "new Function('('.repeat(1e6));",
        "/((((((((((a*)*)*)*)*)*)*)*)*)*)*$/.exec(new RegExp('('.repeat(1e6)));",
        "const p = new Proxy({}, {}); Object.setPrototypeOf(p, new Proxy(p, {})); p.x;",
    ] {
        let (result, err) = result(&workers, text);
        match result {
            Ok(status) => assert!(status == 1 && err.starts_with("Uncaught "), "{text}: {err}"),
            Err(Failed::Worker(Error::Stack | Error::Died(_))) => {}
            Err(other) => panic!("{text}: {other}"),
        }
    }
    still_well(&workers);
}

#[test]
fn memory_that_runs_out_is_an_error() {
    let workers = workers();
    for text in [
        "const all = []; while (true) all.push(new Array(1e5).fill(1));",
        "let text = 'x'; while (true) text += text;",
        "new Array(2 ** 31).fill(0);",
        "new ArrayBuffer(2 ** 40);",
        "const all = []; while (true) all.push(new Uint8Array(1 << 20).fill(1));",
        "let deep = {}; while (true) deep = { deep };",
        "const all = new Map(); for (let i = 0; ; i++) all.set(i, `${i}`);",
    ] {
        let (result, err) = result(&workers, text);
        match result {
            Ok(status) => assert!(
                status == 1 && err.starts_with("Uncaught "),
                "{text}: {status} {err}"
            ),
            Err(Failed::Worker(Error::Memory(_) | Error::Time(_) | Error::Died(_))) => {}
            Err(other) => panic!("{text}: {other}"),
        }
    }
    still_well(&workers);
}

#[test]
fn a_program_that_is_wanted_no_more_is_ended() {
    let workers = workers();
    let program = Program {
        entry: "/main.js".to_owned(),
        ..Program::default()
    };
    let text = super::scene::compiled("setInterval(() => {}, 10);", "/main.js")
        .unwrap()
        .code;
    struct Ready(String);
    impl super::Host for Ready {
        fn load(&mut self, wanted: &super::Wanted) -> super::Loaded {
            super::Loaded::module(wanted.id.clone(), super::Code::Text(self.0.clone()))
        }
        fn write(&mut self, _: bool, _: &str) {}
        fn places(&mut self, places: &[super::Place]) -> Vec<Option<super::Place>> {
            vec![None; places.len()]
        }
    }
    let mut asked = 0;
    let result = run(&workers, &KIND, &program, &mut Ready(text), &mut || {
        asked += 1;
        asked == 2
    });
    assert!(
        matches!(result, Err(Failed::Worker(Error::Stopped))),
        "{result:?}"
    );
    still_well(&workers);
}
