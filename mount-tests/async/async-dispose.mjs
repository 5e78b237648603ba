import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const order = []; als.run('a', async () => { try { await 1; return 2; } finally { await sleep(1); log('finally'); } });
als.run('b', async () => { outer: for (const x of [1, 2]) { try { await x; if (x === 1) continue outer; log('x', x); } finally { await 0; log('f', x); } } });
