export const count = globalThis.turns;
