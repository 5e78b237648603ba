import { StrictMode, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

/** Waits until a condition holds. The test has the deadline. */
export async function until(condition: () => unknown): Promise<void> {
  while (!condition()) await new Promise((wake) => setTimeout(wake, 10))
}

/** Renders into an element of its own, and gives that when there is something in it. */
export async function render(node: ReactNode): Promise<HTMLElement> {
  const root = document.body.appendChild(document.createElement('div'))
  createRoot(root).render(<StrictMode>{node}</StrictMode>)
  await until(() => root.innerHTML)
  return root
}

/** Clicks on what a selector finds, and waits until the element's text is this. */
export async function click(root: HTMLElement, selector: string, text: string): Promise<void> {
  await until(() => root.querySelector(selector))
  root.querySelector<HTMLElement>(selector)!.click()
  await until(() => root.textContent === text)
}
