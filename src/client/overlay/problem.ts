// What is wrong, as the overlay shows it.

export type Kind = 'compile' | 'runtime';

/** Where something is wrong, and what leads there. */
interface Whereabouts {
  /** The file as its user names it, from the root of the mount: `/ui/form.tsx`. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** The lines around the place, with a marker under it. */
  readonly frame?: string;
  /** Who imports the file, nearest first. */
  readonly importers?: readonly string[];
  readonly hint?: string;
}

export interface Problem extends Whereabouts {
  readonly kind: Kind;
  /** One line: what is wrong. */
  readonly title: string;
  /** What there is to say besides; may be empty. */
  readonly text: string;
  /** The name of the kind of problem: `unresolved-import`; of a runtime error its class. */
  readonly code?: string;
  /** The stack as the engine wrote it; the overlay looks for the sources' places. */
  readonly stack?: string;
}

/** What stands in the place of a module that does not compile. */
export interface Fault {
  /** The diagnostics as a text. */
  readonly fault: string;
  readonly diagnostics?: readonly Diagnostic[];
}

/** See `base::Diagnostic`. */
export interface Diagnostic extends Whereabouts {
  readonly code: string;
  readonly message: string;
}

/** What the overlay shows of a module that does not compile. */
export function problemsOf(fault: Fault): Problem[] {
  const { diagnostics } = fault;
  if (diagnostics === undefined || diagnostics.length === 0) return [ofText(fault.fault)];
  return diagnostics.map(({ message, ...rest }): Problem => ({ kind: 'compile', title: message, text: '', ...rest }));
}

/** Of a diagnostic as a text: its first line is what is wrong. */
function ofText(text: string): Problem {
  const [first = '', ...rest] = text.split('\n');
  const [, code, title] = /^error\[([\w-]+)\]: (.*)$/.exec(first) ?? [];
  const problem: Problem = { kind: 'compile', title: title ?? first, text: rest.join('\n') };
  return code === undefined ? problem : { ...problem, code };
}

/** What makes two problems the same to their reader. */
export function identity({ kind, code, title, text, file, line, column, stack }: Problem): string {
  return JSON.stringify([kind, code, title, text, file, line, column, stack?.split('\n', 8)]);
}
