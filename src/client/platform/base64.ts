/** Base64 to bytes and back, for what the engine's `atob` and `btoa` are too strict or too slow for. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i;
values[0x2d] = 62;
values[0x5f] = 63;

/** Decodes either alphabet, and ignores all other characters; ends at the first `=`. */
export function decodeLoose(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3d) break;
    const value = code < 128 ? values[code]! : -1;
    if (value < 0) continue;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[length++] = (bits >> count) & 0xff;
    }
  }
  return bytes.slice(0, length);
}

/** "Forgiving-base64 decode" (Infra standard, section 7); undefined on failure. */
export function decodeForgiving(text: string): Uint8Array<ArrayBuffer> | undefined {
  let data = text.replace(/[\t\n\f\r ]/g, '');
  if (data.length % 4 === 0) data = data.replace(/==?$/, '');
  if (data.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(data)) return undefined;
  return decodeLoose(data);
}

/** Encodes; by the URL alphabet without padding when asked. */
export function encode(bytes: Uint8Array, url = false): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += alphabet[bits >> 18]! + alphabet[(bits >> 12) & 63]!;
    text += i + 1 < bytes.length ? alphabet[(bits >> 6) & 63]! : '=';
    text += i + 2 < bytes.length ? alphabet[bits & 63]! : '=';
  }
  return url ? text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') : text;
}
