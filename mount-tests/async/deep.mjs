import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const depth = async (n) => { if (n === 0) { await sleep(1); return als.getStore(); } return depth(n - 1); };
const all = await Promise.all(Array.from({ length: 50 }, (_, i) => als.run(i, async () => { await null; const s = await depth(10); return s === i && als.getStore() === i; })));
console.log(all.every(Boolean), als.getStore());
