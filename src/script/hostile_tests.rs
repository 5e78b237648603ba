//! Programs that want more than they may have.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::scene::Files;
use super::{Failed, Given, Hook, Host, Loaded, Machine, Place, Program, Wanted, run, work};
use crate::worker::tests::kind;
use crate::worker::{Error, Kind, Launch, Workers, serve};

/// Workers that have time on any machine.
const KIND: Kind = Kind {
    name: "js-test",
    cpu: Duration::from_secs(100),
    wall: Duration::from_secs(300),
    memory: 128 << 20,
    stack: 4 << 20,
    repeats: true,
    is_local: false,
};

/// Workers of programs that do not end.
const SHORT: Kind = Kind {
    name: "js-test-short",
    cpu: Duration::from_secs(1),
    ..KIND
};

#[test]
#[ignore = "what the workers of the tests beside it run"]
fn entry() {
    let Some(name) = kind() else { return };
    let kind = match name == SHORT.name {
        true => SHORT,
        false => KIND,
    };
    serve(&kind, move || work::Scripts::new(kind));
}

fn workers() -> Workers {
    Workers::new(Launch::of_test("script::hostile_tests::entry"))
}

/// The status and what was printed to standard error.
fn result(workers: &Workers, kind: &Kind, text: &str) -> (Result<i32, Failed>, String) {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(crate::compiler::STACK)
            .spawn_scoped(scope, || {
                let mut files = Files::new(&[("/main.js", text)]);
                let program = Program {
                    entry: "/main.js".to_owned(),
                    ..Program::default()
                };
                let result = run(workers, kind, &program, &mut files, &mut || false);
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
    let (result, err) = result(workers, &KIND, "process.exitCode = 7;");
    assert_eq!((result.unwrap(), err.as_str()), (7, ""));
}

/// The results of several programs, of which some run at the same time, each with its text.
fn results<'a>(kind: &Kind, texts: &[&'a str]) -> Vec<(&'a str, Result<i32, Failed>, String)> {
    let workers = &workers();
    let waiting = std::sync::Mutex::new(texts.iter());
    let done = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next().copied();
                    let Some(text) = next else { break };
                    let (ended, err) = result(workers, kind, text);
                    done.lock().unwrap().push((text, ended, err));
                }
            });
        }
    });
    still_well(workers);
    let done = done.into_inner().unwrap();
    assert_eq!(done.len(), texts.len());
    done
}

#[test]
fn what_never_ends_is_ended() {
    let texts = [
        "while (true);",
        "for (;;) await null;",
        "[].indexOf.call({ length: 2 ** 53 - 1 }, 1);",
        "/^(a+)+$/.exec('a'.repeat(50) + 'b');",
        "(function again() { Promise.resolve().then(again); })();",
        "(function again() { setImmediate(again); })();",
        "(function again() { queueMicrotask(again); process.nextTick(again); })();",
        "'x'.repeat(2 ** 10).split('').sort(() => { while (true); });",
        "({ get x() { while (true); } }).x;",
        "new Proxy({}, { ownKeys() { while (true); } }) instanceof Object && Object.keys(new Proxy({}, { ownKeys() { while (true); } }));",
        "JSON.stringify({ toJSON() { while (true); } });",
        "JSON.parse('[1]', () => { while (true); });",
        "'x'.replace(/x/, () => { while (true); });",
        "`${{ [Symbol.toPrimitive]() { while (true); } }}`;",
        "class Own { static { while (true); } }",
        "eval('for (;;);');",
        "for (;;) { try { continue; } finally { continue; } }",
        "process.on('exit', () => { while (true); });",
        "process.on('uncaughtException', () => { while (true); }); throw 1;",
        "console.log(new Proxy({}, { getOwnPropertyDescriptor() { while (true); }, ownKeys: () => ['a'] })); while (true);",
        "for (;;) console.log('flood');",
        "for (;;) try { await import('./none.js'); } catch {}",
    ];
    for (text, result, err) in results(&SHORT, &texts) {
        assert!(
            matches!(result, Err(Failed::Worker(Error::Time(_)))),
            "{text}: {result:?} {err}"
        );
    }
}

/// A program ended with an uncaught error, or was ended by a limit.
fn is_named(result: &Result<i32, Failed>, err: &str, limit: fn(&Error) -> bool) -> bool {
    match result {
        Ok(status) => *status == 1 && err.starts_with("Uncaught "),
        Err(Failed::Worker(error)) => limit(error),
        Err(Failed::Engine(_)) => false,
    }
}

#[test]
fn a_stack_that_runs_out_is_an_error() {
    let texts = [
        "(function deeper() { return deeper() + 1; })();",
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a);",
        "JSON.parse('['.repeat(1e6));",
        "new Function('('.repeat(1e6));",
        "/((((((((((a*)*)*)*)*)*)*)*)*)*)*$/.exec(new RegExp('('.repeat(1e6)));",
        "const p = new Proxy({}, {}); Object.setPrototypeOf(p, new Proxy(p, {})); p.x;",
        "const a = { toJSON: () => JSON.stringify(a) }; JSON.stringify(a);",
        "const a = { toString: () => `${a}` }; `${a}`;",
        "const deeper = () => [2, 1].sort(deeper); deeper();",
        "const p = new Proxy({}, { get: (own, name) => p[name] }); p.x;",
        "function* deeper() { yield* deeper(); } deeper().next();",
        "const deeper = () => 'x'.replace(/x/, deeper); deeper();",
        "class A { get x() { return this.x; } } new A().x;",
        "const a = []; a.push(a); a.flat(Infinity);",
        "let f = () => {}; for (let i = 0; i < 1e6; i++) f = f.bind(); f();",
        "let p = {}; for (let i = 0; i < 1e6; i++) p = new Proxy(p, {}); p.x;",
        "const a = { [Symbol.iterator]: () => Array.from(a) }; Array.from(a);",
        "class A { constructor() { Reflect.construct(A, []); } } new A();",
        "let a = {}; for (let i = 0; i < 1e6; i++) a = { a }; structuredClone(a);",
        "Math.max(...new Array(1e8));",
        "async function deeper() { await deeper(); } await deeper();",
        "const a = { then: (ok) => ok(a) , get valueOf() { return +a; } }; +a;",
    ];
    for (text, result, err) in results(&KIND, &texts) {
        let limit =
            |error: &Error| matches!(error, Error::Stack | Error::Memory(_) | Error::Died(_));
        assert!(is_named(&result, &err, limit), "{text}: {result:?} {err}");
    }
}

#[test]
fn memory_that_runs_out_is_an_error() {
    let texts = [
        "const all = []; while (true) all.push(new Array(1e5).fill(1));",
        "let text = 'x'; while (true) text += text;",
        "new Array(2 ** 31).fill(0);",
        "Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0);",
        "new ArrayBuffer(2 ** 40);",
        "new SharedArrayBuffer(2 ** 40);",
        "const all = []; while (true) all.push(new Uint8Array(1 << 20).fill(1));",
        "let deep = {}; while (true) deep = { deep };",
        "const all = new Map(); for (let i = 0; ; i++) all.set(i, `${i}`);",
        "const all = []; for (let i = 0; ; i++) all.push(() => i);",
        "const all = []; for (let i = 0; ; i++) all.push(Symbol(`${i}`));",
        "const all = {}; for (let i = 0; ; i++) all[`k${i}`] = i;",
        "const all = []; while (true) all.push(new Promise(() => {}));",
        "[...(function* () { while (true) yield 'x'.repeat(100); })()];",
        "let big = 3n; while (true) big *= big;",
        "2n ** (2n ** 40n);",
        "'x'.repeat(2 ** 29).split('');",
        "'x'.padEnd(2 ** 30).replace(/ /g, '$`');",
        "Promise.all((function* () { while (true) yield 1; })());",
        "while (true) setTimeout(() => {}, 1e6);",
        "const all = []; while (true) all.push(new Blob(['x'.repeat(1e6)]));",
        "const all = []; while (true) all.push(structuredClone(new Uint8Array(1e6)));",
        "new TextEncoder().encode('x'.repeat(2 ** 29));",
        "console.log('x'.repeat(2 ** 29));",
        "const s = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1e6)); } }); await new Response(s).text();",
    ];
    for (text, result, err) in results(&SHORT, &texts) {
        let limit =
            |error: &Error| matches!(error, Error::Memory(_) | Error::Time(_) | Error::Died(_));
        assert!(is_named(&result, &err, limit), "{text}: {result:?} {err}");
    }
}

/// What a hook gives that has 96 MiB.
fn given(text: &str) -> Option<Given> {
    struct Giving(Files, Rc<RefCell<Option<Given>>>);

    impl Host for Giving {
        fn load(&mut self, wanted: &Wanted) -> Loaded {
            self.0.load(wanted)
        }

        fn write(&mut self, is_error: bool, bytes: &[u8]) {
            self.0.write(is_error, bytes);
        }

        fn places(&mut self, places: &[Place]) -> Vec<Option<Place>> {
            self.0.places(places)
        }

        fn give(&mut self, given: Given) {
            self.1.borrow_mut().get_or_insert(given);
        }
    }

    let text = text.to_owned();
    let run = move || {
        let given = Rc::default();
        let host = Giving(Files::new(&[("/a.js", &text)]), Rc::clone(&given));
        let machine = Machine::new(96 << 20, KIND.stack, Box::new(host)).unwrap();
        let program = Program {
            entry: "/a.js".to_owned(),
            ..Program::default()
        };
        let context = "{}".to_owned();
        let hook = Hook {
            program,
            context,
            ..Hook::default()
        };
        machine.hook(&hook).unwrap();
        drop(machine);
        given.take()
    };
    let thread = std::thread::Builder::new().stack_size(crate::compiler::STACK);
    thread.spawn(run).unwrap().join().unwrap()
}

#[test]
fn a_hook_that_throws_nothing_has_not_run_out_of_memory() {
    let threw = |text: &str| Some(Given::Threw(text.to_owned(), String::new()));
    let nothing = given("export default () => { throw null; };");
    assert_eq!(nothing, threw("uncaught null"));
    let much = "const all = []; while (all.length < 1e5) all.push({}); throw null;";
    assert_eq!(
        given(&format!("export default () => {{ {much} }};")),
        threw("uncaught null")
    );
    // Not even an error can be made then, and what the function had is free again when that is told.
    let deep = "export default () => { let deep = {}; while (true) deep = { deep }; };";
    assert_eq!(given(deep), Some(Given::Memory));
}

#[test]
fn what_may_not_wait_does_not() {
    let workers = workers();
    let text = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);";
    let (result, err) = result(&workers, &KIND, text);
    assert_eq!(result.unwrap(), 1, "{err}");
    assert!(err.starts_with("Uncaught TypeError"), "{err}");
}

#[test]
fn a_program_that_breaks_its_world_breaks_its_own() {
    let breaks = [
        "Object.defineProperty(Array.prototype, 0, { set() { throw 'set'; } });",
        "Object.defineProperty(Object.prototype, 'value', { get() { throw 'got'; }, set() { throw 'set'; } });",
        "Object.defineProperty(Object.prototype, 'get', { value: 1 });",
        "Array.prototype[Symbol.iterator] = () => { throw 'iterated'; };",
        "Array.prototype.push = Array.prototype.map = Array.prototype.filter = () => { throw 'called'; };",
        "Promise.prototype.then = () => { throw 'then'; };",
        "globalThis.Promise = null; globalThis.Map = globalThis.Set = globalThis.Array = null;",
        "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = null;",
        "globalThis.JSON = globalThis.Reflect = globalThis.Object = null;",
        "Map.prototype.get = Map.prototype.set = Map.prototype.values = () => { throw 'map'; };",
        "RegExp.prototype.exec = () => { throw 'exec'; };",
        "String.prototype.toWellFormed = String.prototype.startsWith = String.prototype.split = null;",
        "Object.prototype.then = (ok) => ok(1);",
        "for (const name of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[name]; } catch {}",
        "for (const key of Reflect.ownKeys(Array.prototype)) if (key !== 'length') delete Array.prototype[key];",
        "Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(Function.prototype);",
        "Error.prepareStackTrace = () => { throw 'stack'; }; Error.stackTraceLimit = 0;",
        "Object.setPrototypeOf(Object.prototype.__proto__ ?? Array.prototype, null);",
    ];
    let ends = ["", "throw new Error('own');", "await import('./none.js');"];
    let texts: Vec<String> = breaks
        .iter()
        .flat_map(|breaks| ends.map(|end| format!("{breaks} {end}")))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for (text, result, err) in results(&KIND, &texts) {
        // It ends, whatever it has made of itself.
        let is_told = match &result {
            Ok(0) => true,
            Ok(_) => !err.is_empty(),
            Err(_) => false,
        };
        assert!(is_told, "{text}: {result:?} {err}");
    }
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
        fn write(&mut self, _: bool, _: &[u8]) {}
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
