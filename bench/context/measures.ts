import type { LinearModel } from '../../src/stages/screen/context/detect/linear-model.ts'
import { isFlagged, isRefused, judge } from '../../tools/train-context/hold-out.ts'
import { createRandom } from '../../tools/train-context/random.ts'
import { makeReplies, pick } from '../../tools/train-context/replies.ts'
import { type ContextRow, sourceOf } from '../../tools/train-context/rows.ts'

/** A reply as its strings. */
type Leaves = readonly string[]

/** What is recognised of some rows, and of the same payloads buried in replies. */
export interface Recall {
  readonly n: number
  /** As collected, at 1 % and 0.1 % of honest replies. */
  readonly found: number
  /** Without the rules. */
  readonly byModel: number
  readonly foundStrictly: number
  /** 95 % interval of `found`, by bootstrap over families. */
  readonly interval: readonly [number, number]
  /** At a random place of a reply of 0.5 to 64 KB; undefined where the payload is not known apart. */
  readonly buried: number | undefined
}

export function flags(model: LinearModel, text: string, from?: number): boolean {
  return isFlagged(model, judge(model, text), from)
}

export function refuses(model: LinearModel, text: string): boolean {
  return isRefused(model, judge(model, text))
}

/** A reply is flagged where one of its strings is; each is judged as a part of the whole. */
export function flagsReply(model: LinearModel, leaves: Leaves): boolean {
  const length = leaves.reduce((sum, leaf) => sum + leaf.length, 0)
  return leaves.some((leaf) => isFlagged(model, judge(model, leaf, length)))
}

export function recallOf(
  model: LinearModel,
  rows: readonly ContextRow[],
  traffic: readonly ContextRow[],
): Recall {
  const hits = rows.map((row) => flags(model, row.text))
  const random = createRandom(17)
  const known = rows.filter(({ injected }) => injected !== undefined)
  return {
    n: rows.length,
    found: shareOf(hits),
    byModel: shareOf(rows.map(({ text }) => judge(model, text).score >= model.flagAt)),
    foundStrictly: shareOf(rows.map((row) => flags(model, row.text, model.sureAt))),
    interval: bootstrap(rows, hits),
    buried:
      known.length === 0 || traffic.length === 0
        ? undefined
        : shareOf(known.map((row) => flagsReply(model, bury(row, traffic, random)))),
  }
}

/** A payload at a random place of a random string of an honest reply. */
export function bury(
  row: ContextRow,
  traffic: readonly ContextRow[],
  random: () => number,
  size?: number,
): Leaves {
  const leaves = makeReplies(traffic, 1, random, size)[0]?.leaves.map(({ text }) => text) ?? []
  const at = Math.floor(random() * leaves.length)
  const leaf = leaves[at] ?? ''
  const cut = leaf.lastIndexOf(' ', Math.floor(random() * leaf.length)) + 1
  leaves[at] = `${leaf.slice(0, cut)}${payloadOf(row)} ${leaf.slice(cut)}`
  return leaves
}

/** What was planted; InjecAgent's rows name only the task, without the words that make it urgent. */
function payloadOf({ category, text, injected = '' }: ContextRow): string {
  return category.endsWith('enhanced') ? text : injected
}

function bootstrap(rows: readonly ContextRow[], hits: readonly boolean[]): [number, number] {
  const families = [...Map.groupBy(rows.keys(), (n) => rows[n]?.family ?? '').values()]
  const random = createRandom(29)
  const shares = Array.from({ length: 400 }, () => {
    let found = 0
    let all = 0
    for (let k = 0; k < families.length; k++)
      for (const n of pick(families, random)) {
        all++
        if (hits[n] === true) found++
      }
    return found / all
  }).sort((a, b) => a - b)
  return [shares[10] ?? 0, shares[389] ?? 0]
}

export function shareOf(hits: readonly boolean[]): number {
  return hits.length === 0 ? 0 : hits.filter((hit) => hit).length / hits.length
}

export function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(100 * share).toFixed(1)} %`
}

/** Rows of a source that replies can be made of; those of all others where it has too few. */
export function trafficFor(source: string, traffic: readonly ContextRow[]): readonly ContextRow[] {
  const own = traffic.filter((row) => sourceOf(row) === source)
  return own.length >= 40 ? own : traffic.filter((row) => sourceOf(row) !== source)
}
