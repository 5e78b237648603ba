import { Bar, BarChart, CartesianGrid, Line, LineChart, XAxis, YAxis } from 'recharts'
import { render, until } from '../render'

const data = [
  { x: 1, y: 2 },
  { x: 2, y: 5 },
]

export default async () => {
  const root = await render(
    <>
      <LineChart width={300} height={200} data={data}>
        <CartesianGrid />
        <XAxis dataKey="x" />
        <YAxis />
        <Line dataKey="y" isAnimationActive={false} />
      </LineChart>
      <BarChart width={300} height={200} data={data}>
        <Bar dataKey="y" isAnimationActive={false} />
      </BarChart>
    </>,
  )
  const line = () => root.querySelector('.recharts-line-curve')?.getAttribute('d')
  const bars = () => root.querySelectorAll('.recharts-bar-rectangle path').length
  await until(() => line() && bars() === 2)
  return [line(), bars(), root.querySelector('.recharts-yAxis')?.textContent]
}
