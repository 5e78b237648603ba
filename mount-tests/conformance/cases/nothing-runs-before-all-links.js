/*---
description: Where one module of a graph does not link, none runs
flags: [module]
negative:
  phase: resolution
  type: SyntaxError
---*/

import './writes_FIXTURE.js';
import { nothing } from './self_FIXTURE.js';

$DONOTEVALUATE();
