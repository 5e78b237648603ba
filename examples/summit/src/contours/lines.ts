/** Which two edges of a cell a line crosses, by the corners that are above it: bits 1, 2, 4, 8 clockwise from the left top. */
const crossings: readonly (readonly number[])[] = [
  [], [3, 0], [0, 1], [3, 1], [1, 2], [3, 2, 0, 1], [0, 2], [3, 2],
  [2, 3], [2, 0], [0, 3, 1, 2], [2, 1], [1, 3], [1, 0], [0, 3], [],
];

/** The line of one level over a square grid as the path of an SVG (marching squares). */
export function line(heights: Float64Array, size: number, level: number): string {
  let path = "";
  for (let y = 0; y < size - 1; y++) {
    for (let x = 0; x < size - 1; x++) {
      const at = y * size + x;
      const corners = [heights[at]!, heights[at + 1]!, heights[at + size + 1]!, heights[at + size]!];
      const kind = corners.reduce((bits, height, corner) => (height > level ? bits | (1 << corner) : bits), 0);
      const edges = crossings[kind]!;
      for (let edge = 0; edge < edges.length; edge += 2) {
        path += `M${point(edges[edge]!)}L${point(edges[edge + 1]!)}`;
      }

      /** Where the level crosses an edge: top, right, bottom, left. */
      function point(edge: number): string {
        const from = corners[edge]!;
        const to = corners[(edge + 1) % 4]!;
        const along = (level - from) / (to - from);
        const [dx, dy] = [[along, 0], [1, along], [1 - along, 1], [0, 1 - along]][edge]!;
        return `${(x + dx!).toFixed(2)} ${(y + dy!).toFixed(2)}`;
      }
    }
  }
  return path;
}
