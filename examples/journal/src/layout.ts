import { html, type Markup } from './html';
import { site } from './site';

/** A whole page. What it loads it names as `/~@/` has it: a module by its name and `.js`. */
export const layout = (title: string, content: Markup): string => `${html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${title === site.title ? title : `${title} · ${site.title}`}</title>
    <link rel="stylesheet" href="/style.css">
    <link rel="alternate" type="application/atom+xml" href="/feed.xml">
    <script type="module" src="/dates.ts.js"></script>
  </head>
  <body>
    <header><a href="/index.html">${site.title}</a></header>
    <main>
${content}
    </main>
  </body>
</html>
`}`;
