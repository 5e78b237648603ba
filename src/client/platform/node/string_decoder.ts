/** `node:string_decoder`: text from pieces of bytes, characters never cut. */
import { host, type HostDecoder } from '../host.ts';
import { invalidType } from './errors.ts';
import { type Encoding, encodingOrThrow, toText } from './text.ts';

export class StringDecoder {
  encoding: string;
  #kind: Encoding;
  /** UTF-8 is decoded by the host; of other encodings, what is incomplete waits here. */
  #utf8: HostDecoder | undefined;
  #rest = new Uint8Array();

  constructor(encoding?: string) {
    this.#kind = encodingOrThrow(encoding);
    this.encoding = this.#kind;
    if (this.#kind === 'utf8') this.#utf8 = host.decoder('utf-8', false, true);
  }

  write(input: Uint8Array | string): string {
    if (typeof input === 'string') return input;
    if (!ArrayBuffer.isView(input)) {
      throw invalidType('buf', 'an instance of Buffer, TypedArray, or DataView', input);
    }
    const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    if (this.#utf8) return this.#utf8(bytes, false);
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const whole = this.#whole(all);
    this.#rest = all.slice(whole);
    return toText(all.subarray(0, whole), this.#kind);
  }

  end(input?: Uint8Array | string): string {
    const text = input === undefined ? '' : this.write(input);
    if (this.#utf8) return text + this.#utf8(new Uint8Array(), true);
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    return text + toText(rest, this.#kind);
  }

  /** How many of the bytes make whole characters. */
  #whole(bytes: Uint8Array): number {
    const { length } = bytes;
    if (this.#kind === 'utf16le') {
      const even = length - (length % 2);
      // A high surrogate waits for the low one.
      return even >= 2 && (bytes[even - 1]! & 0xfc) === 0xd8 ? even - 2 : even;
    }
    return this.#kind === 'base64' || this.#kind === 'base64url' ? length - (length % 3) : length;
  }
}

export default { StringDecoder };
