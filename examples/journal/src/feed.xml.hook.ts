import type { Context } from './context';
import { html } from './html';
import { all } from './posts';
import { site } from './site';

export default (context: Context) => {
  const posts = all(context);
  const entries = posts.map(
    (post) => html`<entry>
  <title>${post.title}</title>
  <id>${site.url}/posts/${post.slug}.html</id>
  <link href="${site.url}/posts/${post.slug}.html"/>
  <updated>${post.date}T00:00:00Z</updated>
  <summary>${post.summary}</summary>
</entry>
`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
${html`<feed xmlns="http://www.w3.org/2005/Atom">
<title>${site.title}</title>
<subtitle>${site.description}</subtitle>
<id>${site.url}/</id>
<link href="${site.url}/"/>
<link rel="self" href="${site.url}/feed.xml"/>
<author><name>${site.author}</name></author>
<updated>${posts[0]?.date ?? '1970-01-01'}T00:00:00Z</updated>
${entries}</feed>
`}`;
};
