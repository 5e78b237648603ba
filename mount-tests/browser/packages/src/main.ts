// Runs the snippet that the page's address names; the test asks for `window.result`.
declare global {
  interface Window {
    result: Promise<unknown>
  }
}

const snippets = import.meta.glob<() => unknown>('./snippets/*.tsx', { import: 'default' })
const name = new URLSearchParams(location.search).get('snippet')

window.result = snippets[`./snippets/${name}.tsx`]().then((snippet) => snippet())

export {}
