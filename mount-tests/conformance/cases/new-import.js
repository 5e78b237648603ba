/*---
description: import() can not be called by new
flags: [module]
negative:
  phase: parse
  type: SyntaxError
---*/

new import("./self_FIXTURE.js");
