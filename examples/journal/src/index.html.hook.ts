import { html } from './html';
import { layout } from './layout';
import { all } from './posts';
import { site } from './site';

export default (context: any) => {
  const items = all(context).map(
    (post) => html`<li><time datetime="${post.date}">${post.date}</time> <a href="/posts/${post.slug}.html">${post.title}</a></li>\n`,
  );
  return layout(site.title, html`<ul>${items}</ul>`);
};
