import type { Identity } from '../identity.ts'
import type { Exchange } from '../session.ts'
import { distinctValues, hasContent, isYes } from '../state/reply-facts.ts'
import type { View, World } from '../state/world.ts'

/** A read that only a true token gets. */
export interface Anchor {
  readonly identity: Identity
  readonly view: View
  readonly nobody: Exchange
  /** Values that the reply has with a true token alone. */
  readonly gain: readonly string[]
}

const maxAnchors = 12

/** Sends tokens in turn until one gets what a true one gets. */
export async function accepted(
  world: World,
  anchor: Anchor,
  tokens: readonly string[],
  shownAs: string,
): Promise<{ readonly token: string; readonly exchange: Exchange } | undefined> {
  for (const token of tokens) {
    world.session.hide(token, `\${${shownAs}}`)
    const exchange = await world.session.call(anchor.identity, anchor.view.call, { token })
    if (!gets(anchor, exchange)) continue
    const again = await world.session.call(anchor.identity, anchor.view.call, { token })
    if (gets(anchor, again)) return { token, exchange }
  }
  return undefined
}

/** True where a reply has what only a true token gets. */
export function gets({ gain }: Anchor, { reply }: Exchange): boolean {
  if (!isYes(reply) || !hasContent(reply)) return false
  if (gain.length === 0) return true
  const values = distinctValues(reply)
  return gain.filter((value) => values.has(value)).length >= gain.length * 0.6
}

/** Reads of an identity that tell a true token from a broken one. */
export async function anchorsOf(world: World, identity: Identity): Promise<readonly Anchor[]> {
  const anchors: Anchor[] = []
  const seen = new Set<string>()
  for (const view of world.views(identity)) {
    const { operation, exchange } = view
    if (anchors.length >= maxAnchors || seen.has(operation.title) || operation.open) continue
    if (operation.declared.method !== 'GET' || !hasContent(exchange.reply) || exchange.reply.cut) continue
    seen.add(operation.title)
    const nobody = await world.session.call(undefined, view.call)
    const none = distinctValues(nobody.reply)
    const gain = [...distinctValues(exchange.reply)].filter((value) => !none.has(value))
    const refused = !isYes(nobody.reply)
    if (!refused && gain.length < 2) continue
    const broken = await world.session.call(identity, view.call, { token: 'broken.broken.broken' })
    const anchor = { identity, view, nobody, gain: refused ? gain.slice(0, 200) : gain }
    if (!gets(anchor, broken)) anchors.push(anchor)
  }
  return anchors
}
