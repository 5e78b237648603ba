// Whose error it is: the page's own code's, or somebody else's.

import type { Problem } from './problem';
import { parse } from './stack';

/** What is no fault of anybody's: browsers tell of it by error events all the same. */
export function isNoise(problem: Problem, message: string): boolean {
  return problem.code === 'AbortError' || /^(?:Uncaught )?ResizeObserver loop/.test(message);
}

/**
 * Whether none of the page's own code had to do with it: it comes from an extension, or from a script of another origin, of
 * which browsers tell nothing.
 */
export function isForeign(problem: Problem, file: string, base: string): boolean {
  if (/^(?:thrown: ")?Script error\.?"?$/.test(problem.title)) return true;
  const urls = parse(problem.stack ?? '').flatMap((frame) => ('url' in frame ? [frame.url] : []));
  if (urls.length === 0) return file !== '' && file !== 'undefined' && !isOwn(file, base);
  return !isOwn(urls[0]!, base) && (isOfExtension(urls[0]!) || !urls.some((url) => isOwn(url, base)));
}

function isOfExtension(url: string): boolean {
  return /^[a-z-]*-extension:/i.test(url);
}

function isOwn(url: string, base: string): boolean {
  if (/^(?:blob|data):/i.test(url)) return true;
  try {
    const { origin } = new URL(url);
    return origin === new URL(base).origin || origin === location.origin;
  } catch {
    return false;
  }
}
