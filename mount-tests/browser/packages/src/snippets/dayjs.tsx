import dayjs from 'dayjs'
import relativeTime from 'dayjs/plugin/relativeTime'
import utc from 'dayjs/plugin/utc'
import 'dayjs/locale/de'
import * as all from 'dayjs'

dayjs.extend(utc)
dayjs.extend(relativeTime)

export default () => [
  dayjs.utc('2024-02-28').add(2, 'day').format('YYYY-MM-DD'),
  dayjs('2020-01-01').locale('de').format('MMMM'),
  dayjs('2020-01-01').from(dayjs('2020-02-01')),
  Object.keys(all).sort(),
]
