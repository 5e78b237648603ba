/** TextEncoder and TextDecoder, and their streams (Encoding standard, section 7). The tables are the host's. */
import { host, type HostDecoder } from './host.ts';
import { bytesOf, defineInterface, dictionary, domString, isBufferSource, need, usvString } from './idl.ts';
import { createTransform, type TransformState } from './streams/transform.ts';

const asciiSpace = /^[\t\n\f\r ]+|[\t\n\f\r ]+$/g;

/** The name of a label's encoding. An unknown label throws a `RangeError`. */
function encodingOf(label: string): string {
  const name = host.encodingName(label.replace(asciiSpace, '').toLowerCase());
  if (name === undefined) throw new RangeError(`there is no encoding ${JSON.stringify(label)}`);
  return name;
}

/** "UTF-8 decode": malformed input becomes U+FFFD, a byte order mark goes. */
export function decodeUtf8(bytes: Uint8Array): string {
  return host.decoder('utf-8', false, false)(bytes, true);
}

/** "UTF-8 decode without BOM". */
export function decodeUtf8KeepBom(bytes: Uint8Array): string {
  return host.decoder('utf-8', false, true)(bytes, true);
}

export class TextEncoder {
  #brand = true;
  get encoding() {
    this.#brand;
    return 'utf-8';
  }
  encode(input: string = ''): Uint8Array {
    this.#brand;
    return host.encodeUtf8(usvString(input));
  }
  encodeInto(source: string, destination: Uint8Array): TextEncoderEncodeIntoResult {
    this.#brand;
    need(arguments, 2, 'TextEncoder.encodeInto');
    const text = usvString(source);
    if (!ArrayBuffer.isView(destination) || Object.prototype.toString.call(destination) !== '[object Uint8Array]') {
      throw new TypeError('the destination is not a Uint8Array');
    }
    // A code unit takes three bytes at most, so what is surely too long need not be encoded.
    const bytes = host.encodeUtf8(text.length > destination.length ? text.slice(0, destination.length).toWellFormed() : text);
    if (text.length <= destination.length && bytes.length <= destination.length) {
      if (bytes.length > 0) destination.set(bytes);
      return { read: text.length, written: bytes.length };
    }
    let read = 0;
    let written = 0;
    for (const character of text) {
      const code = character.codePointAt(0)!;
      const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      if (written + size > destination.length) break;
      read += character.length;
      written += size;
    }
    if (written > 0) destination.set(host.encodeUtf8(text.slice(0, read)));
    return { read, written };
  }
}
defineInterface(TextEncoder);

interface DecoderState {
  name: string;
  fatal: boolean;
  ignoreBOM: boolean;
  decode: HostDecoder;
}

function decoderOf(label: unknown, options: unknown): DecoderState {
  const text = domString(label);
  const o = dictionary(options, 'the options');
  const fatal = !!o['fatal'];
  const ignoreBOM = !!o['ignoreBOM'];
  const name = encodingOf(text);
  return { name, fatal, ignoreBOM, decode: host.decoder(name, fatal, ignoreBOM) };
}

export class TextDecoder {
  #s: DecoderState;
  /** Whether the last call left the stream open. */
  #open = false;
  constructor(label: string = 'utf-8', options: unknown = undefined) {
    this.#s = decoderOf(label, options);
  }
  get encoding(): string {
    return this.#s.name;
  }
  get fatal(): boolean {
    return this.#s.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#s.ignoreBOM;
  }
  decode(input: BufferSource | undefined = undefined, options: unknown = undefined): string {
    const state = this.#s;
    if (input !== undefined && !isBufferSource(input) && !isShared(input)) throw new TypeError('the input is not a buffer');
    const stream = !!dictionary(options, 'the options')['stream'];
    const bytes = input === undefined ? new Uint8Array() : bytesOf(input, true);
    if (!this.#open && !stream && bytes.length === 0) return '';
    this.#open = stream;
    return state.decode(bytes, !stream);
  }
}
defineInterface(TextDecoder);

function isShared(value: unknown): value is BufferSource {
  return typeof SharedArrayBuffer === 'function' && value instanceof SharedArrayBuffer;
}

export class TextEncoderStream {
  #s: TransformState;
  constructor() {
    let high = '';
    this.#s = createTransform(
      (chunk, to) => {
        let text = high + domString(chunk);
        high = '';
        const last = text.charCodeAt(text.length - 1);
        if (last >= 0xd800 && last <= 0xdbff) {
          high = text.slice(-1);
          text = text.slice(0, -1);
        }
        if (text !== '') to.enqueue(host.encodeUtf8(text.toWellFormed()));
      },
      (to) => {
        if (high !== '') to.enqueue(host.encodeUtf8('\ufffd'));
      },
    );
  }
  get encoding() {
    this.#s;
    return 'utf-8';
  }
  get readable(): object {
    return this.#s.readable.self;
  }
  get writable(): object {
    return this.#s.writable.self;
  }
}
defineInterface(TextEncoderStream);

export class TextDecoderStream {
  #d: DecoderState;
  #s: TransformState;
  constructor(label: string = 'utf-8', options: unknown = undefined) {
    const state = (this.#d = decoderOf(label, options));
    this.#s = createTransform(
      (chunk, to) => {
        if (!isBufferSource(chunk) && !isShared(chunk)) throw new TypeError('the chunk is not a buffer');
        const text = state.decode(bytesOf(chunk, true), false);
        if (text !== '') to.enqueue(text);
      },
      (to) => {
        const text = state.decode(new Uint8Array(), true);
        if (text !== '') to.enqueue(text);
      },
    );
  }
  get encoding(): string {
    return this.#d.name;
  }
  get fatal(): boolean {
    return this.#d.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#d.ignoreBOM;
  }
  get readable(): object {
    return this.#s.readable.self;
  }
  get writable(): object {
    return this.#s.writable.self;
  }
}
defineInterface(TextDecoderStream);
