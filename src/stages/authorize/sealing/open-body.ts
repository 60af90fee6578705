import type { IdShape } from '../../../contract/objects/id-map.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { parseForm } from '../../../media/form.ts'
import { defaultJsonLimits, parseJson, printableValue, printJson } from '../../../media/json.ts'
import { patchedPlaces } from '../patched-places.ts'
import { type SealingPlan, sealedCheck } from './compile-sealing.ts'
import { type IdMapper, mapIds } from './map-ids.ts'
import { mapUrl } from './map-url.ts'
import { isRefusal, type Opener } from './opener.ts'

/** A JSON body printed again with its ids opened; what is judged and forwarded is read from the result. */
export function openJson(
  plan: SealingPlan,
  plans: readonly (SealingPlan | undefined)[],
  shape: IdShape,
  open: Opener,
  bytes: Uint8Array,
  depth: number,
): Uint8Array | Denial {
  const json = parseJson(bytes, { ...defaultJsonLimits, depth })
  if (typeof json === 'string') return bytes
  const opening = new Opening(plan, plans, open)
  const value = mapIds(shape, printableValue(json), opening)
  if (opening.denial !== undefined) return opening.denial
  // An id beyond 2^53 needs the exact printer, whatever the rest of the body holds.
  return opening.changed ? Buffer.from(printJson(value, false)) : bytes
}

/** A JSON Patch with the ids opened that it writes. */
export function openPatch(
  plan: SealingPlan,
  plans: readonly (SealingPlan | undefined)[],
  target: IdShape,
  open: Opener,
  bytes: Uint8Array,
  depth: number,
): Uint8Array | Denial {
  const json = parseJson(bytes, { ...defaultJsonLimits, depth })
  if (typeof json === 'string') return bytes
  const value = printableValue(json)
  const places = patchedPlaces(target, value, (type) => plan.types.has(type))
  if (places === 'unreadable') return deny('AUTHORIZE_OBJECT', sealedCheck, 'a patch that moves sealed ids')
  const opening = new Opening(plan, plans, open)
  for (const { shape, change } of places)
    if (Object.hasOwn(change, 'value')) change.value = mapIds(shape, change.value, opening)
  if (opening.denial !== undefined) return opening.denial
  return opening.changed ? Buffer.from(printJson(value, false)) : bytes
}

/** Opens the ids that a walk finds, up to the first that is not the caller's. */
class Opening implements IdMapper {
  denial: Denial | undefined
  changed = false
  readonly #plan: SealingPlan
  readonly #plans: readonly (SealingPlan | undefined)[]
  readonly #open: Opener

  constructor(plan: SealingPlan, plans: readonly (SealingPlan | undefined)[], open: Opener) {
    this.#plan = plan
    this.#plans = plans
    this.#open = open
  }

  id(at: IdShape, found: unknown, depth: number): unknown {
    const mark = at.id
    const { types, ids } = this.#plan
    const type = mark === undefined || mark.confidence === 'guess' ? undefined : types.get(mark.type)
    if (type === undefined || found === null || this.denial !== undefined) return found
    const isNew = depth <= 1 && ids.creates === mark?.type && mark?.own === true
    const opened = this.#open(type, found, isNew)
    if (isRefusal(opened)) {
      this.denial = opened
      return found
    }
    if (opened !== found) this.changed = true
    return opened
  }

  link(url: string): string {
    return mapUrl(this.#plan, this.#plans, url, (type, id) => {
      const opened = this.#open(type, id, false)
      if (isRefusal(opened)) {
        this.denial ??= opened
        return id
      }
      if (opened !== id) this.changed = true
      return String(opened)
    })
  }
}

/** A form with its ids opened. Pairs without one keep their bytes. */
export function openForm(
  plan: SealingPlan,
  plans: readonly (SealingPlan | undefined)[],
  shape: IdShape,
  open: Opener,
  bytes: Uint8Array,
): Uint8Array | Denial {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const pieces = text.split('&')
  const opening = new Opening(plan, plans, open)
  for (const [i, piece] of pieces.entries()) {
    const [pair] = parseForm(piece) ?? []
    const member = pair === undefined ? undefined : shape.members.get(pair.name.replace(/\[\d*\]$/, ''))
    const place = member?.items ?? member
    if (pair === undefined || place === undefined) continue
    const plain = String(mapIds(place, pair.value, opening, 1))
    if (plain !== pair.value)
      pieces[i] = `${piece.slice(0, piece.indexOf('='))}=${encodeURIComponent(plain.toWellFormed())}`
  }
  if (opening.denial !== undefined) return opening.denial
  return opening.changed ? Buffer.from(pieces.join('&'), 'latin1') : bytes
}
