import type { Answered, Reply } from '../../kernel/facts.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { isJsonType, parseMediaType } from '../../media/media-type.ts'
import { dismiss } from './collect.ts'
import { type ScreenPlan, violation } from './plan.ts'
import { defaultPolicy, isDroppedField, securityFields, speaksOfOctets } from './reply-fields.ts'
import { plainError, screenErrorBody } from './screen-error.ts'
import { screenJson } from './screen-json.ts'
import type { ScreenedBody } from './screened-body.ts'
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
          fields: replyFields(answered, plan),
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
          fields: [...replyFields(answered, plan), ...(plan.reader?.head ?? [])],
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
      const { reader } = plan
      const conceals = contract?.hasSchema === true && plan.conceal === 'enforce'
      if (json && (screened || grant.release !== undefined || conceals || reader?.demanding === true))
        return screenJson(answered, contract, plan).then((body) => finish(answered, plan, body))
      // Texts of others in an error page are nobody's to read.
      if (answer.status >= 400 && reader?.demanding === true) {
        dismiss(answer.body)
        return finish(answered, plan, plainError(answered))
      }
      if (answer.status >= 400)
        return screenErrorBody(answered, plan.maxBytes).then((body) => finish(answered, plan, body))
      grant.release?.run(answer.status, undefined, answer.fields.get('location'))
      const read = json ? undefined : reader?.body(answered, essence)
      if (read instanceof Promise) return read.then((body) => finish(answered, plan, body))
      if (read !== undefined) return finish(answered, plan, read)
      return { status: answer.status, fields: replyFields(answered, plan), body: answer.body }
    },
  }
}

function finish(answered: Answered, plan: ScreenPlan, screened: ScreenedBody | Denial): Reply | Denial {
  if (isDenied(screened)) return screened
  const fields = replyFields(answered, plan, screened)
  if (screened.fields !== undefined) fields.push(...screened.fields)
  return { status: answered.answer.status, fields, body: screened.body }
}

const passing = Object.freeze({ coded: true })

/** The upstream's fields without banners, and ours. */
function replyFields(
  answered: Answered,
  plan: ScreenPlan,
  { mediaType, coded, rewritten }: Pick<ScreenedBody, 'mediaType' | 'coded' | 'rewritten'> = passing,
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
    let value = upstream[i + 1] as string
    if (rewritten === true) {
      if (speaksOfOctets(name)) continue
      // What is left is no longer the same octets, but still of the same version.
      if (name === 'etag' && !value.startsWith('W/')) value = `W/${value}`
    }
    fields.push(name, release === undefined ? value : release.field(name, value))
  }
  if (mediaType !== undefined) fields.push('Content-Type', mediaType)
  if (!cache && plan.authenticated) fields.push('Cache-Control', 'no-store')
  if (!policy) fields.push(...defaultPolicy)
  fields.push(...answered.limitFields)
  return fields
}
