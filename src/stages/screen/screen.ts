import type { Answered, Reply } from '../../kernel/facts.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { isJsonType, parseMediaType } from '../../media/media-type.ts'
import { dismiss } from './collect.ts'
import { type ScreenedBody, type ScreenPlan, violation } from './plan.ts'
import { defaultPolicy, isDroppedField, securityFields } from './reply-fields.ts'
import { screenErrorBody } from './screen-error.ts'
import { screenJson } from './screen-json.ts'
import { isSuccess } from './success.ts'
import { unprovenHead, unreadable } from './unproven.ts'

export interface Screen {
  /** Judges and cleans the answer. Refuses with `SCREEN_SCHEMA`, `SCREEN_TOO_LARGE`. */
  run(answered: Answered): Reply | Denial | Promise<Reply | Denial>
}

/** Builds the stage; `plans` are indexed by `Operation.slot`. */
export function createScreen(plans: readonly ScreenPlan[]): Screen {
  return {
    run(answered) {
      const plan = plans[answered.operation.slot]
      if (plan === undefined) return deny('GATEWAY_FAULT', 'screen.plan', 'operation without a plan')
      const { answer, grant } = answered
      if (grant.proof !== undefined) {
        const denial = unprovenHead(answered, grant.proof)
        if (denial !== undefined) {
          dismiss(answer.body)
          answer.tunnel?.socket.destroy()
          return denial
        }
      }
      if (answer.tunnel !== undefined)
        return {
          status: 101,
          fields: replyFields(answered, plan, undefined, true),
          body: undefined,
          tunnel: answer.tunnel,
        }
      if (
        answered.method === 'HEAD' ||
        answer.status === 204 ||
        answer.status === 304 ||
        answer.body === undefined
      ) {
        dismiss(answer.body)
        if (!answered.operation.output.declares(answer.status)) {
          const denial = violation(answered, plan, 'status not declared')
          if (denial !== undefined) return denial
        }
        grant.release?.run(answer.status, undefined, answer.fields.get('location'))
        return {
          status: answer.status,
          fields: replyFields(answered, plan, undefined, true),
          body: undefined,
        }
      }
      const raw = answer.fields.get('content-type')
      const essence = raw === undefined ? undefined : parseMediaType(raw)?.essence
      const contract = answered.operation.output.find(answer.status, essence)
      const json = essence !== undefined && isJsonType(essence)
      if (contract === undefined || (contract.kind === 'json') !== json) {
        const what = answered.operation.output.declares(answer.status) ? 'media type' : 'status'
        const denial = violation(answered, plan, `${what} not declared`)
        if (denial !== undefined) {
          dismiss(answer.body)
          return denial
        }
      }
      if (!json && answer.status < 400) {
        const denial = grant.release?.blind?.(answer.status, essence, contract !== undefined)
        if (denial !== undefined) {
          dismiss(answer.body)
          return denial
        }
      }
      // An error that is declared to hold objects is judged as what it holds.
      const judged = isSuccess(answer.status) || (json && contract?.hasSchema === true)
      if (judged && (grant.proof !== undefined || grant.read !== undefined)) {
        if (json) return screenJson(answered, contract, plan).then((body) => finish(answered, plan, body))
        const denial = unreadable(answered, contract)
        if (denial !== undefined) {
          dismiss(answer.body)
          return denial
        }
      }
      const screened = contract?.hasSchema === true && (plan.violations !== 'off' || plan.prune !== 'off')
      if (json && (screened || grant.release !== undefined))
        return screenJson(answered, contract, plan).then((body) => finish(answered, plan, body))
      if (answer.status >= 400)
        return screenErrorBody(answered, plan.maxBytes).then((body) => finish(answered, plan, body))
      grant.release?.run(answer.status, undefined, answer.fields.get('location'))
      return {
        status: answer.status,
        fields: replyFields(answered, plan, undefined, true),
        body: answer.body,
      }
    },
  }
}

function finish(answered: Answered, plan: ScreenPlan, screened: ScreenedBody | Denial): Reply | Denial {
  if (isDenied(screened)) return screened
  const fields = replyFields(answered, plan, screened.mediaType, screened.coded)
  return { status: answered.answer.status, fields, body: screened.body }
}

/** The upstream's fields without banners, and ours. */
function replyFields(
  answered: Answered,
  plan: ScreenPlan,
  mediaType: string | undefined,
  coded: boolean,
): string[] {
  const fields: string[] = ['X-Request-Id', answered.id, ...securityFields(answered.channel.secure)]
  const upstream = answered.answer.fields.flat
  const { release } = answered.grant
  let cache = false
  let policy = false
  for (let i = 0; i < upstream.length; i += 2) {
    const name = upstream[i] as string
    if (isDroppedField(name)) continue
    if (name === 'content-type' && mediaType !== undefined) continue
    if (name === 'content-encoding' && !coded) continue
    if (name === 'cache-control') cache = true
    else if (name === 'content-security-policy') policy = true
    const value = upstream[i + 1] as string
    fields.push(name, release === undefined ? value : release.field(name, value))
  }
  if (mediaType !== undefined) fields.push('Content-Type', mediaType)
  if (!cache && plan.authenticated) fields.push('Cache-Control', 'no-store')
  if (!policy) fields.push(...defaultPolicy)
  fields.push(...answered.limitFields)
  return fields
}
