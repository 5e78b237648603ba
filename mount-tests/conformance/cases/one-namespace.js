/*---
description: import() and import * give one object, and import.meta too is one
flags: [module, async]
---*/

import * as ns from './names_FIXTURE.js';

assert.sameValue(await import('./names_FIXTURE.js'), ns);
assert.sameValue(import.meta, import.meta);
assert.sameValue(Object.getPrototypeOf(import.meta), null);
assert.sameValue(import.meta.url.endsWith('/one-namespace.js'), true);
$DONE();
