export const a = 'a';
export const both = 1;
export const own = 2;
export { same } from './same_FIXTURE.js';
export default 1;
