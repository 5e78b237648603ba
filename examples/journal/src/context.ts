/** What of a hook's context the site uses. */
export interface Context {
  readonly params: { readonly slug: string };
  glob(pattern: string): string[];
  readText(path: string): string;
}
