/** multipart/form-data, written (HTML, "Multipart form data") and read (Fetch, "body mixin"; RFC 7578). */
import { concat, createBlob, createFile } from './blob.ts';
import { decodeUtf8 } from './encoding.ts';
import { bytesOfFile, type Entry } from './form-data.ts';
import { host } from './host.ts';
import { toHex } from './random.ts';

const crlf = (text: string) => text.replace(/\r\n|\r|\n/g, '\r\n');
const escaped = (text: string) => text.replace(/[\n\r"]/g, (c) => (c === '\n' ? '%0A' : c === '\r' ? '%0D' : '%22'));

/** The body and its boundary. */
export function writeMultipart(entries: readonly Entry[]): { bytes: Uint8Array; boundary: string } {
  const boundary = `----formdata-hookfs-${toHex(host.random(12))}`;
  const parts: Uint8Array[] = [];
  for (const [name, value] of entries) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(crlf(name))}"`;
    if (typeof value === 'string') parts.push(host.encodeUtf8(`${head}\r\n\r\n${crlf(value)}\r\n`));
    else {
      const type = value.type || 'application/octet-stream';
      parts.push(host.encodeUtf8(`${head}; filename="${escaped(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`), bytesOfFile(value));
      parts.push(host.encodeUtf8('\r\n'));
    }
  }
  parts.push(host.encodeUtf8(`--${boundary}--\r\n`));
  return { bytes: concat(parts), boundary };
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0]!, from); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    let i = 1;
    while (i < wanted.length && bytes[at + i] === wanted[i]) i++;
    if (i === wanted.length) return at;
  }
  return -1;
}

function startsWith(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
  return wanted.every((byte, i) => bytes[at + i] === byte);
}

const malformed = (why: string) => new TypeError(`malformed multipart/form-data: ${why}`);

/** The entries of a body; a `TypeError` when it is malformed. */
export function readMultipart(bytes: Uint8Array, boundary: string): Entry[] {
  const entries: Entry[] = [];
  const delimiter = host.encodeUtf8(`--${boundary}`);
  const newline = host.encodeUtf8('\r\n');
  const between = host.encodeUtf8(`\r\n--${boundary}`);
  const dashes = host.encodeUtf8('--');
  let at = startsWith(bytes, newline, 0) ? 2 : 0;
  for (;;) {
    if (!startsWith(bytes, delimiter, at)) throw malformed('a boundary is missing');
    at += delimiter.length;
    if (startsWith(bytes, dashes, at)) return entries;
    if (!startsWith(bytes, newline, at)) throw malformed('a boundary is followed by something else');
    at += 2;
    const head: Head = { name: undefined, filename: undefined, type: undefined };
    while (!startsWith(bytes, newline, at)) {
      const end = indexOf(bytes, newline, at);
      if (end < 0) throw malformed('a header does not end');
      readHeader(bytes.subarray(at, end), head);
      at = end + 2;
    }
    at += 2;
    if (head.name === undefined) throw malformed('a part has no name');
    const end = indexOf(bytes, between, at);
    if (end < 0) throw malformed('a part does not end');
    const content = bytes.slice(at, end);
    at = end + 2;
    if (head.filename === undefined) entries.push([head.name, decodeUtf8(content)]);
    else {
      const blob = createBlob(content, head.type ?? 'text/plain');
      entries.push([head.name, createFile(blob, head.filename, undefined) as unknown as File]);
    }
  }
}

interface Head {
  name: string | undefined;
  filename: string | undefined;
  type: string | undefined;
}

/** Takes one header of a part; names are in UTF-8, with the three escapes of the writer undone. */
function readHeader(line: Uint8Array, head: Head): void {
  const text = decodeUtf8(line);
  const colon = text.indexOf(':');
  if (colon <= 0 || !/^[!#$%&'*+\-.^_`|~\w]+$/.test(text.slice(0, colon))) throw malformed('a header has no name');
  const name = text.slice(0, colon).toLowerCase();
  const value = text.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, '');
  if (name === 'content-type') head.type = value;
  if (name !== 'content-disposition') return;
  if (!/^form-data[\t ]*(;|$)/i.test(value)) throw malformed('a part is no form data');
  const parameter = /;[\t ]*([^=;\t ]+)[\t ]*=[\t ]*(?:"([^"]*)"|([^;"]*))/g;
  for (let match; (match = parameter.exec(value)); ) {
    const content = (match[2] ?? match[3]!.trim()).replace(/%(0A|0D|22)/gi, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)));
    if (match[1]!.toLowerCase() === 'name') head.name ??= content;
    else if (match[1]!.toLowerCase() === 'filename') head.filename ??= content;
  }
}
