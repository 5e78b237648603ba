/*---
description: What is exported by default without a name is called default
flags: [module]
---*/

import f from './default-function_FIXTURE.js';
import c from './default-class_FIXTURE.js';
import a from './default-arrow_FIXTURE.js';
import n from './default-named_FIXTURE.js';
import { change } from './default-named_FIXTURE.js';
import s from './default-static_FIXTURE.js';

assert.sameValue(f.name, 'default');
assert.sameValue(c.name, 'default');
assert.sameValue(a.name, 'default');
assert.sameValue(s.name(), 'own');
assert.sameValue(n.name, 'named');
change();
assert.sameValue(n, 'changed');
