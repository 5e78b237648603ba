export default function named() {}
export function change() { named = "changed"; }
