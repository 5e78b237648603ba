import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
try { als.run('a', () => { log(1); throw new Error('x'); }); } catch (e) { log(e.message); }
await als.run('b', async () => { await 1; throw new Error('y'); }).catch((e) => log(e.message));
als.run('c', () => Promise.reject(new Error('z'))).catch((e) => log(e.message));
