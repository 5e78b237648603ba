//! Pages that load their modules as bundles.

use serde_json::json;

use crate::application::{summit, visit};
use crate::faults::{Fault, Frame};
use crate::source_map::{Place, original};
use crate::support::Tree;
use crate::{Chromium, Kind, Server, turn};

#[test]
fn the_example_runs_from_its_bundle_under_any_prefix() {
    let _turn = turn();
    let tree = summit();
    let page = std::fs::read_to_string(tree.path("index.html")).unwrap();
    let bundled = page.replace("/src/main.tsx", "/~bundle/src/main.tsx.js");
    assert_ne!(page, bundled);
    tree.write("index.html", bundled);
    let mount = tree.mounter("").mount();
    let mut chromium = Chromium::start();
    let outputs = Server::start(Kind::Python, &mount.output(""));
    visit(&mut chromium.page(), &outputs.url("/"));
    let asked = outputs.requests();
    let modules = |name: &str| asked.iter().filter(|url| url.contains(name)).count();
    assert_eq!(modules("~bundle/src/main.tsx.v"), 1, "{asked:?}");
    assert_eq!(modules("/node_modules/"), 0, "{asked:?}");
    let all = Server::start(Kind::Python, mount.root());
    visit(&mut chromium.page(), &all.url("/~@/index.html"));
    mount.stop();
}

const APP: &str = "\
//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'><body>
<script type='module' src='~bundle/src/main.ts.js'></script>
<script type='module' src='~bundle/src/other.ts.js'></script>
//- /src/count.ts
const world = globalThis as { loads?: number };
world.loads = (world.loads ?? 0) + 1;
export let count = 0;
export const add = () => ++count;
//- /src/main.ts
import { add } from './count';
import words from './words.module.css';
import data from './data.json';
import * as first from './own?1';
import { own } from './own';
add();
const said: unknown[] = [words.big, data.name];
const made = (query: string) => import(`./own?${query}`);
const instances = async () => [
  first.own === own, first.search, (await import('./own?1')) === first, (await made('1')) === first,
  (await made('2')).own === own, (await import('./late-own?3')).search,
];
Object.assign(globalThis, { said, instances, later: () => import('./later'), named: (name: string) => import(`./pages/${name}.ts`) });
const worker = new Worker(new URL('./w.ts', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }) => said.push(data);
document.body.className = words.big;
//- /src/other.ts
import { add } from './count';
import W from './w?worker';
add();
Object.assign(globalThis, { another: () => new Promise((done) => { new W().onmessage = ({ data }) => done(data); }) });
//- /src/later.ts
import { count, add } from './count';
import url from './dot.svg';
add();
export { count, url };
export const icon = new URL('./dot.svg', import.meta.url).href;
//- /src/own.ts
export const own = {};
export const { search } = new URL(import.meta.url);
//- /src/late-own.ts
export * from './own?4';
export const { search } = new URL(import.meta.url);
//- /src/pages/one.ts
export { count } from '../count';
//- /src/w.ts
import { add } from './count';
import(`./later`).then(({ count }) => postMessage([add(), count, new URL(import.meta.url).pathname]));
//- /src/words.module.css
.big { font-size: 40px; }
//- /src/data.json
{ \"name\": \"data\" }
//- /src/dot.svg
<svg xmlns='http://www.w3.org/2000/svg'/>
";

#[test]
fn all_bundles_of_a_page_share_their_modules_and_a_worker_has_its_own() {
    let _turn = turn();
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let server = Server::start(Kind::Python, &mount.output(""));
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&server.url("/"));
    page.wait("said.length === 3 && said[0].includes('big') && said[1] === 'data'");
    page.wait_equal("said[2]", &json!([2, 1, "/src/w.ts.js"]));
    // A worker starts once its page has answered.
    page.value("void another().then((got) => Object.assign(globalThis, { got })), 0");
    page.wait("globalThis.got !== undefined");
    page.wait_equal("got", &json!([2, 1, "/src/w.ts.js"]));
    let later = "later().then(({ count, url, icon }) => [count, loads, url === icon && /\\/src\\/dot\\.v\\w{16}\\.svg$/.test(url)])";
    page.wait_equal(later, &json!([3, 1, true]));
    page.wait_equal(
        "named('one').then(({ count }) => [count, loads])",
        &json!([3, 1]),
    );
    let expected = json!([false, "?1", true, true, false, "?3"]);
    page.wait_equal("instances()", &expected);
    page.wait_equal("getComputedStyle(document.body).fontSize", &json!("40px"));
    // The modules of its own time, though another one is there by now.
    let asked = server.requests();
    let of_versions = |url: &&String| url.contains("~bundle/") && url.contains(".v");
    let bundles = asked.iter().filter(|url| url.contains("~bundle/"));
    assert_eq!(
        bundles.count(),
        asked.iter().filter(of_versions).count(),
        "{asked:?}"
    );
    page.check();
    tree.write("src/data.json", "{ \"name\": \"new\" }");
    page.reload();
    page.wait("said.length === 3 && said[1] === 'new'");
    drop(page);
    mount.stop();
}

#[test]
fn what_is_wrong_in_a_bundle_is_thrown_in_its_place_and_shown() {
    let _turn = turn();
    let tree = Tree::new(APP);
    tree.write(
        "src/other.ts",
        "import './count';\nimport { x } from './none';\nconsole.log(x);\n",
    );
    let mount = tree.mounter("").mount();
    let server = Server::start(Kind::Python, &mount.output(""));
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&server.url("/"));
    page.take_fault("cannot resolve `./none` from `/src/other.ts:2:19`");
    page.wait("said.length === 3");
    let shown = page.wait("document.getElementById('hookfs-overlay').innerText");
    assert!(
        shown.as_str().unwrap().contains("/src/other.ts:2:19"),
        "{shown}"
    );
    drop(page);
    tree.write("src/none.ts", "export const x = 1;\n");
    let mut page = chromium.page();
    page.open(&server.url("/"));
    page.reload();
    page.wait("said.length === 3 && document.getElementById('hookfs-overlay') === null");
    drop(page);
    mount.stop();
}

#[test]
fn a_thrown_error_is_mapped_through_the_map_of_the_bundle() {
    let _turn = turn();
    let tree = Tree::new(
        "\
//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'>
<body><script type='module' src='/~bundle/src/main.tsx.js'></script>
//- /src/main.tsx
import { fail } from './deep/fail';
import data from './data.json';

interface Props { text: string }
const Label = ({ text }: Props) => ({ text });
fail(data.count, Label({ text: 'ü' }).text);
//- /src/data.json
{ \"count\": 1 }
//- /src/deep/fail.ts
type Word = string;

export function fail(count: number, word: Word): never {
  if (count > 5 as boolean) return undefined as never;
  throw new Error(`${word} ${count}`);
}
",
    );
    let mount = tree.mounter("").mount();
    let server = Server::start(Kind::Python, &mount.output(""));
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&server.url("/"));
    let Fault::Exception { stack, .. } = page.take_fault("ü 1") else {
        panic!("it is no exception")
    };
    let map: serde_json::Value =
        serde_json::from_str(&mount.read("~bundle/src/main.tsx.js.map")).unwrap();
    let mut places = stack.iter().map(|frame| place(&map, frame));
    // The call is `(0, $_0.fail)(…)`: V8 tells the place of its parenthesis.
    let expected = |file: &str, line, column| Some((file.to_owned(), line, column));
    assert_eq!(
        places.next().unwrap(),
        expected("../../src/deep/fail.ts", 5, 9)
    );
    assert_eq!(places.next().unwrap(), expected("../../src/main.tsx", 6, 5));
    drop(page);
    mount.stop();
}

/// The file, line and column as editors count them, by the section that holds the place (ECMA-426, "Index source map").
fn place(map: &serde_json::Value, frame: &Frame) -> Option<(String, i64, i64)> {
    let line = |section: &serde_json::Value| section["offset"]["line"].as_u64().unwrap() as usize;
    let sections = map["sections"].as_array()?;
    let section = sections
        .iter()
        .rev()
        .find(|section| line(section) <= frame.line)?;
    let inner = &section["map"];
    let Place {
        source,
        line,
        column,
    } = original(&inner.to_string(), frame.line - line(section), frame.column)?;
    let root = inner["sourceRoot"].as_str()?;
    Some((format!("{root}{source}"), line + 1, column + 1))
}
