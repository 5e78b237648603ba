export const b = 'b';
export const both = 2;
export { same } from './same_FIXTURE.js';
