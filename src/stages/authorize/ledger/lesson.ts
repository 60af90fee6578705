import type { IdMark, IdShape } from '../../../contract/objects/id-map.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Inspected } from '../../../kernel/facts.ts'
import type { LedgerStore } from '../../../kernel/ledger-store.ts'
import type { Parameter } from '../../../kernel/operation.ts'
import type { ReplyRelease } from '../../../kernel/reply-release.ts'
import type { LearnedPlan, LedgerPlan } from './compile-ledger.ts'
import { holderOf, madeHolder, objectKey, publicHolder } from './ledger-keys.ts'
import { idText, readParameter, walkIds } from './read-ids.ts'

/** Ids deeper than this in the reply of a creation are not those of what was made: `/id`, `/data/id`. */
const madeDepth = 2
/** Texts of a body that are looked at for what a reply only echoes. */
const maxAsked = 2_000

/**
 * What one call's reply gives to its caller. An id that the caller named first, and had not been given, is not given by
 * a reply that repeats it: else asking for a foreign object, while the rule only watches, would make it one's own.
 */
export function createLesson(
  store: LedgerStore,
  clock: Clock,
  plan: LedgerPlan,
  call: Inspected,
): ReplyRelease {
  const holder = holderOf(plan.api.name, call.principal)
  let asked: ((type: string, id: string) => boolean) | undefined

  const give = (one: LearnedPlan, id: string, made: boolean, owns: boolean): void => {
    const { rule } = one
    const key = objectKey(rule.name, id)
    const now = clock.now()
    const until = now + rule.expiryMs
    if (!made && store.standing(holder, key, now) === 'none') {
      asked ??= askedFor(call, plan)
      if (asked(rule.type, id)) return
      if (rule.kind === 'private' && !owns && store.standing(madeHolder(plan.api.name), key, now) !== 'none')
        return
    }
    store.give(holder, key, made || owns ? 'owned' : 'shown', until, now)
    if (rule.kind === 'private' && made) store.give(madeHolder(plan.api.name), key, 'owned', until, now)
    if (rule.kind === 'public-read') store.give(publicHolder(plan.api.name), key, 'shown', until, now)
  }

  const ruleOf = (mark: IdMark | undefined): LearnedPlan | undefined => {
    if (mark === undefined || mark.confidence === 'guess') return undefined
    const one = plan.rules.get(mark.type)
    return one?.teaches === true ? one : undefined
  }

  /** True where the reply says that the caller has made the object: the one nearest the top. */
  const madeOf = (
    shape: IdShape,
    value: unknown,
    status: number,
  ): ((one: LearnedPlan, id: string, depth: number) => boolean) => {
    const fresh = call.method === 'PUT' ? status === 201 : status < 300
    let top = madeDepth + 1
    if (fresh && plan.ids.creates !== undefined)
      walkIds(shape, value, {
        id(at, _found, depth) {
          if (at.id?.type === plan.ids.creates && depth < top) top = depth
        },
      })
    return (one, id, depth) => {
      if (!fresh || !one.creates || depth !== top || top > madeDepth) return false
      if (status === 201) return true
      // An id that the caller chose is new only where the upstream says so.
      asked ??= askedFor(call, plan)
      return !asked(one.rule.type, id)
    }
  }

  const read = (shape: IdShape, value: unknown, status: number): void => {
    const isMade = madeOf(shape, value, status)
    walkIds(shape, value, {
      id(at, found, depth, owner) {
        const one = ruleOf(at.id)
        const id = one === undefined ? undefined : idText(found)
        if (one === undefined || typeof id !== 'string' || id === '') return
        const owns = call.principal.sub !== '' && idText(owner) === call.principal.sub
        give(one, id, isMade(one, id, depth), owns)
      },
      link(url, at) {
        if (at.leads) follow(url, false)
      },
    })
  }

  /** A URL of the same API gives the object at its end. */
  const follow = (url: string, made: boolean): void => {
    const target = plan.api.resolve(url)
    const ids = target === undefined ? undefined : plan.api.ids.operations.get(target.slot)
    const last = ids?.parameters.findLast((one) => one.in === 'path')
    const one = ruleOf(last)
    const id = last === undefined ? undefined : target?.params[last.name]
    if (one !== undefined && id !== undefined) give(one, id, made && one.creates, false)
  }

  return {
    run(status, value, location) {
      if (status < 200 || status >= 400) return false
      const shape = status < 300 && value !== undefined ? plan.ids.reply(status) : undefined
      if (shape !== undefined) read(shape, value, status)
      if (location !== undefined) follow(location, status === 201 || status === 202 || call.method === 'POST')
      if (status < 300)
        for (const one of plan.rules.values()) {
          if (one.removes === undefined) continue
          readParameter(call, one.removes, (id) => store.forget(holder, objectKey(one.rule.name, id)))
        }
      return false
    },
    field(name, value) {
      const one = ruleOf(plan.ids.replyFields.get(name))
      if (one !== undefined && value !== '') give(one, value, false, false)
      return value
    },
  }
}

/** Whether a call named an id itself: where ids of that type stand, or in a text of no known meaning. */
function askedFor(call: Inspected, plan: LedgerPlan): (type: string, id: string) => boolean {
  const typed = new Map<string, Set<string>>()
  const texts = new Set<string>()
  const note = (type: string, id: string): void => {
    const known = typed.get(type)
    if (known === undefined) typed.set(type, new Set([id]))
    else known.add(id)
  }
  const named = new Set<string>()
  for (const parameter of plan.ids.parameters) {
    named.add(`${parameter.in} ${parameter.name}`)
    readParameter(call, parameter, (id) => note(parameter.type, id))
  }
  for (const declared of call.operation.parameters) {
    if (declared.in !== 'query' || named.has(`query ${declared.name}`) || isNumeric(declared)) continue
    for (const pair of call.pairs) if (pair.name === declared.name) texts.add(pair.value)
  }
  const { value } = call.input
  if (typeof value === 'object' && value !== null) {
    if (plan.ids.body !== undefined)
      walkIds(plan.ids.body, value, {
        id(shape, found) {
          const id = idText(found)
          if (shape.id !== undefined && typeof id === 'string') note(shape.id.type, id)
        },
      })
    collectTexts(value, texts)
  }
  return (type, id) => texts.has(id) || typed.get(type)?.has(id) === true
}

function isNumeric({ schema }: Parameter): boolean {
  const type = schema?.['type']
  return type === 'integer' || type === 'number' || type === 'boolean'
}

function collectTexts(value: object, texts: Set<string>): void {
  const queue: unknown[] = [value]
  for (let at = 0; at < queue.length && at < maxAsked; at++) {
    const one = queue[at]
    if (typeof one === 'string') texts.add(one)
    else if (typeof one === 'object' && one !== null) queue.push(...Object.values(one).slice(0, maxAsked))
  }
}
