/*---
description: Names come through stars; default does not; what two stars have is nowhere
flags: [module]
---*/

import * as ns from './stars_FIXTURE.js';

assert.compareArray(Object.keys(ns), ['a', 'b', 'own', 'same', 'sub']);
assert.sameValue(ns.own, 'own');
assert.sameValue('both' in ns, false);
assert.sameValue(ns.default, undefined);
assert.sameValue(ns.sub.a, 'a');
