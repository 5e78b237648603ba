globalThis.order.push('c');
