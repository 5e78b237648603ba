/*---
description: Imports see every kind of assignment to what is exported
flags: [module]
---*/

import { count, add, renamed, spread } from './live_FIXTURE.js';

assert.sameValue(count, 0);
add();
assert.sameValue(count, 1);
assert.sameValue(renamed, 1);
spread([7]);
assert.sameValue(count, 7);
