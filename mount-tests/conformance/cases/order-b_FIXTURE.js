globalThis.order.push('b1');
await 0;
await 0;
globalThis.order.push('b2');
