/** The methods of Buffer that read and write numbers (Node, "Buffer": `buf.readInt8` and so on). */
import { invalidType, outOfRange, withCode } from './errors.ts';

/** Checks that `width` bytes lie at the offset. */
function at(buffer: Uint8Array, offset: unknown, width: number): number {
  const position = offset === undefined ? 0 : offset;
  if (typeof position !== 'number') throw invalidType('offset', 'of type number', position);
  if (position >= 0 && position + width <= buffer.length && Number.isInteger(position)) return position;
  if (Math.floor(position) !== position) throw outOfRange('offset', 'an integer', position);
  if (buffer.length < width) throw withCode(new RangeError('Attempt to access memory outside buffer bounds'), 'ERR_BUFFER_OUT_OF_BOUNDS');
  throw outOfRange('offset', `>= 0 and <= ${buffer.length - width}`, position);
}

const viewOf = (buffer: Uint8Array) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

/** Name, width, and the range of integers; floats have none. */
const kinds: [string, number, bigint?, bigint?][] = [
  ['Int8', 1, -(2n ** 7n), 2n ** 7n - 1n],
  ['Uint8', 1, 0n, 2n ** 8n - 1n],
  ['Int16', 2, -(2n ** 15n), 2n ** 15n - 1n],
  ['Uint16', 2, 0n, 2n ** 16n - 1n],
  ['Int32', 4, -(2n ** 31n), 2n ** 31n - 1n],
  ['Uint32', 4, 0n, 2n ** 32n - 1n],
  ['BigInt64', 8, -(2n ** 63n), 2n ** 63n - 1n],
  ['BigUint64', 8, 0n, 2n ** 64n - 1n],
  ['Float32', 4],
  ['Float64', 8],
];

type Accessors = Record<string, (offset: number, ...rest: unknown[]) => number | bigint | void>;

function define(prototype: object, name: string, value: unknown): void {
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
  // Node has both spellings.
  const alias = name.replace('Uint', 'UInt');
  if (alias !== name) Object.defineProperty(prototype, alias, { value, writable: true, configurable: true, enumerable: false });
}

/** Checks a value against its range, which is told as Node does: large ones as powers. */
function check(value: unknown, low: bigint, high: bigint, bits: number, big: boolean): void {
  if (big && typeof value !== 'bigint') throw invalidType('value', 'of type bigint', value);
  if ((value as number) >= low && (value as number) <= high) return;
  const n = big ? 'n' : '';
  let range = `>= ${low}${n} and <= ${high}${n}`;
  if (bits > 32) range = low === 0n ? `>= 0${n} and < 2${n} ** ${bits}${n}` : `>= -(2${n} ** ${bits - 1}${n}) and < 2${n} ** ${bits - 1}${n}`;
  throw outOfRange('value', range, value);
}

export function defineNumbers(prototype: object): void {
  for (const [kind, width, low, high] of kinds) {
    const big = kind.startsWith('Big');
    const name = kind.replace('Float32', 'Float').replace('Float64', 'Double');
    for (const little of width === 1 ? [undefined] : [true, false]) {
      const suffix = little === undefined ? '' : little ? 'LE' : 'BE';
      define(prototype, `read${name}${suffix}`, function (this: Uint8Array, offset?: number) {
        return (viewOf(this) as unknown as Accessors)[`get${kind}`]!(at(this, offset, width), little);
      });
      define(prototype, `write${name}${suffix}`, function (this: Uint8Array, value: unknown, offset?: number) {
        const number = big ? value : Number(value);
        if (low !== undefined && !(Number.isNaN(number) && !big)) check(number, low, high!, width * 8, big);
        const position = at(this, offset, width);
        (viewOf(this) as unknown as Accessors)[`set${kind}`]!(position, number, little);
        return position + width;
      });
    }
  }
  for (const signed of [true, false]) {
    for (const little of [true, false]) {
      const name = `${signed ? 'Int' : 'Uint'}${little ? 'LE' : 'BE'}`;
      define(prototype, `read${name}`, function (this: Uint8Array, offset: number, width: number) {
        return readAny(this, at(this, required(offset), bytes(width)), width, signed, little);
      });
      define(prototype, `write${name}`, function (this: Uint8Array, value: number, offset: number, width: number) {
        const size = 2n ** BigInt(bytes(width) * 8);
        const number = Number(value);
        if (!Number.isNaN(number)) check(number, signed ? -size / 2n : 0n, (signed ? size / 2n : size) - 1n, width * 8, false);
        const position = at(this, required(offset), width);
        let rest = Math.trunc(number) || 0;
        if (rest < 0) rest += Number(size);
        for (let i = 0; i < width; i++) {
          this[position + (little ? i : width - 1 - i)] = rest % 256;
          rest = Math.floor(rest / 256);
        }
        return position + width;
      });
    }
  }
}

/** A width from 1 to 6 bytes. */
function bytes(width: unknown): number {
  if (typeof width !== 'number') throw invalidType('byteLength', 'of type number', width);
  if (!Number.isInteger(width)) throw outOfRange('byteLength', 'an integer', width);
  if (width < 1 || width > 6) throw outOfRange('byteLength', '>= 1 and <= 6', width);
  return width;
}

/** Of the methods with a width, the offset must be given. */
function required(offset: unknown): unknown {
  if (offset === undefined) throw invalidType('offset', 'of type number', offset);
  return offset;
}

function readAny(buffer: Uint8Array, position: number, width: number, signed: boolean, little: boolean): number {
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + buffer[position + (little ? width - 1 - i : i)]!;
  return signed && value >= 2 ** (width * 8 - 1) ? value - 2 ** (width * 8) : value;
}
