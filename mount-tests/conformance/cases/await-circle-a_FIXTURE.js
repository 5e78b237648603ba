import { b } from './await-circle-b_FIXTURE.js';
export function later() { return 'then'; }
await null;
export const done = `${b} a`;
