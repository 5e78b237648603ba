// Specifiers, and the ids that they mean.

/** The id of what a module is made of: without the query and the fragment, which make an instance of its own. */
export function plainOf(id: string): string {
  const at = id.search(/[?#]/);
  return at < 0 ? id : id.slice(0, at);
}

/** A query and a fragment as URLs have them; empty ones are none. */
function encoded(suffix: string): string {
  if (suffix.length < 2) return '';
  return suffix.replace(/[^!#-&(-;=?-~]+/g, (text) => encodeURIComponent(text.toWellFormed()).replace(/'/g, '%27'));
}

/** A specifier as an id: relative to a module, or from the root, with or without the base in front. */
export function resolve(specifier: string, from: string, base = ''): string {
  let text = specifier;
  if (base !== '' && text.startsWith(`${base}/`)) text = text.slice(base.length);
  if (!/^\.{0,2}\//.test(text)) return text;
  const path = plainOf(text);
  const parts = path.startsWith('/') ? [] : plainOf(from).split('/').slice(1, -1);
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}${encoded(text.slice(path.length))}`;
}
