/**
 * The path under which the application lives, with a slash at its end. `BASE_URL` is `/` or `/prefix/` where that was
 * set, and `./` where the files may lie anywhere: then it is the folder of the page that was opened.
 */
export const base = new URL(import.meta.env.BASE_URL, document.baseURI).pathname;
