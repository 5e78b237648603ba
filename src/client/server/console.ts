// The console (https://console.spec.whatwg.org/).

import { format, inspect, shown, type Options } from './inspect';
import { native } from './native';
import { framesOf } from './stack';

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
    print(true, `Trace${values.length === 0 ? '' : `: ${format(values)}`}\n${framesOf(new Error())}`);
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
  clear() {
    indentation = '';
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

/** The rows of a table: what stands first in each, by what the column is called, and what the others are made of. */
function rowsOf(value: object): [heading: string, rows: [index: string, row: unknown][]] {
  if (value instanceof Map) {
    const pairs = [...(value as Map<unknown, unknown>)].map(([key, value]) => ({ Key: key, Values: value }));
    return ['(iteration index)', pairs.map((pair, index) => [`${index}`, pair])];
  }
  if (value instanceof Set) return ['(iteration index)', [...(value as Set<unknown>)].map((item, index) => [`${index}`, item])];
  return ['(index)', Object.entries(value)];
}

function table(value: object, wanted?: string[]): string {
  const names = wanted ?? [];
  let hasValues = false;
  const [heading, entries] = rowsOf(value);
  const rows = entries.map(([key, row]) => {
    const cells = new Map<string, string>([[heading, key]]);
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
  const columns = [heading, ...names, ...(hasValues ? ['Values'] : [])];
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
