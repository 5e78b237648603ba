import fallback, { hoisted, late, Late } from './functions-come-first.js';
import * as ns from './functions-come-first.js';

export const early = `${hoisted()} ${fallback()}`;
export const errors = [() => late, () => Late, () => typeof late, () => ns.late, () => Object.keys(ns)].map((read) => {
  try {
    read();
    return 'nothing';
  } catch (error) {
    return error.name;
  }
});
