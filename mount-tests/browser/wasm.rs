//! WebAssembly imported as modules: in native modules, workers, bundles and hot pages, and from a build.

use serde_json::json;

use crate::hot::{home, is_marked, mark, replace, serve};
use crate::page::Page;
use crate::support::{Tree, hookfs};
use crate::{Chromium, Kind, Server, turn};

/// A global `count`, 5 at first, which `inc` adds one to.
const COUNTER: &[u8] =
    b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x06\x06\x01\x7f\x01\x41\x05\x0b\
    \x07\x0f\x02\x05count\x03\0\x03inc\0\0\x0a\x0b\x01\x09\0\x23\0\x41\x01\x6a\x24\0\x0b";
/// `run`: what `double` of `./double` gives for the `count` of `./counter.wasm`.
const MATH: &[u8] = b"\0asm\x01\0\0\0\x01\x0a\x02\x60\x01\x7f\x01\x7f\x60\0\x01\x7f\
    \x02\x28\x02\x08./double\x03two\0\0\x0e./counter.wasm\x05count\x03\x7f\x01\
    \x03\x02\x01\x01\x07\x07\x01\x03run\0\x01\x0a\x08\x01\x06\0\x23\0\x10\0\x0b";

fn tree() -> Tree {
    let tree = Tree::new(
        "\
//- /package.json
{}
//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'><script type='module' src='main.ts'></script>
//- /bundled.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'><script type='module' src='~bundle/main.ts.js'></script>
//- /main.ts
import { run } from './math.wasm';
import { show } from './show';
import * as counter from './counter.wasm';
import url from './math.wasm';
import named from './math.wasm?url';
import source code from './counter.wasm';
const first = run();
counter.inc();
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const started = new Promise((then) => { worker.onmessage = ({ data }) => then(data); });
const later = await import('./counter.wasm');
Object.assign(globalThis, { results: {
  runs: [first, run(), show()],
  counter: [Object.keys(counter), counter.count, later === counter],
  worker: await started,
  source: [code instanceof WebAssembly.Module, (await import.source('./counter.wasm')) === code,
    new WebAssembly.Instance(code).exports.count.value],
  url: [url === named, (await (await fetch(url)).arrayBuffer()).byteLength],
} });
//- /show.ts
import { run } from './math.wasm';
export const show = () => `run: ${run()}`;
Object.assign(globalThis, { show });
import.meta.hot?.accept();
//- /worker.ts
import { run } from './math.wasm';
postMessage(run());
//- /double.ts
export const two = (value: number) => value * 2;
",
    );
    tree.write("counter.wasm", COUNTER);
    tree.write("math.wasm", MATH);
    tree
}

fn check(page: &mut Page<'_>, url: &str) {
    page.open(url);
    page.wait("globalThis.results !== undefined");
    let expected = json!({
        "runs": [10, 12, "run: 12"],
        "counter": [["count", "inc"], 5, true],
        "worker": 10,
        "source": [true, true, 5],
        "url": [true, MATH.len()],
    });
    assert_eq!(page.value("results"), expected, "{url}");
}

#[test]
fn webassembly_is_imported_by_name_wherever_modules_run() {
    let _turn = turn();
    let tree = tree();
    let built = tree.folder().join("built");
    let mut build = hookfs();
    build.args(["build", "--production", "--state"]);
    build.arg(tree.folder().join("state of the build"));
    build.arg(tree.project()).arg(&built);
    let output = build.output().expect("hookfs starts");
    assert!(output.status.success(), "{output:?}");
    let mount = tree.mounter("").mount();
    let mut chromium = Chromium::start();
    let mounted = Server::start(Kind::Python, &mount.output(""));
    for (server, name) in [
        (&mounted, "/"),
        (&mounted, "/bundled.html"),
        (&Server::start(Kind::Nginx, &built), "/"),
    ] {
        let mut page = chromium.page();
        check(&mut page, &server.url(name));
        page.check();
    }
}

#[test]
fn webassembly_is_replaced_with_those_who_import_it() {
    let _turn = turn();
    let tree = tree();
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    check(&mut page, &home(&served));
    mark(&mut page);
    // What imports a URL of it is started anew with each of its versions: not so from here on.
    tree.write(
        "main.ts",
        "import './show';\nimport { inc } from './counter.wasm';\ninc();\n",
    );
    page.wait("window.isMarked === undefined && globalThis.show !== undefined");
    mark(&mut page);
    replace(&tree, "double.ts", "* 2", "* 3");
    page.wait_equal("show()", &json!("run: 18"));
    is_marked(&mut page);
    let mut other = MATH.to_vec();
    let call = other.len() - 3;
    // `count` itself, without the call.
    other.splice(call..call + 2, [0x01, 0x01]);
    tree.write("math.wasm", other);
    page.wait_equal("show()", &json!("run: 6"));
    is_marked(&mut page);
    page.check();
    drop(page);
    served.stop();
}
