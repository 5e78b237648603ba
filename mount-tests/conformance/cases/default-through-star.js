/*---
description: default does not come through a star
flags: [module]
negative:
  phase: resolution
  type: SyntaxError
---*/

import x from './stars_FIXTURE.js';

$DONOTEVALUATE();
