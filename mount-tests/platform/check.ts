/** The smallest test harness: cases run one after the other; each failure is a line on stderr, and the exit status 1. */

const cases: [string, () => unknown][] = [];

export function test(name: string, run: () => unknown): void {
  cases.push([name, run]);
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
}

export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  if (!Object.is(actual, expected)) throw new Error(`${what}: ${show(actual)} instead of ${show(expected)}`);
}

/** Compares by what JSON says of the values. */
export function same(actual: unknown, expected: unknown, what = 'value'): void {
  equal(show(actual), show(expected), what);
}

/** Runs what must throw (or reject), an error of that name. */
export async function fails(name: string, run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    equal((error as Error).name, name, 'the name of the error');
    return;
  }
  throw new Error(`no ${name} was thrown`);
}

export async function run(): Promise<void> {
  let failed = 0;
  for (const [name, body] of cases) {
    try {
      await body();
    } catch (error) {
      failed++;
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  console.log(`${cases.length - failed} of ${cases.length} cases`);
  if (failed > 0) throw new Error(`${failed} cases failed`);
}
