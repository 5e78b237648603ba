/** Text that is markup already. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

type Value = Markup | string | number | undefined | Value[];

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => ENTITIES[letter]!);

function part(value: Value): string {
  if (Array.isArray(value)) return value.map(part).join('');
  return value instanceof Markup ? value.text : escaped(String(value ?? ''));
}

/** Markup with values in it, which are escaped. */
export function html(texts: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(texts.map((text, index) => text + (index < values.length ? part(values[index]) : '')).join(''));
}
