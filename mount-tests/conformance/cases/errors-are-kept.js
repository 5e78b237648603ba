/*---
description: A module that threw throws the same for each import, and does not run again
flags: [module, async]
---*/

globalThis.runs = 0;
const first = await import('./throws_FIXTURE.js').catch((error) => error);
const second = await import('./throws_FIXTURE.js').catch((error) => error);
const above = await import('./throws-above_FIXTURE.js').catch((error) => error);
assert.sameValue(first, second);
assert.sameValue(first, above);
assert.sameValue(globalThis.runs, 1);
$DONE();
