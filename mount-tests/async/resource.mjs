import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
class Q extends AsyncResource { constructor(cb) { super('Q'); this.cb = cb; } fire(...a) { return this.runInAsyncScope(this.cb, this, ...a); } }
const q = als.run('a', () => new Q(function (x) { log(this instanceof Q, x); return x * 2; }));
console.log(als.run('b', () => q.fire(4))); log('none');
const b = als.run('c', () => AsyncResource.bind((x) => log(x))); b(1); als.run('d', () => b(2));
als.run('e', () => setTimeout(q.bind(() => log('bound')), 1));
console.log(typeof q.asyncId(), q.triggerAsyncId() >= 0, q.emitDestroy() === q);
for (const bad of [() => new AsyncResource(), () => new AsyncResource(5), () => AsyncResource.bind(5), () => new AsyncResource('x', -2), () => AsyncLocalStorage.bind(1)]) try { bad(); } catch (e) { console.log(e.name, e.code, e.message); }
