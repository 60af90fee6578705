import Type, { type Static, type TObject } from 'typebox'
import { duration, listOf, oneOrMore, text } from '../document/words.ts'
import { milliseconds, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { ContentConfig, SecretsConfig, TaintConfig } from '../types/content-config.ts'

const trusts = ['trusted', 'internal', 'user-generated', 'external'] as const
const modes = ['observe', 'mark', 'redact', 'block'] as const
const kinds = [
  'private-key',
  'cloud-key',
  'token',
  'connection-string',
  'card-number',
  'iban',
  'national-id',
] as const

const rule = shape('What kind of text the replies of operations hold.', {
  for: oneOrMore('Selectors of operations: `*`, an operationId, `tag:NAME`, `METHOD /path`, `/path/**`.'),
  trust: Type.Enum([...trusts], {
    description:
      'Who wrote the texts: our own people (`trusted`, `internal`), users of the API (`user-generated`), or others (`external`).',
  }),
  mode: Type.Optional(
    Type.Enum([...modes], {
      description:
        'What is done about instructions to an AI agent in them. `observe` records; `mark` takes out what nobody sees and says the risk in `Context-Risk`; `redact` replaces the suspect sentences; `block` refuses where a finding is certain. By default `mark`. Texts of our own are only labelled, unless `redact` or `block` is written.',
    }),
  ),
  hosts: Type.Array(text('Host, or `*.example.com`.'), {
    description:
      'Hosts that pictures in texts may name. Others are taken out: a picture is fetched when it is shown.',
    default: [],
  }),
  buffer: Type.Optional(
    Type.Enum(['full'] as 'full'[], {
      description:
        'Streams are read whole before a byte of them leaves. `block` needs it where an operation answers with a stream.',
    }),
  ),
  detector: Type.Optional(
    text('Key under `detectors`: that one is asked, too, about replies that are read whole.'),
  ),
  envelope: Type.Boolean({
    description:
      'Sends replies as `{ "$context": …, "data": … }` also to callers that do not ask for it with `Accept: application/vnd.sallyport.context+json`.',
    default: false,
  }),
})

/** The shape of one rule, for rules in the contract. */
export const contentRule: TObject = rule

const schema = Type.Array(rule, {
  description:
    'Replies that hold text of others, which an agent might obey. The first rule that selects an operation counts.',
  default: [],
})

/** `apis.NAME.content`. */
export const contentSection: Section<readonly ContentConfig[]> = {
  schema,
  read: (raw, pointer) =>
    (raw as Static<typeof schema>).map((entry, index) => ({
      for: listOf(entry.for),
      trust: entry.trust,
      mode: entry.mode ?? 'mark',
      hosts: entry.hosts.map((host) => host.toLowerCase()),
      envelope: entry.envelope,
      buffer: entry.buffer,
      detector: entry.detector,
      pointer: `${pointer}/${index}`,
    })),
}

const secrets = shape('Keys, tokens, card numbers and the like in replies.', {
  action: Type.Enum(['redact', 'block'] as ('redact' | 'block')[], {
    description: 'What `controls: { secrets: enforce }` does about one: take it out, or refuse the reply.',
    default: 'redact',
  }),
  kinds: Type.Optional(
    Type.Array(Type.Enum([...kinds]), {
      minItems: 1,
      description: 'What is looked for. By default all but `national-id`.',
    }),
  ),
  except: Type.Optional(
    oneOrMore('Selectors of operations whose replies hold such on purpose: one that issues tokens.'),
  ),
})

/** `apis.NAME.secrets`. */
export const secretsSection: Section<SecretsConfig> = {
  schema: { ...secrets, default: {} } as typeof secrets,
  read(raw, pointer) {
    const entry = raw as Static<typeof secrets>
    return {
      action: entry.action,
      kinds: entry.kinds ?? kinds.filter((kind) => kind !== 'national-id'),
      except: entry.except === undefined ? [] : listOf(entry.except),
      pointer,
    }
  },
}

const taint = shape('Destinations that a caller knows from the texts of others alone.', {
  mode: Type.Enum(['enforce', 'observe', 'off'] as ('enforce' | 'observe' | 'off')[], {
    description:
      'A call that changes something and names such an e-mail address, host, account or number: `enforce` refuses it (403 `AUTHORIZE_DESTINATION`), `observe` records it. Works where `content` names operations whose texts come from others.',
    default: 'observe',
  }),
  approval: Type.Optional(
    text(
      'Scope that stands for somebody’s approval: a token that has it passes, and what it names is the caller’s own from then on. The refusal asks for it (`insufficient_scope`).',
      { examples: ['approve:destinations'] },
    ),
  ),
  per: Type.Enum(['caller', 'session'] as ('caller' | 'session')[], {
    description: 'Whose memory it is: the caller’s, or that of each session (claim `sid`, else the client).',
    default: 'caller',
  }),
  expiry: duration('How long a destination is remembered.', '24h'),
})

/** `apis.NAME.taint`. */
export const taintSection: Section<TaintConfig> = {
  schema: { ...taint, default: {} } as typeof taint,
  read(raw, pointer, reading) {
    const entry = raw as Static<typeof taint>
    const { mode, approval, per } = entry
    if (approval !== undefined && !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(approval))
      reading.error(`${pointer}/approval`, 'config.taint', 'a scope is one word of visible ASCII')
    return { mode, approval, per, expiry: milliseconds(entry.expiry), pointer }
  },
}
