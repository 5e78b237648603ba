//! Workers of hot pages.

use crate::hot::{replace, serve};
use crate::hot_cases::{open, project, says};
use crate::{Chromium, turn};

#[test]
fn a_worker_that_has_changed_has_the_page_loaded_anew() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }) => say(data);
//- /worker.ts
import { word } from './word';
postMessage(word);
//- /word.ts
export const word = 'one';
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "one;");
    replace(&tree, "word.ts", "one", "two");
    page.wait("said().endsWith('two;') && said().includes('worker')");
    page.wait("window.isMarked === undefined");
    page.check();
    drop(page);
    served.stop();
}

#[test]
fn a_worker_may_be_no_module_or_be_told_so_elsewhere() {
    let _turn = turn();
    let tree = project(
        "\
//- /main.ts
import url from './classic.js?url';
import packaged from 'packaged/worker.js?url';
const tell = ({ data }: MessageEvent) => say(data);
new Worker(new URL('./classic.js', import.meta.url)).onmessage = (event) => {
  tell(event);
  new Worker(url).onmessage = (event) => {
    tell(event);
    const options: WorkerOptions = { type: 'module' };
    new Worker(new URL('./module.ts', import.meta.url), options).onmessage = (event) => {
      tell(event);
      new Worker(packaged).onmessage = tell;
    };
  };
};
import.meta.hot?.accept();
//- /classic.js
importScripts('./plain.js');
postMessage(`one ${plain}`);
//- /plain.js
var plain = 'script';
//- /node_modules/packaged/worker.js
(function (root, factory) {
  typeof exports === 'object' ? (module.exports = factory()) : (root.api = factory());
})(this, () => postMessage(`package's ${typeof importScripts}`));
//- /module.ts
import { word } from './word';
setInterval(() => postMessage(word), 1e9);
postMessage(word);
//- /word.ts
export const word = 'three';
",
    );
    let served = serve(&tree, "");
    let mut chromium = Chromium::start();
    let mut page = open(&mut chromium, &served);
    says(&mut page, "one script;one script;three;package's function;");
    // Whoever accepts the module that starts it does not end the worker there was.
    replace(&tree, "classic.js", "one", "two");
    page.wait("said().includes('classic.js') && said().endsWith('two script;two script;three;package\\'s function;')");
    page.wait("window.isMarked === undefined");
    replace(&tree, "word.ts", "three", "four");
    page.wait("said().includes('module.ts') && said().endsWith('two script;two script;four;package\\'s function;')");
    page.check();
    drop(page);
    served.stop();
}
