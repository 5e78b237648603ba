//! `hookfs run`: a module as a program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use crate::support::{Tree, hookfs};

const FILES: &str = "
//- /src/main.ts
import { greet } from './lib/greet';
import data from './data.json';
import { add } from './common';
import text from './note.txt?raw';
console.log(greet(process.argv.slice(2).join(' ')), data, add(1, 2), text.trim(), process.env.GREETING);
console.error('to the other');
//- /src/lib/greet.ts
export function greet(name: string): string {
  return `hello ${name}`;
}
//- /src/common.js
exports.add = (a, b) => a + b + require('./more').zero;
//- /src/more.js
exports.zero = __dirname.length - 1;
//- /src/data.json
{\"a\": [1]}
//- /src/note.txt
a note
//- /src/fail.ts
import { fail } from './lib/fail';

fail({ reason: 'none' });
//- /src/lib/fail.ts
interface Options { reason: string }

export function fail(options: Options): never {
  throw new RangeError(`failed: ${options.reason}`);
}
//- /src/broken.ts
import './lib/greet';
const = 1;
//- /src/exit.ts
setTimeout(() => process.exit(Number(process.argv[2])), 1);
await new Promise(() => {});
export {};
//- /src/endless.ts
console.log('begun');
while (true);
//- /src/page.html
<p></p>
";

fn command(tree: &Tree, arguments: &[&str]) -> Command {
    let mut command = hookfs();
    command
        .arg("run")
        .args(["--state", tree.folder().join("state").to_str().unwrap()])
        .args(arguments)
        .current_dir(tree.folder())
        .env("GREETING", "ciao")
        .stdin(Stdio::null());
    command
}

fn run(tree: &Tree, arguments: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command(tree, arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

#[test]
fn a_program_has_its_arguments_and_its_streams() {
    let tree = Tree::new(FILES);
    let expected = (
        0,
        "hello you too { a: [ 1 ] } 3 a note ciao\n".to_owned(),
        "to the other\n".to_owned(),
    );
    let arguments = ["project/src", "main.ts", "--", "you", "too"];
    assert_eq!(run(&tree, &arguments), expected);
    let absolute = tree.project().join("src/main.ts");
    let arguments = [
        "project/src",
        absolute.to_str().unwrap(),
        "--",
        "you",
        "too",
    ];
    assert_eq!(run(&tree, &arguments), expected);
    // A daemon that serves the source gives the modules.
    let mount = tree.mounter("src").mount();
    assert_eq!(run(&tree, &arguments), expected);
    mount.stop();
}

#[test]
fn what_is_resolved_can_be_imported() {
    let tree = Tree::new(
        "
        //- /src/main.ts
        const url = import.meta.resolve('./lib/a');
        console.log(url, (await import(url)).a === (await import('./lib/a')).a);
        console.log((await import(import.meta.resolve('package'))).b, import.meta.resolve('node:fs'), import.meta.resolve('#lib/a'));
        const missing = ['miss', 'ing'].join('');
        try { import.meta.resolve(missing); } catch (error) { console.log(`${error}`); }
        //- /src/lib/a.ts
        export const a: object = {};
        //- /package.json
        { \"imports\": { \"#lib/*\": \"./src/lib/*.ts\" } }
        //- /node_modules/package/package.json
        { \"exports\": \"./b.mjs\" }
        //- /node_modules/package/b.mjs
        export const b = import.meta.resolve('./c.mjs');
        ",
    );
    let said = "hookfs:///lib/a.ts.js true\nhookfs:///~root/node_modules/package/c.mjs node:fs hookfs:///lib/a.ts.js\nTypeError: cannot resolve \"missing\" from /main.ts.js\n";
    let expected = (0, said.to_owned(), String::new());
    assert_eq!(run(&tree, &["project/src", "main.ts"]), expected);
}

#[test]
fn each_query_makes_an_instance_of_a_module() {
    let tree = Tree::new(
        "
        //- /src/main.ts
        import * as first from './state?1';
        import * as second from './state?2';
        import * as plain from './state';
        import one from './data.json?a=/b';
        import two from './data.json';
        import common from './common.cjs?1';
        import again from './common.cjs?2';
        const instances = [first, second, plain];
        console.log(...instances.map(({ url }) => url), plain.file, first.file === plain.file);
        first.add();
        console.log(...instances.map(({ count }) => count), one === two, common === again);
        const name = (text: string) => text;
        const glob = import.meta.glob('./state.ts', { query: '?2' });
        console.log(
          (await import('./state?1')) === first,
          (await import(`./state?${name('2')}`)) === second,
          (await import(name('./state.ts?1'))) === first,
          (await import(import.meta.resolve('./state?1'))) === first,
          (await glob['./state.ts']!()) === second,
          (await import(`./state.ts?${name('x y')}`)).url,
        );
        first.fail();
        //- /src/state.ts
        export let count: number = 0;
        export const add = () => ++count;
        export const { url, filename: file } = import.meta;
        export const fail = () => {
          throw new RangeError('failed');
        };
        //- /src/data.json
        { \"a\": 1 }
        //- /src/common.cjs
        module.exports = { state: require('./state?1') };
        ",
    );
    let (status, out, err) = run(&tree, &["project/src", "main.ts"]);
    assert_eq!(
        out,
        "hookfs:///state.ts.js?1 hookfs:///state.ts.js?2 hookfs:///state.ts.js /state.ts true\n\
         1 0 0 false true\n\
         true true true true true hookfs:///state.ts.js?x%20y\n",
        "{err}"
    );
    assert!(err.contains(" (/state.ts:5:"), "{err}");
    assert_eq!(status, 1);
}

#[test]
fn texts_and_bytes_are_imported_by_their_attributes() {
    let tree = Tree::new(
        "
        //- /src/main.ts
        import text from './note.md' with { type: 'text' };
        import bytes from './note.md' with { type: 'bytes' };
        import data from './data.json' with { type: 'json' };
        const { default: again } = await import('./note.md', { with: { type: 'text' } });
        console.log(text, bytes instanceof Uint8Array, [...bytes].join(), data.a, again === text);
        //- /src/data.json
        { \"a\": 1 }
        ",
    );
    tree.write("src/note.md", "é\n");
    let expected = (0, "é\n true 195,169,10 1 true\n".to_owned(), String::new());
    assert_eq!(run(&tree, &["project/src", "main.ts"]), expected);
}

#[test]
fn what_is_assigned_to_the_exports_has_names() {
    let tree = Tree::new(
        "
        //- /src/main.ts
        import { a } from './space.cjs';
        import * as n from './space.cjs';
        import made, { b } from './made';
        import required = require('./made');
        export * from './made';
        console.log(a, n.f(), b, made === required, (await import('./made')).b);
        //- /src/space.cts
        namespace x { export const a = 1; export const f = () => a + 1; }
        export = x;
        //- /src/made.ts
        export = make();
        function make() { return { b: 3 }; }
        ",
    );
    let expected = (0, "1 2 3 true 3\n".to_owned(), String::new());
    assert_eq!(run(&tree, &["project/src", "main.ts"]), expected);
}

#[test]
fn an_error_is_told_with_its_places_in_the_sources() {
    let tree = Tree::new(FILES);
    let (status, out, err) = run(&tree, &["project/src", "fail.ts"]);
    assert_eq!((status, out.as_str()), (1, ""));
    // Engines tell the column of the `new`, or that of the call.
    let (head, tail) = (
        "Uncaught RangeError: failed: none\n    at fail (/lib/fail.ts:4:",
        ")\n    at <anonymous> (/fail.ts:3:1)\n",
    );
    assert!(err.starts_with(head) && err.ends_with(tail), "{err}");
    let (status, out, err) = run(&tree, &["project/src", "broken.ts"]);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(
        err.starts_with("error[syntax]: ") && err.contains("/broken.ts:2:7"),
        "{err}"
    );
}

#[test]
fn a_program_that_was_compiled_before_is_the_same_program() {
    let tree = Tree::new(FILES);
    let mount = tree.mounter("src").mount();
    let mains = ["project/src", "main.ts", "--", "you"];
    let fails = ["project/src", "fail.ts"];
    let run_both = || (run(&tree, &mains), run(&tree, &fails));
    let bytecode_of = |module: &str| {
        let report = mount.read(&format!("~graph/~run/{module}.js.json"));
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let dependents = report["dependents"].as_array().unwrap();
        let mut names = dependents.iter().filter_map(serde_json::Value::as_str);
        names.any(|name| name.starts_with("bytecode "))
    };
    let first = run_both();
    mount.settled();
    for module in ["main.ts", "lib/greet.ts", "fail.ts", "lib/fail.ts"] {
        assert!(bytecode_of(module), "{module}");
    }
    // What they are run from now is the bytecode, which nothing compiles again.
    let (ran, second) = mount.ran(run_both);
    assert_eq!((ran, second), (0, first));
    tree.write(
        "src/lib/greet.ts",
        "export const greet = (name: string) => `bye ${name}`;",
    );
    let (status, out, _) = run(&tree, &mains);
    assert_eq!(
        (status, out.as_str()),
        (0, "bye you { a: [ 1 ] } 3 a note ciao\n")
    );
    mount.stop();
}

#[test]
fn a_program_ends_with_its_own_status() {
    let tree = Tree::new(FILES);
    assert_eq!(run(&tree, &["project/src", "exit.ts", "--", "42"]).0, 42);
    let (status, _, err) = run(&tree, &["project/src", "none.ts"]);
    assert_eq!(status, 2);
    assert!(err.contains("cannot run `none.ts`"), "{err}");
    assert_eq!(run(&tree, &["project/src", "page.html"]).0, 2);
}

#[test]
fn a_program_that_never_ends_ends_with_its_parent() {
    let tree = Tree::new(FILES);
    let mut running = command(&tree, &["project/src", "endless.ts"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(running.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
    running.kill().unwrap();
    running.wait().unwrap();
    // The worker has no standard output; that of the parent has come to its end.
    line.clear();
    assert_eq!(output.read_line(&mut line).unwrap(), 0);
}

#[test]
fn a_program_that_nobody_reads_ends() {
    let tree = Tree::new(FILES);
    tree.write(
        "src/ticks.ts",
        "setInterval(() => console.log('tick'), 1);\nexport {};\n",
    );
    let mut running = command(&tree, &["project/src", "ticks.ts"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(running.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    drop(output);
    // As a shell tells of what SIGPIPE has ended.
    assert_eq!(running.wait().unwrap().code(), Some(128 + 13));
}

#[test]
fn output_that_finds_no_room_is_an_error() {
    let tree = Tree::new(FILES);
    tree.write("src/word.ts", "console.log('its last word');\n");
    for entry in ["main.ts", "word.ts"] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = command(&tree, &["project/src", entry])
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{entry}");
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains("cannot write `standard output`"), "{err}");
    }
}

#[test]
fn a_program_fetches_and_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"to be sent") {
            let mut piece = [0; 1024];
            let read = stream.read(&mut piece).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&asked));
            asked.extend_from_slice(&piece[..read]);
        }
        let answer = "HTTP/1.1 203 Odd\r\ncontent-length: 6\r\nx-own: 1\r\n\r\nanswer";
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(asked).unwrap()
    });
    let tree = Tree::new(FILES);
    tree.write(
        "src/fetch.ts",
        "const init = { method: 'POST', body: 'to be sent', signal: AbortSignal.timeout(1e6) };
         const answer = await fetch(`http://127.0.0.1:${process.argv[2]}/path?q`, init);
         console.log(answer.status, answer.statusText, answer.headers.get('x-own'), await answer.text());
         const error = await fetch('http://127.0.0.1:1/').catch((error) => error);
         console.log(error.name, error.cause.code);",
    );
    let (status, out, err) = run(&tree, &["project/src", "fetch.ts", "--", &port]);
    assert_eq!(
        (status, out.as_str(), err.as_str()),
        (0, "203 Odd 1 answer\nTypeError ECONNREFUSED\n", "")
    );
    let asked = server.join().unwrap();
    assert!(asked.starts_with("POST /path?q HTTP/1.1\r\n"), "{asked}");
    assert!(
        asked.contains(&format!("host: 127.0.0.1:{port}\r\n")),
        "{asked}"
    );
}

#[test]
fn watching_runs_a_program_again_when_a_file_of_it_changes() {
    let tree = Tree::new(FILES);
    tree.write(
        "src/watched.ts",
        "import { b } from './b';\nconsole.log(b);\nexport {};\n",
    );
    tree.write("src/b.ts", "export const b = 1;\n");
    let mut running = command(&tree, &["--watch", "project/src", "watched.ts"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert_eq!(next(), "1");
    tree.write("src/b.ts", "export const b = 2;\n");
    assert_eq!(next(), "2");
    tree.write("src/b.ts", "export const b = ;\n");
    tree.write(
        "src/b.ts",
        "export const b = 3;\nsetInterval(() => {}, 1000);\n",
    );
    assert_eq!(next(), "3");
    // One that runs is ended.
    tree.write("src/b.ts", "export const b = 4;\n");
    assert_eq!(next(), "4");
    running.kill().unwrap();
    running.wait().unwrap();
}

#[test]
fn the_time_zone_and_the_language_are_those_of_the_environment_but_not_in_hooks() {
    let tree = Tree::new(
        "
        //- /src/here.ts
        export const here = () => [
          Intl.DateTimeFormat().resolvedOptions().timeZone,
          (1234.5).toLocaleString(),
          new Date(0).toLocaleString(),
        ].join(' ');
        //- /src/main.ts
        import { here } from './here';
        console.log(here());
        //- /src/here.txt.hook.ts
        import { here } from './here';
        export default () => `${here()} ${new Date(0).getHours()}`;
        ",
    );
    let local = |mut command: Command| {
        let output = command
            .env("TZ", "Asia/Tokyo")
            .env("LC_ALL", "de_DE.UTF-8")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = local(command(&tree, &["project/src", "main.ts"]));
    assert_eq!(said, "Asia/Tokyo 1.234,5 1.1.1970, 09:00:00\n");
    let mut build = hookfs();
    build
        .args(["build", "project/src", "out"])
        .current_dir(tree.folder())
        .env("XDG_CACHE_HOME", tree.folder().join("cache"));
    local(build);
    let written = std::fs::read_to_string(tree.folder().join("out/here.txt")).unwrap();
    assert_eq!(written, "UTC 1,234.5 1/1/1970, 12:00:00 AM 0");
}

#[test]
fn a_commonjs_program_has_what_node_gives_it() {
    let tree = Tree::new(
        "//- /package.json\n{}\n\
         //- /src/main.cjs\n\
         const b = require('./b');\n\
         console.log(require.main === module, require.main.filename, b);\n\
         console.log(module.require('./b') === b, require.resolve('./b'), require.resolve('node:path'));\n\
         try { require.resolve('./absent') } catch (error) { console.log(error.code) }\n\
         for (const name of ['./b']) try { require.resolve(name) } catch (error) { console.log(error.code) }\n\
         //- /src/b.js\n\
         if (require.main === module) console.log('not here');\n\
         module.exports = require.main.filename;\n\
         //- /src/only.js\n\
         if (require.main === module) console.log(typeof exports);\n\
         //- /src/late.cjs\n\
         console.log('late'); console.log(require('./side'), require('./side')); console.log('end');\n\
         //- /src/side.js\n\
         console.log('side');\n",
    );
    let out = |file: &str| {
        let (status, out, error) = run(&tree, &["project/src", file]);
        assert_eq!((status, &*error), (0, ""));
        out
    };
    assert_eq!(
        out("main.cjs"),
        "true /main.cjs /main.cjs\ntrue /b.js node:path\nMODULE_NOT_FOUND\nMODULE_NOT_FOUND\n"
    );
    // The file says no more than that.
    assert_eq!(out("only.js"), "object\n");
    // A file that says nothing runs when it is required.
    assert_eq!(out("late.cjs"), "late\nside\n{} {}\nend\n");
}
