// Links and runs the modules of the runtime itself, before there is a runtime: plain imports and exports, no more.
(definitions, meta, load) => {
  const modules = new Map();
  for (const [name, definition] of definitions) {
    modules.set(name, { definition, bindings: Object.create(null) });
  }
  const started = [...modules.values()].map(({ definition, bindings }) => {
    const slots = definition.requests.map((request) => modules.get(/([^/]*?)(\.ts)?$/.exec(request)[1]).bindings);
    const generator = definition.run({ meta, import: load }, ...slots);
    const getters = generator.next().value;
    for (const [index, name] of definition.exports.entries()) {
      Object.defineProperty(bindings, name, { get: getters[index], enumerable: true });
    }
    for (const [name, request, imported] of definition.indirect) {
      Object.defineProperty(bindings, name, { get: () => slots[request][imported], enumerable: true });
    }
    return generator;
  });
  for (const generator of started) generator.next();
  return modules.get(definitions[definitions.length - 1][0]).bindings;
}
