import type { Context } from './context';

export interface Post {
  slug: string;
  title: string;
  /** As `2026-01-31`. */
  date: string;
  summary: string;
  body: string;
}

export const slug = (path: string): string => path.replace(/^.*\/|\.md$/g, '');

/** A post from its file: lines `name: value`, an empty one, the text. */
export function read(context: Context, path: string): Post {
  const text = context.readText(path);
  const end = text.indexOf('\n\n');
  const fields = new Map(text.slice(0, end).split('\n').map((line) => line.split(/:\s*(.*)/s, 2) as [string, string]));
  const field = (name: string): string => {
    const value = fields.get(name);
    if (!value) throw new Error(`${path} has no ${name}`);
    return value;
  };
  return { slug: slug(path), title: field('title'), date: field('date'), summary: field('summary'), body: text.slice(end) };
}

/** All posts, the newest first. */
export function all(context: Context): Post[] {
  const posts = context.glob('/posts/*.md').map((path) => read(context, path));
  return posts.sort((a, b) => (a.date < b.date ? 1 : -1));
}
