// ECMA-262, ToPropertyKey.
function _to_property_key(arg) {
    return typeof arg === "symbol" ? arg : Reflect.ownKeys({ [arg]: 0 })[0];
}
