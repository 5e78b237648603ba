import type { Context } from './context';
import { html } from './html';
import { layout, time } from './layout';
import { all } from './posts';
import { site } from './site';

export default (context: Context) => {
  const items = all(context).map(
    (post) => html`<li class="grid gap-x-8 gap-y-1 py-7 sm:grid-cols-[8rem_1fr]">
  <p class="pt-1">${time(post.date)}</p>
  <div>
    <h2 class="font-serif text-xl font-semibold text-balance"><a href="/posts/${post.slug}.html" class="decoration-accent decoration-2 underline-offset-4 hover:underline">${post.title}</a></h2>
    <p class="mt-2 leading-relaxed text-pretty text-stone-600 dark:text-stone-400">${post.summary}</p>
  </div>
</li>
`,
  );
  return layout(
    site.title,
    site.description,
    html`<h1 class="font-serif text-4xl font-semibold tracking-tight text-balance sm:text-5xl">${site.description}</h1>
<ol class="mt-10 divide-y divide-stone-200 border-t border-stone-200 dark:divide-stone-800 dark:border-stone-800">
${items}</ol>`,
  );
};
