// What a class extends, from swc (Apache-2.0).
function _get_prototype_of(object) {
    return Object.getPrototypeOf(object);
}
