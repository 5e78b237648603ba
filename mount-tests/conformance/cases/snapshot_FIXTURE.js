let x = 1;
export default x;
export function change() { x = 2; }
