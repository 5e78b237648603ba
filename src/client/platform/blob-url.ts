/** The blob URL store (File API, section 8). */
import { isBlob } from './blob.ts';
import { randomUUID } from './random.ts';

const store = new Map<string, Blob>();

export function createBlobUrl(blob: unknown): string {
  if (!isBlob(blob)) throw new TypeError('not a Blob');
  const url = `blob:null/${randomUUID()}`;
  store.set(url, blob as unknown as Blob);
  return url;
}

export function revokeBlobUrl(url: string): void {
  store.delete(url);
}

/** The blob that a URL names, its fragment left aside. */
export function blobOf(url: string): Blob | undefined {
  return store.get(url.split('#', 1)[0]!);
}
