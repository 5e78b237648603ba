// What the daemon tells, read again and again: plain files, so that any server will do.

export type State = 'unknown' | 'fresh' | 'stale' | 'failed';

/** `graph.json`. */
export interface Graph {
  readonly files: readonly GraphFile[];
}

export interface GraphFile {
  readonly path: string;
  readonly state: State;
  readonly took_micros: number;
  /** When something of it was computed last, in seconds since 1970; 0: never. */
  readonly computed: number;
  /** Places in the list of files. */
  readonly imports: readonly number[];
  readonly nodes: readonly GraphNode[];
}

export interface GraphNode {
  readonly computation: string;
  readonly output: string;
  /** Where its report is. */
  readonly report: string;
  readonly state: State;
  readonly took_micros: number;
}

/** `recent.json`. */
export interface Recent {
  readonly totals: Readonly<Record<'computed' | 'verified' | 'hits' | 'failed' | 'nodes', number>>;
  readonly changes: readonly Change[];
}

export interface Change {
  readonly number: number;
  /** In milliseconds since 1970. */
  readonly time: number;
  readonly sources: readonly string[];
  readonly more_sources: number;
  readonly runs: readonly Run[];
  readonly changed: number;
  readonly same: number;
  readonly failed: number;
  readonly took_micros: number;
  readonly verified: number;
}

export interface Run {
  readonly file: string;
  readonly computation: string;
  readonly outcome: 'changed' | 'same' | 'failed';
  readonly took_micros: number;
}

/** Some of `status.json`. */
export interface Status {
  readonly version: string;
  readonly name: string | null;
  readonly mode: 'exact' | 'verify';
  readonly mode_reason: string | null;
  readonly rss_bytes: number | null;
  readonly disk_bytes: number;
  readonly source?: string;
  readonly workspace?: string;
}

/** One of `errors.json`. */
export interface FileError {
  readonly file: string;
  readonly text: string;
}

/** Some of the report on a node. */
export interface Report {
  readonly reason: string | null;
  readonly error: string | null;
  readonly dependencies: readonly { readonly kind: string; readonly name: string; readonly seen: string }[];
}

export interface Told {
  readonly recent: Recent;
  readonly graph: Graph;
  readonly status: Status;
  readonly errors: readonly FileError[];
}

/** How often it is asked what is new, in milliseconds; of one that does not answer, less often. */
const EVERY = 1000;
const PATIENCE = 15_000;

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url, { cache: 'no-cache', signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return (await response.json()) as T;
}

/** What is known of one node. */
export function reportOf({ report }: GraphNode): Promise<Report> {
  return read(report);
}

/** Tells what there is, and tells it again when something has happened, as long as the page is looked at. */
export function follow(tell: (told: Told) => void, fail: (error: unknown) => void): void {
  let before = '';
  let told: Told | undefined;
  const look = async (): Promise<void> => {
    const recent = await read<Recent>('recent.json');
    // All else is as it was where no source has changed, nothing ran, and nothing is known anew.
    const { computed, verified, nodes } = recent.totals;
    const now = JSON.stringify([recent.changes[0]?.number, computed, verified, nodes]);
    if (now === before && told !== undefined) {
      told = { ...told, recent };
    } else {
      const [graph, status, errors] = await Promise.all([read<Graph>('graph.json'), read<Status>('status.json'), readErrors()]);
      told = { recent, graph, status, errors };
      before = now;
    }
    tell(told);
  };
  const again = (): void => {
    const next = () => setTimeout(again, document.hidden ? EVERY * 10 : EVERY);
    look().then(next, (error: unknown) => {
      before = '';
      fail(error);
      setTimeout(again, EVERY * 2);
    });
  };
  again();
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) look().catch(fail);
  });
}

/** It quotes sources: not everybody who may see the rest may read it. */
async function readErrors(): Promise<readonly FileError[]> {
  try {
    return await read<FileError[]>('errors.json');
  } catch {
    return [];
  }
}
