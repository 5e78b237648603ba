/** `node:timers`: the functions of the global object. */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = globalThis as unknown as Record<
  string,
  (...args: unknown[]) => unknown
>;
export default { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate };
