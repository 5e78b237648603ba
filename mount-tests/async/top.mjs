import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
als.enterWith('top'); await 1; log(1); await sleep(1); log(2);
const m = await als.run('imp', () => import('./dep.mjs')); log(m.default);
setTimeout(() => log(3), 1);
