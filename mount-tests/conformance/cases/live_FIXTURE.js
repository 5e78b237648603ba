export let count = 0;
export { count as renamed };
export function add() { count++; }
export function spread(list) { for ([count] of [list]); }
