import { marked } from 'marked';
import { Markup } from './html';

export const markdown = (text: string): Markup => new Markup(marked.parse(text, { async: false }));
