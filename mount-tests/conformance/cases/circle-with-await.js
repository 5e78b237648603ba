/*---
description: Modules in a circle that await complete together
flags: [module, async]
---*/

import { done } from './await-circle-a_FIXTURE.js';

assert.sameValue(done, 'b then a');
$DONE();
