/*---
description: In a circle functions are there before anything runs, variables are not
flags: [module]
---*/

import { early, errors } from './circle_FIXTURE.js';

export function hoisted() { return 'here'; }
export default function () { return 'default'; }
export let late = 1;
export class Late {}
export const ns = 1;
assert.sameValue(early, 'here default');
assert.compareArray(errors, ['ReferenceError', 'ReferenceError', 'ReferenceError', 'ReferenceError', 'ReferenceError']);
