import { html, type Markup } from './html';
import { site } from './site';

const link = 'underline decoration-stone-400 underline-offset-4 hover:decoration-current dark:decoration-stone-600';

/** When a post was written. `dates.ts` says it as the reader is used to. */
export const time = (date: string): Markup => html`<time datetime="${date}" class="text-sm tabular-nums text-stone-600 dark:text-stone-400">${date}</time>`;

/** A whole page. What it loads it names as `/~@/` has it: a module by its name and `.js`. */
export const layout = (title: string, description: string, content: Markup): string => `${html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="description" content="${description}">
    <title>${title === site.title ? title : `${title} · ${site.title}`}</title>
    <link rel="icon" type="image/svg+xml" href="/mark.svg">
    <link rel="stylesheet" href="/index.css">
    <link rel="alternate" type="application/atom+xml" href="/feed.xml">
    <script type="module" src="/dates.ts.js"></script>
  </head>
  <body class="flex min-h-dvh flex-col bg-stone-50 text-stone-800 antialiased dark:bg-stone-950 dark:text-stone-200">
    <a href="#content" class="sr-only focus:not-sr-only focus:absolute focus:m-4 focus:rounded focus:bg-stone-900 focus:px-3 focus:py-2 focus:text-stone-50">Skip to the content</a>
    <header class="mx-auto flex w-full max-w-2xl flex-wrap items-center justify-between gap-x-6 gap-y-2 px-6 pt-8 pb-12 sm:pt-14 sm:pb-16">
      <a href="/index.html" class="flex items-center gap-3 font-serif text-xl font-semibold tracking-tight">
        <img src="/mark.svg" alt="" width="28" height="28">${site.title}
      </a>
      <nav aria-label="Site" class="flex gap-5 text-sm">
        <a href="/index.html" class="${link}">Posts</a>
        <a href="/feed.xml" class="${link}">Feed</a>
      </nav>
    </header>
    <main id="content" class="mx-auto w-full max-w-2xl grow px-6">
${content}
    </main>
    <footer class="mx-auto w-full max-w-2xl px-6 pt-20 pb-12 text-sm text-stone-600 dark:text-stone-400">
      <p>${site.description}</p>
    </footer>
  </body>
</html>
`}`;
