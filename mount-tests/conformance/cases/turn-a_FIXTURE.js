globalThis.turns = 0;
Promise.resolve().then(() => globalThis.turns++);
