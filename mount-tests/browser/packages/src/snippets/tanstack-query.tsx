import { QueryClient, QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query'
import { click, render, until } from '../render'

function App() {
  const query = useQuery({ queryKey: ['key'], queryFn: async () => 'data' })
  const mutation = useMutation({ mutationFn: async (number: number) => number * 2 })
  return (
    <button onClick={() => mutation.mutate(4)}>
      {query.status} {query.data} {mutation.data}
    </button>
  )
}

export default async () => {
  const root = await render(
    <QueryClientProvider client={new QueryClient()}>
      <App />
    </QueryClientProvider>,
  )
  await until(() => root.textContent === 'success data ')
  await click(root, 'button', 'success data 8')
  return root.innerHTML
}
