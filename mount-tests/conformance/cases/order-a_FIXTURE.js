globalThis.order = ['a1'];
await 0;
globalThis.order.push('a2');
