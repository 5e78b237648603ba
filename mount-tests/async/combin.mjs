import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const p = [sleep(1), sleep(2)];
als.run('a', async () => { await Promise.all(p); log('all'); await Promise.allSettled([...p, Promise.reject(1)]); log('settled'); await Promise.race(p); log('race'); try { await Promise.any([Promise.reject(1)]); } catch (e) { log('any', e.name); } const { promise, resolve } = (() => { let resolve; const promise = new Promise((r) => { resolve = r; }); return { promise, resolve }; })(); als.run('z', () => resolve(3)); log(await promise); });
als.run('b', () => Promise.all(p).then(() => log('b all')));
