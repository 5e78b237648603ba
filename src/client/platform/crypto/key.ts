/** CryptoKey (Web Cryptography API, section 13). */
import { registerPlatformType } from '../clone.ts';
import { defineInterface, illegal, isObject } from '../idl.ts';

export const keyUsages = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'] as const;
export type KeyUsage = (typeof keyUsages)[number];

/** What `algorithm` shows of a key. */
export interface KeyAlgorithm {
  name: string;
  hash?: { name: string };
  length?: number;
  namedCurve?: string;
  modulusLength?: number;
  publicExponent?: Uint8Array<ArrayBuffer>;
}

/** The parts of a key, by the names that JSON Web Keys give them (`k`, `d`, `n` …), as bytes; `point` is a public point of a curve. */
export type Material = Readonly<Record<string, Uint8Array>>;

/** The internal slots. */
export interface KeyParts {
  readonly type: 'secret' | 'private' | 'public';
  readonly extractable: boolean;
  readonly algorithm: KeyAlgorithm;
  readonly usages: readonly KeyUsage[];
  readonly material: Material;
}

let making: KeyParts | undefined;
let partsIn: (key: object) => KeyParts | undefined;

export class CryptoKey {
  #parts: KeyParts;
  #algorithm: KeyAlgorithm | undefined;
  #usages: KeyUsage[] | undefined;
  static {
    partsIn = (key) => (#parts in key ? key.#parts : undefined);
  }
  constructor() {
    this.#parts = making ?? illegal();
  }
  get type(): string {
    return this.#parts.type;
  }
  get extractable(): boolean {
    return this.#parts.extractable;
  }
  /** The program may do to it what it likes: it is a copy. */
  get algorithm(): KeyAlgorithm {
    const { hash, publicExponent, ...rest } = this.#parts.algorithm;
    return (this.#algorithm ??= {
      ...rest,
      ...(publicExponent && { publicExponent: publicExponent.slice() }),
      ...(hash && { hash: { ...hash } }),
    });
  }
  get usages(): KeyUsage[] {
    return (this.#usages ??= [...this.#parts.usages]);
  }
}
defineInterface(CryptoKey);

export function makeKey(parts: KeyParts): CryptoKey {
  making = { ...parts, usages: keyUsages.filter((usage) => parts.usages.includes(usage)) };
  try {
    return new CryptoKey();
  } finally {
    making = undefined;
  }
}

/** The slots of an argument that is to be a key. */
export function partsOf(key: unknown, what = 'the key'): KeyParts {
  const parts = isObject(key) ? partsIn(key) : undefined;
  if (!parts) throw new TypeError(`${what} is not a CryptoKey`);
  return parts;
}

registerPlatformType({
  is: (value) => partsIn(value) !== undefined,
  serialize: (value) => {
    const parts = partsOf(value);
    return () => makeKey(parts);
  },
});
