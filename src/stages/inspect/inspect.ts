import type { Admitted, Input, Inspected } from '../../kernel/facts.ts'
import type { MediaContract } from '../../kernel/operation.ts'
import { type Denial, deny, isDenied, type SchemaError } from '../../kernel/verdict.ts'
import { defaultJsonLimits } from '../../media/json.ts'
import type { Engine } from './injection/engine.ts'
import type { TextPlace } from './injection/finding.ts'
import { compileInjectionScan } from './injection/scan-request.ts'
import type { InspectPlan } from './plan.ts'
import { readBody } from './read-body.ts'
import { judgeGraphqlQuery, loadGraphql } from './read-graphql.ts'
import { restrictBody } from './restrict-body.ts'

export interface Inspect {
  /**
   * Judges parameters and body against the contract. Refuses with `INSPECT_SCHEMA`, `INSPECT_JSON`,
   * `INSPECT_GRAPHQL`, `INSPECT_MEDIA_TYPE`, `INSPECT_CONTENT_CODING` or `INSPECT_BODY_TOO_LARGE`; looks for attacks in what the contract
   * leaves free (`INSPECT_INJECTION`).
   */
  run(admitted: Admitted): Input | Denial | Promise<Input | Denial>
  /** Enforces what the grant says about written properties, once authorize has spoken about the body. */
  runGrant(inspected: Inspected): Input | Denial
}

const nothing: Input = Object.freeze({ value: undefined, body: undefined, mediaType: undefined })

/** Builds the stage; `plans` are indexed by `Operation.slot`. */
export function createInspect(plans: readonly InspectPlan[]): Inspect {
  const engines = new Map<string, Engine>()
  const scans = plans.map((plan) => compileInjectionScan(plan.injection, engines))
  if (plans.some(({ graphql }) => graphql !== undefined)) void loadGraphql()

  function judged(admitted: Admitted, plan: InspectPlan): Input | Denial | Promise<Input | Denial> {
    const scan = scans[admitted.operation.slot]
    const proven = plan.schema === 'enforce'
    if (scan !== undefined) {
      const denial = scan.head(admitted, proven)
      if (denial !== undefined) return denial
    }
    const contract = admitted.operation.input.body
    if (!admitted.body.present) {
      if (contract?.required === true && plan.schema !== 'off') {
        const denial = judge(admitted, plan, [{ pointer: '/body', code: 'required' }])
        if (denial !== undefined) return denial
      }
      return nothing
    }
    // A body that no one declared is never forwarded, in no mode: nobody judged it (row W16).
    if (contract === undefined) return schemaDenial([{ pointer: '/body', code: 'undeclared' }])
    return readBody(admitted, contract, plan).then((read) => {
      if (isDenied(read)) return read
      const denial = judge(admitted, plan, read.errors)
      if (denial !== undefined) return denial
      const { scanned } = read
      if (scan !== undefined && scanned !== undefined) {
        const { value, media, bytes, loose } = scanned
        const attack = scan.body(
          admitted,
          value,
          placeOf(media),
          bytes,
          proven && loose !== true ? media.texts : undefined,
        )
        if (attack instanceof Promise) return attack.then((found) => found ?? read.input)
        if (attack !== undefined) return attack
      }
      return read.input
    })
  }

  return {
    run(admitted) {
      const plan = plans[admitted.operation.slot]
      if (plan === undefined) return deny('GATEWAY_FAULT', 'inspect.plan', 'operation without a plan')
      if (plan.schema !== 'off') {
        const errors = admitted.operation.input.head(admitted)
        const denial = judge(admitted, plan, errors)
        if (denial !== undefined) return denial
      }
      if (plan.graphql !== undefined && admitted.pairs.length > 0)
        return judgeGraphqlQuery(admitted.pairs, plan.graphql).then(
          (denial) => denial ?? judged(admitted, plan),
        )
      return judged(admitted, plan)
    },
    runGrant(inspected) {
      const view = inspected.grant.write
      if (view === undefined) return inspected.input
      return restrictBody(inspected, view, plans[inspected.operation.slot]?.depth ?? defaultJsonLimits.depth)
    },
  }
}

/** Where the texts of a body stand. */
function placeOf(media: MediaContract): TextPlace {
  switch (media.kind) {
    case 'json':
      return 'json-string'
    case 'form':
    case 'multipart':
    case 'xml':
      return media.kind
    default:
      return 'text'
  }
}

/** Errors refuse in `enforce`, are noted in `observe`. */
function judge(admitted: Admitted, plan: InspectPlan, errors: readonly SchemaError[]): Denial | undefined {
  if (errors.length === 0) return undefined
  if (plan.schema === 'enforce') return schemaDenial(errors)
  const first = errors[0] as SchemaError
  admitted.trail.note(
    'inspect',
    'inspect.schema',
    'deny',
    'INSPECT_SCHEMA',
    `${first.code} at ${first.pointer}`,
    true,
  )
  return undefined
}

function schemaDenial(errors: readonly SchemaError[]): Denial {
  const first = errors[0] as SchemaError
  return deny('INSPECT_SCHEMA', 'inspect.schema', `${first.code} at ${first.pointer}`, { errors })
}
