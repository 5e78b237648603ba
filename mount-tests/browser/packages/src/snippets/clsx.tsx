import clsx, { clsx as named } from 'clsx'

export default () => [clsx('a', { b: 1, c: 0 }, ['d']), named === clsx]
