import Type, { type Static, type TObject } from 'typebox'
import { listOf, namePattern, oneOrMore, text } from '../document/words.ts'
import type { Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { FunctionConfig, ObjectConfig, PropertyConfig, SealConfig } from '../types/security-config.ts'
import { pointerToken } from '../yaml/yaml-document.ts'
import { askSchema, readAsk } from './ask-section.ts'
import { learnSchema, readLearn } from './learn-section.ts'

const selector =
  'Selectors: `*`, an operationId, `tag:NAME`, `METHOD /path/template`, `/path/prefix/**`, `schema:NAME`, or a list. One that selects nothing is an error.'

const ruleMode = Type.Optional(
  Type.Enum(['enforce', 'observe', 'off'] as ('enforce' | 'observe' | 'off')[], {
    description: 'How this rule acts, where it differs from the control.',
  }),
)

const functionRule = shape('Who may call which functions.', {
  for: oneOrMore(selector),
  allow: text(
    'CEL expression over `caller`, `path`, `query`, `header`, `body`, `request`; a missing value denies.',
    {
      examples: ["'admin' in caller.roles"],
    },
  ),
  mode: ruleMode,
})

const functions = Type.Array(functionRule, {
  description: 'Functions that only some callers may call. Every rule that selects an operation must hold.',
  default: [],
})

export const functionsSection: Section<readonly FunctionConfig[]> = {
  schema: functions,
  read: (raw, pointer) =>
    (raw as Static<typeof functions>).map((rule, index) => ({
      for: listOf(rule.for),
      allow: rule.allow,
      mode: rule.mode,
      pointer: `${pointer}/${index}`,
    })),
}

const objectRule = shape('A kind of object, and whose it is.', {
  for: Type.Optional(oneOrMore(`${selector} By default every operation that has what \`id\` reads.`)),
  id: Type.Optional(
    text(
      'Expression that gives the object’s id. With `learn` or `seal` the contract tells where ids are, and it may be left out.',
      { examples: ['path.userId'] },
    ),
  ),
  ids: Type.Optional(
    oneOrMore(
      'For `learn` and `seal`: further places of ids of this type, which names do not tell: `path.NAME`, `query.NAME`, `header.NAME`, `cookie.NAME`, or `Schema.property`.',
    ),
  ),
  owner: Type.Optional(
    text('Expression that gives the owner; the caller’s `sub` must equal it.', {
      examples: ['path.userId', 'response.userId'],
    }),
  ),
  allow: Type.Optional(
    text('Expression that lets other callers in as well.', { examples: ["'support' in caller.roles"] }),
  ),
  subject: Type.Optional(
    text('Expression of who the owner must be; `caller.sub` by default.', {
      examples: ['caller.claims.account'],
    }),
  ),
  issuer: Type.Optional(
    oneOrMore(
      'Name of the issuer whose subjects own these objects, or a list, where an id means the same person at each. By default the subjects of every issuer do.',
    ),
  ),
  mode: ruleMode,
  read: Type.Optional(
    text(
      'Selector of the one GET that shows an object with its owner: it is called, with the caller’s own credentials, before a write is forwarded. By default the GET with the same path.',
      { examples: ['GET /bookings/{bookingId}'] },
    ),
  ),
  schema: Type.Optional(
    text('Component schema of these objects in replies; by default that of what `read` answers.', {
      examples: ['Booking'],
    }),
  ),
  list: Type.Optional(
    Type.Enum(['filter', 'refuse'] as ('filter' | 'refuse')[], {
      description:
        'What becomes of foreign objects in a list: `filter` (default) takes them out and leaves totals as they are, `refuse` refuses the reply.',
    }),
  ),
  hidden: Type.Optional(
    Type.Union([Type.Literal(403), Type.Literal(404)], {
      description:
        'Status of a refusal, the same for objects of others and for those that are not there: 403 (default) or 404.',
    }),
  ),
  learn: Type.Optional(learnSchema),
  ask: Type.Optional(askSchema),
  seal: Type.Optional(
    Type.Union(
      [
        Type.Boolean(),
        shape('How ids are sealed.', {
          mode: Type.Enum(['enforce', 'observe'] as ('enforce' | 'observe')[], {
            description:
              '`observe`: ids that do not open are taken as they are and noted, while callers still hold plain ones.',
            default: 'enforce',
          }),
        }),
      ],
      {
        description:
          'Ids leave the gate encrypted, bound to the caller and the type, and are opened on the way in: a guessed or borrowed one cannot exist. The published contract says so. `true`, or settings.',
      },
    ),
  ),
})

const objects = Type.Record(Type.String({ pattern: namePattern }), objectRule, {
  additionalProperties: false,
  description: 'Objects by type, with the rule of who owns one (OWASP API1).',
  default: {},
})

export const objectsSection: Section<readonly ObjectConfig[]> = {
  schema: objects,
  read: (raw, pointer, reading) =>
    Object.entries(raw as Static<typeof objects>).map(([name, rule]) => {
      const at = `${pointer}/${pointerToken(name)}`
      const learn = readLearn(rule.learn)
      const seal = readSeal(rule.seal)
      const ask = readAsk(rule.ask, `${at}/ask`, reading)
      const alone = learn === undefined && seal === undefined && ask === undefined
      if (rule.owner === undefined && rule.allow === undefined && alone)
        reading.error(
          at,
          'config.object-rule',
          `the object \`${name}\` has no rule`,
          'write `owner: path.userId`, `allow: …`, `learn: true`, `seal: true` or `ask: …`',
        )
      else if (rule.id === undefined && (rule.owner !== undefined || ask !== undefined || alone))
        reading.error(
          at,
          'config.object-rule',
          `the object \`${name}\` has no \`id\``,
          'write where the call names it: `id: path.userId`',
        )
      return {
        name,
        for: rule.for === undefined ? [] : listOf(rule.for),
        id: rule.id,
        owner: rule.owner,
        allow: rule.allow,
        subject: rule.subject,
        issuers: rule.issuer === undefined ? undefined : listOf(rule.issuer),
        mode: rule.mode,
        read: rule.read,
        schema: rule.schema,
        list: rule.list,
        hidden: rule.hidden,
        learn,
        seal,
        ask,
        ids: rule.ids === undefined ? [] : listOf(rule.ids),
        pointer: at,
      }
    }),
}

function readSeal(
  raw: boolean | { readonly mode: 'enforce' | 'observe' } | undefined,
): SealConfig | undefined {
  if (raw === undefined || raw === false) return undefined
  return { mode: raw === true ? 'enforce' : raw.mode }
}

const propertyRule = shape('Who may read and write a property.', {
  read: Type.Optional(
    text(
      'CEL expression over `caller`, `path`, `query`, `header`, `request`, `object` (`owner`: of the object that the property stands in) and `response` (that object); or `never`. Everybody by default.',
      { examples: ['caller.sub == object.owner', 'never'] },
    ),
  ),
  write: Type.Optional(
    text('Likewise, over `body` instead of `response`.', { examples: ["'admin' in caller.roles"] }),
  ),
  onRefused: Type.Optional(
    Type.Enum(['remove', 'refuse', 'drop'] as ('remove' | 'refuse' | 'drop')[], {
      description:
        '`remove` (default) takes it out of replies and refuses to write it; `refuse` refuses both; `drop` takes it out of both.',
    }),
  ),
  mode: ruleMode,
})

const properties = Type.Record(Type.String({ pattern: '^[^.]+([.][^.]+)+$' }), propertyRule, {
  additionalProperties: false,
  description:
    'Properties by `Schema.property`, with who may read and write them, wherever the component schema stands (OWASP API3).',
  default: {},
})

export const propertiesSection: Section<readonly PropertyConfig[]> = {
  schema: properties,
  read: (raw, pointer, reading) =>
    Object.entries(raw as Static<typeof properties>).map(([name, rule]) => {
      const at = `${pointer}/${pointerToken(name)}`
      if (rule.read === undefined && rule.write === undefined)
        reading.error(
          at,
          'config.property-rule',
          `the property \`${name}\` has no rule`,
          'write `read: …` or `write: …`',
        )
      return {
        name,
        read: rule.read,
        write: rule.write,
        onRefused: rule.onRefused,
        mode: rule.mode,
        pointer: at,
      }
    }),
}

/** One rule of each kind, for other places where rules are written. */
export const ruleShapes: Readonly<Record<'function' | 'object' | 'property', TObject>> = {
  function: functionRule,
  object: objectRule,
  property: propertyRule,
}
