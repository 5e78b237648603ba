// What a class with decorated static members extends, from Babel (MIT) by way of swc.
function _identity(x) {
    return x;
}
