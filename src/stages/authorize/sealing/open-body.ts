import type { IdShape } from '../../../contract/id-map.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import { parseForm } from '../../../media/form.ts'
import { defaultJsonLimits, parseJson, printableValue, printJson } from '../../../media/json.ts'
import type { SealingPlan } from './compile-sealing.ts'
import { mapIds } from './map-ids.ts'
import { isRefusal, type Opener } from './opener.ts'

/** A JSON body printed again with its ids opened; what is judged and forwarded is read from the result. */
export function openJson(
  plan: SealingPlan,
  shape: IdShape,
  open: Opener,
  bytes: Uint8Array,
  depth: number,
): Uint8Array | Denial {
  const json = parseJson(bytes, { ...defaultJsonLimits, depth })
  if (typeof json === 'string') return bytes
  let denial: Denial | undefined
  let changed = false
  const value = mapIds(shape, printableValue(json), {
    id(at, found, below) {
      const mark = at.id
      const type = mark === undefined || mark.confidence === 'guess' ? undefined : plan.types.get(mark.type)
      if (type === undefined || found === null || denial !== undefined) return found
      const opened = open(type, found, below <= 1 && plan.ids.creates === type.rule.type)
      if (isRefusal(opened)) {
        denial = opened
        return found
      }
      if (opened !== found) changed = true
      return opened
    },
    link: (url) => url,
  })
  if (denial !== undefined) return denial
  // An id beyond 2^53 needs the exact printer, whatever the rest of the body holds.
  return changed ? Buffer.from(printJson(value, false)) : bytes
}

/** A form with its ids opened. Pairs without one keep their bytes. */
export function openForm(
  plan: SealingPlan,
  shape: IdShape,
  open: Opener,
  bytes: Uint8Array,
): Uint8Array | Denial {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const pieces = text.split('&')
  let changed = false
  for (const [i, piece] of pieces.entries()) {
    const [pair] = parseForm(piece) ?? []
    const member = pair === undefined ? undefined : shape.members.get(pair.name.replace(/\[\]$/, ''))
    const mark = member?.id ?? member?.items?.id
    const type = mark === undefined || mark.confidence === 'guess' ? undefined : plan.types.get(mark.type)
    if (pair === undefined || type === undefined) continue
    const plain = open(type, pair.value, plan.ids.creates === type.rule.type)
    if (isRefusal(plain)) return plain
    if (String(plain) === pair.value) continue
    changed = true
    pieces[i] = `${piece.slice(0, piece.indexOf('='))}=${encodeURIComponent(String(plain).toWellFormed())}`
  }
  return changed ? Buffer.from(pieces.join('&'), 'latin1') : bytes
}
