import { typesIn } from '../../../contract/objects/id-types.ts'
import type { Identified } from '../../../kernel/facts.ts'
import type { MediaContract } from '../../../kernel/operation.ts'
import type { ReplyRelease } from '../../../kernel/reply-release.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { isJsonPatch } from '../patched-places.ts'
import { compileSealing, type SealingPlan, sealedCheck } from './compile-sealing.ts'
import { openForm, openJson, openPatch } from './open-body.ts'
import { openHead } from './open-head.ts'
import { openerFor, scopesFor } from './opener.ts'
import type { SealingOptions } from './options.ts'
import { createSealedRelease } from './sealed-release.ts'

/**
 * Sealed ids. They are opened once, right after the caller is known, so that everything behind it – rules, validation,
 * record, upstream – sees one call with the upstream's own ids, in the one canonical form.
 */
export interface Sealing {
  /** The call with the ids of its head opened; the same call where it has none. */
  open(call: Identified): Identified | Denial
  /**
   * The bytes of a JSON or form body with its ids opened; the same bytes where nothing was sealed in them, or where they
   * do not parse, which is for inspect to tell. Bodies of other kinds are refused.
   */
  openBody(
    call: Identified,
    media: Pick<MediaContract, 'kind' | 'range'>,
    bytes: Uint8Array,
    depth: number,
  ): Uint8Array | Denial
  /** True where bodies of an operation have sealed ids. */
  opensBody(slot: number): boolean
  /** Seals the ids of a reply; undefined for operations of APIs without sealed types. */
  release(call: Identified): ReplyRelease | undefined
}

export function createSealing(options: SealingOptions): Sealing {
  const { sealer } = options
  const plans: (SealingPlan | undefined)[] = []
  for (const api of options.apis) for (const [slot, plan] of compileSealing(api).plans) plans[slot] = plan

  return {
    open(call) {
      const plan = plans[call.operation.slot]
      if (plan === undefined || plan.parameters.length === 0) return call
      return openHead(plan, call, openerFor(sealer, plan, call))
    },
    openBody(call, { kind, range }, bytes, depth) {
      const plan = plans[call.operation.slot]
      if (plan === undefined) return bytes
      if (kind === 'json' && isJsonPatch(call))
        return plan.patched === undefined
          ? bytes
          : openPatch(plan, plans, plan.patched, openerFor(sealer, plan, call), bytes, depth)
      if (kind === 'json' || kind === 'form') {
        if (plan.body === undefined) return bytes
        const open = openerFor(sealer, plan, call)
        return kind === 'json'
          ? openJson(plan, plans, plan.body, open, bytes, depth)
          : openForm(plan, plans, plan.body, open, bytes)
      }
      // Ids in it could be anybody's: what is not read is not let through.
      return isUnread(plan, range)
        ? deny('AUTHORIZE_OBJECT', sealedCheck, `sealed ids cannot be opened in a ${kind} body`)
        : bytes
    },
    opensBody(slot) {
      const plan = plans[slot]
      return (
        plan !== undefined &&
        (plan.body !== undefined || plan.patched !== undefined || plan.unread.length > 0)
      )
    },
    release(call) {
      const plan = plans[call.operation.slot]
      return plan === undefined ? undefined : createSealedRelease(plan, plans, scopesFor(sealer, plan, call))
    },
  }
}

/** True where the contract has sealed ids in bodies of this range, or where it has them in JSON under a range that is wider. */
function isUnread({ unread, body, types }: SealingPlan, range: string): boolean {
  return (
    unread.some((one) => one.range === range) ||
    (range.includes('*') && [...typesIn(body)].some((type) => types.has(type)))
  )
}
