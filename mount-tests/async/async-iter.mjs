import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
class Src { constructor(n) { this.n = n; } [Symbol.asyncIterator]() { let i = 0; return { next: async () => { log('next'); await sleep(1); return { value: i, done: i++ >= this.n }; }, return: async () => { log('return'); return {}; } }; } }
als.run('a', async () => { for await (const x of new Src(2)) log(x); for await (const x of new Src(2)) break; log('end'); });
als.run('b', async () => { for await (const x of [sleep(1), Promise.resolve(2)]) log(x); });
