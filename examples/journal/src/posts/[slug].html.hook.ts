import type { Context } from '../context';
import { html, type Markup } from '../html';
import { layout, time } from '../layout';
import { markdown } from '../markdown';
import { all, type Post, slug } from '../posts';

export const paths = ({ glob }: Context) => glob('*.md').map((path) => ({ params: { slug: slug(path) } }));

const neighbour = (post: Post | undefined, label: string, place: string): Markup | undefined =>
  post &&
  html`<a href="/posts/${post.slug}.html" class="group ${place}">
    <span class="block text-sm text-stone-600 dark:text-stone-400">${label}</span>
    <span class="font-serif text-lg decoration-accent decoration-2 underline-offset-4 group-hover:underline">${post.title}</span>
  </a>`;

export default (context: Context) => {
  const posts = all(context);
  const index = posts.findIndex((post) => post.slug === context.params.slug);
  const post = posts[index]!;
  return layout(
    post.title,
    post.summary,
    html`<article>
  <header class="mb-10">
    <h1 class="mb-3 font-serif text-4xl font-semibold tracking-tight text-balance sm:text-5xl">${post.title}</h1>
    ${time(post.date)}
  </header>
  <div class="prose prose-stone max-w-none prose-headings:font-serif prose-a:decoration-accent prose-a:decoration-2 prose-a:underline-offset-4 sm:prose-lg dark:prose-invert dark:prose-pre:bg-stone-900">
${markdown(post.body)}
  </div>
</article>
<nav aria-label="Other posts" class="mt-16 grid gap-6 border-t border-stone-200 pt-8 sm:grid-cols-2 dark:border-stone-800">
  ${neighbour(posts[index + 1], 'Before', '')}
  ${neighbour(posts[index - 1], 'After', 'sm:col-start-2 sm:text-right')}
</nav>`,
  );
};
