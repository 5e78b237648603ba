const x = 1;
export { x, x as "a b", x as "9", x as "10", x as __proto__ };
export default x;
