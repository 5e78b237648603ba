/*---
description: import() never throws: it rejects
flags: [module, async]
---*/

const outcomes = [];
const note = (promise) => promise.catch((error) => outcomes.push(error.name));
await note(import({ toString() { throw new RangeError('no'); } }));
await note(import('./no-such-module_FIXTURE.js'));
await note(import('./missing-import.js'));
await note(import('./self_FIXTURE.js', 1));
await note(import('./self_FIXTURE.js', { with: { what: 'x' } }));
assert.compareArray(outcomes, ['RangeError', 'Error', 'SyntaxError', 'TypeError', 'TypeError']);
$DONE();
