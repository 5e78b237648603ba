import { later } from './await-circle-a_FIXTURE.js';
await null;
export const b = `b ${later()}`;
