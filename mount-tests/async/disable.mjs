import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
als.run('a', async () => { log(1); als.disable(); log(2); als.run('b', () => log(3)); });
als.enterWith('z'); log(4); als.disable(); log(5); als.exit(() => log(6)); log(7);
