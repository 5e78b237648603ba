import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const names = Object.keys(await import('node:async_hooks')).filter((n) => ['AsyncLocalStorage', 'AsyncResource', 'createHook', 'executionAsyncId', 'triggerAsyncId', 'executionAsyncResource', 'default'].includes(n)); console.log(names.sort().join());
console.log(als.run(1, (...a) => a.join('-'), 2, 3), als.exit((...a) => a.join('+'), 2, 3), als.enterWith.length, als.getStore.length);
try { als.run(1, 5); } catch (e) { console.log(e.name); }
console.log(Promise.resolve(1) instanceof Promise, (async () => {})().constructor === Promise, Object.keys(Promise.resolve(1)).length, Promise.resolve.name, Promise.resolve.length, Promise.prototype.constructor === Promise);
class P extends Promise {} console.log(P.resolve(1) instanceof P, P.resolve(1).then(() => 1) instanceof P, new P(() => {}).constructor === P);
const p = Promise.resolve(1); console.log(Promise.resolve(p) === p);
console.log(Object.keys(p).length);
