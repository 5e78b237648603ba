// Links that open a file in an editor. Nothing is started by the server: the desktop knows whose links these are.

export interface Editor {
  readonly id: string;
  readonly name: string;
  link(path: string, line: number, column: number): string;
}

const vscode = (scheme: string) => (path: string, line: number, column: number) => `${scheme}://file${path}:${line}:${column}`;
const jetbrains = (path: string, line: number, column: number) => `idea://open?file=${path}&line=${line}&column=${column}`;
const file = (scheme: string) => (path: string, line: number, column: number) =>
  `${scheme}://open?url=${encodeURIComponent(`file://${path}`)}&line=${line}&column=${column}`;

export const EDITORS: readonly Editor[] = [
  { id: 'vscode', name: 'VS Code', link: vscode('vscode') },
  { id: 'vscode-insiders', name: 'VS Code Insiders', link: vscode('vscode-insiders') },
  { id: 'vscodium', name: 'VSCodium', link: vscode('vscodium') },
  { id: 'cursor', name: 'Cursor', link: vscode('cursor') },
  { id: 'windsurf', name: 'Windsurf', link: vscode('windsurf') },
  { id: 'zed', name: 'Zed', link: vscode('zed') },
  { id: 'jetbrains', name: 'JetBrains', link: jetbrains },
  { id: 'sublime', name: 'Sublime Text', link: file('subl') },
  { id: 'textmate', name: 'TextMate', link: file('txmt') },
];

/** What remembers the choice. */
const KEY = 'hookfs-editor';

export function chosen(): Editor {
  let id: string | null = null;
  try {
    id = localStorage.getItem(KEY);
  } catch {
    // A page may have no storage.
  }
  return EDITORS.find((editor) => editor.id === id) ?? EDITORS[0]!;
}

export function choose(id: string): void {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // The choice is for this page then.
  }
}

/** Where the sources are: a page that is hot says it, and no other does. */
export interface Roots {
  readonly source?: string;
  readonly workspace?: string;
}

export function roots(document: Document): Roots {
  const { source, workspace } = document.querySelector<HTMLMetaElement>('meta[name="hookfs-hot"]')?.dataset ?? {};
  return { ...(source && { source }), ...(workspace && { workspace }) };
}

/** The link that opens a file; `undefined` where nobody says where the sources are. */
export function linkTo(editor: Editor, roots: Roots, name: string, line = 1, column = 1): string | undefined {
  const [, rest] = /^\/~root(\/.*)$/.exec(name) ?? [];
  const root = rest === undefined ? roots.source : roots.workspace;
  if (root === undefined || !name.startsWith('/')) return undefined;
  // Folders whose names begin with a dot have a mark there.
  const path = `${root.replace(/\/$/, '')}${(rest ?? name).replaceAll('/~.', '/.')}`;
  return editor.link(path.split('/').map(encodeURIComponent).join('/'), Math.max(line, 1), Math.max(column, 1));
}
