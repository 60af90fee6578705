import { wordsOf } from '../../contract/objects/noun.ts'
import type { Identity } from '../identity.ts'
import { contractLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { selfFills, spareOf } from '../spare-account.ts'
import type { World } from '../state/world.ts'
import { callsFor } from '../steps-make.ts'
import { type Place, placesOf } from './injection-places.ts'

const lengths = [14, 18, 21, 23, 25, 27, 29, 31]
const slow = 300

/** API4: a text whose form is checked by a pattern that takes exponential time. Members with a form alone, growing a little each time. */
export async function checkSlowPatterns(world: World): Promise<void> {
  let spare: Awaited<ReturnType<typeof spareOf>>
  for (const operation of world.operations) {
    if (operation.signIn || operation.signUp || operation.staff || operation.declared.method === 'DELETE')
      continue
    if (!operation.reads && !world.session.write) continue
    let who: Identity | undefined = operation.open
      ? undefined
      : world.identities.find((one) => !one.privileged)
    let fills: ReadonlyMap<string, unknown> = new Map()
    // What an identity signs in with is only tried on an account of the probe's own.
    if (operation.credential) {
      spare ??= await spareOf(world)
      if (spare === undefined) continue
      who = spare.identity
      fills = selfFills(operation, spare.made)
    }
    const view = who === undefined ? undefined : world.viewsOf(who, operation)[0]
    const call =
      fills.size > 0
        ? world.build(operation, fills, { full: true })
        : (view?.call ?? callsFor(world, operation, who)[0])
    if (call === undefined) continue
    for (const place of placesOf(world, operation, who, call))
      if (!place.at.startsWith('path.') && hasForm(place)) await grow(world, place)
  }
}

function hasForm({ name, format, numeric }: Place): boolean {
  if (numeric) return false
  return (
    /^(?:email|uri|url|hostname|ipv4|phone)$/.test(format) ||
    /\b(?:email|mail|phone|mobile|url|uri|domain|host|hostname|website|ip|iban|zip|postcode|username)$/.test(
      wordsOf(name).join(' '),
    )
  )
}

/** Texts that nearly fit: many ways to divide what is repeated, and an end that fits none. */
const shapes: readonly ((n: number) => string)[] = [
  (n) => `${'a'.repeat(n)}!`,
  (n) => `a@${'a'.repeat(n)}!`,
  (n) => `${'1'.repeat(n)}x!`,
]

async function grow(world: World, place: Place): Promise<void> {
  const ask = (text: string): Promise<Exchange> =>
    world.session.call(place.identity, place.put(text), { throttled: true })
  for (const shape of shapes) {
    if (!isOpen(world, 'injection.regex', place.operation, place.at)) return
    const first = await ask(shape(lengths[0] ?? 14))
    if (first.reply.status === 429 || first.reply.status === 401) return
    let doubts = 0
    for (const n of lengths.slice(1)) {
      const one = await ask(shape(n))
      if (one.reply.ms < slow && one.reply.failure === undefined) continue
      // The same length in another form, and shorter ones, are no work.
      const other = await ask(`${'-'.repeat(n)}!`)
      const shorter = await ask(shape(n - 4))
      const again = await ask(shape(n))
      const quick = Math.max(other.reply.ms, shorter.reply.ms)
      // A busy target is slow at everything: one step further tells more.
      if (again.reply.ms < slow || quick * 4 > Math.min(one.reply.ms, again.reply.ms)) {
        if (doubts++ > 0) break
        continue
      }
      reportWeakness(world, {
        rule: 'injection.regex',
        operation: place.operation,
        detail: place.at,
        message: `${place.at}: a text of ${n + 1} characters is worked at for ${Math.round(again.reply.ms)} ms, another of that length for ${Math.round(other.reply.ms)}`,
        confidence: 'certain',
        policy: contractLine('a maxLength and a pattern that cannot be slow; controls: { schema: enforce }'),
        steps: [
          ['a short one', shorter],
          ['a longer one', again],
          ['as long, of another form', other],
        ],
      })
      return
    }
  }
}
