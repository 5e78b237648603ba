/*---
description: A name of an inner scope is not the import
flags: [module]
---*/

import { self as x } from './self_FIXTURE.js';

function parameter(x) { return x; }
assert.sameValue(parameter(1), 1);
for (const x of [2]) assert.sameValue(x, 2);
assert.sameValue(((x = 3) => x)(), 3);
{ let x = 4; x++; assert.sameValue(x, 5); }
try { throw 6 } catch (x) { assert.sameValue(x, 6); }
assert.sameValue({ x }.x, x);
assert.sameValue(typeof x, 'function');
class x2 { x = 1; [x.name] = 2; }
assert.sameValue(new x2().self, 2);
