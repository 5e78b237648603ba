/** `navigator`, as far as a program without a window has one. */
import { host } from './host.ts';
import { defineInterface, illegal } from './idl.ts';

let making = true;

export class Navigator {
  #brand = true;
  constructor() {
    if (!making) illegal();
  }
  get userAgent(): string {
    this.#brand;
    return host.userAgent;
  }
}
defineInterface(Navigator);

export const navigator = new Navigator();
making = false;
