import { configureStore, createEntityAdapter, createSlice } from '@reduxjs/toolkit'
import { createApi } from '@reduxjs/toolkit/query/react'
import { Provider, useDispatch, useSelector } from 'react-redux'
import { click, render, until } from '../render'

const counter = createSlice({
  name: 'counter',
  initialState: { value: 1 },
  reducers: {
    increase: (state) => {
      state.value += 1
    },
  },
})
const api = createApi({
  baseQuery: async (argument: number) => ({ data: `result ${argument}` }),
  endpoints: (build) => ({ get: build.query<string, number>({ query: (argument) => argument }) }),
})
const store = configureStore({
  reducer: { counter: counter.reducer, [api.reducerPath]: api.reducer },
  middleware: (defaults) => defaults().concat(api.middleware),
})

function App() {
  const value = useSelector((state: ReturnType<typeof store.getState>) => state.counter.value)
  const dispatch = useDispatch()
  const { data } = api.useGetQuery(7)
  return (
    <button onClick={() => dispatch(counter.actions.increase())}>
      {value} {data}
    </button>
  )
}

export default async () => {
  const root = await render(
    <Provider store={store}>
      <App />
    </Provider>,
  )
  await until(() => root.textContent === '1 result 7')
  await click(root, 'button', '2 result 7')
  return [root.innerHTML, createEntityAdapter().getInitialState()]
}
