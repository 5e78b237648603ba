import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
class Sub extends Promise { static get [Symbol.species]() { return Sub; } }
async function f(n) { await new Sub((r) => setTimeout(r, 1)); log(n, 1); try { await Sub.reject(1); } catch { log(n, 2); } await Sub.resolve(1).then(() => log(n, 3)).finally(() => log(n, 4)); log(n, 5); await Promise.all([Sub.resolve(1), sleep(1)]); log(n, 6); }
als.run('a', f, 'a'); als.run('b', f, 'b'); f('none');
