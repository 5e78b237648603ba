export interface Post {
  slug: string;
  title: string;
  date: string;
  body: string;
}

interface Context {
  glob(pattern: string): string[];
  readText(path: string): string;
}

/** A post from its file: lines `name: value`, an empty one, the text. */
export function read(context: Context, path: string): Post {
  const [head = '', ...rest] = context.readText(path).split('\n\n');
  const fields = Object.fromEntries(head.split('\n').map((line) => line.split(/:\s*(.*)/s)));
  const slug = path.replace(/^.*\/|\.md$/g, '');
  return { slug, title: fields.title ?? slug, date: fields.date ?? '', body: rest.join('\n\n') };
}

/** All posts, the newest first. */
export function all(context: Context): Post[] {
  const posts = context.glob('/posts/*.md').map((path) => read(context, path));
  return posts.sort((a, b) => (a.date < b.date ? 1 : -1));
}
