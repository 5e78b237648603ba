import _, { debounce, groupBy } from 'lodash-es'
import chunk from 'lodash-es/chunk'
import same from 'lodash-es/chunk.js'

export default () => [
  groupBy([1, 2, 3], (number) => (number % 2 ? 'odd' : 'even')),
  typeof debounce,
  [chunk === same, chunk === _.chunk],
  _([1, 2, 3])
    .map((number) => number * 2)
    .filter((number) => number > 2)
    .value(),
]
