/*---
description: A call of an import has no this
flags: [module]
---*/

import { self } from './self_FIXTURE.js';
import * as ns from './self_FIXTURE.js';

assert.sameValue(self(), undefined);
assert.sameValue((self)(), undefined);
assert.sameValue(self?.(), undefined);
assert.sameValue(self``, undefined);
assert.sameValue(ns.self(), ns);
assert.sameValue(this, undefined);
assert.sameValue((() => this)(), undefined);
assert.sameValue(eval('this'), undefined);
