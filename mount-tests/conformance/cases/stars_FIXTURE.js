export * from './star-a_FIXTURE.js';
export * from './star-b_FIXTURE.js';
export * as sub from './star-a_FIXTURE.js';
export const own = 'own';
