/** CompressionStream and DecompressionStream (Compression standard). */
import { host, type HostCodec } from './host.ts';
import { bytesOf, defineInterface, isBufferSource, need, oneOf } from './idl.ts';
import { createTransform, type TransformState } from './streams/transform.ts';

const formats = ['deflate', 'deflate-raw', 'gzip'] as const;

function through(codec: HostCodec): TransformState {
  return createTransform(
    (chunk, to) => {
      if (!isBufferSource(chunk)) throw new TypeError('the chunk is not a buffer');
      codec(bytesOf(chunk), false, (piece) => to.enqueue(piece));
    },
    (to) => codec(new Uint8Array(), true, (piece) => to.enqueue(piece)),
  );
}

export class CompressionStream {
  #s: TransformState;
  constructor(format: string) {
    need(arguments, 1, 'CompressionStream');
    this.#s = through(host.compressor(oneOf(format, formats, 'the format')));
  }
  get readable(): object {
    return this.#s.readable.self;
  }
  get writable(): object {
    return this.#s.writable.self;
  }
}
defineInterface(CompressionStream);

export class DecompressionStream {
  #s: TransformState;
  constructor(format: string) {
    need(arguments, 1, 'DecompressionStream');
    this.#s = through(host.decompressor(oneOf(format, formats, 'the format')));
  }
  get readable(): object {
    return this.#s.readable.self;
  }
  get writable(): object {
    return this.#s.writable.self;
  }
}
defineInterface(DecompressionStream);
