import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
als.run('a', () => { setTimeout(() => { log('timeout'); setTimeout(() => log('inner'), 1); queueMicrotask(() => log('micro in timer')); }, 1); setImmediate(() => log('immediate')); let n = 0; const i = setInterval(() => { log('interval', n); if (++n === 2) clearInterval(i); }, 3); queueMicrotask(() => log('microtask')); process.nextTick((x) => log('tick', x), 1); });
setTimeout(() => log('none'), 2);
queueMicrotask(() => log('none'));
