// The style sheet: what Tailwind makes of `theme.css` for the classes that the modules name, and for no others.
import typography from '@tailwindcss/typography';
import { compile } from 'tailwindcss';
import tailwind from 'tailwindcss/index.css?raw';
import type { Context } from './context';

export default async ({ glob, readText }: Context) => {
  const { build } = await compile(readText('./theme.css'), {
    loadStylesheet: async (path, base) => ({ path, base, content: tailwind }),
    loadModule: async (path, base) => ({ path, base, module: typography }),
  });
  // Whatever can be a class; Tailwind knows what is one.
  // A class may hold any quotes but those around it; or it is a name in code (`{ flex: true }`).
  const gaps = [/[\s"`]+/, /[\s'`]+/, /:?[\s"'`{}(),<>=]+/];
  const words = glob('/**/*.ts').flatMap((path) => gaps.flatMap((gap) => readText(path).split(gap)));
  return build([...new Set(words)]);
};
