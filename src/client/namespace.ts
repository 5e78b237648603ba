// Module namespace exotic objects (ECMA-262, 10.4.6). The target of the proxy has the properties, so that the invariants
// of proxies hold; the values are read from the variables.

import type { ModuleRecord, Namespace } from './module';
import { exportedNames, resolveExport } from './resolve';

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;

/** The names that lead to one variable, by code units. */
export function unambiguousNames(module: ModuleRecord): string[] {
  const resolves = (name: string) => {
    const resolution = resolveExport(module, name);
    return resolution !== null && resolution !== 'ambiguous';
  };
  return [...exportedNames(module)].filter(resolves).sort();
}

/** The one namespace of a module. */
export function namespaceOf(module: ModuleRecord): Namespace {
  return (module.namespace ??= create(module));
}

function create(module: ModuleRecord): Namespace {
  const names = unambiguousNames(module);
  const known = new Set<string | symbol>(names);
  const { bindings } = module;
  const target = Object.create(null) as Namespace;
  for (const name of names) {
    defineProperty(target, name, { value: undefined, writable: true, enumerable: true, configurable: false });
  }
  defineProperty(target, Symbol.toStringTag, { value: 'Module' });
  Object.preventExtensions(target);
  const read = (name: string | symbol) => bindings[name as string];
  const handler: ProxyHandler<Namespace> = {
    getPrototypeOf: () => null,
    setPrototypeOf: (_, prototype) => prototype === null,
    isExtensible: () => false,
    preventExtensions: () => true,
    getOwnPropertyDescriptor(target, key) {
      if (typeof key === 'symbol') return getOwnPropertyDescriptor(target, key);
      if (!known.has(key)) return undefined;
      return { value: read(key), writable: true, enumerable: true, configurable: false };
    },
    defineProperty(target, key, wanted) {
      if (typeof key === 'symbol') return defineProperty(target, key, wanted);
      if (!known.has(key)) return false;
      const value = read(key);
      if (wanted.configurable === true || wanted.enumerable === false || wanted.writable === false) return false;
      if ('get' in wanted || 'set' in wanted) return false;
      return !('value' in wanted) || Object.is(wanted.value, value);
    },
    has: (target, key) => (typeof key === 'symbol' ? key in target : known.has(key)),
    get(target, key) {
      if (typeof key === 'symbol') return target[key];
      return known.has(key) ? read(key) : undefined;
    },
    set: () => false,
    deleteProperty: (target, key) => (typeof key === 'symbol' ? deleteProperty(target, key) : !known.has(key)),
    ownKeys: (target) => [...names, ...ownKeys(target).filter((key) => typeof key === 'symbol')],
  };
  // Nobody adds traps by way of a prototype.
  Object.setPrototypeOf(handler, null);
  return new Proxy(target, handler);
}
