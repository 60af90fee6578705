import { isPlural, nounOf, singularOf, wordsOf } from './noun.ts'

/** What a name says about being an id. */
export interface IdName {
  /**
   * `typed`: `bookingId`; `bare`: `id`, `uuid`; `weak`: `reference`, `slug`, `username`, which are ids where they stand
   * for a member of a collection; `none`: nothing says that it is one.
   */
  readonly kind: 'typed' | 'bare' | 'weak' | 'none'
  /** Type that the name itself tells; empty where it tells none. */
  readonly type: string
  readonly many: boolean
}

const strong: ReadonlySet<string> = new Set(
  'id ids uuid uuids guid guids sid sids oid oids pk urn urns ulid identifier identifiers'.split(' '),
)
const weak: ReadonlySet<string> = new Set(
  'key keys ref reference slug handle number no nr code name username login hash exposed token external'.split(
    ' ',
  ),
)
/** Words that say which one, not what kind: `parentFolderId` is the id of a folder. */
const qualifiers: ReadonlySet<string> = new Set(
  'parent child external internal exposed public private unique remote old new source target src dst from to destination current original origin related linked default primary secondary main root first last next previous selected x the my'.split(
    ' ',
  ),
)
/** Qualifiers of a reference to another, rather than of the object's own id. */
const pointing: ReadonlySet<string> = new Set(
  [...qualifiers].filter(
    (word) => !/^(?:external|internal|exposed|public|private|unique|primary|main|the|my|x|new)$/.test(word),
  ),
)
/** Words for anything. */
const generic: ReadonlySet<string> = new Set(
  'resource reference object item entity record element instance node model doc obj row main'.split(' '),
)
/** People by what they do: their ids are ids of users. */
export const actors: ReadonlySet<string> = new Set(
  'owner author creator assignee sender recipient approver reviewer uploader reporter manager'.split(' '),
)

/** Values that are no object although they stand where one could. */
const noObject: ReadonlySet<string> = new Set(
  'v version api lang language locale format ext extension date day week month year from to page type kind status state category region country currency action limit offset cursor sort order filter fields expand include size count level mode scope namespace q query search since until before after start end time timestamp amount unit channel method event'.split(
    ' ',
  ),
)
/** Ids of a call or a program, which stand in headers and queries. */
const technical: ReadonlySet<string> = new Set(
  'request correlation trace span parent-span client app application session idempotency operation-id conversation-id device-type message-dedup transaction-trace'.split(
    ' ',
  ),
)

/** Reads a name of a parameter or property. */
export function parseIdName(name: string): IdName {
  // `userid`, `petid`: no seam between the words.
  const seamless = /^([a-z]{3,}?)(id|ids|uuid|guid)$/.exec(name)
  const words =
    seamless !== null && !notIds.test(name) && name.length <= 24
      ? [seamless[1] as string, seamless[2] as string]
      : wordsOf(name)
  const last = words.at(-1)
  if (last === undefined) return none
  const first = words[0] as string
  if (strong.has(last)) return typed(words.slice(0, -1), isPlural(last))
  // `idBooking`, `id_booking`.
  if ((first === 'id' || first === 'uuid') && words.length > 1) return typed(words.slice(1), false)
  if (words.every((word) => generic.has(word))) return { kind: 'bare', type: '', many: false }
  if (weak.has(last)) return { kind: 'weak', type: nounOf(subject(words.slice(0, -1))), many: isPlural(last) }
  return none
}

const none: IdName = Object.freeze({ kind: 'none', type: '', many: false })
/** Words that end like an id and are none. */
const notIds =
  /^(?:paid|valid|invalid|grid|void|avoid|bid|said|solid|rapid|fluid|hybrid|covid|android|pyramid|prepaid|unpaid|asteroid|celluloid|centroid|humanoid|orchid|acid|arid|avid|kid|lid|maid|raid|raids|bids|grids|kids|mid|aid|aids|did)$/

function typed(words: readonly string[], many: boolean): IdName {
  const kept = subject(words)
  const type = kept.every((word) => generic.has(word)) ? '' : nounOf(kept)
  return { kind: type === '' ? 'bare' : 'typed', type, many }
}

/** The words that say what kind of thing it is. */
function subject(words: readonly string[]): readonly string[] {
  let from = 0
  let to = words.length
  while (to > 0 && (qualifiers.has(words[to - 1] as string) || strong.has(words[to - 1] as string))) to--
  while (from < to && qualifiers.has(words[from] as string)) from++
  return words.slice(from, to)
}

/** True for names of things that are no objects: `format`, `eventType`, `country`. */
export function isNoObject(name: string): boolean {
  const words = wordsOf(name)
  if (words.length === 1) return noObject.has(words[0] as string)
  return /^(?:type|kind|status|state|format|version|date|language|locale|category|code|time)$/.test(
    words.at(-1) ?? '',
  )
}

/** True for ids that name a call or a program rather than an object: `X-Request-Id`, `client_id`, `Idempotency-Key`. */
export function isTechnicalId(name: string): boolean {
  const words = wordsOf(name.replace(/^x-/i, ''))
  const last = words.at(-1)
  return (
    words.length <= 3 &&
    (last === 'id' || last === 'key') &&
    words.length > 1 &&
    technical.has(words[words.length - 2] as string)
  )
}

/** True for ids of one call: `requestId`, `trace_id`. */
export function isCallId(name: string): boolean {
  return /^(?:x-)?(?:request|correlation|trace|span|idempotency)[-_]?(?:id|key)$/i.test(name)
}

/** `Bookings` → `booking`: the type that a path segment before a parameter is a collection of. */
export function typeOfCollection(segment: string): { readonly type: string; readonly plural: boolean } {
  const words = wordsOf(segment.replace(/\.(?:json|xml)$/i, ''))
  const last = words.at(-1)
  if (last === undefined) return { type: '', plural: false }
  return { type: nounOf(words), plural: isPlural(last) || singularOf(last) === last }
}

/** True where one type's words end with the other's: `schedule` and `subscriptionSchedule`. */
export function sameKind(one: string, other: string): boolean {
  if (one === other) return true
  const [a, b] = [wordsOf(one), wordsOf(other)]
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  return short.length > 0 && short.every((word, i) => long[long.length - short.length + i] === word)
}

/** True where a name says which one: `parentFolderId`, `originalId`. */
export function isQualified(name: string): boolean {
  return wordsOf(name)
    .slice(0, -1)
    .some((word) => pointing.has(word))
}
