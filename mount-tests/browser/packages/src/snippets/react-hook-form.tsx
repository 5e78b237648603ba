import { Controller, useForm } from 'react-hook-form'
import { click, render } from '../render'

function App() {
  const { control, formState, handleSubmit, register } = useForm({ defaultValues: { name: '', other: 'x' } })
  return (
    <form onSubmit={handleSubmit(() => {})}>
      <input {...register('name', { required: 'needed' })} />
      <Controller name="other" control={control} render={({ field }) => <input {...field} />} />
      <button>send</button>
      {formState.errors.name?.message}
    </form>
  )
}

export default async () => {
  const root = await render(<App />)
  await click(root, 'button', 'sendneeded')
  return [...root.querySelectorAll('input')].map((input) => [input.name, input.value])
}
