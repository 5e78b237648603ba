import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const other = new AsyncLocalStorage();
als.run(1, () => { other.run('o', async () => { als.run(2, async () => { log(other.getStore()); await 1; log(other.getStore()); }); log(other.getStore()); await sleep(1); log(other.getStore()); other.exit(() => log(other.getStore())); }); log(other.getStore()); });
als.run('q', () => { als.enterWith('r'); other.enterWith('stays'); log(); }); log(other.getStore());
