// What React takes for a component, as far as that shows from outside. Nothing here throws: an export can be a proxy or
// have accessors.

/** A component's type: a function, or what `memo` and `forwardRef` give. Other objects and functions may come, too. */
export type Type = object;

/** How React renders a type. */
export type Kind = 'function' | 'class' | 'memo' | 'forwardRef' | 'other';

const MEMO = Symbol.for('react.memo');
const FORWARD_REF = Symbol.for('react.forward_ref');

export function isType(value: unknown): value is Type {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

/** A property; `undefined` where reading it throws. */
export function read(object: object, key: PropertyKey): unknown {
  try {
    return (object as Record<PropertyKey, unknown>)[key];
  } catch {
    return undefined;
  }
}

export function kindOf(type: Type): Kind {
  if (typeof type === 'function') {
    const prototype = read(type, 'prototype');
    return isType(prototype) && Boolean(read(prototype, 'isReactComponent')) ? 'class' : 'function';
  }
  const mark = read(type, '$$typeof');
  return mark === MEMO ? 'memo' : mark === FORWARD_REF ? 'forwardRef' : 'other';
}

/**
 * All that decides how React mounts a type. It goes on with the same shape only, except that it can put a class in the
 * place of a function, and the other way round, if both begin anew.
 */
export function shapeOf(type: Type): string {
  const kind = kindOf(type);
  const inner = innerOf(type);
  if (inner === undefined) return kind;
  const compares = kind === 'memo' && isType(read(type, 'compare')) ? ' with a comparison' : '';
  return `${kind}${compares} of ${shapeOf(inner[1])}`;
}

/** What `memo` or `forwardRef` was called with, and the property that has it. */
export function innerOf(type: Type): readonly ['type' | 'render', Type] | undefined {
  // To ask a function of what kind it is makes its `prototype`, which most never need.
  if (typeof type === 'function') return undefined;
  const kind = kindOf(type);
  if (kind !== 'memo' && kind !== 'forwardRef') return undefined;
  const key = kind === 'memo' ? 'type' : 'render';
  const inner = read(type, key);
  return isType(inner) ? [key, inner] : undefined;
}

/**
 * Whether an export looks like a component: a class of React's, what `memo` or `forwardRef` gives, a function with a
 * capitalised name. A class that is not React's, or a function with methods in its prototype, is none.
 */
export function isLikelyComponent(value: unknown): value is Type {
  if (!isType(value)) return false;
  const kind = kindOf(value);
  if (kind === 'other') return false;
  return kind !== 'function' || (hasPlainPrototype(value) && hasComponentName(value));
}

function hasPlainPrototype(type: Type): boolean {
  try {
    const { prototype } = type as { prototype?: unknown };
    // An arrow, a method, an async function.
    if (prototype === undefined || prototype === null) return true;
    const keys = Reflect.ownKeys(prototype);
    if (keys.length !== 1 || keys[0] !== 'constructor') return false;
    const parent = Reflect.getPrototypeOf(prototype);
    // `Object.prototype`, of whichever window.
    return parent !== null && Reflect.getPrototypeOf(parent) === null;
  } catch {
    return false;
  }
}

function hasComponentName(type: Type): boolean {
  const name = read(type, 'name') || read(type, 'displayName');
  return typeof name === 'string' && /^\p{Lu}/u.test(name);
}
