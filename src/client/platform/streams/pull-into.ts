/** Views of buffers, as the controller of byte streams keeps them (Streams standard, 4.7.2). */
import { copyOf } from '../idl.ts';

export type ViewConstructor = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

/** A view that is to be filled, and how far it is. */
export interface PullInto {
  buffer: ArrayBuffer;
  bufferLength: number;
  offset: number;
  length: number;
  filled: number;
  minimum: number;
  elementSize: number;
  view: ViewConstructor;
  reader: 'default' | 'byob' | 'none';
}

/** The constructor of a view's own kind, whatever its `constructor` says. */
export function constructorOf(view: ArrayBufferView): [ViewConstructor, number] {
  const tag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!.call(view) as string | undefined;
  if (tag === undefined) return [DataView as unknown as ViewConstructor, 1];
  const c = (globalThis as unknown as Record<string, ViewConstructor & { BYTES_PER_ELEMENT: number }>)[tag]!;
  return [c, c.BYTES_PER_ELEMENT];
}

/** A copy of a chunk of bytes, for the other branch of a tee. */
export function cloneBytes(view: ArrayBufferView): Uint8Array {
  return copyOf(view as BufferSource);
}
