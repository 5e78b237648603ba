/** MIME types (MIME Sniffing standard, section 4). */

/** A parsed MIME type. */
export interface MimeType {
  /** `type/subtype`, in lower case. */
  essence: string;
  parameters: Map<string, string>;
}

const token = /^[!#$%&'*+\-.^_`|~\w]+$/;
const quotedText = /^[\t\x20-\x7e\x80-\xff]*$/;

const trim = (text: string) => text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
const trimEnd = (text: string) => text.replace(/[\t\n\r ]+$/, '');

/** Reads a quoted string that begins at `at`; gives its text and what is behind it. */
export function quoted(text: string, at: number): [string, number] {
  let value = '';
  for (let i = at + 1; ; i++) {
    const c = text[i];
    if (c === undefined) return [value, i];
    if (c === '"') return [value, i + 1];
    if (c === '\\' && i + 1 < text.length) value += text[++i];
    else value += c;
  }
}

export function parseMime(input: string): MimeType | undefined {
  const text = trim(input);
  const [, type, subtype, rest] = /^([^/]*)\/([^;]*)(;.*)?$/s.exec(text) ?? [];
  if (type === undefined || !token.test(type) || !token.test(trimEnd(subtype!))) return undefined;
  const parameters = new Map<string, string>();
  const list = rest ?? '';
  for (let at = 0; at < list.length; ) {
    at++; // the semicolon
    while (/[\t\n\r ]/.test(list[at] ?? '')) at++;
    const start = at;
    while (at < list.length && list[at] !== ';' && list[at] !== '=') at++;
    const name = list.slice(start, at).toLowerCase();
    if (list[at] !== '=') continue;
    at++;
    let value: string;
    if (list[at] === '"') {
      [value, at] = quoted(list, at);
      while (at < list.length && list[at] !== ';') at++;
    } else {
      const from = at;
      while (at < list.length && list[at] !== ';') at++;
      value = trimEnd(list.slice(from, at));
      if (value === '') continue;
    }
    if (token.test(name) && quotedText.test(value) && !parameters.has(name)) parameters.set(name, value);
  }
  return { essence: `${type}/${trimEnd(subtype!)}`.toLowerCase(), parameters };
}

export function serializeMime(mime: MimeType): string {
  let text = mime.essence;
  for (const [name, value] of mime.parameters) {
    text += `;${name}=${token.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
  }
  return text;
}

/** "Extract a MIME type" from the values of `Content-Type` headers, joined by commas. */
export function extractMime(header: string | null): MimeType | undefined {
  if (header === null) return undefined;
  let charset: string | undefined;
  let essence: string | undefined;
  let result: MimeType | undefined;
  for (const value of splitList(header)) {
    const mime = parseMime(value);
    if (!mime || mime.essence === '*/*') continue;
    result = mime;
    if (mime.essence !== essence) {
      charset = mime.parameters.get('charset');
      essence = mime.essence;
    } else if (!mime.parameters.has('charset') && charset !== undefined) mime.parameters.set('charset', charset);
  }
  return result;
}

/** "Get, decode, and split": the members of a list, commas in quotes kept. */
export function splitList(header: string): string[] {
  const values: string[] = [];
  let value = '';
  for (let at = 0; at <= header.length; ) {
    const c = header[at];
    if (c === '"') {
      const [, end] = quoted(header, at);
      value += header.slice(at, end);
      at = end;
    } else if (c === undefined || c === ',') {
      values.push(value.replace(/^[\t ]+|[\t ]+$/g, ''));
      value = '';
      at++;
    } else {
      value += c;
      at++;
    }
  }
  return values;
}
