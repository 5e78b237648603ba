export { x } from './loop_FIXTURE.js';
