import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
als.run('a', () => { const s = AbortSignal.timeout(5); s.addEventListener('abort', () => log('timeout')); });
const c = new AbortController(); als.run('b', () => c.signal.addEventListener('abort', () => log('abort'))); als.run('c', () => c.abort());
await sleep(20);
