// The overlay's element: a modal dialog in a shadow tree, in the browser's top layer. What is the page's own reaches neither
// its looks nor its place, and the page is as it was when it is closed.

import { h } from './element';
import { LOOK } from './look';

/** Who is told what the user does. */
export interface Actions {
  close(): void;
  move(by: number): void;
}

export class Dialog {
  readonly #actions: Actions;
  #host: HTMLElement | undefined;
  #dialog: HTMLDialogElement | undefined;
  /** What had the focus before. */
  #before: HTMLElement | undefined;

  constructor(actions: Actions) {
    this.#actions = actions;
  }

  get isOpen(): boolean {
    return this.#dialog !== undefined && this.#dialog.open && this.#host!.isConnected;
  }

  /** Shows it with this in it. What had the focus in it has it again. */
  show(box: HTMLElement, labelledBy: string): void {
    const dialog = this.#made();
    const focused = this.#host!.shadowRoot!.activeElement;
    const place = focused instanceof HTMLElement ? focused.dataset['focus'] : undefined;
    dialog.setAttribute('aria-labelledby', labelledBy);
    dialog.replaceChildren(box);
    if (!this.isOpen) this.#open();
    const again = place === undefined ? null : dialog.querySelector<HTMLElement>(`[data-focus="${place}"]:not(:disabled)`);
    (again ?? dialog.querySelector<HTMLElement>('article'))?.focus({ preventScroll: true });
    box.querySelectorAll('.mark').forEach(reveal);
  }

  hide(): void {
    if (this.#dialog === undefined) return;
    this.#dialog.close();
    this.#host!.remove();
    this.#dialog.replaceChildren();
    const before = this.#before;
    this.#before = undefined;
    if (before?.isConnected) before.focus({ preventScroll: true });
  }

  #open(): void {
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && activeElement !== document.body) this.#before = activeElement;
    // It may have been taken out of the page while it was open.
    this.#dialog!.removeAttribute('open');
    document.documentElement.append(this.#host!);
    this.#dialog!.showModal();
  }

  #made(): HTMLDialogElement {
    if (this.#dialog !== undefined) return this.#dialog;
    const host = document.createElement('hookfs-overlay');
    // No rule of the page's outranks these.
    host.style.setProperty('all', 'initial', 'important');
    host.style.setProperty('display', 'block', 'important');
    const shadow = host.attachShadow({ mode: 'open' });
    const dialog = h('dialog');
    shadow.append(dialog);
    dress(shadow);
    dialog.setAttribute('role', 'dialog');
    dialog.setAttribute('aria-modal', 'true');
    this.#listen(dialog);
    this.#host = host;
    this.#dialog = dialog;
    return dialog;
  }

  #listen(dialog: HTMLDialogElement): void {
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.#actions.close();
    });
    dialog.addEventListener('keydown', (event) => {
      // The page's shortcuts are not meant.
      event.stopPropagation();
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { key, target } = event;
      if (key === 'Escape') {
        event.preventDefault();
        this.#actions.close();
      } else if ((key === 'ArrowLeft' || key === 'ArrowRight') && !(target instanceof HTMLSelectElement)) {
        this.#actions.move(key === 'ArrowLeft' ? -1 : 1);
      }
    });
    // A selection may end outside; a click begins there too.
    let begun: EventTarget | null = null;
    dialog.addEventListener('pointerdown', (event) => (begun = event.target));
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog && begun === dialog) this.#actions.close();
    });
  }
}

/** Scrolls a code frame to its marker, which ends its line. */
function reveal(mark: Element): void {
  const frame = mark.closest('pre')!;
  const text = document.createRange();
  text.selectNodeContents(mark.lastChild!);
  const beyond = text.getBoundingClientRect().right - frame.getBoundingClientRect().right;
  if (beyond > 0) frame.scrollLeft = beyond + frame.clientWidth / 3;
}

/** A sheet that is made by a script needs no leave of the page's policy. */
function dress(shadow: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LOOK);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';
    shadow.prepend(h('style', { textContent: LOOK, nonce }));
  }
}

/** Has a text in the clipboard; whether that worked. */
export async function copy(text: string, place: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Only some origins have it.
    const area = h('textarea', { value: text, readOnly: true });
    place.append(area);
    area.select();
    const isDone = document.execCommand('copy');
    area.remove();
    return isDone;
  }
}
