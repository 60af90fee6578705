import type { IdMark, IdShape } from './id-map.ts'

/** A shape while it is built: its members are filled in after it is known to those that contain it. */
export interface Draft {
  id: IdMark | undefined
  link: boolean
  leads: boolean
  members: Map<string, Draft>
  items: Draft | undefined
  rest: Draft | undefined
  owner: string | undefined
}

const emptyShape: IdShape = {
  id: undefined,
  link: false,
  leads: false,
  members: new Map(),
  items: undefined,
  rest: undefined,
  owner: undefined,
}

/** A copy along one pointer, with a mark at its end; what is marked already stays. */
export function overlay(shape: IdShape | undefined, tokens: readonly string[], mark: IdMark): IdShape {
  const base = shape ?? emptyShape
  const [raw, ...rest] = tokens
  if (raw === undefined) return base.id === undefined ? { ...base, id: mark, link: false } : base
  const token = raw.replaceAll('~1', '/').replaceAll('~0', '~')
  if (/^\d+$/.test(token)) return { ...base, items: overlay(base.items, rest, mark) }
  return {
    ...base,
    members: new Map([...base.members, [token, overlay(base.members.get(token), rest, mark)]]),
  }
}

export function childrenOf(draft: Draft): Draft[] {
  const children = [...draft.members.values()]
  if (draft.items !== undefined) children.push(draft.items)
  if (draft.rest !== undefined) children.push(draft.rest)
  return children
}
