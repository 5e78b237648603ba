import type { ReactNode } from 'react';

/** What is written into a script must not end it. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/** What the page starts: all that it imports in one file, whose modules are replaced while somebody works on them. */
const client = import.meta.env.DEV ? '/~hot/client.tsx.js' : '/~bundle/client.tsx.js';

/** The whole page. What it loads it names as it is served: a module by its name and `.js`. */
export function Document({ state, children }: { state: unknown; children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Harbour board</title>
        <link rel="icon" href="/mark.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <div id="root">{children}</div>
        <script id="berths" type="application/json" dangerouslySetInnerHTML={{ __html: json(state) }} />
        <script type="module" src={client} />
      </body>
    </html>
  );
}
