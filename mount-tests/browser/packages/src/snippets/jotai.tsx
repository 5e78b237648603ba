import { atom, createStore, Provider, useAtom, useAtomValue } from 'jotai'
import { atomWithStorage } from 'jotai/utils'
import { click, render } from '../render'

const count = atom(1)
const doubled = atom((get) => get(count) * 2)
const stored = atomWithStorage('key', 'stored')

function App() {
  const [value, set] = useAtom(count)
  return (
    <button onClick={() => set((before) => before + 1)}>
      {value} {useAtomValue(doubled)} {useAtomValue(stored)}
    </button>
  )
}

export default async () => {
  const root = await render(
    <Provider store={createStore()}>
      <App />
    </Provider>,
  )
  await click(root, 'button', '2 4 stored')
  return root.innerHTML
}
