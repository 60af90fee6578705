import type { Scene } from '../../expression/scene.ts'
import type { Identified, Inspected } from '../../kernel/facts.ts'
import type { Operation } from '../../kernel/operation.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import type { IdSource } from './id-source.ts'
import type { ObjectReader, ReadReply } from './options.ts'
import type { OwnerCache } from './owner-cache.ts'
import { objectCheck } from './ownership.ts'
import { type ReplyRule, showReply } from './reply-rule.ts'

const readCheck = 'authorize.read'

/** Remembered of what showed a caller no owner: a second attempt must not take longer than on a foreign object. */
const nobody = ''

/** Objects that one call may have read before it. */
const maxObjects = 64

/** A rule whose objects are read before the call is forwarded. */
export interface ReadFirstRule extends ReplyRule {
  readonly source: IdSource
  readonly read: Operation
  /** Names of the path parameters of `read`, in order; the id is the value of `idName`. */
  readonly names: readonly string[]
  readonly idName: string | undefined
  /** True where `read` has the target of the call itself. */
  readonly sameTarget: boolean
}

/** What was read: a refusal, or the owner where there is one object. */
export interface ReadOutcome {
  readonly denial: Denial | undefined
  readonly owner: string | undefined
}

/** What cannot stand in a path segment without being read as something else. */
const unsafe = /[\0-\x1f\x7f/\\%?#]|^\.{1,2}$|^$/

/** Reads objects with the caller's own credentials and judges them; remembers owners for a moment. */
export class ReadFirst {
  readonly #reader: ObjectReader | undefined
  readonly #owners: OwnerCache

  constructor(reader: ObjectReader | undefined, owners: OwnerCache) {
    this.#reader = reader
    this.#owners = owners
  }

  /** Proves every object of a call. Nothing is read where `allow` lets the caller in anyway. */
  async run(rule: ReadFirstRule, call: Inspected, ids: readonly string[]): Promise<ReadOutcome> {
    const unique = [...new Set(ids)]
    if (unique.length > maxObjects)
      return { denial: { ...rule.ownership.refusal, reason: 'too many objects at once' }, owner: undefined }
    let owner: string | undefined
    for (const id of unique) {
      const outcome = await this.#prove(rule, call, id)
      if (outcome.denial !== undefined) return outcome
      owner = outcome.owner
    }
    return { denial: undefined, owner: unique.length === 1 ? owner : undefined }
  }

  /** Forgets the owners of what a call writes; called before and after the write is forwarded. */
  forget(rule: ReadFirstRule, call: Identified, scene: Scene): void {
    const ids: string[] = []
    if (rule.source.read(call, scene, ids) !== undefined) return
    for (const id of ids) {
      const key = keyOf(rule, call, id)
      this.#owners.forget(key)
      this.#owners.forget(ofCaller(key, call))
    }
  }

  async #prove(rule: ReadFirstRule, call: Inspected, id: string): Promise<ReadOutcome> {
    const { ownership } = rule
    const scene: Scene = { body: call.input.value, object: undefined, response: undefined }
    const key = keyOf(rule, call, id)
    const remembered = ownership.readsMore ? undefined : this.#owners.get(key)
    if (remembered !== undefined) {
      call.trail.note('authorize', readCheck, 'allow', undefined, `owner of the ${rule.rule.name} remembered`)
      return { denial: ownership.judge(call, scene, id, remembered), owner: remembered }
    }
    if (!ownership.readsMore && this.#owners.get(ofCaller(key, call)) === nobody)
      return { denial: ownership.refusal, owner: undefined }
    const begun = this.#owners.begin()
    const reply = await this.#read(rule, call, id)
    if (isDenied(reply)) return { denial: reply, owner: undefined }
    const outcome = judgeReply(rule, call, reply, id)
    if (outcome.owner !== undefined) this.#owners.put(key, outcome.owner, begun)
    // The upstream may hide an object from one caller that another owns.
    else if (outcome.denial?.code === ownership.refusal.code)
      this.#owners.put(ofCaller(key, call), nobody, begun)
    return outcome
  }

  async #read(rule: ReadFirstRule, call: Inspected, id: string): Promise<ReadReply | Denial> {
    if (this.#reader === undefined)
      return deny('FORWARD_UNREACHABLE', readCheck, 'nothing can be read before the write')
    const params = rule.sameTarget ? undefined : paramsOf(rule, call, id)
    if (params === 'unsafe') return { ...rule.ownership.refusal, reason: 'the id cannot stand in a path' }
    const reply = await this.#reader.read(call, rule.read, params)
    const denied = isDenied(reply)
    call.trail.note(
      'authorize',
      readCheck,
      denied ? 'deny' : 'allow',
      denied ? reply.code : undefined,
      denied ? reply.reason : `${rule.read.method} ${rule.read.template}: ${reply.status}`,
    )
    return reply
  }
}

function judgeReply(rule: ReadFirstRule, call: Inspected, reply: ReadReply, id: string): ReadOutcome {
  const { status } = reply
  const none = { owner: undefined }
  if (status >= 500 || status === 429)
    return {
      ...none,
      denial: deny('FORWARD_MALFORMED', objectCheck, `the ${rule.rule.name} could not be read: ${status}`),
    }
  if (status < 200 || status >= 300) return { ...none, denial: rule.ownership.refusal }
  if (!reply.json)
    return {
      ...none,
      denial: { ...rule.ownership.refusal, reason: `the ${rule.rule.name} was read and is not JSON` },
    }
  // Judged as enforced: what the mode means is decided where the call is.
  const judging = { ...rule, mode: 'enforce' as const, rule: { ...rule.rule, list: 'refuse' as const } }
  const { denial, owner } = showReply(judging, call, call.input.value, reply, id)
  return { denial, owner }
}

/** One object: rule, and the path parameters that name it. */
function keyOf(rule: ReadFirstRule, call: Identified, id: string): string {
  const place = rule.names.map((name) => (name === rule.idName ? id : (call.params[name] ?? '')))
  return [call.operation.api, rule.rule.name, id, ...place].join('\0')
}

function ofCaller(key: string, { principal }: Identified): string {
  return [key, principal.issuer, principal.sub].join('\0')
}

function paramsOf(
  rule: ReadFirstRule,
  call: Identified,
  id: string,
): Readonly<Record<string, string>> | 'unsafe' {
  const params = Object.create(null) as Record<string, string>
  for (const name of rule.names) {
    const value = name === rule.idName ? id : (call.params[name] ?? '')
    if (unsafe.test(value)) return 'unsafe'
    params[name] = value
  }
  return params
}
