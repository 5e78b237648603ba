/*---
description: Modules that do not await run in one turn
flags: [module]
---*/

import './turn-a_FIXTURE.js';
import { count } from './turn-b_FIXTURE.js';

assert.sameValue(count, 0);
