import { enableMapSet, isDraft, produce } from 'immer'

enableMapSet()

export default () => {
  const before = { list: [1], map: new Map([[1, 2]]) }
  const after = produce(before, (draft) => {
    draft.list.push(isDraft(draft) ? 2 : 0)
    draft.map.set(3, 4)
  })
  return [before.list, after.list, [...after.map], before.map.size]
}
