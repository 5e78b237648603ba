// What the daemon tells, read again and again: plain files, so that any server will do.

export type State = 'unknown' | 'fresh' | 'stale' | 'failed';

/** `graph.json`. */
export interface Graph {
  /** Another one in every life of the daemon. */
  readonly epoch: number;
  /** The last change that it has. */
  readonly at: number;
  readonly files: readonly GraphFile[];
}

/** `graph-changes.json`: what a graph that has all changes up to `from` lacks of those up to `at`. */
export interface GraphChanges {
  readonly epoch: number;
  readonly from: number;
  readonly at: number;
  /** They import paths. */
  readonly files: readonly (Omit<GraphFile, 'imports'> & { readonly imports: readonly string[] })[];
  readonly gone: readonly string[];
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
      const [graph, status, errors] = await Promise.all([readGraph(told?.graph), read<Status>('status.json'), readErrors()]);
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

/** The graph as it is now, of which that of before is known. */
async function readGraph(before: Graph | undefined): Promise<Graph> {
  if (before !== undefined) {
    const changes = await read<GraphChanges>('graph-changes.json');
    const { epoch, from, at } = changes;
    if (epoch === before.epoch && from <= before.at && before.at <= at) return changed(before, changes);
  }
  return read('graph.json');
}

/** A graph with what has changed of it. */
export function changed(graph: Graph, { at, epoch, files: changes, gone }: GraphChanges): Graph {
  if (changes.length === 0 && gone.length === 0) return graph;
  const out = new Set(gone);
  const stay = graph.files.filter(({ path }) => !out.has(path));
  const places = new Map(stay.map(({ path }, at) => [path, at]));
  for (const { path } of changes) if (!places.has(path)) places.set(path, places.size);
  const placesOf = (paths: readonly string[]) => paths.flatMap((path) => places.get(path) ?? []);
  // What has stayed is where it was, unless something is gone.
  const moved = ({ imports }: GraphFile) => placesOf(imports.map((at) => graph.files[at]!.path));
  const files = out.size === 0 ? stay : stay.map((file) => ({ ...file, imports: moved(file) }));
  for (const file of changes) files[places.get(file.path)!] = { ...file, imports: placesOf(file.imports) };
  return { epoch, at, files };
}

/** It quotes sources: not everybody who may see the rest may read it. */
async function readErrors(): Promise<readonly FileError[]> {
  try {
    return await read<FileError[]>('errors.json');
  } catch {
    return [];
  }
}
