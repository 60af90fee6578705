// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static, type TRecord, type TString } from 'typebox'
import { text } from '../document/words.ts'
import { milliseconds, type Section } from '../reading.ts'
import { Secret } from '../secret.ts'
import { shape } from '../shape.ts'
import type { AnomalyConfig } from '../types/record-config.ts'

const kinds = [
  'sign-in-spike',
  'account-attack',
  'stuffing',
  'endpoint-spray',
  'object-enumeration',
  'object-harvest',
  'exfiltration',
  'shared-credential',
  'probing',
] as const

/** Kinds about a caller who can authenticate anew. */
const ofCallers = ['object-enumeration', 'object-harvest', 'exfiltration', 'shared-credential', 'probing']

const lengths = (kindsOf: readonly string[], description: string): TRecord<string, TString> =>
  ({
    ...Type.Record(
      Type.String({ pattern: `^(?:${kindsOf.join('|')})$` }),
      Type.String({ format: 'duration', description: 'How long.', examples: ['15min'] }),
      { additionalProperties: false, description },
    ),
    default: {},
  }) as unknown as TRecord<string, TString>

const schema = shape('What is noticed beside what single calls show.', {
  mode: Type.Enum(['observe', 'off'] as ('observe' | 'off')[], {
    description:
      'Whether calls are watched for patterns. Findings are on record, in the metrics and at `/api/v1/findings`.',
    default: 'observe',
  }),
  block: Type.Record(
    Type.String({ pattern: `^(?:${kinds.join('|')})$` }),
    Type.String({ format: 'duration', description: 'How long.', examples: ['15min'] }),
    {
      additionalProperties: false,
      description:
        'Kinds of finding for which the caller or the address is refused (429 `LIMIT_LOCKED`) for a time. By default none: what is only likely locks nobody out.',
      default: {},
    },
  ),
  stepUp: lengths(
    ofCallers,
    'Kinds of finding after which the caller must authenticate anew, for a time: 401 `IDENTIFY_STEP_UP` unless `auth_time` is after the finding. Keys and certificates cannot and are refused.',
  ),
  revoke: lengths(
    ofCallers,
    'Kinds of finding after which what the caller was issued so far is refused, for a time: 401 `IDENTIFY_TOKEN_REVOKED`. `sallyport holds release` takes it back.',
  ),
  webhook: Type.Optional(
    shape('Where findings are sent, one JSON object each.', {
      url: text('https URL; `text` in the object suits chat systems.'),
      secret: Type.Optional(
        text(
          'Signs the body: `Sallyport-Signature: t=SECONDS,v1=HMAC-SHA256(secret, t.body)`. Write it as `${NAME}` or `${file:PATH}`.',
        ),
      ),
    }),
  ),
})

/** `anomalies`. */
export const anomalySection: Section<AnomalyConfig> = {
  schema: { ...schema, default: {} } as typeof schema,
  read(raw, pointer, reading) {
    const { mode, block, stepUp, revoke, webhook } = raw as Static<typeof schema>
    if (webhook?.secret !== undefined && !reading.isSubstituted(`${pointer}/webhook/secret`))
      reading.warn(
        `${pointer}/webhook/secret`,
        'config.secret-in-file',
        'a secret is written in the configuration file',
        'write `${NAME}` or `${file:PATH}`',
      )
    if (webhook !== undefined && URL.parse(webhook.url) === null)
      reading.error(`${pointer}/webhook/url`, 'config.webhook', 'not a URL', 'write https://…')
    return {
      watch: mode !== 'off',
      block: timesOf(block),
      stepUp: timesOf(stepUp),
      revoke: timesOf(revoke),
      webhook:
        webhook === undefined
          ? undefined
          : {
              url: webhook.url,
              secret: webhook.secret === undefined ? undefined : new Secret(webhook.secret),
            },
      pointer,
    }
  },
}

function timesOf(times: unknown): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(times as Record<string, string>).map(([kind, time]) => [kind, milliseconds(time)]),
  )
}
