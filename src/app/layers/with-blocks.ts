import type { Gate } from '../../gateway/gate.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import type { BlockList } from '../../stages/record/anomaly/block-list.ts'

/** Refuses whom findings block: addresses before anything is looked up, callers and credentials once they are known. */
export function withBlocks(
  gate: Pick<Gate, 'match' | 'limit'>,
  blocks: BlockList,
): Pick<Gate, 'match' | 'limit'> {
  const refused = (leftMs: number): Denial =>
    deny('LIMIT_LOCKED', 'limit.blocked', 'blocked for a time because of a finding', {
      fields: ['Retry-After', String(Math.ceil(leftMs / 1000))],
    })
  return {
    match(arrived) {
      const left = blocks.left('address', arrived.client, arrived.time)
      return left > 0 ? refused(left) : gate.match(arrived)
    },
    limit: {
      run(authorized) {
        const { principal, time } = authorized
        if (blocks.size > 0 && principal.kind !== 'none') {
          const left = Math.max(
            blocks.left('principal', `${principal.issuer}/${principal.sub}`, time),
            blocks.left('credential', principal.credential, time),
          )
          if (left > 0) return refused(left)
        }
        return gate.limit.run(authorized)
      },
      runInput: (inspected) => gate.limit.runInput(inspected),
    },
  }
}
