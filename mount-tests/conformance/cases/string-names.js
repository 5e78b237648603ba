/*---
description: Names that are no identifiers are imported and exported
flags: [module]
---*/

import { "a b" as a, "9" as nine, __proto__ as p } from './names_FIXTURE.js';
export { "a b" as "c d" } from './names_FIXTURE.js';
import * as self from './string-names.js';

assert.sameValue(a + nine + p, 3);
assert.sameValue(self["c d"], 1);
