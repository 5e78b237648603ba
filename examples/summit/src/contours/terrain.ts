/** A number between 0 and 1 for each place of a lattice, the same for the same seed. */
function lattice(seed: number, x: number, y: number): number {
  let mixed = Math.imul(seed ^ Math.imul(x, 0x27d4eb2d), 0x85ebca6b) ^ Math.imul(y, 0x165667b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
}

function hash(text: string): number {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0)!, 16777619);
  return value >>> 0;
}

const smooth = (t: number) => t * t * (3 - 2 * t);
const mix = (a: number, b: number, t: number) => a + (b - a) * t;

function noise(seed: number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [smooth(x - left), smooth(y - top)];
  return mix(
    mix(lattice(seed, left, top), lattice(seed, left + 1, top), u),
    mix(lattice(seed, left, top + 1), lattice(seed, left + 1, top + 1), u),
    v,
  );
}

/** Heights from 0 to 1 on a square grid: a summit near the middle, ridges, and smaller hills around. */
export function terrain(name: string, size: number): Float64Array {
  const seed = hash(name);
  const heights = new Float64Array(size * size);
  const [centerX, centerY] = [0.4 + 0.2 * lattice(seed, 1, 1), 0.4 + 0.2 * lattice(seed, 2, 2)];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [x, y] = [column / (size - 1), row / (size - 1)];
      let rough = 0;
      for (let octave = 0; octave < 4; octave++) {
        rough += noise(seed + octave, x * 3 * 2 ** octave, y * 3 * 2 ** octave) / 2 ** (octave + 1);
      }
      const distance = Math.hypot(x - centerX, y - centerY);
      heights[row * size + column] = Math.exp(-4.2 * distance) * 0.72 + rough * 0.36 * Math.min(1, 0.35 + distance * 2);
    }
  }
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  return heights.map((height) => (height - low) / (high - low));
}
