// `super.x++` and the like of a static member that stands outside of its decorated class, from swc (Apache-2.0).
function _update(target, property, receiver) {
    return {
        get _() {
            return Reflect.get(target, property, receiver);
        },
        set _(value) {
            if (!Reflect.set(target, property, value, receiver)) {
                throw new TypeError("failed to set property");
            }
        }
    };
}
