import * as d3 from 'd3'
import { scaleLinear, select } from 'd3'

export default () => {
  const root = document.createElement('div')
  const width = scaleLinear([0, 3], [0, 30])
  select(root).append('svg').selectAll('rect').data([1, 2, 3]).join('rect').attr('width', width)
  return [
    root.innerHTML,
    d3.format('.2s')(12345),
    d3.csvParse('a,b\n1,2'),
    d3.geoPath(d3.geoMercator())({ type: 'Point', coordinates: [1, 2] }),
    d3.interpolateViridis(0.5),
  ]
}
