// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static } from 'typebox'
import { text } from '../document/words.ts'
import type { Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { TracesConfig } from '../types/record-config.ts'
import { isLoopback } from '../values/parse-address.ts'
import { secretsOf } from './audit-sink-section.ts'

const schema = shape(
  'OpenTelemetry traces: one span for each call and one in it for each stage. Off unless it is written.',
  {
    url: text('Where spans go, OTLP over HTTP: the https URL, whole.', {
      examples: ['https://collector.example:4318/v1/traces'],
    }),
    ratio: Type.Number({
      minimum: 0,
      maximum: 1,
      description:
        'Share of traces that are kept. Decided by the trace id, so that all gateways decide alike.',
      default: 0.05,
    }),
    callers: Type.Enum(['ignore', 'respect'] as ('ignore' | 'respect')[], {
      description:
        '`respect`: a call whose `traceparent` says sampled is kept beside those. Whoever calls then decides what you store.',
      default: 'ignore',
    }),
    service: text('`service.name` of the spans.', { default: 'sallyport' }),
    headers: Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }), Type.String({ minLength: 1 }), {
      additionalProperties: false,
      description: 'Header fields, such as a credential. Write secrets as `${NAME}`.',
      default: {},
    }),
    plaintext: Type.Optional(Type.Literal('allow', { description: 'Lets `http:` go to another machine.' })),
    batch: Type.Integer({ minimum: 1, maximum: 1_000, description: 'Calls in one request.', default: 100 }),
    queue: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: 'Calls that may wait; what comes on top is lost and counted.',
      default: 2_000,
    }),
  },
)

/** `traces`. */
export const tracesSection: Section<TracesConfig> = {
  schema,
  read(raw, pointer, reading) {
    const { url, headers, plaintext, ...rest } = raw as Static<typeof schema>
    const parsed = URL.parse(url)
    const host = parsed?.hostname ?? ''
    if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '')
      reading.error(
        `${pointer}/url`,
        'config.traces',
        'not an https URL without a user',
        'write url: https://…/v1/traces',
      )
    else if (parsed.protocol === 'http:' && !isLoopback(host) && plaintext !== 'allow')
      reading.error(
        `${pointer}/url`,
        'config.traces',
        'traces would cross the network in plain text',
        'use https:, or write `plaintext: allow`',
      )
    return { ...rest, url, plain: parsed?.protocol === 'http:', headers: secretsOf(headers), pointer }
  },
}
