/*---
description: The import of what is not exported is a SyntaxError
flags: [module]
negative:
  phase: resolution
  type: SyntaxError
---*/

import { nothing } from './self_FIXTURE.js';

$DONOTEVALUATE();
