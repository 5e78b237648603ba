use super::scene::{printed, run};

fn out(text: &str) -> String {
    printed(&[("/main.js", text)], "/main.js")
}

#[test]
fn an_error_that_nobody_catches_is_told_with_its_place_in_the_source() {
    let text = "const a: number = 1;\nconsole.log('a', a, process.argv, process.env.NAME, process.cwd());\nfunction f(): never {\n  throw new TypeError('wrong');\n}\nf();\n";
    let ran = run(&[("/main.ts", text)], "/main.ts");
    assert_eq!(ran.status, 1);
    assert_eq!(ran.out, "a 1 [ 'hookfs', '/main.ts', 'one' ] value /work\n");
    insta::assert_snapshot!(ran.err, @r#"
    Uncaught TypeError: wrong
        at f (/main.ts:4:13)
        at <anonymous> (/main.ts:6:1)
    "#);
}

#[test]
fn later_is_waited_for_in_order() {
    let text = "
        const log = (text) => console.log(text);
        setTimeout(log, 20, 'timer 20');
        setTimeout(() => { log('timer 1'); Promise.resolve().then(() => log('its promise')); }, 1);
        setTimeout(log, 1, 'timer 1 too');
        setImmediate(() => log('immediate'));
        queueMicrotask(() => log('microtask'));
        process.nextTick(log, 'tick');
        setTimeout(log, 5, 'never').close();
        clearTimeout(setTimeout(log, 5, 'never'));
        setInterval(log, 1e6, 'never').unref();
        let count = 0;
        const interval = setInterval(() => { if (++count === 3) { clearInterval(interval); log('third'); } }, 1);
        await null;
        log('now');";
    let text = out(text);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..4],
        ["microtask", "tick", "now", "immediate"],
        "{text}"
    );
    let place = |wanted: &str| lines.iter().position(|line| *line == wanted).unwrap();
    assert_eq!(place("its promise"), place("timer 1") + 1, "{text}");
    assert!(place("timer 1 too") < place("timer 20"), "{text}");
    assert!(
        lines.contains(&"third") && !lines.contains(&"never"),
        "{text}"
    );
}

#[test]
fn many_timers_are_run_each_at_its_time() {
    let text = "
        const seen = [];
        const all = [];
        const start = performance.now();
        for (let n = 0; n < 30_000; n++) {
            const delay = 1 + (n * 7919) % 50;
            all.push(setTimeout(() => seen.push([n, performance.now() - start >= delay]), delay));
        }
        for (let n = 0; n < 30_000; n++) if (n % 3 > 0) clearTimeout(all[n]);
        for (let n = 0; n < 30_000; n += 6) all[n].refresh();
        const kept = setInterval(() => {}, 1).unref();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        clearInterval(kept.ref());
        console.log(seen.length, seen.every(([n, isLate]) => n % 3 === 0 && isLate), new Set(seen.map(([n]) => n)).size);";
    assert_eq!(out(text), "10000 true 10000\n");
}

#[test]
fn a_program_ends_as_it_says() {
    let status = |text: &str| run(&[("/main.js", text)], "/main.js");
    let ended = status(
        "try { process.exit(7) } catch { console.log('caught') } finally { console.log('finally') }",
    );
    assert_eq!((ended.status, ended.out.as_str()), (7, ""));
    let ended = status(
        "(async () => { await null; process.exit(3); })(); setTimeout(() => console.log('never'), 10); await new Promise(() => {});",
    );
    assert_eq!((ended.status, ended.out.as_str()), (3, ""));
    assert_eq!(
        status("process.exitCode = 5; setTimeout(() => {}, 1)").status,
        5
    );
    let ended =
        status("process.on('exit', (code) => console.log('exit', code)); process.exitCode = 4;");
    assert_eq!((ended.status, ended.out.as_str()), (4, "exit 4\n"));
    let ended = status("await new Promise(() => {});");
    assert_eq!(ended.status, 13);
    assert!(ended.err.starts_with("warning: "), "{}", ended.err);
}

#[test]
fn rejections_that_nobody_handles_end_a_program() {
    let ran = run(
        &[(
            "/main.js",
            "Promise.reject(new RangeError('lost')); setTimeout(() => console.log('never'), 1);",
        )],
        "/main.js",
    );
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(
        ran.err
            .starts_with("Uncaught RangeError: lost\n    at <anonymous> (/main.js:1:"),
        "{}",
        ran.err
    );
    assert_eq!(
        out(
            "const p = Promise.reject(1); await null; await p.catch(() => console.log('handled'));"
        ),
        "handled\n"
    );
    assert_eq!(
        out(
            "process.on('unhandledRejection', (reason) => console.log('got', reason)); Promise.reject(1);"
        ),
        "got 1\n"
    );
    let ran = run(
        &[("/main.js", "setTimeout(() => { throw 'late' }, 1)")],
        "/main.js",
    );
    assert_eq!((ran.status, ran.err.as_str()), (1, "Uncaught 'late'\n"));
}

#[test]
fn values_are_shown_as_node_shows_them() {
    let text = r#"
        class A { x = 1; #y = 2; get z() { return 3 } }
        class B extends A {}
        const self = { name: 'self' };
        self.self = self;
        console.log(1, -0, 10n, 'text', true, null, undefined, Symbol('s'));
        console.log([1, 'two', [3, [4, [5]]]], [, 1, , ], { a: 1, 'b c': { d: { e: { f: 1 } } } });
        console.log(new A(), new B(), A, B, () => {}, function named() {}, async () => {});
        console.log(new Map([['a', { b: 1 }]]), new Set([1, 'b']), new Date(0), /a/g, new Uint8Array(3));
        console.log(self, Object.create(null), { __proto__: null, a: 1 }, [undefined, null]);
        console.log(Promise.resolve(1), new Promise(() => {}), { get a() { return 1 }, set b(v) {} });
        console.log('%s is %d and %i, %j %o %% %c', 'a', 1.5, 2.7, { a: 1 }, [1], 'css', 'rest');
        console.log({ long: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', other: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' });
        console.log(Object('boxed'), new (class extends Array {})(2), ["it's"], 'a\nb', ['a\nb']);
        console.group('group'); console.log('in\nside'); console.groupEnd(); console.log(await import('./other.js'));
        console.table([{ a: 1, b: 'x' }, { a: 2 }]);
    "#;
    let files = [
        ("/main.js", text),
        ("/other.js", "export let exported = 1;"),
    ];
    let text = printed(&files, "/main.js");
    insta::assert_snapshot!(text, @r#"
    1 -0 10n text true null undefined Symbol(s)
    [ 1, 'two', [ 3, [ 4, [Array] ] ] ] [ <1 empty item>, 1, <1 empty item> ] { a: 1, 'b c': { d: { e: [Object] } } }
    A { x: 1 } B { x: 1 } [class A] [class B extends A] [Function (anonymous)] [Function: named] [AsyncFunction (anonymous)]
    Map(1) { 'a' => { b: 1 } } Set(2) { 1, 'b' } 1970-01-01T00:00:00.000Z /a/g Uint8Array(3) [ 0, 0, 0 ]
    <ref *1> { name: 'self', self: [Circular *1] } [Object: null prototype] {} [Object: null prototype] { a: 1 } [ undefined, null ]
    Promise { 1 } Promise { <pending> } { a: [Getter], b: [Setter] }
    a is 1.5 and 2, {"a":1} [ 1 ] %  rest
    {
      long: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      other: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'
    }
    [String: 'boxed'] [ <2 empty items> ] [ "it's" ] a
    b [ 'a\nb' ]
    group
      in
      side
    [Module: null prototype] { exported: 1 }
    ┌─────────┬───┬─────┐
    │ (index) │ a │ b   │
    ├─────────┼───┼─────┤
    │ 0       │ 1 │ 'x' │
    │ 1       │ 2 │     │
    └─────────┴───┴─────┘
    "#);
}

#[test]
fn lists_stand_in_columns_and_the_platforms_objects_tell_what_they_have() {
    let text = r#"
        import { inspect, format } from 'node:util';
        console.log([1, 20, 300, 4, 5, 6, 7, 8], ['a', 'bb', 'ccc', 'd', 'e', 'f', 'g']);
        console.log(Array.from({ length: 105 }, (_, index) => index));
        console.log(new URL('http://u@h:1/p?q=1#f'), new Headers({ a: 'b', 'x-y': 'z' }));
        console.log(new URLSearchParams('a=1&b=2'), new Blob(['x']), Response.json(1, { status: 201 }));
        console.log(Buffer.from('hi'), new AbortController(), new (class Own extends Response {})('x'));
        console.log({ [inspect.custom]: (depth, options, own) => `custom ${depth} ${own === inspect}` }, inspect({ a: { b: 1 } }, { depth: 0 }));
        console.log(inspect('x'.repeat(5), { maxStringLength: 2 }), inspect([1, 2, 3], { maxArrayLength: 1 }), inspect({ b: 1, a: 2 }, { sorted: true, compact: false }));
        const rejected = Promise.reject(3);
        rejected.catch(() => {});
        console.log(rejected, format('%s %d', 'a', 1), format({ a: 1 }));
        const error = new TypeError('outer', { cause: 'inner' });
        error.stack = 'TypeError: outer';
        console.log(Object.assign(error, { code: 'E' }));
        console.table(new Map([['k', 1]]));
    "#;
    insta::assert_snapshot!(out(text), @r"
    [
      1, 20, 300, 4,
      5,  6,   7, 8
    ] [
      'a', 'bb', 'ccc',
      'd', 'e',  'f',
      'g'
    ]
    [
       0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11,
      12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
      24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
      36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
      48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
      60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71,
      72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83,
      84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95,
      96, 97, 98, 99,
      ... 5 more items
    ]
    URL {
      href: 'http://u@h:1/p?q=1#f',
      origin: 'http://h:1',
      protocol: 'http:',
      username: 'u',
      password: '',
      host: 'h:1',
      hostname: 'h',
      port: '1',
      pathname: '/p',
      search: '?q=1',
      searchParams: URLSearchParams { 'q' => '1' },
      hash: '#f'
    } Headers { a: 'b', 'x-y': 'z' }
    URLSearchParams { 'a' => '1', 'b' => '2' } Blob { size: 1, type: '' } Response {
      status: 201,
      statusText: '',
      headers: Headers { 'content-type': 'application/json' },
      bodyUsed: false,
      ok: true,
      redirected: false,
      type: 'default',
      url: ''
    }
    <Buffer 68 69> AbortController { signal: AbortSignal { aborted: false } } Own [Response] {
      status: 200,
      statusText: '',
      headers: Headers { 'content-type': 'text/plain;charset=UTF-8' },
      bodyUsed: false,
      ok: true,
      redirected: false,
      type: 'default',
      url: ''
    }
    custom 2 true { a: [Object] }
    'xx'... 3 more characters [ 1, ... 2 more items ] {
      a: 2,
      b: 1
    }
    Promise { <rejected> 3 } a 1 { a: 1 }
    [TypeError: outer] { code: 'E', [cause]: 'inner' }
    ┌───────────────────┬─────┬────────┐
    │ (iteration index) │ Key │ Values │
    ├───────────────────┼─────┼────────┤
    │ 0                 │ 'k' │ 1      │
    └───────────────────┴─────┴────────┘
    ");
}

#[test]
fn a_stack_begins_with_the_error_and_names_sources() {
    let text = "class Lost extends Error {\n  name = 'Lost';\n}\nfunction f(): Lost {\n  return new Lost('way');\n}\nconst lost = f();\nconsole.log(lost.stack);
        const holder: { stack?: string } = {};
        Error.captureStackTrace(holder);
        console.log(holder.stack);
        lost.stack = undefined;
        console.log(lost.stack, Object.keys(lost));
        console.trace('here');
        Error.prepareStackTrace = (error, sites) => `${error.message} from ${sites.length > 0}`;
        console.log(new Error('prepared').stack);";
    let ran = run(&[("/main.ts", text)], "/main.ts");
    insta::assert_snapshot!(format!("{}{}", ran.out, ran.err), @r"
      Lost: way
          at f (/main.ts:5:14)
          at <anonymous> (/main.ts:7:14)
      Error
          at <anonymous> (/main.ts:10:33)
      undefined [ 'name' ]
      prepared from true
      Trace: here
          at <anonymous> (/main.ts:14:17)
      ");
}

#[test]
fn a_process_takes_bytes_and_tells_when_they_are_written() {
    let text = "
        await new Promise((done) => process.stdout.write(new Uint8Array([104, 105, 10]), done));
        await new Promise((done) => process.stdout.write('text\\n', 'utf8', done));
        const heard = () => console.log('heard');
        process.once('own', heard).off('own', heard).once('own', () => console.log('once'));
        process.emit('own');
        console.log(process.emit('own'), process.listenerCount('own'), process.pid > 0);
        process.on('warning', ({ name, code }) => console.log(name, code));
        process.emitWarning('old', { type: 'Deprecation', code: 'D1' });";
    let ran = run(&[("/main.js", text)], "/main.js");
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (
            0,
            "hi\ntext\nonce\nfalse 0 true\nDeprecation D1\n",
            "[D1] Deprecation: old\n"
        )
    );
}

#[test]
fn streams_are_told_apart() {
    let ran = run(
        &[(
            "/main.js",
            "console.error('e'); console.warn('w'); console.info('i'); console.debug('d'); process.stdout.write('o'); process.stderr.write('\\ud800')",
        )],
        "/main.js",
    );
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (0, "i\nd\no", "e\nw\n\u{fffd}")
    );
}

#[test]
fn a_value_that_throws_when_it_is_looked_at_is_printed_all_the_same() {
    let program = "
        const hostile = new Proxy({}, {
          get() { throw new Error('get'); },
          ownKeys() { throw new Error('keys'); },
          getPrototypeOf() { throw new Error('prototype'); },
        });
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        console.log(hostile);
        console.log({ a: 1, hostile }, [proxy]);
        console.log('%s and %d', hostile, hostile, 'rest');
        console.log(`${'%'}j`, { toJSON() { throw 1; } });
        console.table(hostile);
        console.dir(proxy);
        console.error(hostile);
        throw hostile;
    ";
    let ran = run(&[("/a.mjs", program)], "/a.mjs");
    let unshown = "<a value that cannot be shown>";
    let out = format!(
        "{unshown}\n{{ a: 1, hostile: {unshown} }} [ {unshown} ]\n{unshown} and {unshown} rest\n[Circular]\n{unshown}\n{unshown}\n"
    );
    assert_eq!(ran.out, out);
    assert_eq!(ran.err, format!("{unshown}\nUncaught {unshown}\n"));
    assert_eq!(ran.status, 1);
}
