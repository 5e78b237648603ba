/*---
description: for await at the top level closes its iterator, and takes sync ones
flags: [module, async]
---*/

const log = [];
const iterable = {
  [Symbol.asyncIterator]: () => ({
    i: 0,
    async next() { return { value: this.i++, done: this.i > 5 }; },
    async return() { log.push('closed'); return {}; },
  }),
};
outer: for (const again of [1, 2]) {
  for await (const x of iterable) {
    if (x === 1) continue;
    if (x === 3) continue outer;
    log.push(x);
  }
}
let last;
for await (last of [Promise.resolve('p'), 'q']);
log.push(last);
try {
  for await (const { y } of iterable) throw new RangeError(y);
} catch (error) {
  log.push(error.name);
}
assert.compareArray(log, [0, 2, 'closed', 0, 2, 'closed', 'q', 'closed', 'RangeError']);
$DONE();
