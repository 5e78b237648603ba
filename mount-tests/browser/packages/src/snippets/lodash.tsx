import _, { debounce, groupBy } from 'lodash'
import * as all from 'lodash'
import chunk from 'lodash/chunk'
import fp from 'lodash/fp'

export default () => [
  _.chunk([1, 2, 3], 2),
  groupBy([1, 2, 3], (number) => (number % 2 ? 'odd' : 'even')),
  typeof debounce,
  chunk([1, 2, 3], 1),
  fp.flow(
    fp.map((number: number) => number + 1),
    fp.sum,
  )([1, 2]),
  all.template('hi <%= name %>')({ name: 'you' }),
  Object.keys(all).length > 300,
]
