// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static, type TSchema } from 'typebox'
import { duration, text } from '../document/words.ts'
import { milliseconds, type Reading } from '../reading.ts'
import { Secret } from '../secret.ts'
import { shape } from '../shape.ts'
import type { AskConfig } from '../types/security-config.ts'
import { isLoopback } from '../values/parse-address.ts'

const openfga = shape('An OpenFGA store.', {
  url: text('Base URL of the server.', { examples: ['https://fga.internal:8080'] }),
  store: text('Id of the store.'),
  model: Type.Optional(text('Id of the authorization model; the store’s newest by default.')),
})

const schema = shape(
  'Asks an external decision point about every object that a call names, before anything is sent upstream. One that is late or unreachable refuses with 503.',
  {
    authzen: Type.Optional(
      text(
        'Base URL of a decision point that speaks the AuthZEN Authorization API 1.0; before `/access/v1/evaluation`.',
        { examples: ['https://pdp.internal:8443'] },
      ),
    ),
    openfga: Type.Optional(openfga),
    token: Type.Optional(text('Bearer credential of the gateway. Write `${NAME}` or `${file:PATH}`.')),
    type: Type.Optional(
      text('Type of the objects as the decision point knows it; by default the name of the object type.'),
    ),
    action: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Record(Type.String(), Type.String({ minLength: 1 }))], {
        description:
          'The action, or the OpenFGA relation: one for all calls, or by operationId, by method in capitals, and `*` for all others. By default `read` for GET, HEAD, OPTIONS and QUERY, and `write`.',
        examples: [{ GET: 'viewer', cancelBooking: 'owner', '*': 'editor' }],
      }),
    ),
    subjectType: Type.String({ minLength: 1, description: 'Type of the subject.', default: 'user' }),
    subject: Type.Optional(text('Expression of who it is that asks; `caller.sub` by default.')),
    context: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1 }), {
        description: 'What the decision point is told besides: name → expression.',
        examples: [{ ip: 'request.ip' }],
      }),
    ),
    deadline: duration('How long the answer may take.', '200ms'),
    cache: duration('How old an answer may be that is used again; `0s`: none is.', '5s'),
    batch: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      description: 'Objects in one question; 1: a question for each.',
      default: 50,
    }),
    mode: Type.Optional(
      Type.Enum(['enforce', 'observe', 'off'] as ('enforce' | 'observe' | 'off')[], {
        description: 'How it acts, where it differs from `mode` beside it and from the control.',
      }),
    ),
  },
)

export const askSchema: TSchema = schema

/** `ask:` of an object type; undefined where nobody is asked. */
export function readAsk(value: unknown, pointer: string, reading: Reading): AskConfig | undefined {
  const raw = value as Static<typeof schema> | undefined
  if (raw === undefined) return undefined
  const point = pointOf(raw, pointer, reading)
  if (point === undefined) return undefined
  if (raw.token !== undefined && !reading.isSubstituted(`${pointer}/token`))
    reading.warn(
      `${pointer}/token`,
      'config.secret-in-file',
      'a secret is written in the configuration file',
      'write `${NAME}` or `${file:PATH}`',
    )
  const token = raw.token?.trim()
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    reading.error(`${pointer}/token`, 'config.ask', 'the token must be visible ASCII without spaces')
  return {
    point,
    token: token === undefined ? undefined : new Secret(token),
    type: raw.type,
    action: typeof raw.action === 'object' ? Object.entries(raw.action) : raw.action,
    subjectType: raw.subjectType,
    subject: raw.subject,
    context: Object.entries(raw.context ?? {}),
    deadline: milliseconds(raw.deadline),
    cache: milliseconds(raw.cache),
    batch: raw.batch,
    mode: raw.mode,
  }
}

function pointOf(
  raw: Static<typeof schema>,
  pointer: string,
  reading: Reading,
): AskConfig['point'] | undefined {
  if ((raw.authzen === undefined) === (raw.openfga === undefined)) {
    reading.error(
      pointer,
      'config.ask',
      '`ask` needs one decision point',
      'write `authzen: URL`, or `openfga: { url: …, store: … }`',
    )
    return undefined
  }
  if (raw.openfga !== undefined) {
    const { url, store, model } = raw.openfga
    const base = baseOf(url, `${pointer}/openfga/url`, reading)
    return base === undefined ? undefined : { kind: 'openfga', url: base, store, model }
  }
  const base = baseOf(raw.authzen ?? '', `${pointer}/authzen`, reading)
  return base === undefined ? undefined : { kind: 'authzen', url: base }
}

/** A decision that anybody on the way could change is none: https, or plain http to this machine. */
function baseOf(written: string, pointer: string, reading: Reading): string | undefined {
  const url = URL.parse(written)
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? ''
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(host))
  const plain = url !== null && url.username === '' && url.password === '' && url.search + url.hash === ''
  if (url !== null && secure && plain) return url.href.replace(/\/+$/, '')
  reading.error(
    pointer,
    'config.ask',
    'the decision point must be an https URL (http on loopback alone) without user, query or fragment',
    'write for example `https://pdp.example.com`',
  )
  return undefined
}
