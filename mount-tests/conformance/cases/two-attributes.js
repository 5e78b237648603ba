/*---
description: An attribute is given once
flags: [module]
negative:
  phase: parse
  type: SyntaxError
---*/

import './self_FIXTURE.js' with { type: 'json', 'type': 'json' };
