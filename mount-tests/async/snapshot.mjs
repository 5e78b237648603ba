import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const [s, bound] = als.run('a', () => [AsyncLocalStorage.snapshot(), AsyncLocalStorage.bind(function (x) { log(this === undefined ? 'undef' : this.name, x); return x; })]);
s(() => log('in')); console.log(s((a, b) => a + b, 1, 2)); console.log(bound.call({ name: 'me' }, 3), bound.length);
als.run('b', () => { s(async () => { log(1); await 1; log(2); }); bound.call({ name: 'b' }); log('after'); });
