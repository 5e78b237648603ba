export { jsx as jsxDEV, Fragment } from "./jsx-runtime";
