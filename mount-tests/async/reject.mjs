import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const bad = (e) => Promise.reject(e);
async function f(n) { for (const make of [() => bad(1), () => ({ then(a, b) { log(n, 'then'); return bad(1).then(a, b); } }), async () => { await 1; throw 2; }, () => ({ then(a, b) { b(1); } }), () => ({ then(a, b) { throw 5; } }), ]) { try { await make(); } catch (e) { log(n, e); } } }
als.run('a', f, 'a'); als.run('b', f, 'b'); f('none');
