import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
async function* gen(n) { try { log(n, 'start'); yield 1; log(n, 'second'); yield sleep(2); log(n, 'third'); yield* [3, Promise.resolve(4)]; await sleep(1); log(n, 'end'); } finally { log(n, 'finally'); } }
async function use(n, most) { let i = 0; for await (const x of gen(n)) { log(n, 'got', x); if (++i === most) break; } log(n, 'done'); }
als.run('a', use, 'a', 9); als.run('b', use, 'b', 2); use('none', 9);
const shared = gen('shared');
als.run('c', async () => { await shared.next(); log('c'); await shared.next(); log('c'); });
als.run('d', async () => { await shared.next(); log('d'); await shared.return(7); log('d'); });
function* sync() { log('sync'); yield 1; log('sync'); }
const it = als.run('e', () => { const it = sync(); it.next(); return it; }); it.next();
