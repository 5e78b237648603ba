// `super.x` of a static member that stands outside of its decorated class, from swc (Apache-2.0).
function _get(target, property, receiver) {
    return Reflect.get(target, property, receiver);
}
