import { filter, from, lastValueFrom, map, of, Subject, toArray } from 'rxjs'
import { ajax } from 'rxjs/ajax'
import { mergeMap } from 'rxjs/operators'

export default async () => {
  const numbers = of(1, 2, 3).pipe(
    map((number) => number * 2),
    filter((number) => number > 2),
    mergeMap((number) => from([number, number])),
    toArray(),
  )
  return [await lastValueFrom(numbers), typeof ajax.getJSON, new Subject().closed]
}
