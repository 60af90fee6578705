import type { LoadedContract } from '../../contract/load-contract.ts'
import { sameKind } from '../../contract/objects/id-name.ts'
import { flat, isPersonType } from '../../contract/objects/known-types.ts'
import { wordsOf } from '../../contract/objects/noun.ts'
import type { Canary } from '../../outbound/create-canary.ts'
import { createRandom, randomWord } from '../create-random.ts'
import { claimsOf, type Identity } from '../identity.ts'
import { type BuildOptions, buildCall, type Call, type Fills } from '../plan/build-call.ts'
import { type IdSlot, type ProbeOperation, readOperations } from '../plan/probe-operation.ts'
import type { ProbeFinding } from '../probe-finding.ts'
import type { Exchange, Session } from '../session.ts'
import type { Journal } from './journal.ts'
import { idsIn, type KnownId } from './known-id.ts'
import { isYes, jsonOf, leavesOf } from './reply-facts.ts'

/** A request of an identity that worked, and its reply. */
export interface View {
  readonly operation: ProbeOperation
  readonly fills: Fills
  readonly call: Call
  readonly exchange: Exchange
  /** The ids are made up, or those of the contract's examples: whose they are nobody knows. */
  readonly guessed?: boolean
}

/** An object that the probe made. */
export interface MadeObject {
  readonly type: string
  readonly id: KnownId
  readonly owner: Identity | undefined
  readonly operation: ProbeOperation
  readonly call: Call
  readonly exchange: Exchange
  /** Its number in the journal. */
  readonly n: number
  /** Taken away again, by whoever. */
  gone: boolean
}

export interface WorldOptions {
  readonly contract: LoadedContract
  readonly identities: readonly Identity[]
  readonly session: Session
  readonly journal: Journal
  readonly canary: Canary | undefined
  readonly seed: number
}

/** What the probe knows of the API and of what each identity may see. */
export class World {
  readonly contract: LoadedContract
  readonly identities: readonly Identity[]
  readonly session: Session
  readonly journal: Journal
  readonly canary: Canary | undefined
  readonly operations: readonly ProbeOperation[]
  /** Titles of what is never sent, since a GET does something there. */
  readonly passedOver: readonly string[]
  readonly random: () => number
  /** In every text that the probe writes. */
  readonly marker: string
  readonly findings: ProbeFinding[] = []
  readonly made: MadeObject[] = []
  /** Replies that showed the inside of the program, the first few. */
  readonly shown: Exchange[] = []
  readonly #seed: number
  readonly #keys: ReadonlyMap<string, string>
  #round = 0
  readonly #ids = new Map<string, KnownId[]>()
  readonly #self = new Map<string, Set<string>>()
  readonly #views = new Map<string, View[]>()
  /** Scalars that replies had, by flat member name. */
  readonly #values = new Map<string, (string | number)[]>()

  constructor(options: WorldOptions) {
    this.contract = options.contract
    this.identities = options.identities
    this.session = options.session
    this.journal = options.journal
    this.canary = options.canary
    this.#seed = options.seed
    this.random = createRandom(options.seed)
    this.marker = `zq${randomWord(this.random, 5)}`
    const operations = readOperations(options.contract, options.contract.objectIds())
    this.operations = operations.filter(({ harmful }) => !harmful)
    this.passedOver = operations.filter(({ harmful }) => harmful).map(({ title }) => title)
    this.#keys = keysOf(this.operations)
    for (const identity of options.identities) this.#learnSelf(identity)
  }

  #learnSelf(identity: Identity): void {
    const claims = claimsOf(identity) ?? {}
    const self = new Set<string>(identity.name.length > 2 ? [identity.name] : [])
    for (const leaf of leavesOf(claims))
      if (
        /^(?:sub|uid|userid|user|username|preferredusername|email|login|name|id|accountid|customerid)$/.test(
          flat(leaf.name),
        )
      )
        self.add(String(leaf.value))
    for (const values of identity.ids.values()) for (const value of values) self.add(value)
    this.#self.set(identity.name, self)
    for (const [type, values] of identity.ids)
      for (const value of values) this.addId(identity, selfId(type, value))
  }

  /** Values that stand for an identity itself: its subject, its user name. */
  self(identity: Identity): ReadonlySet<string> {
    return this.#self.get(identity.name) ?? new Set()
  }

  addSelf(identity: Identity, value: string): void {
    this.#self.get(identity.name)?.add(value)
  }

  addId(identity: Identity, id: KnownId): boolean {
    const known = this.#ids.get(identity.name) ?? []
    this.#ids.set(identity.name, known)
    if (known.some((one) => one.type === id.type && String(one.value) === String(id.value))) return false
    if (known.length > 2000) return false
    if (id.made) known.unshift(id)
    else known.push(id)
    return true
  }

  /** Every id of an identity, each value once, those that it made first. */
  idsOf(identity: Identity): readonly KnownId[] {
    const seen = new Set<string>()
    const all = this.#ids.get(identity.name) ?? []
    return [...all.filter(({ made }) => made), ...all.filter(({ made }) => !made)].filter(({ value }) => {
      if (seen.has(String(value))) return false
      seen.add(String(value))
      return true
    })
  }

  knows(identity: Identity, value: string | number, type?: string): boolean {
    const text = String(value)
    if (this.self(identity).has(text)) return true
    return (this.#ids.get(identity.name) ?? []).some(
      (one) => String(one.value) === text && (type === undefined || sameKind(one.type, type)),
    )
  }

  /** Ids of an identity that fit a place, best first. */
  idsFor(identity: Identity, slot: IdSlot): readonly KnownId[] {
    const all = this.#ids.get(identity.name) ?? []
    const own = all.filter((one) => one.own && one.type === slot.type)
    const fitting = [
      ...own.filter((one) => flat(one.name) === flat(slot.name)),
      ...own.filter((one) => flat(one.name) !== flat(slot.name)),
      ...all.filter(
        (one) => !own.includes(one) && (sameKind(one.type, slot.type) || flat(one.name) === flat(slot.name)),
      ),
    ]
    const self =
      isPersonType(slot.type) || /^(?:me|self)$/.test(slot.type)
        ? [...this.self(identity)].map((value) => selfId(slot.type, value))
        : []
    // One's own first: a list of people has others too.
    const me = this.self(identity)
    const mine = fitting.filter(
      (one) => me.has(String(one.value)) || (one.owner !== undefined && me.has(one.owner)),
    )
    const whose = fitting.filter((one) => one.owner === undefined || me.has(one.owner))
    const seen = new Set<string>()
    return [...mine, ...self, ...whose, ...fitting].filter((one) => {
      if (seen.has(String(one.value))) return false
      seen.add(String(one.value))
      return true
    })
  }

  /** What is known of an id that an identity was given. */
  known(identity: Identity, value: unknown): KnownId | undefined {
    return (this.#ids.get(identity.name) ?? []).find((one) => String(one.value) === String(value))
  }

  /** True where an object says that it is somebody's and not another's. */
  isOwnedBy(owner: string | undefined, one: Identity, other: Identity): boolean {
    return owner !== undefined && this.self(one).has(owner) && !this.self(other).has(owner)
  }

  views(identity: Identity): readonly View[] {
    return this.#views.get(identity.name) ?? []
  }

  viewsOf(identity: Identity, operation: ProbeOperation): readonly View[] {
    return this.views(identity).filter((one) => one.operation === operation)
  }

  /** Remembers a reply: its ids, its values. Returns the number of ids that are new. */
  learn(identity: Identity, view: View, made = false): number {
    const { exchange, operation, call } = view
    if (!isYes(exchange.reply)) return 0
    const list = this.#views.get(identity.name) ?? []
    this.#views.set(identity.name, list)
    if (list.length < 3000) list.push(view)
    const value = jsonOf(exchange.reply)
    if (value === undefined) return 0
    for (const { name, value: leaf } of leavesOf(value)) {
      if (typeof leaf === 'boolean' || String(leaf).length > 100) continue
      const known = this.#values.get(flat(name)) ?? []
      if (known.length < 8 && !known.includes(leaf)) this.#values.set(flat(name), [...known, leaf])
    }
    // What staff sees is nobody's own, and neither is what was guessed.
    if ((operation.staff && !identity.privileged) || view.guessed === true) return 0
    const about = { context: call.path, from: operation.title, made }
    let fresh = 0
    for (const id of idsIn(
      value,
      operation.reply(exchange.reply.status),
      operation.collection,
      about,
      this.#keys,
    ))
      if (this.addId(identity, id)) fresh += 1
    return fresh
  }

  /** A value that some reply had under that name. */
  valueNamed(name: string): string | number | undefined {
    return this.#values.get(flat(name))?.[0]
  }

  /** Another one each time, the same in each run. */
  nextSeed(): number {
    this.#round += 1
    return this.#seed + this.#round * 7919
  }

  build(operation: ProbeOperation, fills: Fills, more: Partial<BuildOptions> = {}): Call | undefined {
    return buildCall(operation.declared, fills, {
      resolve: (schema) => this.contract.resolve(schema),
      marker: this.marker,
      seed: this.#seed + operation.slot,
      ...more,
    })
  }

  /** Operation of a method at a path. */
  at(method: string, template: string): ProbeOperation | undefined {
    return this.operations.find((one) => one.declared.method === method && one.declared.template === template)
  }
}

function selfId(type: string, value: string): KnownId {
  return { type, value, name: 'sub', context: new Map(), from: 'the identity itself', made: false, own: true }
}

/**
 * Members named like a path parameter are its values; words that may mean anything are left out, but in objects of the kind
 * that they name (`recipe:title` for `recipe_title`).
 */
function keysOf(operations: readonly ProbeOperation[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  for (const { slots } of operations)
    for (const { place, name, type } of slots)
      if (
        place.startsWith('path.') &&
        !/^(?:id|uuid|name|title|key|code|type|status|number|value|date|file|path)$/i.test(name)
      )
        keys.set(flat(name), type)
  for (const { slots } of operations)
    for (const { place, name, type } of slots) {
      const last = wordsOf(name).at(-1) ?? ''
      if (
        place.startsWith('path.') &&
        /^(?:title|name|slug|code|key|handle|username|email|number|tag|sku)$/.test(last)
      )
        keys.set(`${type}:${last}`, type)
    }
  return keys
}
