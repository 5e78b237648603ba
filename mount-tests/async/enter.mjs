import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
als.run('a', async () => { als.enterWith('b'); log(1); await 1; log(2); als.enterWith('c'); await sleep(1); log(3); });
log('outside');
async function inner() { als.enterWith('inner'); await 1; log('inner'); }
await als.run('x', async () => { const p = inner(); log('after call'); await p; log('after await'); });
Promise.resolve().then(() => als.enterWith('job')).then(() => log('next job'));
await sleep(2); log('end');
