import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
class Query { constructor(n) { this.n = n; } exec() { log('exec', this.n); return sleep(1).then(() => { if (this.n < 0) throw new Error('bad'); return this.n; }); } then(a, b) { return this.exec().then(a, b); } catch(b) { return this.then(undefined, b); } }
async function f(n) { log(await new Query(1)); try { await new Query(-1); } catch (e) { log(e.message); } log(await Promise.all([new Query(2), new Query(3)])); await new Query(-2).catch((e) => log(e.message)); log(n); return new Query(5); }
als.run('a', () => f('a').then((x) => log('got', x))); als.run('b', () => f('b').then((x) => log('got', x)));
