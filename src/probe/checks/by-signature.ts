import type { Exchange } from '../session.ts'
import type { World } from '../state/world.ts'
import { putTogether, type Token } from './forge-token.ts'
import { type Anchor, accepted } from './token-anchors.ts'

/**
 * Reads that check the signature, and those that do not while others do: these would take every token, so they tell nothing else.
 * Where none checks it all are in the first list.
 */
export async function bySignature(
  world: World,
  anchors: readonly Anchor[],
  { head, claims, signature }: Token,
): Promise<
  readonly [readonly Anchor[], readonly { readonly anchor: Anchor; readonly exchange: Exchange }[]]
> {
  const changed = putTogether(head, { ...claims, sallyport_probe: 1 }, signature)
  const strict: Anchor[] = []
  const blind: { readonly anchor: Anchor; readonly exchange: Exchange }[] = []
  for (const anchor of anchors) {
    const taken = await accepted(world, anchor, [changed], 'FORGED_SIGNATURE')
    if (taken === undefined) strict.push(anchor)
    else blind.push({ anchor, exchange: taken.exchange })
  }
  return strict.length === 0 ? [anchors, []] : [strict, blind]
}
