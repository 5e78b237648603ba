// The little of a harness that our own cases need.
function assert(value, message) {
  if (value !== true) throw new Error(message ?? `Expected true but got ${String(value)}`);
}
assert.sameValue = (actual, expected, message) => {
  if (!Object.is(actual, expected)) throw new Error(`${message ?? ''} Expected ${String(expected)} but got ${String(actual)}`);
};
assert.throws = (type, run, message) => {
  try {
    run();
  } catch (error) {
    if (error.constructor === type) return;
    throw new Error(`${message ?? ''} Expected ${type.name} but got ${error}`);
  }
  throw new Error(`${message ?? ''} Expected ${type.name} but nothing was thrown`);
};
assert.compareArray = (actual, expected, message) => assert.sameValue(actual.join(), expected.join(), message);
