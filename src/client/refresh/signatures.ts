// Signatures: what a function's state depends on, its calls of hooks in their order. Two versions of a component share
// their state where these agree.

import { innerOf, isType, kindOf, type Type } from './component';

interface Signature {
  /** The function's own calls of hooks. */
  readonly key: string;
  /** The source asks for a new state at each edit, or nobody can tell. */
  isReset: boolean;
  /** The custom hooks that it calls. */
  readonly hooks: (() => unknown) | undefined;
  /** `key`, with those of the custom hooks, transitively. */
  full: string | undefined;
  /** No circle of hooks was cut off in `full`: it says the same wherever it is part of another. */
  isWhole: boolean;
}

/**
 * What `$RefreshSig$()` gives. Called with a key, after the definition: signs a type, and gives it back. Called
 * without, first thing in each render: the custom hooks are taken down then, while they are still those that run.
 */
export interface Signer {
  (): void;
  <T>(type: T, key: string, isReset?: boolean, hooks?: () => unknown): T;
}

export class Signatures {
  readonly #byType = new WeakMap<Type, Signature>();

  /** One for each function of a source that calls hooks. */
  signer(): Signer {
    let state: 'unsigned' | 'signed' | 'rendered' = 'unsigned';
    let first: Type | undefined;
    const signer = (type?: unknown, key?: unknown, isReset?: boolean, hooks?: () => unknown): unknown => {
      if (typeof key === 'string') {
        // What is wrapped around the function is signed by the same signer.
        if (!isType(type)) return type;
        this.sign(type, key, isReset, hooks);
        if (state === 'unsigned') {
          state = 'signed';
          first = type;
        }
        return type;
      }
      if (state === 'signed') {
        state = 'rendered';
        this.#takeDown(first!);
        first = undefined;
      }
      return undefined;
    };
    return signer as Signer;
  }

  /** Signs a type, and what it wraps. The first signature of a type stays. */
  sign(type: Type, key: string, isReset = false, hooks?: () => unknown): void {
    if (!this.#byType.has(type)) {
      this.#byType.set(type, {
        key,
        isReset: isReset === true,
        hooks: typeof hooks === 'function' ? hooks : undefined,
        full: undefined,
        isWhole: false,
      });
    }
    const inner = innerOf(type);
    if (inner !== undefined) this.sign(inner[1], key, isReset, hooks);
  }

  /** Whether a component that is mounted as `previous` goes on as `next`, with its state. Classes never do. */
  keepsState(previous: Type, next: Type): boolean {
    if (kindOf(previous) === 'class' || kindOf(next) === 'class') return false;
    const before = this.#byType.get(previous);
    const after = this.#byType.get(next);
    if (before === undefined || after === undefined) return before === after;
    return this.#full(before) === this.#full(after) && !after.isReset;
  }

  #takeDown(type: Type): void {
    const signature = this.#byType.get(type);
    if (signature !== undefined) this.#full(signature);
  }

  #full(signature: Signature): string {
    return signature.full ?? this.#visit(signature, new Set()).text;
  }

  /** Hooks may call each other in a circle: one that is being visited adds nothing. */
  #visit(signature: Signature, visiting: Set<Signature>): { text: string; isWhole: boolean } {
    if (signature.full !== undefined && signature.isWhole) return { text: signature.full, isWhole: true };
    visiting.add(signature);
    let text = signature.key;
    let isWhole = true;
    for (const hook of hooksOf(signature)) {
      const nested = this.#byType.get(hook);
      // A hook of a package, or of React.
      if (nested === undefined) continue;
      if (visiting.has(nested)) {
        isWhole = false;
        continue;
      }
      const below = this.#visit(nested, visiting);
      if (nested.isReset) signature.isReset = true;
      if (!below.isWhole) isWhole = false;
      // Parenthesised: what a hook calls is not what its caller calls after it.
      text += `\n(${below.text}\n)`;
    }
    visiting.delete(signature);
    if (isWhole || visiting.size === 0) Object.assign(signature, { full: text, isWhole });
    return { text, isWhole };
  }
}

/** The custom hooks that a function calls. Where they cannot be known, its state cannot be kept. */
function hooksOf(signature: Signature): Type[] {
  if (signature.hooks === undefined) return [];
  let listed: unknown;
  try {
    listed = signature.hooks();
  } catch {
    listed = undefined;
  }
  if (Array.isArray(listed) && listed.every((hook) => typeof hook === 'function')) return listed as Type[];
  signature.isReset = true;
  return [];
}
