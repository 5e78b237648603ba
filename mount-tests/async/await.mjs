import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
async function f(n) { log(n, 0); await 1; log(n, 1); await Promise.resolve(); log(n, 2); await sleep(5); log(n, 3); await { x: 1 }; log(n, 4); }
als.run('a', f, 'a'); als.run('b', f, 'b'); f('none');
