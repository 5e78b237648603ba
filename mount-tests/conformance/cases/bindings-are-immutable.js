/*---
description: Whatever assigns to an import throws a TypeError
flags: [module]
---*/

import { count } from './live_FIXTURE.js';
import * as ns from './live_FIXTURE.js';

assert.throws(TypeError, () => { count = 1; });
assert.throws(TypeError, () => { count += 1; });
assert.throws(TypeError, () => { count++; });
assert.throws(TypeError, () => { count ||= 1; });
assert.throws(TypeError, () => { [count] = [1]; });
assert.throws(TypeError, () => { ({ count } = { count: 1 }); });
assert.throws(TypeError, () => { ({ count = 2 } = {}); });
assert.throws(TypeError, () => { ({ a: count } = { a: 1 }); });
assert.throws(TypeError, () => { for (count of [1]); });
assert.throws(TypeError, () => { for (count in { a: 1 }); });
assert.throws(TypeError, () => { ns = 1; });
assert.throws(TypeError, () => { ns.count = 1; });
assert.throws(TypeError, () => { delete ns.count; });
assert.sameValue(count, 0);
