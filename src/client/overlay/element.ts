// Elements of a page, made by a script: no text becomes markup.

/** Children that are nothing are left out. */
export type Child = Node | string | undefined | false;

/** An element with its properties and children. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  Object.assign(element, properties);
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}
