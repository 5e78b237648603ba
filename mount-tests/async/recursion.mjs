import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
als.run('a', () => { let n = 0; const step = () => { if (++n < 5) return Promise.resolve().then(step); log('steps', n); }; step(); });
als.run('b', async () => { for (let i = 0; i < 100; i++) await i; log('loop'); });
