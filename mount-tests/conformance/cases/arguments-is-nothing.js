/*---
description: There is no arguments at the top level
flags: [module]
---*/

assert.throws(ReferenceError, () => arguments);
assert.sameValue(typeof arguments, 'undefined');
assert.sameValue((function () { return arguments.length; })(1, 2), 2);
