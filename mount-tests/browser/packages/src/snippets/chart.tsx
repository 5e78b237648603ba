import { Chart, registerables } from 'chart.js'
import Complete from 'chart.js/auto'
import { toRadians } from 'chart.js/helpers'

Chart.register(...registerables)

export default () => {
  const canvas = document.body.appendChild(document.createElement('canvas'))
  const chart = new Chart(canvas, {
    type: 'line',
    data: { labels: ['a', 'b'], datasets: [{ data: [1, 2] }] },
    options: { responsive: false, animation: false },
  })
  return [chart.data.labels, chart.scales.y.max, Complete === Chart, toRadians(180).toFixed(2)]
}
