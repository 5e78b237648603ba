/*---
description: Modules that await let siblings start, and parents go on in their order
flags: [module, async]
---*/

import './order-a_FIXTURE.js';
import './order-b_FIXTURE.js';
import './order-c_FIXTURE.js';

globalThis.order.push('main');
assert.compareArray(globalThis.order, ['a1', 'b1', 'c', 'a2', 'b2', 'main']);
$DONE();
