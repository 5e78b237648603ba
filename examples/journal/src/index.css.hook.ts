// The style sheet: what Tailwind makes of `theme.css` for the classes that the modules name.
import typography from '@tailwindcss/typography';
import { compile } from 'tailwindcss';
import tailwind from 'tailwindcss/index.css?raw';
import type { Context } from './context';
import theme from './theme.css?raw';

export default async ({ glob, readText }: Context) => {
  const { build } = await compile(theme, {
    loadStylesheet: async (path, base) => ({ path, base, content: tailwind }),
    loadModule: async (path, base) => ({ path, base, module: typography }),
  });
  // Whatever can be a class; Tailwind knows what is one.
  const words = glob('/**/*.ts').flatMap((path) => readText(path).split(/[\s"'`<>=;{}]+/));
  return build([...new Set(words)]);
};
