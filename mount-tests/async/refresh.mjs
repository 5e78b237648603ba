import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
als.run('a', () => { const t = setTimeout(() => log('t'), 2); setTimeout(() => als.run('b', () => t.refresh()), 1); });
als.run('c', () => { const i = setInterval(function () { log(typeof this); clearInterval(i); }, 1); });
