import Type, { type Static, type TSchema } from 'typebox'
import { duration, listOf, oneOrMore } from '../document/words.ts'
import { milliseconds } from '../reading.ts'
import { shape } from '../shape.ts'
import type { LearnConfig } from '../types/security-config.ts'

const settings = shape(
  'How it is learned who was given which objects: an id that no reply gave to a caller is refused.',
  {
    mode: Type.Optional(
      Type.Enum(['enforce', 'observe', 'off'] as ('enforce' | 'observe' | 'off')[], {
        description: 'How the rule acts, where it differs from `mode` beside it and from the control.',
      }),
    ),
    kind: Type.Enum(['shared', 'private', 'public-read'] as ('shared' | 'private' | 'public-read')[], {
      description:
        '`shared`: whoever was shown an object may use it. `private`: what a caller made is not given to others who are merely shown it. `public-read`: what was shown to anybody may be read by all, and changed only by who made it or was shown it as its owner.',
      default: 'shared',
    }),
    expiry: duration('How long an object is remembered after it was last shown.', '24h'),
    alert: Type.Integer({
      description:
        'Requests of one caller within a day for objects that they were not given, from which on the event of each has the check `authorize.enumeration`.',
      default: 20,
      minimum: 1,
      maximum: 1_000_000,
    }),
    lock: Type.Optional(
      Type.Integer({
        description:
          'The same, from which on such requests are answered 429 `LIMIT_LOCKED`. Never by default.',
        minimum: 1,
        maximum: 1_000_000,
      }),
    ),
    from: Type.Optional(
      oneOrMore('Selectors of the operations whose replies give objects; every operation by default.'),
    ),
  },
)

const schema = Type.Union([Type.Boolean(), settings], {
  description:
    'Learns from replies who was given which objects (lists, searches, creations), and refuses ids that the caller was never given. `true`, or settings.',
})

export const learnSchema: TSchema = schema

/** `learn: true`, or its settings; undefined where nothing is learned. */
export function readLearn(value: unknown): LearnConfig | undefined {
  const raw = value as Static<typeof schema> | undefined
  if (raw === undefined || raw === false) return undefined
  if (raw === true)
    return { mode: undefined, kind: 'shared', expiry: 86_400_000, from: [], alert: 20, lock: undefined }
  return {
    mode: raw.mode,
    kind: raw.kind,
    expiry: milliseconds(raw.expiry),
    alert: raw.alert,
    lock: raw.lock,
    from: raw.from === undefined ? [] : listOf(raw.from),
  }
}
