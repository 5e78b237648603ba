import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
// a connection pool that calls back from another context
const queue = []; const timer = setInterval(() => { const next = queue.shift(); if (next) next(); }, 1);
const query = (x) => new Promise((r) => queue.push(() => r(x)));
const work = async (n) => { for (let i = 0; i < 3; i++) { log(n, await query(i)); } };
await Promise.all([als.run("a", work, "a"), als.run("b", work, "b")]); clearInterval(timer);
