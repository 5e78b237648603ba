import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { immer } from 'zustand/middleware/immer'
import { useShallow } from 'zustand/react/shallow'
import { createStore } from 'zustand/vanilla'
import { click, render } from '../render'

interface Counter {
  count: number
  increase: () => void
}

const useCounter = create<Counter>()(
  persist(
    immer((set) => ({
      count: 1,
      increase: () =>
        set((state) => {
          state.count++
        }),
    })),
    { name: 'counter' },
  ),
)

function App() {
  const [count, increase] = useCounter(useShallow((state) => [state.count, state.increase] as const))
  return <button onClick={increase}>{count}</button>
}

export default async () => {
  const root = await render(<App />)
  await click(root, 'button', '2')
  return [root.innerHTML, localStorage.getItem('counter'), createStore(() => ({ plain: 1 })).getState()]
}
