/** `node:process`: the global of that name. */
const { process } = globalThis as unknown as { process: Record<string, unknown> };
export default process;
export const { argv, argv0, env, platform, versions, stdout, stderr, cwd, exit, hrtime, uptime, nextTick, on, once, off, emit, addListener, removeListener, removeAllListeners, prependListener, listeners, listenerCount, emitWarning, pid } = process;
