import { nounOf, wordsOf } from './noun.ts'

/** Words that component schemas carry beside the thing they describe: `BookingResponseDto`, `NewBooking`. */
const affixes: ReadonlySet<string> = new Set(
  'dto model entity resource object schema view info details detail summary base full public private create created update updated patch new input output out in read write rest response request reply result results payload body params param page paged list collection envelope wrapper data item items attributes props properties minimal simple short mini extended expanded deleted nullable partial all get put post delete reference ref v1 v2 v3 v4'.split(
    ' ',
  ),
)

/** Names of properties and schemas that only wrap what they hold. */
const envelopes: ReadonlySet<string> = new Set(
  'data items results result content contents payload payloads records record entries entry list values value response responses body embedded objects object elements element rows row edges edge nodes node attributes hits hit collection resource resources page d member members output outputs'.split(
    ' ',
  ),
)

/** The type that a component's name tells, and whether the name also says that it wraps others. */
export function typeOfComponent(name: string): { readonly type: string; readonly wraps: boolean } {
  const words = wordsOf(name.slice(name.lastIndexOf('.') + 1))
  const kept = words.filter((word) => !affixes.has(word))
  return { type: nounOf(kept), wraps: kept.length < words.length }
}

/** True for `data`, `_embedded`, `results`: what is below is what was asked for. */
export function isEnvelope(property: string): boolean {
  const words = wordsOf(property)
  return words.length === 1 && envelopes.has(words[0] as string)
}
