/*---
description: A direct eval reads and writes the variables of its module
flags: [module]
---*/

import * as self from './eval-sees-the-module.js';

export let x = 1;
assert.sameValue(eval('x'), 1);
eval('x = 2');
assert.sameValue(x, 2);
assert.sameValue(self.x, 2);
assert.sameValue(eval('self.x'), 2);
assert.throws(ReferenceError, () => { eval('var hidden = 1'); hidden; });
