// The runtime of a page that is hot: what its bundles call. There is one of it, at `Symbol.for('hookfs.hot')` of the global
// object.

export { add } from './main';
