function $DONOTEVALUATE() {
  throw new Error("This statement should not be evaluated.");
}
