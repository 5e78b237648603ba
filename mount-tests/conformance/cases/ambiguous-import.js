/*---
description: The import of what two stars have is a SyntaxError
flags: [module]
negative:
  phase: resolution
  type: SyntaxError
---*/

import { both } from './stars_FIXTURE.js';

$DONOTEVALUATE();
