import { NIL, v4, v5, validate } from 'uuid'

export default () => [validate(v4()), v5('name', NIL)]
