import { isFailure } from '../../../expression/failure.ts'
import type { Scene } from '../../../expression/scene.ts'
import { type Clock, systemClock } from '../../../kernel/clock.ts'
import type { Inspected } from '../../../kernel/facts.ts'
import type { ObjectRef } from '../../../kernel/grant.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { OutboundError } from '../../../outbound/outbound-error.ts'
import { maxRecordedObjects } from '../check.ts'
import { type AskedPlan, askedCheck, compileAsked } from './compile-asked.ts'
import { createAuthzen } from './create-authzen.ts'
import { createOpenfga } from './create-openfga.ts'
import { DecisionCache } from './decision-cache.ts'
import type { Decision, DecisionPoint, Question } from './decision-point.ts'
import type { AskedRule, AskingOptions } from './options.ts'

/** The objects that a call names, or the refusal because of one. */
export type AskedSaid = readonly ObjectRef[] | Denial

/** Asks external decision points about the objects that calls name. */
export interface Asking {
  /**
   * Judges every object that a judged call names, before anything is sent upstream. At once where all is remembered.
   * Refuses with `AUTHORIZE_OBJECT` (or `AUTHORIZE_NOT_FOUND`), and with `AUTHORIZE_UNDECIDED` where no clear answer
   * came in time.
   */
  run(call: Inspected): AskedSaid | Promise<AskedSaid>
  /** Asked types, by slot. */
  readonly guards: ReadonlyMap<number, readonly AskedRule[]>
}

/** One call may name so many objects of a rule. */
const maxObjects = 256
/** Longer names are no object's. */
const maxName = 1_024
/** Questions to one decision point at once; more would only wait. */
const maxAtOnce = 256

const nothing: readonly ObjectRef[] = Object.freeze([])

interface Asked {
  readonly plan: AskedPlan
  readonly point: DecisionPoint
  readonly load: { running: number }
}

/** What of a call is left to ask, or already known. */
type Prepared =
  | Denial
  | undefined
  | { readonly question: Omit<Question, 'ids'>; readonly key: string; readonly ids: readonly string[] }

/** Compiles the asked types of all APIs. Throws `Unusable`. */
export function createAsking(options: AskingOptions): Asking {
  const { outbound, clock = systemClock } = options
  const plans: (readonly Asked[] | undefined)[] = []
  const guards = new Map<number, readonly AskedRule[]>()
  const cache = new DecisionCache(clock)
  for (const api of options.apis) {
    const points = new Map(
      api.rules.map((rule) => [rule, { point: pointOf(rule, outbound), load: { running: 0 } }]),
    )
    for (const [slot, compiled] of compileAsked(api)) {
      plans[slot] = compiled.flatMap((plan) => {
        const reached = points.get(plan.asked)
        return reached === undefined ? [] : [{ plan, ...reached }]
      })
      guards.set(
        slot,
        compiled.map(({ asked }) => asked),
      )
    }
  }

  const judge = (
    one: Asked,
    call: Inspected,
    objects: ObjectRef[],
  ): Denial | undefined | Promise<Denial | undefined> => {
    const prepared = prepare(one, call, objects, cache)
    if (prepared === undefined || 'verdict' in prepared) return prepared
    const { question, key, ids } = prepared
    return ask(one, { ...question, ids }, key, clock, cache)
  }

  return {
    run(call) {
      const asked = plans[call.operation.slot]
      if (asked === undefined) return nothing
      const objects: ObjectRef[] = []
      const outcomes = asked.map((one) => judge(one, call, objects))
      if (outcomes.every((outcome) => !(outcome instanceof Promise)))
        return conclude(asked, outcomes as (Denial | undefined)[], call, objects)
      return Promise.all(outcomes).then((settled) => conclude(asked, settled, call, objects))
    },
    guards,
  }
}

function pointOf(rule: AskedRule, outbound: AskingOptions['outbound']): DecisionPoint {
  const client = { outbound, token: rule.token?.reveal() }
  const { point, batch } = rule
  return point.kind === 'authzen'
    ? createAuthzen({ url: point.url, batch }, client)
    : createOpenfga({ ...point, batch }, client)
}

/** Notes what each rule said; the first refusal that is in force. */
function conclude(
  asked: readonly Asked[],
  outcomes: readonly (Denial | undefined)[],
  call: Inspected,
  objects: readonly ObjectRef[],
): AskedSaid {
  let refused: Denial | undefined
  for (const [index, { plan }] of asked.entries()) {
    const denial = outcomes[index]
    const watched = plan.asked.mode === 'observe'
    if (denial === undefined)
      call.trail.note('authorize', askedCheck, 'allow', undefined, plan.asked.rule.name)
    else if (watched || refused === undefined) {
      call.trail.note('authorize', askedCheck, 'deny', denial.code, denial.reason, watched)
      if (!watched) refused = denial
    }
  }
  return refused === undefined ? objects : { ...refused, objects }
}

/** Reads the ids of a call and drops those that need no question. Undefined where none is left. */
function prepare(
  { plan, point }: Asked,
  call: Inspected,
  objects: ObjectRef[],
  cache: DecisionCache,
): Prepared {
  const { asked, source, exception, refusal } = plan
  const { rule } = asked
  const scene: Scene = { body: call.input.value, object: undefined, response: undefined }
  const named: string[] = []
  const unreadable = source.read(call, scene, named)
  for (const id of named) if (objects.length < maxRecordedObjects) objects.push({ type: rule.name, id })
  const excepted = (id: string | undefined): boolean =>
    exception?.holds(call, { body: scene.body, object: { id, owner: undefined }, response: undefined }) ===
    true
  if (unreadable !== undefined)
    return excepted(undefined)
      ? undefined
      : { ...refusal, reason: `the ${rule.name} could not be told: ${unreadable.reason}` }
  const open = [...new Set(named)].filter((id) => !excepted(id))
  if (open.length === 0) return undefined
  if (open.length > maxObjects) return { ...refusal, reason: 'too many objects at once' }
  if (open.some((id) => id === '' || id.length > maxName || !point.canName(id)))
    return { ...refusal, reason: `the decision point knows no ${rule.name} of such a name` }
  if (rule.issuers !== undefined && !rule.issuers.includes(call.principal.issuer))
    return { ...refusal, reason: 'the caller is of no issuer that the rule names' }
  const subject = plan.subject === undefined ? call.principal.sub : plan.subject.text(call, scene)
  if (isFailure(subject)) return { ...refusal, reason: `the subject could not be told: ${subject.reason}` }
  // An anonymous caller has an empty subject, and nobody decides for nobody.
  if (subject === '' || subject.length > maxName || !point.canName(subject))
    return { ...refusal, reason: 'the decision point knows no subject of such a name' }
  const context = contextOf(plan, call, scene)
  if (context === 'unknown') return { ...refusal, reason: 'the context could not be told' }
  const question = {
    subject: { type: asked.subjectType, id: subject, issuer: call.principal.issuer },
    action: plan.action,
    type: asked.type,
    context,
    requestId: call.id,
  }
  // Of one text that ends by itself, so that what follows cannot be read as a part of it.
  const key = JSON.stringify([
    call.operation.api,
    rule.name,
    question.subject.id,
    question.subject.issuer,
    question.action,
    context ?? 0,
  ])
  const ids: string[] = []
  for (const id of open) {
    const known = cache.get(key + id)
    if (known === false) return refusal
    if (known === undefined) ids.push(id)
  }
  return ids.length === 0 ? undefined : { question, key, ids }
}

function contextOf(
  { context }: AskedPlan,
  call: Inspected,
  scene: Scene,
): Record<string, unknown> | undefined | 'unknown' {
  if (context.length === 0) return undefined
  const values = Object.create(null) as Record<string, unknown>
  for (const [name, expression] of context) {
    const value = expression.evaluate(call, scene)
    if (isFailure(value) || typeof value === 'bigint') return 'unknown'
    values[name] = value
  }
  return values
}

/** Asks about all ids, as many at once as the decision point takes. A denial of one counts though another is undecided. */
async function ask(
  { plan, point, load }: Asked,
  question: Question,
  key: string,
  clock: Clock,
  cache: DecisionCache,
): Promise<Denial | undefined> {
  const { asked, refusal } = plan
  if (load.running >= maxAtOnce) return undecided(asked, 'too many questions at once')
  load.running++
  const askedAt = clock.monotonic()
  const groups: (readonly string[])[] = []
  for (let i = 0; i < question.ids.length; i += point.batch)
    groups.push(question.ids.slice(i, i + point.batch))
  try {
    const answers = await Promise.allSettled(
      groups.map((ids) => point.decide({ ...question, ids }, asked.deadlineMs)),
    )
    let open: string | undefined
    let denied = false
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') {
        open ??= answer.reason instanceof OutboundError ? answer.reason.message : 'it could not be asked'
        continue
      }
      for (const [at, id] of (groups[index] ?? []).entries()) {
        const decision: Decision = answer.value[at] ?? 'undecided'
        if (decision === 'undecided') open ??= 'it could not evaluate the question'
        else cache.put(key + id, decision === 'allow', askedAt, asked.cacheMs)
        if (decision === 'deny') denied = true
      }
    }
    if (denied) return refusal
    return open === undefined ? undefined : undecided(asked, open)
  } finally {
    load.running--
  }
}

function undecided({ rule }: AskedRule, why: string): Denial {
  return deny('AUTHORIZE_UNDECIDED', askedCheck, `nobody decided on the ${rule.name}: ${why}`)
}
