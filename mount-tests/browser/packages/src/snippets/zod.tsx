import zod, { z } from 'zod'
import * as mini from 'zod/mini'
import * as v3 from 'zod/v3'

export default () => {
  const parsed = z.object({ count: z.number().min(3), mail: z.email() }).safeParse({ count: 1, mail: 'x' })
  return [
    parsed.error?.issues.map(({ path, code, message }) => [path, code, message]),
    zod === z,
    mini.parse(mini.string(), 'mini'),
    v3.z.string().parse('old'),
  ]
}
