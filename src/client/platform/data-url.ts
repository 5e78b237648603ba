/** `data:` URLs (Fetch standard, section 6). */
import { decodeForgiving } from './base64.ts';
import { host } from './host.ts';
import { parseMime, serializeMime } from './mime.ts';
import { percentDecode } from './url-search-params.ts';

/** The content of a serialized `data:` URL; undefined when it is malformed. */
export function dataUrl(url: string): { type: string; bytes: Uint8Array } | undefined {
  const text = url.slice('data:'.length).split('#', 1)[0]!;
  const comma = text.indexOf(',');
  if (comma < 0) return undefined;
  let mime = text.slice(0, comma).replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '');
  let bytes: Uint8Array | undefined = percentDecode(host.encodeUtf8(text.slice(comma + 1)));
  const base64 = /; *base64$/i.exec(mime);
  if (base64) {
    bytes = decodeForgiving(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    if (!bytes) return undefined;
    mime = mime.slice(0, base64.index);
  }
  if (mime.startsWith(';')) mime = `text/plain${mime}`;
  const parsed = parseMime(mime);
  return { type: parsed ? serializeMime(parsed) : 'text/plain;charset=US-ASCII', bytes };
}
