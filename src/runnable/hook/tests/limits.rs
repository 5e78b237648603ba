//! What a hook may not do to others, and how it is ended.

use super::*;

/// What a hook changes is its own.
const POLLUTION: &str = "
    for (const name of ['map', 'push', 'filter', Symbol.iterator]) Array.prototype[name] = () => { throw new Error(String(name)); };
    Object.prototype.then = (f) => f('polluted');
    Object.prototype.get = Object.prototype.value = 1;
    Promise.prototype.then = Promise.resolve = () => {};
    JSON.parse = JSON.stringify = String.prototype.toWellFormed = Reflect.apply = Function.prototype.call = () => 'polluted';
    globalThis.Uint8Array = globalThis.Promise = globalThis.Error = globalThis.console = null;
    export default (context) => 'as ever';
";

#[test]
fn what_one_hook_does_to_its_world_reaches_no_other() {
    // It may fail, by its own doing; it gives nothing that it did not mean.
    match gives(POLLUTION) {
        Ok(text) => assert_eq!(text, "as ever"),
        Err(failure) => assert!(matches!(failure, Failure::Diagnostics(_)), "{failure}"),
    }
    for _ in 0..3 {
        assert_eq!(
            gives("export default [1].map((n) => JSON.stringify({ n })).join();").unwrap(),
            r#"{"n":1}"#
        );
    }
}

#[test]
fn a_hook_that_wants_too_much_is_ended() {
    let told = |text: &str| match gives(text).unwrap_err() {
        Failure::Limit(told) | Failure::Diagnostics(told) => told[0].clone(),
        other => panic!("{text}: {other}"),
    };
    let is_limit = |text: &str| matches!(gives(text), Err(Failure::Limit(_)));
    // Processor time, in what can't be interrupted from inside either.
    std::thread::scope(|scope| {
        let endless = [
            "export default () => [].indexOf.call({ length: 2 ** 53 - 1 }, 1);",
            "export default { get then() { while (true); } };",
        ];
        let running = endless.map(|text| scope.spawn(move || gives(text).unwrap_err()));
        for one in running {
            let failure = one.join().unwrap();
            assert!(matches!(failure, Failure::Limit(_)), "{failure}");
            let text = failure.to_string();
            let start = "error[hook-timeout]: the hook ran longer than ";
            let end = " s in `/a.txt.hook.ts`";
            assert!(text.starts_with(start) && text.contains(end), "{text}");
        }
    });
    let memory = [
        "const all = []; while (true) all.push(new Uint8Array(1 << 20).fill(1));",
        "const all = []; while (true) all.push(new Array(1e5).fill(1));",
        // What a function has filled is free again when its error is told.
        "export default () => { const all = []; while (true) all.push({}); };",
    ];
    for text in memory {
        let told = told(text);
        assert!(
            ["hook-memory", "hook-timeout"].contains(&&*told.code),
            "{text}: {}",
            told.render(false)
        );
    }
    let endless = "const deeper = (n) => deeper(n + 1) + 1; export default deeper(0);";
    let stack = told(endless);
    assert_eq!(stack.code, "hook-stack", "{}", stack.render(false));
    assert!(is_limit(endless));
    // What a hook itself says of memory is no limit.
    let own = told("export default () => { throw new Error('the printer is out of memory'); };");
    assert_eq!(own.code, "hook", "{}", own.render(false));
    let text = told("export default 'x'.repeat(2 ** 29).repeat(4);");
    assert!(
        ["hook", "hook-memory"].contains(&&*text.code),
        "{}",
        text.render(false)
    );
    assert_eq!(gives("export default 'well';").unwrap(), "well");
}

#[test]
fn hooks_that_wait_for_one_another_take_no_worker_from_each_other() {
    // Far more than there are workers.
    let mut files = vec![(
        "src/0.txt.hook.ts".to_owned(),
        "export default '0';".to_owned(),
    )];
    for number in 1..12 {
        let before = number - 1;
        let text = format!("export default (c) => c.readText('/~@/{before}.txt') + ' {number}';");
        files.push((format!("src/{number}.txt.hook.ts"), text));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    assert_eq!(
        computed(&scene(&files), "11.txt").unwrap(),
        "0 1 2 3 4 5 6 7 8 9 10 11"
    );
}

#[test]
fn what_is_wrong_is_told_in_few_words() {
    for text in [
        "throw new Error('x'.repeat(2 ** 22));",
        "const error = new Error('no'); error.stack = '    at a (/a.txt.hook.ts.js:1:1)\\n'.repeat(1e5); throw error;",
        "export default () => new Response('x'.repeat(2 ** 22), { status: 500, statusText: 'y'.repeat(2 ** 20) });",
        "export default () => ({ ['x'.repeat(2 ** 22)]: 1 });",
        "export default () => Promise.reject('x'.repeat(2 ** 22));",
    ] {
        let told = gives(text).unwrap_err().to_string();
        assert!(told.starts_with("error[hook]: "), "{text}: {told}");
        assert!(told.len() < 20_000, "{text}: {}", told.len());
    }
}

#[test]
fn more_than_a_file_may_have_is_an_error() {
    let told = gives("export default new Uint8Array(129 << 20);").unwrap_err();
    let text = told.to_string();
    assert!(
        text.contains("the hook gives more than 128 MiB") || text.contains("memory"),
        "{text}"
    );
    assert_eq!(gives("export default 'well';").unwrap(), "well");
}

#[test]
fn a_hook_that_breaks_its_world_breaks_its_own() {
    for text in [
        "Array.prototype[Symbol.iterator] = () => { throw 'iterated'; }; throw new Error('own');",
        "Object.defineProperty(Object.prototype, 'then', { get() { throw 'then'; } }); export default () => ({});",
        "globalThis.JSON = globalThis.Reflect = globalThis.Uint8Array = globalThis.ArrayBuffer = null; export default new Error('own');",
        "Object.defineProperty(Array.prototype, 0, { set() { throw 'set'; } }); export default ({ list }) => list('/');",
        "Error.prototype.toString = () => { throw 'told'; }; throw new Error('own');",
        "export default { get then() { throw 'then'; } };",
        "export default () => { const error = new Error('own'); Object.defineProperty(error, 'stack', { get() { throw 'stack'; } }); throw error; };",
        "export default () => { throw new Proxy({}, { get() { throw 'got'; }, getPrototypeOf() { throw 'got'; } }); };",
        "for (const name of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[name]; } catch {} export default 5;",
    ] {
        let failure = gives(text).unwrap_err();
        assert!(
            matches!(failure, Failure::Diagnostics(_)),
            "{text}: {failure}"
        );
        assert_eq!(gives("export default 'well';").unwrap(), "well", "{text}");
    }
    let text = "Promise.prototype.then = () => { throw 'then'; }; export default async () => 'a';";
    assert_eq!(gives(text).unwrap(), "a");
}
