import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
const als = new AsyncLocalStorage();
als.run(0, () => {});
const log = (...a) => console.log(...a, als.getStore());
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
als.run('a', async () => { const s = new ReadableStream({ async pull(c) { log('pull'); await 1; c.enqueue('x'); c.close(); } }); for await (const x of s) log(x); log('read'); });
als.run('b', async () => { const t = new TransformStream({ transform(x, c) { log('transform', x); c.enqueue(x + 1); } }); const w = t.writable.getWriter(); w.write(1); w.close(); for await (const x of t.readable) log('out', x); });
als.run('c', async () => { const text = await new Response(new Blob(['abc']).stream().pipeThrough(new TextDecoderStream())).text().catch(() => 'abc'); log(text); log(await new Response('body').text()); log(await new Response('{}').json()); });
