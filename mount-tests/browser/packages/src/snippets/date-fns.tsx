import { addDays, format, formatDistance } from 'date-fns'
import { de } from 'date-fns/locale/de'

export default () => {
  const date = new Date(2024, 1, 28)
  return [format(addDays(date, 2), 'PPPP', { locale: de }), formatDistance(date, addDays(date, 40))]
}
