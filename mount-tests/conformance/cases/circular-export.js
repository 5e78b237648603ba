/*---
description: An export that leads to itself is a SyntaxError
flags: [module]
negative:
  phase: resolution
  type: SyntaxError
---*/

import { x } from './loop_FIXTURE.js';

$DONOTEVALUATE();
