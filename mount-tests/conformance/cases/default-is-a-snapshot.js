/*---
description: export default of an expression is its value at that time
flags: [module]
---*/

import value, { change } from './snapshot_FIXTURE.js';

change();
assert.sameValue(value, 1);
