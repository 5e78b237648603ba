import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
import { setTimeout as wait, setImmediate as soon, setInterval as every } from 'node:timers/promises';
als.run('a', async () => { await wait(2); log(1); await soon(); log(2); let n = 0; for await (const _ of every(1)) { log(3); if (++n === 2) break; } log(4); });
await wait(4); log('none');
