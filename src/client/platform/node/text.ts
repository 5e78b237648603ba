/** The encodings of Buffer and StringDecoder (Node, "Buffers and character encodings"). */
import { decodeLoose, encode } from '../base64.ts';
import { decodeUtf8KeepBom } from '../encoding.ts';
import { host } from '../host.ts';
import { toHex } from '../random.ts';
import { withCode } from './errors.ts';

export type Encoding = 'utf8' | 'utf16le' | 'latin1' | 'ascii' | 'base64' | 'base64url' | 'hex';

const names: Record<string, Encoding> = {
  utf8: 'utf8',
  'utf-8': 'utf8',
  utf16le: 'utf16le',
  'utf-16le': 'utf16le',
  ucs2: 'utf16le',
  'ucs-2': 'utf16le',
  latin1: 'latin1',
  binary: 'latin1',
  ascii: 'ascii',
  base64: 'base64',
  base64url: 'base64url',
  hex: 'hex',
};

/** The encoding of a name in any case; undefined when there is none. */
export function encodingOf(name: unknown): Encoding | undefined {
  return typeof name === 'string' && Object.hasOwn(names, name.toLowerCase()) ? names[name.toLowerCase()] : undefined;
}

/** As `encodingOf`, nothing being UTF-8; an unknown name throws as Node does. */
export function encodingOrThrow(name: unknown): Encoding {
  if (name === undefined || name === null || name === '') return 'utf8';
  const encoding = encodingOf(String(name));
  if (!encoding) throw withCode(new TypeError(`Unknown encoding: ${String(name)}`), 'ERR_UNKNOWN_ENCODING');
  return encoding;
}

export function toBytes(text: string, encoding: Encoding): Uint8Array<ArrayBuffer> {
  switch (encoding) {
    case 'utf8':
      return host.encodeUtf8(text.toWellFormed()) as Uint8Array<ArrayBuffer>;
    case 'utf16le': {
      const bytes = new Uint8Array(text.length * 2);
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        bytes[2 * i] = unit;
        bytes[2 * i + 1] = unit >> 8;
      }
      return bytes;
    }
    case 'latin1':
    case 'ascii':
      return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
    case 'hex': {
      // As far as there are whole pairs of digits.
      const valid = /^(?:[0-9a-f]{2})*/i.exec(text)![0];
      return Uint8Array.from({ length: valid.length / 2 }, (_, i) => parseInt(valid.slice(2 * i, 2 * i + 2), 16));
    }
    default:
      return decodeLoose(text);
  }
}

/** One character for each byte. */
function units(bytes: Uint8Array, mask: number): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) {
    const piece = bytes.subarray(i, i + 4096);
    text += String.fromCharCode.apply(null, (mask === 0xff ? piece : piece.map((byte) => byte & mask)) as unknown as number[]);
  }
  return text;
}

export function toText(bytes: Uint8Array, encoding: Encoding): string {
  switch (encoding) {
    case 'utf8':
      return decodeUtf8KeepBom(bytes);
    case 'utf16le': {
      let text = '';
      for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes[i]! | (bytes[i + 1]! << 8));
      return text;
    }
    case 'latin1':
      return units(bytes, 0xff);
    case 'ascii':
      return units(bytes, 0x7f);
    case 'hex':
      return toHex(bytes);
    default:
      return encode(bytes, encoding === 'base64url');
  }
}
