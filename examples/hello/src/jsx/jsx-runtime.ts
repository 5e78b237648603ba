/** What an element's function gets. */
export type Props = Record<string, unknown> & { children?: unknown };

type Component = (props: Props) => Node;

/** The automatic JSX runtime, in a few lines: elements are DOM nodes. */
export function jsx(type: string | Component, props: Props): Node {
  if (typeof type === "function") return type(props);
  const element = document.createElement(type);
  for (const [name, value] of Object.entries(props)) {
    if (name === "children") continue;
    if (name.startsWith("on") && typeof value === "function") {
      element.addEventListener(name.slice(2).toLowerCase(), value as EventListener);
    } else {
      element.setAttribute(name, String(value));
    }
  }
  append(element, props.children);
  return element;
}

export const jsxs = jsx;

export function Fragment({ children }: Props): Node {
  const fragment = document.createDocumentFragment();
  append(fragment, children);
  return fragment;
}

function append(parent: Node, child: unknown): void {
  if (Array.isArray(child)) child.forEach((one) => append(parent, one));
  else if (child instanceof Node) parent.appendChild(child);
  else if (child !== undefined && child !== null && child !== false) {
    parent.appendChild(document.createTextNode(String(child)));
  }
}
