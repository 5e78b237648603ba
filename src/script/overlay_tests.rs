//! What the overlay makes of errors: texts of whatever was thrown, stacks, and their places in the sources.

use super::scene::{compiled, printed};

const OVERLAY: [(&str, &str); 7] = [
    ("problem", include_str!("../client/overlay/problem.ts")),
    ("reading", include_str!("../client/overlay/reading.ts")),
    ("stack", include_str!("../client/overlay/stack.ts")),
    (
        "source-map",
        include_str!("../client/overlay/source-map.ts"),
    ),
    ("trace", include_str!("../client/overlay/trace.ts")),
    ("editor", include_str!("../client/overlay/editor.ts")),
    ("origin", include_str!("../client/overlay/origin.ts")),
];

/// What a module prints that can import those of the overlay.
fn test(text: &str) -> String {
    let mut files: Vec<(String, String)> = OVERLAY
        .map(|(name, text)| {
            let text = OVERLAY.iter().fold(text.to_owned(), |text, (name, _)| {
                text.replace(&format!("'./{name}'"), &format!("'/{name}.ts'"))
            });
            (format!("/{name}.ts"), text)
        })
        .to_vec();
    files.push(("/main.js".to_owned(), text.to_owned()));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(id, text)| (id.as_str(), text.as_str()))
        .collect();
    printed(&files, "/main.js")
}

#[test]
fn stacks_of_all_engines_are_read() {
    let out = test(
        "import { parse } from './stack.ts';
         const show = (stack) => console.log(parse(stack).map((frame) => frame.note ?? `${frame.name}|${frame.url}|${frame.line}:${frame.column}`).join('\\n'));
         show(`TypeError: at http://h/no.js:1:2
    at total (http://h/~@/(group)/a.tsx.js?t=1:5:20)
    at async Promise.all (index 0)
    at async load (http://h/b.js:1:2)
    at async http://h/c.js:3:4
    at new Shop (http://h/d.js:5:6)
    at Object.click [as onClick] (http://h/e.js:7:8)
    at Array.map (<anonymous>)
    at eval (eval at go (http://h/f.js:1:1), <anonymous>:1:2)
    at http://h/g.js:9:10`);
         show(`total@http://h/~@/a.js:5:20
@http://h/b.js:1:2
async*load@http://h/c.js:3:4
caused by Error: x
click/<@http://h/d.js:5:6
map@[native code]
http://h/e.js:7:8`);
         show('no stack at all');
         show('    at ' + 'x'.repeat(100000));",
    );
    assert_eq!(
        out,
        "total|http://h/~@/(group)/a.tsx.js?t=1|5:20\nload|http://h/b.js|1:2\n|http://h/c.js|3:4\n\
         new Shop|http://h/d.js|5:6\nclick|http://h/e.js|7:8\n|http://h/g.js|9:10\n\
         total|http://h/~@/a.js|5:20\n|http://h/b.js|1:2\nload|http://h/c.js|3:4\ncaused by Error: x\n\
         click|http://h/d.js|5:6\n|http://h/e.js|7:8\n\n\n"
    );
}

#[test]
fn whatever_is_thrown_has_a_text() {
    let out = test(
        "import { problemOf } from './reading.ts';
         const gone = Proxy.revocable({}, {});
         gone.revoke();
         const own = new Error('own');
         own.cause = own;
         const hostile = [gone.proxy, null, undefined, 7, 'text', Symbol('s'), () => 1, own, Object.create(null), { a: 1 },
           { get message() { throw 1; }, get name() { throw 1; }, toString() { throw 1; } },
           { name: 1, message: {}, stack: 5 }, new TypeError(''), new AggregateError([new Error('one'), new RangeError('two')], 'both'),
           new Error('first\\nsecond', { cause: new Error('the cause') })];
         for (const thrown of hostile) {
           const { code, title, text } = problemOf(thrown);
           console.log(JSON.stringify([code, title, text]));
         }
         const long = problemOf({ message: 'm'.repeat(1e6), stack: 'at x\\n'.repeat(1e6) });
         console.log(long.title.length, long.stack.length < 30000);",
    );
    insta::assert_snapshot!(out, @r#"
    [null,"thrown: a value that has no text",""]
    [null,"thrown: null",""]
    [null,"thrown: undefined",""]
    [null,"thrown: 7",""]
    [null,"thrown: \"text\"",""]
    [null,"thrown: Symbol(s)",""]
    [null,"thrown: ()=>1",""]
    ["Error","own",""]
    [null,"thrown: a value that has no text",""]
    [null,"thrown: {\"a\":1}",""]
    [null,"thrown: a value that has no text",""]
    [null,"thrown: {\"name\":1,\"message\":{},\"stack\":5}",""]
    ["TypeError","an error without a message",""]
    ["AggregateError","both","caused by Error: one\ncaused by RangeError: two"]
    ["Error","first","second\ncaused by Error: the cause"]
    20001 true
    "#);
}

#[test]
fn what_does_not_compile_is_told_by_its_diagnostics() {
    let out = test(
        "import { problemsOf, identity } from './problem.ts';
         const told = problemsOf({ fault: 'x', diagnostics: [{ code: 'syntax', message: 'expected `;`', file: '/a.ts', line: 1, column: 2 }, { code: 'style', message: 'b' }] });
         console.log(JSON.stringify(told));
         console.log(JSON.stringify(problemsOf({ fault: 'error[unresolved-import]: cannot resolve `./x` from `/a.ts:1:2`\\n  hint: none' })));
         console.log(JSON.stringify(problemsOf({ fault: 'something else' })));
         console.log(identity(told[0]) === identity({ ...told[0] }), identity(told[0]) === identity(told[1]));",
    );
    assert_eq!(
        out,
        "[{\"kind\":\"compile\",\"title\":\"expected `;`\",\"text\":\"\",\"code\":\"syntax\",\"file\":\"/a.ts\",\"line\":1,\"column\":2},\
         {\"kind\":\"compile\",\"title\":\"b\",\"text\":\"\",\"code\":\"style\"}]\n\
         [{\"kind\":\"compile\",\"title\":\"cannot resolve `./x` from `/a.ts:1:2`\",\"text\":\"  hint: none\",\"code\":\"unresolved-import\"}]\n\
         [{\"kind\":\"compile\",\"title\":\"something else\",\"text\":\"\"}]\n\
         true false\n"
    );
}

/// A source, with the line and column at which its output throws, its map, and its text.
fn module(name: &str, text: &str) -> (String, String, usize, usize) {
    let emitted = compiled(text, name).unwrap();
    let at = emitted.code.find("new Error").unwrap();
    let line = emitted.code[..at].matches('\n').count();
    let column = at - emitted.code[..at].rfind('\n').map_or(0, |end| end + 1);
    (emitted.code, emitted.map.unwrap(), line + 1, column + 1)
}

const SOURCE: &str = "interface A { a: number }\n\nexport function fail(a: A): never {\n  const b: number = a.a;\n  throw new Error(`${b}`);\n}\n";

#[test]
fn places_are_those_of_the_sources() {
    let (code, map, line, column) = module("/ui/a.ts", SOURCE);
    // The bundle that was loaded has two pieces before it, the one that is there now has another one.
    let loaded = format!(
        "await (runtime)\n.add(x, [\n[\"/one.ts.js\",\"0123456789abcdef\",\n1,\n],\n[\"/~root/node_modules/p/a.js\",\"0123456789abcdef\",\n2\n],\n\
         [\"/ui/a.ts.js\",\"00000000000000aa\",\n{code}\n],\n], [\"/one.ts.js\"]);\n//# sourceMappingURL=index.html.js.map\n"
    );
    let own = loaded.find(&code).unwrap();
    let before = loaded[..own].matches('\n').count();
    let index = format!(
        "{{\"version\":3,\"sections\":[{{\"offset\":{{\"line\":5000,\"column\":0}},\"map\":{{\"sourceRoot\":\"../ui/\",{}}}]}}",
        &map[1..]
    );
    let text = format!(
        "import {{ Tracer, codeFrame }} from './trace.ts';
         const files = {{ 'http://h/~@/~hot/index.html.v1.js': {loaded:?}, 'http://h/~@/~hot/index.html.js.map': {index:?} }};
         const asked = [];
         globalThis.fetch = async (url) => {{ asked.push(url); return {{ ok: url in files, text: async () => files[url] }}; }};
         const updated = 'http://h/~@/ui/a.ts.js?t=1';
         let current = true;
         const open = () => new Tracer({{ base: 'http://h/~@', mapOf: (url) => (url === updated ? {map:?} : undefined), isCurrent: (id, hash) => id === '/ui/a.ts.js' && hash === '00000000000000aa' && current }});
         const show = (places) => {{ for (const {{ note, name, file, line, column, isOwn, content }} of places) console.log(note ?? `${{name}} ${{file}}:${{line}}:${{column}} ${{isOwn}} ${{content?.length}}`); }};
         const bundle = 'http://h/~@/~hot/index.html.v1.js';
         const stack = `Error: 1\\n at fail (${{updated}}:{line}:{column})\\n at fail (${{bundle}}:{in_bundle}:{column})\\n at link (${{bundle}}:1:5)\\n at p (${{bundle}}:8:1)\\n at cdn (https://cdn/x.js:1:2)\\ncaused by Error: 2\\n at lost (http://h/~@/none.js:3:4)`;
         const tracer = open();
         show(await tracer.trace(stack));
         console.log(asked.length);
         current = false;
         show(await open().trace(`Error\\n at fail (${{bundle}}:{in_bundle}:{column})`));
         const [place] = await tracer.trace(stack);
         console.log(codeFrame(place.content, place.line, place.column));
         console.log(codeFrame('x'.repeat(100000), 1, 50000).length < 400, codeFrame('a', 9, 1));",
        in_bundle = before + line,
    );
    let length = SOURCE.len();
    assert_eq!(
        test(&text),
        format!(
            "fail /ui/a.ts:5:9 true {length}\nfail /ui/a.ts:5:9 true {length}\np /~root/node_modules/p/a.js:0:0 false undefined\n\
             cdn https://cdn/x.js:1:2 false undefined\ncaused by Error: 2\nlost http://h/~@/none.js:3:4 false undefined\n3\n\
             fail /ui/a.ts:0:0 true undefined\n\
             3 | export function fail(a: A): never {{\n4 |   const b: number = a.a;\n5 |   throw new Error(`${{b}}`);\n  |         ^\n6 | }}\n7 |\n\
             true undefined\n"
        )
    );
}

#[test]
fn errors_of_others_are_left_out() {
    let out = test(
        "import { isForeign, isNoise } from './origin.ts';
         globalThis.location = new URL('http://h/app/');
         const of = (stack, title = 'x', file = '') => isForeign({ kind: 'runtime', title, text: '', stack }, file, 'https://assets/~@');
         console.log(of('E\\n at a (http://h/a.js:1:2)'), of('E\\n at a (https://assets/~@/a.js:1:2)'), of('E\\n at a (blob:http://h/1:1:2)'), of('', 'thrown: 1'));
         console.log(of('', 'x', 'http://h/a.js'), of('E\\n at lib (https://cdn/a.js:1:2)\\n at a (http://h/a.js:1:2)'));
         console.log(of('E\\n at a (chrome-extension://abc/a.js:1:2)\\n at b (http://h/a.js:1:2)'), of('a@moz-extension://abc/a.js:1:2'), of('', 'thrown: \"Script error.\"'));
         console.log(of('', 'x', 'https://cdn/a.js'), of('E\\n at a (https://cdn/a.js:1:2)'));
         console.log(isNoise({ title: 'x' }, 'ResizeObserver loop completed with undelivered notifications.'), isNoise({ code: 'AbortError' }, ''), isNoise({ code: 'TypeError' }, 'x'));",
    );
    assert_eq!(
        out,
        "false false false false\nfalse false\ntrue true true\ntrue true\ntrue true false\n"
    );
}

#[test]
fn editors_have_links_of_their_own() {
    let out = test(
        "import { EDITORS, chosen, choose, linkTo } from './editor.ts';
         const roots = { source: '/home/ann/my app/src/', workspace: '/home/ann/my app' };
         for (const editor of EDITORS) console.log(linkTo(editor, roots, '/ui/[id]#.tsx', 3, 4));
         console.log(linkTo(EDITORS[0], roots, '/~root/packages/kit/a.ts'), linkTo(EDITORS[0], {}, '/a.ts'), linkTo(EDITORS[0], roots, 'http://h/a.ts'));
         choose('zed');
         console.log(chosen().id);
         const kept = new Map();
         globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
         choose('zed');
         console.log(chosen().id);",
    );
    insta::assert_snapshot!(out, @r"
    vscode://file/home/ann/my%20app/src/ui/%5Bid%5D%23.tsx:3:4
    vscode-insiders://file/home/ann/my%20app/src/ui/%5Bid%5D%23.tsx:3:4
    vscodium://file/home/ann/my%20app/src/ui/%5Bid%5D%23.tsx:3:4
    cursor://file/home/ann/my%20app/src/ui/%5Bid%5D%23.tsx:3:4
    windsurf://file/home/ann/my%20app/src/ui/%5Bid%5D%23.tsx:3:4
    zed://file/home/ann/my%20app/src/ui/%5Bid%5D%23.tsx:3:4
    idea://open?file=/home/ann/my%20app/src/ui/%5Bid%5D%23.tsx&line=3&column=4
    subl://open?url=file%3A%2F%2F%2Fhome%2Fann%2Fmy%2520app%2Fsrc%2Fui%2F%255Bid%255D%2523.tsx&line=3&column=4
    txmt://open?url=file%3A%2F%2F%2Fhome%2Fann%2Fmy%2520app%2Fsrc%2Fui%2F%255Bid%255D%2523.tsx&line=3&column=4
    vscode://file/home/ann/my%20app/packages/kit/a.ts:1:1 undefined undefined
    vscode
    zed
    ");
}
