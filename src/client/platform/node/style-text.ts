/** `util.styleText`, and the codes that it knows (ECMA-48, 8.3.117 "SGR"): what begins a style, and what ends it. */
import { host } from '../host.ts';
import { invalidType, invalidValue } from './errors.ts';

export const colors: Record<string, [begin: number, end: number]> = {
  reset: [0, 0],
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  blink: [5, 25],
  inverse: [7, 27],
  hidden: [8, 28],
  strikethrough: [9, 29],
  doubleunderline: [21, 24],
};
const names = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];
for (const [index, name] of names.entries()) colors[name.toLowerCase()] = [30 + index, 39];
for (const [index, name] of names.entries()) colors[`bg${name}`] = [40 + index, 49];
colors['framed'] = [51, 54];
colors['overlined'] = [53, 55];
for (const [index, name] of names.entries()) colors[index === 0 ? 'gray' : `${name.toLowerCase()}Bright`] = [90 + index, 39];
for (const [index, name] of names.entries()) colors[index === 0 ? 'bgGray' : `bg${name}Bright`] = [100 + index, 49];

/** Other names of these, which are in no list. */
const others: Record<string, string> = {
  grey: 'gray',
  blackBright: 'gray',
  bgGrey: 'bgGray',
  bgBlackBright: 'bgGray',
  conceal: 'hidden',
  crossedout: 'strikethrough',
  crossedOut: 'strikethrough',
  doubleUnderline: 'doubleunderline',
  faint: 'dim',
  strikeThrough: 'strikethrough',
  swapColors: 'inverse',
  swapcolors: 'inverse',
};
for (const [name, other] of Object.entries(others)) Object.defineProperty(colors, name, { get: () => colors[other], enumerable: false });

interface Stream {
  isTTY?: boolean;
  getColorDepth?: () => number;
}

/** Whether colors are shown there. */
function isColored(stream: Stream | undefined, env: Record<string, string | undefined>): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return ['', '1', '2', '3', 'true'].includes(forced);
  return stream?.isTTY === true && (typeof stream.getColorDepth !== 'function' || stream.getColorDepth() > 2);
}

export function styleText(format: string | string[], text: string, options: { validateStream?: boolean; stream?: Stream } = {}): string {
  if (typeof text !== 'string') throw invalidType('text', 'of type string', text);
  const { validateStream = true } = options;
  if (typeof validateStream !== 'boolean') throw invalidType('options.validateStream', 'of type boolean', validateStream);
  const named = [format].flat().filter((name) => name !== 'none');
  const codes = named.map((name) => {
    if (typeof name === 'string' && Object.hasOwn(colors, name)) return colors[name]!;
    const all = Object.keys(colors).map((name) => host.inspect(name));
    throw invalidValue('argument', 'format', `must be one of: ${all.join(', ')}`, name);
  });
  if (validateStream) {
    const { process } = globalThis as unknown as { process: { stdout: Stream; env: Record<string, string | undefined> } };
    if (!isColored(options.stream ?? process.stdout, process.env)) return text;
  }
  return codes.reduceRight((inner, [begin, end]) => `\x1b[${begin}m${inner}\x1b[${end}m`, text);
}
