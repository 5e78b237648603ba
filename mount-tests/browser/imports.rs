//! Every kind of import that the README names, used in a page.

use serde_json::json;

use crate::support::{Tree, is_root};
use crate::{Chromium, Kind, Server, turn};

/// `(a, b) => a + b` as the export `add`.
const ADD: &[u8] =
    b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\
    \x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";

fn tree() -> Tree {
    let tree = Tree::new(
        r##"
//- /package.json
{ "name": "app", "type": "module", "imports": { "#inner/*": "./src/inner/*.ts" } }
//- /tsconfig.json
{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }
//- /.env
VITE_GREETING=hello
SECRET=hidden
//- /index.html
<!doctype html><html lang="en"><link rel="icon" href="data:,"><body class="plain sassy indented">
<link rel="stylesheet" href="/src/made/linked.css">
<script type="module" src="/src/main.ts"></script>
//- /public/data/open.txt
from public
//- /src/main.ts
import plain from './styles/plain.css';
import './styles/own';
import './styles/after.css';
import './styles/sassy.scss';
import './styles/indented.sass';
import names, { button } from './styles/names.module.css';
import sassNames from './styles/sass.module.scss';
import inlineStyle from './styles/unused.css?inline';
import constructed from './styles/constructed.css' with { type: 'css' };
import attributed from './notes.txt' with { type: 'text' };
import bytes from './notes.txt' with { type: 'bytes' };
import data, { list } from './data.json';
import svg from './logo.svg';
import png from './ridges.png';
import svgUrl from './logo.svg?url';
import svgInline from './logo.svg?inline';
import text from './notes.txt?raw';
import source from './inner/one.ts?raw';
import instantiate from './add.wasm?init';
import Plain from './worker.ts?worker';
import Inline from './worker.ts?worker&inline';
import Shared from './shared.ts?sharedworker';
import { one } from '#inner/one';
import { one as alias } from '@/inner/one';
import { one as absolute } from '/src/inner/one';
import * as first from './state?1';
import * as second from './state?2';
import * as state from './state';
import madeData from './made/data.json';
import { made } from './made/code';
import './made/style.css';
import madeNames from './made/names.module.scss';
import madePicture from './made/picture.svg';

const ask = (worker: Worker | MessagePort) =>
  new Promise((answer) => {
    worker.onmessage = (event: MessageEvent) => answer(event.data);
    worker.postMessage(20);
  });
const picture = async (url: string) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image.naturalWidth;
};
const adopt = () => {
  document.adoptedStyleSheets = [constructed];
  return style.columnWidth;
};
const queried = (query: string) => import(`./state?${query}`);
const fetched = async (url: string | URL) => (await fetch(url)).text();
const module = { type: 'module' } as const;
const style = getComputedStyle(document.body);
const holes = (name: string) => import(`./inner/${name}.ts`);
const lazy = import.meta.glob('./inner/*.ts');
const eager = import.meta.glob('./inner/*.ts', { eager: true, import: 'default' });
const raw = import.meta.glob('./*.txt', { eager: true, query: '?raw', import: 'default' });
// Before anything is waited for.
const order = [style.tabSize];
const { exports } = await instantiate();
await import('./styles/later.css');
const lazyOne = await import('./inner/one');
order.push(style.tabSize);

document.body.className += ` ${button} ${sassNames.sass} ${madeNames.made}`;
Object.assign(globalThis, { results: {
  plain: [style.color, plain.includes('color'), (await picture(style.backgroundImage.slice(5, -2)))],
  order,
  sass: [style.marginLeft, style.marginRight, style.outlineStyle],
  modules: [style.paddingLeft, style.paddingRight, names.button === button, button !== 'button'],
  inlineStyle: [inlineStyle.includes('.unused'), [...document.styleSheets].some((sheet) =>
    [...sheet.cssRules].some((rule) => rule.cssText.includes('unused')))],
  attributes: [attributed, bytes instanceof Uint8Array && [...bytes], style.columnWidth, constructed instanceof CSSStyleSheet, adopt()],
  json: [data.name, list],
  pictures: [await picture(svg), await picture(png), svgUrl === svg, svgInline.startsWith('data:image/svg+xml'), await picture(svgInline)],
  text: [text, source.includes('as number')],
  wasm: exports.add(40, 2),
  workers: [
    await ask(new Plain()),
    await ask(new Inline()),
    await ask(new Worker(new URL('./worker.ts', import.meta.url), module)),
    await ask(new Shared().port),
    await ask(new SharedWorker(new URL('./shared.ts', import.meta.url), module).port),
    await ask(new Worker(new URL('./made/worker.ts', import.meta.url), module)),
  ],
  made: [madeData, made, style.textIndent, style.letterSpacing, style.wordSpacing, await picture(madePicture)],
  aliases: [one, alias, absolute],
  dynamic: [(await holes('one')).one, (await holes('two')).two],
  glob: [Object.keys(lazy), (await lazy['./inner/two.ts']()).two, eager, raw],
  urls: [await picture(new URL('./logo.svg', import.meta.url).href), await fetched(new URL('./notes.txt', import.meta.url))],
  resolved: [
    (await import(import.meta.resolve('#inner/one'))).default,
    (await import(import.meta.resolve('./inner/one'))) === lazyOne,
    await picture(import.meta.resolve('./logo.svg')),
    await ask(new Worker(import.meta.resolve('./worker.ts'), module)),
  ],
  instances: [
    [first, second, state].map(({ url }) => new URL(url).search),
    new Set([first.own, second.own, state.own]).size,
    (await import('./state?1')) === first,
    (await queried('1')) === first,
    (await import(import.meta.resolve('./state?2'))) === second,
    (await import.meta.glob('./state.ts', { query: '?2' })['./state.ts']()) === second,
    await ask(new Worker(new URL('./instances.ts', import.meta.url), module)),
  ],
  env: [import.meta.env.VITE_GREETING, import.meta.env.SECRET ?? null, import.meta.env.MODE, import.meta.env.DEV, process.env.NODE_ENV],
  public: await fetched(new URL(import.meta.env.BASE_URL + 'data/open.txt', document.baseURI)),
} });
//- /src/worker.ts
import { double } from './double';
onmessage = (event: MessageEvent<number>) => postMessage(double(event.data) + 2);
//- /src/shared.ts
import { double } from './double';
(self as any).onconnect = (event: MessageEvent) => {
  const [port] = event.ports;
  port.onmessage = (event: MessageEvent<number>) => port.postMessage(double(event.data) + 3);
};
//- /src/state.ts
export const own = {};
export const { url } = import.meta;
//- /src/instances.ts
import { own, url } from './state?1';
import { own as plain } from './state';
onmessage = async () => postMessage([own === plain, new URL(url).search, (await import('./state?1')).own === own]);
//- /src/made/data.json.hook.ts
export default ({ json }: any) => JSON.stringify({ list: [...json('../data.json').list].reverse() });
//- /src/made/code.ts.hook.ts
export default `import data from './data.json';\nexport const made: number = data.list[0];`;
//- /src/made/style.css.hook.ts
export default '.plain { text-indent: 13px; list-style-image: url(picture.svg) }';
//- /src/made/linked.css.hook.ts
export default '.plain { letter-spacing: 14px }';
//- /src/made/names.module.scss.hook.ts
export default '@use \'part\'; .made { word-spacing: part.$size }';
//- /src/made/_part.scss.hook.ts
export default '$size: 15px;';
//- /src/made/picture.svg.hook.ts
export default '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="5"/>';
//- /src/made/worker.ts
import { made } from './code';
onmessage = (event: MessageEvent<number>) => postMessage(event.data * made);
//- /src/double.ts
export const double = (value: number) => value * 2;
//- /src/inner/one.ts
export const one = 1 as number;
export default 'first';
//- /src/inner/two.ts
export const two = 2 as number;
export default 'second';
//- /src/data.json
{ "name": "data", "list": [1, 2] }
//- /src/notes.txt
plain
//- /src/logo.svg
<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"/>
//- /src/styles/plain.css
@import './imported.css';
.plain { background-image: url('../logo.svg') }
//- /src/styles/imported.css
.plain { color: rgb(1, 2, 3) }
//- /src/styles/own.ts
const style = document.createElement('style');
style.textContent = '.plain { tab-size: 7 }';
document.head.append(style);
//- /src/styles/after.css
.plain { tab-size: 3 }
//- /src/styles/later.css
.plain { tab-size: 5 }
//- /src/styles/sassy.scss
@use 'part';
.sassy { margin-left: part.$size * 2 }
//- /src/styles/_part.scss
$size: 4px;
//- /src/styles/indented.sass
.indented
  margin-right: 9px
//- /src/styles/names.module.css
.base { padding-left: 11px }
.button { composes: base; padding-right: 12px }
//- /src/styles/sass.module.scss
.sass { & { outline: 1px dotted } }
//- /src/styles/constructed.css
.plain { column-width: 17px; list-style-image: url('../logo.svg') }
//- /src/styles/unused.css
.unused { color: red }
"##,
    );
    tree.write("src/add.wasm", ADD);
    let png = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/summit/src/assets/ridges.png"
    );
    tree.write("src/ridges.png", std::fs::read(png).unwrap());
    tree
}

#[test]
fn all_that_can_be_imported_works_in_a_page() {
    let _turn = turn();
    let tree = tree();
    let mount = tree.mounter("").mount();
    for kind in Kind::ALL {
        check(&Server::start(kind, &mount.output("")));
    }
}

#[test]
fn all_that_can_be_imported_works_behind_a_server_of_another_user() {
    let _turn = turn();
    let tree = tree();
    tree.open_to_all();
    let mut mounter = tree.mounter("");
    // Who is not root may let others in only where /etc/fuse.conf says so; the server is then the same user's.
    if is_root() {
        mounter = mounter.argument("--allow-other");
    }
    let mount = mounter.mount();
    check(&Server::start(Kind::NginxOfNobody, &mount.output("")));
}

fn check(server: &Server) {
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&server.url("/"));
    page.wait("globalThis.results !== undefined");
    let results = page.value("results");
    let expected = json!({
        "plain": ["rgb(1, 2, 3)", true, 7],
        "order": ["7", "5"],
        "sass": ["8px", "9px", "dotted"],
        "modules": ["11px", "12px", true, true],
        "inlineStyle": [true, false],
        "attributes": ["plain\n", [112, 108, 97, 105, 110, 10], "auto", true, "17px"],
        "json": ["data", [1, 2]],
        "pictures": [7, 1600, true, true, 7],
        "text": ["plain\n", true],
        "wasm": 42,
        "workers": [42, 42, 42, 43, 43, 40],
        "made": [{ "list": [2, 1] }, 2, "13px", "14px", "15px", 16],
        "aliases": [1, 1, 1],
        "dynamic": [1, 2],
        "glob": [
            ["./inner/one.ts", "./inner/two.ts"], 2,
            { "./inner/one.ts": "first", "./inner/two.ts": "second" },
            { "./notes.txt": "plain\n" },
        ],
        "urls": [7, "plain\n"],
        "resolved": ["first", true, 7, 42],
        "instances": [["?1", "?2", ""], 3, true, true, true, true, [false, "?1", true]],
        "env": ["hello", null, "development", true, "development"],
        "public": "from public\n",
    });
    for (name, expected) in expected.as_object().unwrap() {
        assert_eq!(&results[name], expected, "{name}");
    }
}
