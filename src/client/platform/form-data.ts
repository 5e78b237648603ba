/** FormData (XMLHttpRequest standard, section 5). */
import { bytesOfBlob, createFile, isBlob, isFile } from './blob.ts';
import { defineInterface, definePairs, isObject, need, usvString } from './idl.ts';

/** A name and its value. */
export type Entry = [string, string | File];

let entriesOf: (form: FormData) => Entry[];
/** Whether the value is a FormData. */
export let isFormData: (value: unknown) => value is FormData;

/** A value as an entry keeps it: blobs become files. */
function valueOf(value: unknown, args: ArrayLike<unknown>, where: string): string | File {
  if (isBlob(value)) {
    const name = args.length > 2 && args[2] !== undefined ? usvString(args[2]) : undefined;
    if (isFile(value)) return (name === undefined ? value : createFile(value, name, value.lastModified)) as unknown as File;
    return createFile(value, name ?? 'blob', undefined) as unknown as File;
  }
  if (args.length > 2) throw new TypeError(`${where}: the value is not a Blob, although a file name is given`);
  return usvString(value);
}

export class FormData {
  #entries: Entry[] = [];

  static {
    entriesOf = (form) => form.#entries;
    isFormData = (value): value is FormData => isObject(value) && #entries in value;
  }

  constructor(form: unknown = undefined, submitter: unknown = undefined) {
    // There are no form elements here.
    if (form !== undefined || (submitter !== undefined && submitter !== null)) throw new TypeError('not a form element');
  }

  append(name: string, value: unknown, filename: string | undefined = undefined): void {
    this.#entries;
    void filename;
    need(arguments, 2, 'FormData.append');
    this.#entries.push([usvString(name), valueOf(value, arguments, 'FormData.append')]);
  }
  delete(name: string): void {
    need(arguments, 1, 'FormData.delete');
    const key = usvString(name);
    this.#entries = this.#entries.filter((entry) => entry[0] !== key);
  }
  get(name: string): string | File | null {
    need(arguments, 1, 'FormData.get');
    const key = usvString(name);
    return this.#entries.find((entry) => entry[0] === key)?.[1] ?? null;
  }
  getAll(name: string): (string | File)[] {
    need(arguments, 1, 'FormData.getAll');
    const key = usvString(name);
    return this.#entries.filter((entry) => entry[0] === key).map((entry) => entry[1]);
  }
  has(name: string): boolean {
    need(arguments, 1, 'FormData.has');
    const key = usvString(name);
    return this.#entries.some((entry) => entry[0] === key);
  }
  set(name: string, value: unknown, filename: string | undefined = undefined): void {
    this.#entries;
    void filename;
    need(arguments, 2, 'FormData.set');
    const entry: Entry = [usvString(name), valueOf(value, arguments, 'FormData.set')];
    const first = this.#entries.findIndex((e) => e[0] === entry[0]);
    if (first < 0) this.#entries.push(entry);
    else {
      this.#entries[first] = entry;
      this.#entries = this.#entries.filter((e, i) => i <= first || e[0] !== entry[0]);
    }
  }
}
definePairs(FormData, (form) => entriesOf(form));
defineInterface(FormData);
Object.defineProperty(FormData.prototype, Symbol.iterator, { enumerable: false });

/** The entries of a form. */
export { entriesOf };

/** A form of entries that the platform has read. */
export function createFormData(entries: Entry[]): FormData {
  const form = new FormData();
  entriesOf(form).push(...entries);
  return form;
}

/** The bytes of an entry's file. */
export function bytesOfFile(file: File): Uint8Array {
  return bytesOfBlob(file as never);
}
