/** `node:fs/promises`. */
import { promises } from './fs.ts';

export const { readFile, stat, lstat, access, readdir, realpath, writeFile, mkdir, rm, unlink, constants } = promises;
export default promises;
