import { isFailure } from '../../expression/failure.ts'
import type { Identified } from '../../kernel/facts.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { ObjectFilter, ObjectPlaces, SoughtObjects } from '../../kernel/object-places.ts'
import type { ReplyContract } from '../../kernel/operation.ts'
import type { ParsedReply, ReplyProof, Unproven } from '../../kernel/reply-proof.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import type { IdSource } from './id-source.ts'
import type { ObjectRule } from './options.ts'
import { type Ownership, objectCheck } from './ownership.ts'

/** A rule that the reply decides, for one operation. */
export interface ReplyRule {
  readonly rule: ObjectRule
  readonly ownership: Ownership
  readonly mode: Mode
  /** Undefined: the call names no object, the reply lists them. */
  readonly source: IdSource | undefined
  readonly sought: SoughtObjects
  /**
   * Of a write, what is known of the object outside lists that its reply shows. `proven`: its owner was read before, so it may leave
   * whosever it is now. `made`: the caller has just made it, so it may leave unless it tells another owner.
   */
  readonly written?: 'proven' | 'made' | 'unknown'
}

/** What a reply showed of the objects of a rule. */
export interface Shown {
  /** Undefined where all that is left in the reply may leave. */
  readonly denial: Denial | undefined
  readonly removed: number
  /** The owner, where the reply shows exactly one object. */
  readonly owner: string | undefined
}

/** Shows the objects of one reply to the rule. In `observe` nothing is taken out. */
class Keeper implements ObjectFilter {
  readonly filters: boolean
  removed = 0
  judged = 0
  denial: Denial | undefined
  owner: string | undefined
  readonly #rule: ReplyRule
  readonly #call: Identified
  readonly #id: string | undefined
  readonly #failed: boolean
  readonly #scene: { body: unknown; object: undefined; response: unknown }

  constructor(rule: ReplyRule, call: Identified, body: unknown, id: string | undefined, failed: boolean) {
    this.#rule = rule
    this.#call = call
    this.#id = id
    this.#failed = failed
    this.#scene = { body, object: undefined, response: undefined }
    this.filters = rule.rule.list !== 'refuse'
  }

  keep(object: object, listed: boolean): boolean {
    const { ownership, mode, written } = this.#rule
    if (written === 'proven' && !listed) return true
    this.#scene.response = object
    this.judged++
    const owner = ownership.ownerOf(this.#call, this.#scene, this.#id)
    this.owner = isFailure(owner) ? undefined : owner
    if (written === 'made' && !listed && !this.#failed && this.owner === undefined) return true
    const denial = ownership.judge(this.#call, this.#scene, this.#id, owner)
    if (denial === undefined) return true
    this.denial ??= denial
    return mode === 'observe'
  }
}

/** Judges the objects that a successful reply shows; foreign elements of lists are taken out. */
export function showReply(
  rule: ReplyRule,
  call: Identified,
  body: unknown,
  reply: ParsedReply,
  id: string | undefined,
): Shown {
  const failed = reply.failed === true
  const keeper = new Keeper(rule, call, body, id, failed)
  const places = placesOf(rule, reply.contract)
  const listing = rule.source === undefined
  let stays = true
  if (places !== undefined) stays = places.filter(reply.value, reply.exact, keeper)
  // A reply that nobody has declared: for a write that is for the contract to say.
  else if (!failed && rule.written === undefined && (!listing || reply.contract === undefined))
    stays = showUnknown(reply, keeper)
  const { removed, judged, owner } = keeper
  const one = judged === 1 ? owner : undefined
  if (!stays) return { denial: keeper.denial ?? rule.ownership.refusal, removed, owner: one }
  if (rule.mode === 'observe') return { denial: keeper.denial, removed, owner: one }
  // An object was asked for and none was shown, so nobody knows whose the rest of the reply is.
  if (!listing && !failed && judged === 0 && !Array.isArray(reply.value))
    return { denial: rule.ownership.refusal, removed, owner: undefined }
  return { denial: undefined, removed, owner: one }
}

/** A reply that the contract does not describe: it is the object, or a list of them. */
function showUnknown({ value, exact }: ParsedReply, keeper: Keeper): boolean {
  if (typeof exact !== 'object' || exact === null) return false
  if (!Array.isArray(exact) || !Array.isArray(value)) return keeper.keep(exact, false)
  let kept = 0
  for (let i = 0; i < exact.length; i++) {
    const item: unknown = exact[i]
    if (typeof item !== 'object' || item === null || Array.isArray(item) || !keeper.keep(item, true)) {
      if (!keeper.filters) return false
      keeper.removed++
      continue
    }
    value[kept] = value[i]
    exact[kept++] = item
  }
  value.length = kept
  exact.length = kept
  return true
}

/** Where the objects stand: by their schema, else by the members that tell the owner. */
export function placesIn(contract: ReplyContract, sought: SoughtObjects): ObjectPlaces | undefined {
  return contract.places(sought) ?? contract.places({ schema: undefined, paths: sought.paths })
}

const known = new WeakMap<SoughtObjects, Map<ReplyContract, ObjectPlaces | undefined>>()

function placesOf(
  { sought, source }: ReplyRule,
  contract: ReplyContract | undefined,
): ObjectPlaces | undefined {
  if (contract === undefined) return undefined
  let places = known.get(sought)
  if (places === undefined) {
    places = new Map()
    known.set(sought, places)
  }
  if (!places.has(contract)) {
    const found = placesIn(contract, sought)
    const bySchema = contract.places(sought) !== undefined
    // Elements that merely have a member of the same name are not the object that was asked for.
    places.set(contract, bySchema || source === undefined || found?.root === true ? found : undefined)
  }
  return places.get(contract)
}

/** The proof of one call: every rule of its operation that only the reply decides. */
export class CallProof implements ReplyProof {
  readonly enforced: boolean
  readonly #rules: readonly ReplyRule[]
  readonly #call: Identified
  readonly #ids: readonly (string | undefined)[]

  /** `ids` are those that the call names, one a rule. */
  constructor(rules: readonly ReplyRule[], call: Identified, ids: readonly (string | undefined)[]) {
    this.#rules = rules
    this.#call = call
    this.#ids = ids
    this.enforced = rules.some((rule) => rule.mode === 'enforce')
  }

  judge(reply: ParsedReply): Denial | { readonly removed: number } {
    let total = 0
    for (const [index, rule] of this.#rules.entries()) {
      const { denial, removed } = showReply(rule, this.#call, undefined, reply, this.#ids[index])
      total += removed
      if (denial === undefined) {
        const what = removed === 0 ? rule.rule.name : `${rule.rule.name}: ${removed} taken out`
        this.#call.trail.note('screen', objectCheck, 'allow', undefined, what)
        continue
      }
      if (!this.#watched(rule, denial)) return denial
    }
    return { removed: total }
  }

  unproven(why: Unproven): Denial | undefined {
    for (const rule of this.#rules) {
      const denial = refusalOf(rule, why)
      if (denial !== undefined && !this.#watched(rule, denial)) return denial
    }
    return undefined
  }

  #watched(rule: ReplyRule, denial: Denial): boolean {
    const watched = rule.mode === 'observe'
    this.#call.trail.note('screen', denial.check, 'deny', denial.code, denial.reason, watched)
    return watched
  }
}

function refusalOf({ rule, source, ownership }: ReplyRule, why: Unproven): Denial | undefined {
  if (why === 'not JSON')
    return deny('SCREEN_SCHEMA', objectCheck, `the owner of the ${rule.name} cannot be read: not JSON`)
  return source === undefined ? undefined : ownership.refusal
}
