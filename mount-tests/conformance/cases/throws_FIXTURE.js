globalThis.runs++;
throw { what: "it" };
