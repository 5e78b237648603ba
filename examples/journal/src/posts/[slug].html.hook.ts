import { html } from '../html';
import { layout } from '../layout';
import { markdown } from '../markdown';
import { read } from '../posts';

export const paths = ({ glob }: any) => glob('*.md').map((path: string) => ({ params: { slug: path.replace(/^.*\/|\.md$/g, '') } }));

export default (context: any) => {
  const post = read(context, `${context.params.slug}.md`);
  return layout(post.title, html`<h1>${post.title}</h1>\n<time datetime="${post.date}">${post.date}</time>\n${markdown(post.body)}`);
};
