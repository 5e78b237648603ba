// Stacks as engines write them.

/** A place in a script that the browser runs. Lines and columns count from 1. */
export interface Frame {
  /** The function; empty where it has no name. */
  readonly name: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** A line that is no place: which error caused the one before. */
export interface Note {
  readonly note: string;
}

const LONGEST = 2000;
/** V8: `at name (url:1:2)`, `at url:1:2`, with `async` and `new` before them. */
const V8 = /^\s*at (?:async (?=\S+$))?(?:(.+?) \()?(\S+?):(\d+):(\d+)\)?$/;
/** SpiderMonkey and JavaScriptCore: `name@url:1:2`. */
const OTHERS = /^(?:(.*?)@)?((?:[a-z][a-z\d+.-]*:\/\/|blob:|data:)\S+?):(\d+):(\d+)$/i;
const URL_LIKE = /^(?:[a-z][a-z\d+.-]*:\/\/|blob:|data:)/i;

/** The places of a stack, the innermost first. What an engine does by itself has none. */
export function parse(stack: string): (Frame | Note)[] {
  const lines = stack.split('\n').filter((line) => line.length <= LONGEST);
  const isV8 = lines.some((line) => /^\s*at /.test(line));
  const found: (Frame | Note)[] = [];
  for (const line of lines) {
    if (line.startsWith('caused by ')) {
      found.push({ note: line });
      continue;
    }
    const [, name = '', place, row, column] = (isV8 ? V8 : OTHERS).exec(line) ?? [];
    if (place === undefined || !URL_LIKE.test(place)) continue;
    found.push({ name: plain(name), url: place, line: Number(row), column: Number(column) });
  }
  return found;
}

/** The name without what engines add to it. */
function plain(name: string): string {
  const own = name.replace(/^async[ *]/, '').replace(/ \[as [^\]]*\]$/, '');
  return own.replace(/^(?:Object|Module|Generator)\.(?=.)/, '').replace(/\/?<$/, '');
}
