/*---
description: A namespace is what 10.4.6 says
flags: [module]
---*/

import * as ns from './names_FIXTURE.js';

assert.sameValue(Object.getPrototypeOf(ns), null);
assert.sameValue(Object.isExtensible(ns), false);
assert.sameValue(Object.isSealed(ns), true);
assert.sameValue(ns[Symbol.toStringTag], 'Module');
assert.sameValue(Object.prototype.toString.call(ns), '[object Module]');
assert.compareArray(Reflect.ownKeys(ns).slice(0, -1), ['10', '9', '__proto__', 'a b', 'default', 'x']);
const property = Object.getOwnPropertyDescriptor(ns, 'x');
assert.sameValue(property.value, 1);
assert.sameValue(property.writable, true);
assert.sameValue(property.enumerable, true);
assert.sameValue(property.configurable, false);
assert.sameValue(Reflect.set(ns, 'x', 1), false);
assert.sameValue(Reflect.deleteProperty(ns, 'x'), false);
assert.sameValue(Reflect.deleteProperty(ns, 'y'), true);
assert.sameValue(Reflect.setPrototypeOf(ns, null), true);
assert.sameValue(Reflect.setPrototypeOf(ns, {}), false);
assert.sameValue(Reflect.defineProperty(ns, 'x', { value: 2 }), false);
assert.sameValue('toString' in ns, false);
assert.sameValue(ns.toString, undefined);
