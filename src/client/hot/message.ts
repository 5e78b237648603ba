// What the server says to pages. `src/hot` is the other side.

import type { Fault } from '../overlay/problem';

/** A module that is another now: its text, an expression that gives its definition, or what is wrong with it. */
export interface Change {
  readonly id: string;
  readonly hash: string;
  readonly text?: string;
  /** The text of its source map. */
  readonly map?: string;
  readonly fault?: Fault;
}

/** A style sheet of the page: the name of its version, from the base; its text; or what is wrong with it. */
export type Sheet = string | { readonly text: string } | { readonly fault: Fault };

/** A module or a style sheet of the page, and what is wrong with it. */
export interface Outcome {
  readonly id: string;
  readonly fault?: Fault | undefined;
}

/** What is wrong with a style sheet. */
export function faultOf(sheet: Sheet): Fault | undefined {
  return typeof sheet === 'object' && 'fault' in sheet ? sheet.fault : undefined;
}

export interface Update {
  readonly time: number;
  readonly changes?: readonly Change[];
  /** What no entry of the page imports any more. */
  readonly gone?: readonly string[];
  /** Where files are that the page names by their URL. */
  readonly bundles?: Readonly<Record<string, string>>;
  readonly styles?: Readonly<Record<string, Sheet>>;
}

export type Message =
  | { readonly type: 'ready' }
  | (Update & { readonly type: 'update' })
  | { readonly type: 'reload'; readonly reason: string }
  | { readonly type: 'custom'; readonly event: string; readonly data: unknown };

/** What developers call a module: the name of its source. */
export function shown(id: string): string {
  return id.replace(/(\.(?:[cm]?tsx?|jsx|[cm]js|json5?|s?css|sass|less|styl|svg|png|jpe?g|gif|webp|avif|txt|md|wasm))\.js(?=[?#]|$)/, '$1');
}
