// The console (https://console.spec.whatwg.org/).

import { format, inspect, shown, type Options } from './inspect';
import { native } from './native';

let indentation = '';
const counts = new Map<string, number>();
const times = new Map<string, number>();

function print(isError: boolean, text: string): void {
  const shown = indentation === '' ? text : text.replace(/^/gm, indentation);
  native.write(isError, `${shown}\n`.toWellFormed());
}

const out = (...values: unknown[]) => print(false, format(values));
const error = (...values: unknown[]) => print(true, format(values));
const elapsed = (label: string) => `${label}: ${(native.now() - times.get(label)!).toFixed(3)}ms`;

export const console = {
  log: out,
  info: out,
  debug: out,
  warn: error,
  error,
  trace(...values: unknown[]) {
    const stack = native.placed(new Error().stack ?? '');
    const [, ...frames] = stack.trimEnd().split('\n');
    print(true, [`Trace${values.length === 0 ? '' : `: ${format(values)}`}`, ...frames].join('\n'));
  },
  assert(condition?: unknown, ...values: unknown[]) {
    if (condition) return;
    print(true, values.length === 0 ? 'Assertion failed' : `Assertion failed: ${format(values)}`);
  },
  dir: (value: unknown, options?: Options) => print(false, inspect(value, options)),
  dirxml: out,
  table(value: unknown, columns?: string[]) {
    if (typeof value !== 'object' || value === null) return out(value);
    print(
      false,
      shown(() => table(value, columns)),
    );
  },
  group(...values: unknown[]) {
    if (values.length > 0) out(...values);
    indentation += '  ';
  },
  groupCollapsed: (...values: unknown[]) => console.group(...values),
  groupEnd() {
    indentation = indentation.slice(2);
  },
  count(label = 'default') {
    const count = (counts.get(`${label}`) ?? 0) + 1;
    counts.set(`${label}`, count);
    out(`${label}: ${count}`);
  },
  countReset: (label = 'default') => void counts.delete(`${label}`),
  time(label = 'default') {
    if (times.has(`${label}`)) return error(`Label '${label}' already exists for console.time()`);
    times.set(`${label}`, native.now());
  },
  timeLog(label = 'default', ...values: unknown[]) {
    if (!times.has(`${label}`)) return error(`No such label '${label}' for console.timeLog()`);
    out(elapsed(`${label}`), ...values);
  },
  timeEnd(label = 'default') {
    if (!times.has(`${label}`)) return error(`No such label '${label}' for console.timeEnd()`);
    out(elapsed(`${label}`));
    times.delete(`${label}`);
  },
};

function table(value: object, wanted?: string[]): string {
  const names = wanted ?? [];
  let hasValues = false;
  const rows = Object.entries(value).map(([key, row]) => {
    const cells = new Map<string, string>([['(index)', key]]);
    if (typeof row !== 'object' || row === null) {
      hasValues = true;
      return cells.set('Values', inspect(row));
    }
    for (const [name, cell] of Object.entries(row as object)) {
      if (wanted === undefined && !names.includes(name)) names.push(name);
      if (names.includes(name)) cells.set(name, inspect(cell, { depth: 0 }));
    }
    return cells;
  });
  const columns = ['(index)', ...names, ...(hasValues ? ['Values'] : [])];
  const widths = columns.map((name) => 2 + Math.max(name.length, ...rows.map((row) => (row.get(name) ?? '').length)));
  const line = (left: string, middle: string, right: string) => left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const cells = (of: (name: string) => string) => `│${columns.map((name, at) => ` ${of(name).padEnd(widths[at]! - 1)}`).join('│')}│`;
  return [
    line('┌', '┬', '┐'),
    cells((name) => name),
    line('├', '┼', '┤'),
    ...rows.map((row) => cells((name) => row.get(name) ?? '')),
    line('└', '┴', '┘'),
  ].join('\n');
}
