//! Packages of every shape run in a browser as they do behind bundlers: small ones, each of one kind.

use serde_json::{Value, json};

use crate::support::Tree;
use crate::{Chromium, Kind, Server, turn};

/// The packages. What each is like stands in its name.
const PACKAGES: &str = r#"
//- /package.json
{ "name": "kinds", "private": true }
//- /page.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'>
<body><script type='module' src='/~@/src/main.ts.js'></script>
//- /node_modules/transpiled/index.js
"use strict";
Object.defineProperty(exports, '__esModule', { value: true });
exports.default = function () { return 'default' };
exports.named = 'named';
Object.defineProperty(exports, 'got', { enumerable: true, get: function () { return 'getter' } });
//- /node_modules/chain/index.js
if (process.env.NODE_ENV === 'production') module.exports = require('./production.cjs');
else module.exports = require('./development.cjs');
//- /node_modules/chain/production.cjs
exports.mode = 'production';
//- /node_modules/chain/development.cjs
exports.mode = 'development';
//- /node_modules/reads-json/index.js
var own = require('./package.json');
module.exports = { version: own.version, isOne: require('./package') === own };
//- /node_modules/reads-json/package.json
{ "name": "reads-json", "version": "1.2.3" }
//- /node_modules/umd/index.js
(function (global, factory) {
  typeof exports === 'object' && typeof module !== 'undefined' ? factory(exports, require('umd-plain')) :
  typeof define === 'function' && define.amd ? define(['exports', 'umd-plain'], factory) :
  (global = global || self, factory(global.Umd = {}, global.Plain));
})(this, (function (exports, plain) { exports.one = 1; exports.plain = plain.value; }));
//- /node_modules/umd-plain/index.js
!function(e,t){"object"==typeof exports&&"object"==typeof module?module.exports=t():e.Plain=t()}(this,function(){return{value:'plain'}});
//- /node_modules/iife/index.js
var Made = (function () { return { by: 'iife' } })(); window.Made = Made;
//- /node_modules/function/index.js
module.exports = called; function called () { return 'called' } called.helper = () => 'helper'; called.text = 'text';
//- /node_modules/global-this/index.js
if (typeof global !== 'undefined') { global.viaGlobal = 1 }
process.env.SET = 'lost';
exports.set = process.env.SET; exports.leaked = globalThis.viaGlobal; this.viaThis = 'this';
//- /node_modules/sloppy/index.js
function first (arguments) { return arguments[0] }
function own () { var arguments; return arguments.length }
function replaced () { var arguments = [1, 2, 3]; return arguments.length }
var yield = 010;
exports.all = [first('parameter'), own(1, 2), replaced(1), yield];
//- /node_modules/browser-map/package.json
{ "browser": { "./node.js": "./browser.js", "fs": false, "replaced": "./replacement.js" } }
//- /node_modules/browser-map/index.js
exports.all = [require('./node').is, Object.keys(require('fs')).length, require('replaced').is];
//- /node_modules/browser-map/node.js
exports.is = 'node';
//- /node_modules/browser-map/browser.js
exports.is = 'browser';
//- /node_modules/browser-map/replacement.js
exports.is = 'replacement';
//- /node_modules/optional/index.js
try { exports.found = require('not-installed') } catch (error) { exports.found = error.code }
try { exports.inherits = typeof require('util').inherits } catch (error) { exports.inherits = 'own' }
//- /node_modules/of-node/index.js
var fs = require('fs'); const { join } = require('node:path'); var hasIt = 'webcrypto' in require('crypto');
class Listener extends require('events').EventEmitter {}
function Reader () {} Reader.prototype = Object.create(require('stream').Readable.prototype, {}); Reader.prototype.own = () => 'own';
exports.inherited = [new Reader().own(), new Reader().other === undefined];
exports.hasIt = hasIt;
exports.uses = [() => fs.readFileSync('x'), () => join('a'), () => `${require('path').sep}`, () => new Listener()].map((use) => {
  try { use(); return 'nothing thrown' } catch (error) { return error.message }
});
//- /node_modules/both/package.json
{ "exports": { "import": "./module.mjs", "require": "./common.cjs" } }
//- /node_modules/both/module.mjs
export const is = 'module';
//- /node_modules/both/common.cjs
exports.is = 'common';
//- /node_modules/both-by-fields/package.json
{ "main": "./common.js", "module": "./module.js" }
//- /node_modules/both-by-fields/module.js
export const identity = {}; export default identity;
//- /node_modules/both-by-fields/common.js
exports.identity = {};
//- /node_modules/requires-both/index.js
exports.both = require('both').is; exports.identity = require('both-by-fields').identity;
//- /node_modules/circle/index.js
exports.early = 'early'; var other = require('./other'); exports.late = 'late'; exports.seen = other.seen; exports.later = other.later;
//- /node_modules/circle/other.js
var circle = require('./index'); exports.seen = Object.keys(circle).join(); exports.later = () => circle.late;
//- /node_modules/star/index.mjs
export * from './common.js'; export const own = 'own'; export { default as plain, value } from 'umd-plain';
//- /node_modules/star/common.js
exports.__esModule = true; exports.a = 'a'; exports.default = 'never';
//- /node_modules/module-that-requires/index.mjs
import { one } from 'umd';
export const required = () => [require('umd-plain').value, require('both').is, one];
export const absent = () => { try { return require('not-installed') } catch (error) { return error.code } };
//- /node_modules/odd-names/index.js
exports.class = 'class'; exports['a-b'] = 'dash'; exports.await = 'await';
//- /node_modules/patterns/package.json
{ "type": "module", "exports": { "./*": "./dist/*.js", "./folder/*": "./dist/*/index.js", "./hidden/*": null } }
//- /node_modules/patterns/dist/file.js
export default 'file';
//- /node_modules/patterns/dist/sub/index.js
export default 'sub';
//- /node_modules/names-later/index.js
module.exports = make(); function make () { return { made: 'made' } }
//- /node_modules/no-default/index.js
exports.__esModule = true; exports.named = 'named';
//- /node_modules/by-node/package.json
{ "type": "module", "exports": "./index.js" }
//- /node_modules/by-node/index.js
import whole from 'transpiled'; export default typeof whole + ' ' + typeof whole.default;
//- /src/assigned/space.cts
namespace x { export const a = 1; export const b = 2 } export = x;
//- /src/assigned/made.ts
export = make();
function make() { return { a: 3, b: 4 } }
//- /src/assigned/class.mts
class Made { static a = 5 }
export = Made;
//- /src/assigned/pass.ts
export { a } from './made'; export * from './space.cjs';
//- /src/assigned/required.ts
import made = require('./made'); export default made;
"#;

/// The snippets that use them: a name, and the module whose default export gives what is compared.
const SNIPPETS: &[(&str, &str)] = &[
    (
        "transpiled",
        "import d, { named, got } from 'transpiled'; import * as ns from 'transpiled'; export default [d(), named, got, Object.keys(ns).sort()]",
    ),
    (
        "chain",
        "import { mode } from 'chain'; import whole from 'chain/index.js'; export default [mode, whole.mode]",
    ),
    (
        "reads-json",
        "import data, { version } from 'reads-json'; export default [data, version]",
    ),
    (
        "umd",
        "import { one, plain } from 'umd'; import whole, { value } from 'umd-plain'; export default [one, plain, whole, value, 'Umd' in window]",
    ),
    (
        "assigned",
        "import { a } from './assigned/space.cjs'; import made, { b } from './assigned/made'; import * as n from './assigned/class.mjs';\n\
            import * as pass from './assigned/pass'; import required from './assigned/required';\n\
            export default [a, made, b, n.a, pass.a, pass.b, (await import('./assigned/made')).a, required === made]",
    ),
    ("iife", "import 'iife'; export default window.Made"),
    (
        "function",
        "import called, { helper } from 'function'; import * as ns from 'function'; export default [called(), helper(), Object.keys(ns).sort()]",
    ),
    (
        "global-this",
        "import whole, { leaked, viaThis } from 'global-this'; export default [leaked, viaThis, 'set' in whole]",
    ),
    ("sloppy", "import { all } from 'sloppy'; export default all"),
    (
        "browser-map",
        "import { all } from 'browser-map'; export default all",
    ),
    (
        "optional",
        "import { found, inherits } from 'optional'; export default [found, inherits]",
    ),
    (
        "of-node",
        "import { uses, hasIt, inherited } from 'of-node'; export default [hasIt, inherited, uses.map((text) => text.replace(/ and does.*browsers/, ''))]",
    ),
    (
        "both",
        "import { is } from 'both'; import { identity } from 'both-by-fields'; import { both, identity as other } from 'requires-both'; export default [is, both, identity === other]",
    ),
    (
        "circle",
        "import { seen, later, late } from 'circle'; export default [seen, later(), late]",
    ),
    (
        "star",
        "import { a, own, plain, value } from 'star/index.mjs'; import * as ns from 'star/index.mjs'; export default [a, own, plain.value, value, Object.keys(ns).sort()]",
    ),
    (
        "module-that-requires",
        "import { required, absent } from 'module-that-requires/index.mjs'; export default [required(), absent()]",
    ),
    (
        "odd-names",
        "import { class as c, 'a-b' as dash, await as wait } from 'odd-names'; export default [c, dash, wait]",
    ),
    (
        "patterns",
        "import file from 'patterns/file'; import sub from 'patterns/folder/sub'; export default [file, sub]",
    ),
    (
        "names-later",
        "import { made } from 'names-later'; import * as ns from 'names-later'; export default [made, ns.made, (await import('names-later')).made]",
    ),
    (
        "no-default",
        "import whole, { named } from 'no-default'; export default [whole.named, named]",
    ),
    (
        "by-node",
        "import text from 'by-node'; import d from 'transpiled'; export default [text, typeof d]",
    ),
];

/// What they give in development and in production: the same, but for `chain`.
fn expected(name: &str, production: bool) -> Value {
    let node = |name: &str| {
        format!("`{name}` is a module of Node.js (imported by /node_modules/of-node/index.js)")
    };
    match name {
        "transpiled" => json!(["default", "named", "getter", ["default", "got", "named"]]),
        "chain" if production => json!(["production", "production"]),
        "chain" => json!(["development", "development"]),
        "reads-json" => json!([{ "version": "1.2.3", "isOne": true }, "1.2.3"]),
        "umd" => json!([1, "plain", { "value": "plain" }, "plain", false]),
        "assigned" => json!([1, { "a": 3, "b": 4 }, 4, 5, 3, 2, 3, true]),
        "iife" => json!({ "by": "iife" }),
        "function" => json!(["called", "helper", ["default", "helper", "text"]]),
        "global-this" => json!([1, "this", true]),
        "sloppy" => json!(["p", 2, 3, 8]),
        "browser-map" => json!(["browser", 0, "replacement"]),
        "optional" => json!(["MODULE_NOT_FOUND", "own"]),
        "of-node" => json!([
            false,
            ["own", true],
            [node("fs"), node("path"), node("path"), node("events")]
        ]),
        "both" => json!(["module", "common", true]),
        "circle" => json!(["early", "late", "late"]),
        "star" => json!(["a", "own", "plain", "plain", ["a", "own", "plain", "value"]]),
        "module-that-requires" => json!([["plain", "common", 1], "MODULE_NOT_FOUND"]),
        "odd-names" => json!(["class", "dash", "await"]),
        "patterns" => json!(["file", "sub"]),
        "names-later" => json!(["made", "made", "made"]),
        "no-default" => json!(["named", "named"]),
        "by-node" => json!(["object function", "function"]),
        _ => Value::Null,
    }
}

#[test]
fn packages_of_every_shape_run_as_behind_bundlers() {
    let _turn = turn();
    let tree = Tree::new(PACKAGES);
    for (name, text) in SNIPPETS {
        tree.write(&format!("src/{name}.js"), text);
    }
    tree.write(
        "src/main.ts",
        "const all = import.meta.glob('./*.js', { import: 'default' });
window.results = {};
for (const [path, load] of Object.entries(all)) {
  const give = (value) => { window.results[path.slice(2, -3)] = value };
  load().then(give, (error) => give(String(error)));
}",
    );
    for production in [false, true] {
        let mut mounter = tree.mounter("");
        if production {
            mounter = mounter.argument("--production");
        }
        let mount = mounter.mount();
        let server = Server::start(Kind::Python, mount.root());
        let mut chromium = Chromium::start();
        let mut page = chromium.page();
        page.open(&server.url("/page.html"));
        let count = SNIPPETS.len();
        page.wait(&format!("Object.keys(window.results).length === {count}"));
        for (name, _) in SNIPPETS {
            let got = page.value(&format!("window.results[{}]", json!(name)));
            assert_eq!(
                got,
                expected(name, production),
                "{name}, --production: {production}"
            );
        }
        page.check();
        drop(page);
        drop(server);
        mount.stop();
    }
}
