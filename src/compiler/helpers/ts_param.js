// Parameter decorators, from TypeScript (Apache-2.0) by way of swc.
function _ts_param(paramIndex, decorator) {
    return function(target, key) {
        decorator(target, key, paramIndex);
    };
}
