// `super.x = value` of a static member that stands outside of its decorated class, from swc (Apache-2.0).
function _set(target, property, value, receiver) {
    if (!Reflect.set(target, property, value, receiver)) {
        throw new TypeError("failed to set property");
    }
    return value;
}
