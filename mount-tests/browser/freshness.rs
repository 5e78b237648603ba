//! After an edit and a plain reload everything in a page is new, though the browser keeps what it may: behind these
//! servers a file of a year ago is fresh to it for a month (RFC 9111, section 4.2.2), and it does not ask for it again.

use std::fs::File;
use std::time::{Duration, SystemTime};

use crate::page::Page;
use crate::support::Tree;
use crate::{Chromium, Kind, Server, turn};

/// What each of these files says is a number.
fn files(number: u32) -> Vec<(&'static str, String)> {
    let svg = |width: u32| {
        format!("<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='9'/>")
    };
    vec![
        (".env", format!("VITE_NUMBER={number}\n")),
        (
            "src/deep/leaf.ts",
            format!("export const leaf: number = {number};\n"),
        ),
        (
            "src/lazy.ts",
            format!("export const lazy: number = {number};\n"),
        ),
        (
            "src/parts/one.ts",
            format!("export default {number} as number;\n"),
        ),
        (
            "src/leaf.cjs",
            format!("module.exports = {{ number: {number} }};\n"),
        ),
        ("src/data.json", format!("{{ \"number\": {number} }}\n")),
        ("src/notes.txt", number.to_string()),
        (
            "src/style.css",
            format!("body {{ margin-left: {number}px }}\n"),
        ),
        (
            "src/names.module.css",
            format!(".box {{ margin-top: {number}px }}\n"),
        ),
        ("src/_size.scss", format!("$size: {number}px;\n")),
        (
            "src/page.css",
            format!("body {{ padding-left: {number}px; background-image: url(./back.svg) }}\n"),
        ),
        ("src/back.svg", svg(number)),
        ("src/image.svg", svg(number)),
        ("src/logo.svg", svg(number)),
        (
            "src/worker-leaf.ts",
            format!("export const leaf: number = {number};\n"),
        ),
        ("src/classic.js", format!("postMessage({number});\n")),
    ]
}

fn tree() -> Tree {
    let tree = Tree::new(
        r#"
//- /package.json
{ "type": "module" }
//- /index.html
<!doctype html>
<html lang="en">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/src/page.css">
<body>
<img src="/src/image.svg">
<script type="module" src="/src/main.ts"></script>
<script type="module">
import { leaf } from '/src/middle.ts';
globalThis.inline = leaf;
</script>
//- /src/middle.ts
export { leaf } from './deep/leaf';
//- /src/middle.cjs
module.exports = require('./leaf.cjs');
//- /src/sass.scss
@use 'size';
body { margin-right: size.$size }
//- /src/worker.ts
import { leaf } from './worker-leaf';
postMessage(leaf);
//- /src/shared.ts
import { leaf } from './worker-leaf';
(self as any).onconnect = (event: MessageEvent) => event.ports[0].postMessage(leaf);
//- /src/main.ts
import { leaf } from './middle';
import common from './middle.cjs';
import data from './data.json';
import notes from './notes.txt?raw';
import logo from './logo.svg';
import names from './names.module.css';
import Made from './worker.ts?worker';
import Inline from './worker.ts?worker&inline';
import './style.css';
import './sass.scss';

const first = (worker: Worker | MessagePort) =>
  new Promise((answer) => (worker.onmessage = (event: MessageEvent) => answer(event.data)));
const width = async (url: string) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image.naturalWidth;
};
const pixels = (length: string) => Number(length.replace('px', ''));
await new Promise((loaded) => document.readyState === 'complete' ? loaded(0) : addEventListener('load', loaded));
document.body.className = names.box;
const style = getComputedStyle(document.body);
const parts = import.meta.glob('./parts/*.ts', { eager: true, import: 'default' });
Object.assign(globalThis, { results: {
  module: leaf,
  inline: (globalThis as any).inline,
  lazy: (await import('./lazy')).lazy,
  hole: (await import(`./parts/${'one'}.ts`)).default,
  glob: parts['./parts/one.ts'],
  common: common.number,
  json: data.number,
  raw: Number(notes),
  environment: Number(import.meta.env.VITE_NUMBER),
  style: pixels(style.marginLeft),
  names: pixels(style.marginTop),
  sass: pixels(style.marginRight),
  link: pixels(style.paddingLeft),
  background: await width(style.backgroundImage.slice(5, -2)),
  image: document.querySelector('img')!.naturalWidth,
  logo: await width(logo),
  url: await width(new URL('./logo.svg', import.meta.url).href),
  worker: await first(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })),
  classic: await first(new Worker(new URL('./classic.js', import.meta.url))),
  made: await first(new Made()),
  inlined: await first(new Inline()),
  shared: await first(new SharedWorker(new URL('./shared.ts', import.meta.url), { type: 'module' }).port),
} });
"#,
    );
    for (name, content) in files(1) {
        tree.write(name, content);
    }
    age(&tree);
    tree
}

/// Makes all files a year old.
fn age(tree: &Tree) {
    let then = SystemTime::now() - Duration::from_secs(365 * 24 * 3600);
    let mut left = vec![tree.project()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).unwrap();
            left.extend(entries.map(|entry| entry.unwrap().path()));
        } else {
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_modified(then)
                .unwrap();
        }
    }
}

/// All that the page found is this number.
#[track_caller]
fn shows(page: &mut Page<'_>, number: u32) {
    page.wait("globalThis.results !== undefined");
    let results = page.value("results");
    let results = results.as_object().unwrap();
    assert!(results.len() > 20);
    let old: Vec<_> = results
        .iter()
        .filter(|(_, value)| **value != number)
        .collect();
    assert!(old.is_empty(), "not {number}: {old:?}");
}

fn write(tree: &Tree, number: u32) {
    for (name, content) in files(number) {
        tree.write(name, content);
    }
}

fn is_fresh_behind(kind: Kind) {
    let _turn = turn();
    let tree = tree();
    let mount = tree.mounter("").mount();
    let mut chromium = Chromium::start();
    let server = Server::start(kind, &mount.output(""));
    let mut page = chromium.page();
    page.open(&server.url("/"));
    shows(&mut page, 1);
    // Once, with times that are old again, as tools that keep them write.
    write(&tree, 2);
    age(&tree);
    page.reload();
    shows(&mut page, 2);
    // In one go: the second edit is as long as the first and lies in its second.
    write(&tree, 3);
    page.reload();
    shows(&mut page, 3);
    write(&tree, 4);
    page.reload();
    shows(&mut page, 4);
    // Undone, twice: back to what the browser has kept for a year, and forth again.
    for number in [3, 1, 4, 1] {
        write(&tree, number);
        age(&tree);
        page.reload();
        shows(&mut page, number);
    }
    // Each file alone, replaced by another one, as editors do.
    for (name, content) in files(5) {
        tree.write("next", content);
        std::fs::rename(tree.path("next"), tree.path(name)).unwrap();
        page.reload();
        page.wait("globalThis.results !== undefined");
        let new = page.value("Object.values(results).filter((value) => value === 5).length");
        assert!(new != 0, "{name} is old");
        tree.write(
            name,
            files(1)
                .into_iter()
                .find(|(other, _)| *other == name)
                .unwrap()
                .1,
        );
        page.reload();
        shows(&mut page, 1);
    }
}

#[test]
fn is_fresh_behind_python() {
    is_fresh_behind(Kind::Python);
}

#[test]
fn is_fresh_behind_nginx() {
    is_fresh_behind(Kind::Nginx);
}

#[test]
fn is_fresh_behind_serve() {
    is_fresh_behind(Kind::Serve);
}
