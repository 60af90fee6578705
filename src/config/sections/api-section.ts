import Type, { type Static } from 'typebox'
import { type Control, controls as controlNames, type Mode } from '../../kernel/mode.ts'
import { file, listOf, oneOrMore, text } from '../document/words.ts'
import type { Reading, Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { ApiConfig } from '../types/api-config.ts'
import type { ContentConfig } from '../types/content-config.ts'
import type { SecurityConfig } from '../types/security-config.ts'
import { pointerToken } from '../yaml/yaml-document.ts'
import { authenticationSection } from './authentication-section.ts'
import { boundsSection } from './bounds-section.ts'
import { contentSection, secretsSection, taintSection } from './content-section.ts'
import { corsSection } from './cors-section.ts'
import { detectorsSection } from './detectors-section.ts'
import { exposeSection } from './expose-section.ts'
import { flowSection } from './flow-section.ts'
import { graphqlSection } from './graphql-section.ts'
import { injectionSection } from './injection-section.ts'
import { limitsSection } from './limit-section.ts'
import { mcpContract, mcpSection } from './mcp-section.ts'
import { prioritySection } from './overload-section.ts'
import { functionsSection, objectsSection, propertiesSection } from './rules-section.ts'
import { upstreamSchema, upstreamSection } from './upstream-section.ts'

const modes: Mode[] = ['enforce', 'observe', 'off']
const mode = (description: string) => Type.Optional(Type.Enum(modes, { description }))

const controls = shape(
  'How each control acts: `enforce` refuses, `observe` only records what it would have refused, `off` does nothing (an open door).',
  {
    scope: mode('Scopes the contract demands.'),
    function: mode('Rules under `functions`.'),
    object: mode('Rules under `objects`.'),
    property: mode('Rules under `properties`.'),
    limit: mode('Rules under `limits`.'),
    schema: mode('Requests against the contract.'),
    injection: mode('Attacks in values.'),
    'response-schema': mode('Replies against the contract; `observe` unless written.'),
    secrets: mode('Secrets in replies.'),
    context: mode('Instructions for agents in replies.'),
  },
)

const schema = shape('One API behind the gateway.', {
  kind: Type.Enum(['rest', 'mcp'] as ('rest' | 'mcp')[], {
    description:
      '`mcp`: a server of the Model Context Protocol (Streamable HTTP), at `basePath`. It needs no contract.',
    default: 'rest',
  }),
  contract: Type.Optional(file('Its OpenAPI document (2.0, 3.0 or 3.1; YAML or JSON).')),
  mcp: Type.Optional(mcpSection.schema),
  expose: Type.Optional(exposeSection.schema),
  upstream: upstreamSchema,
  host: Type.Optional(
    Type.String({
      format: 'host',
      description: 'Host by which callers reach it; every host by default.',
      examples: ['api.travel.example'],
    }),
  ),
  basePath: Type.Optional(
    Type.String({
      format: 'base-path',
      description:
        'Path before every path of the contract. By default the path of the contract’s first server.',
      examples: ['/v1'],
    }),
  ),
  url: Type.Optional(
    text(
      'URL by which callers reach the base path. Proofs of possession are compared with it, and challenges and metadata name it. By default what each request says of itself, as far as it is served here.',
      { examples: ['https://api.travel.example/v1'] },
    ),
  ),
  resource: Type.Optional(
    text(
      'Identifier of the API as a protected resource (RFC 9728). By default the audience of its issuers where that is a URL, else `url`.',
      { examples: ['https://api.travel.example'] },
    ),
  ),
  authentication: authenticationSection.schema,
  security: Type.Record(
    Type.String({ minLength: 1 }),
    oneOrMore('`public`, `keys`, `certificates`, or issuers by name.'),
    {
      description:
        'What each security scheme of the contract means: names of issuers, `keys`, `certificates`, or `public` (asks for nothing: an open door). A bearer, OAuth 2 or OpenID Connect scheme that is left out means every issuer.',
      default: {},
    },
  ),
  open: Type.Optional(
    oneOrMore(
      'Selectors of operations that are open to everybody though the contract says nothing about their security. Each is an open door, named at start.',
    ),
  ),
  mode: Type.Enum(['enforce', 'observe'] as ('enforce' | 'observe')[], {
    description: 'Mode of every control that `controls` does not set.',
    default: 'enforce',
  }),
  controls: { ...controls, default: {} } as typeof controls,
  prune: Type.Optional(
    Type.Enum(modes, {
      description:
        'Properties of replies that the contract does not declare: `enforce` removes them, `observe` only records them. As `mode` unless written.',
    }),
  ),
  functions: functionsSection.schema,
  objects: objectsSection.schema,
  flows: flowSection.schema,
  properties: propertiesSection.schema,
  limits: limitsSection.schema,
  priority: prioritySection.schema,
  injection: injectionSection.schema,
  content: contentSection.schema,
  secrets: secretsSection.schema,
  taint: taintSection.schema,
  graphql: graphqlSection.schema,
  detectors: detectorsSection.schema,
  cors: Type.Optional(corsSection.schema),
  websocket: Type.Optional(oneOrMore('Selectors of the operations that may become a WebSocket.')),
  bounds: boundsSection.schema,
})

/** What holds where nothing particular is written. */
const usualMcp = {
  tools: {},
  pins: 'enforce',
  answerWithin: '5min',
  requests: { forms: 'allow', urls: [], sampling: 'refuse', roots: 'refuse' },
}

/** One API; `pointer` ends with its name. */
export const apiSection: Section<ApiConfig> = {
  schema,
  read(raw, pointer, reading) {
    const entry = raw as Static<typeof schema>
    return {
      name: pointer.slice(pointer.lastIndexOf('/') + 1),
      contract: readContract(entry, pointer, reading),
      upstream: upstreamSection.read(entry.upstream, `${pointer}/upstream`, reading),
      host: entry.host?.toLowerCase(),
      basePath: entry.basePath,
      url: entry.url?.replace(/\/$/, ''),
      resource: entry.resource,
      authentication: authenticationSection.read(entry.authentication, `${pointer}/authentication`, reading),
      security: Object.entries(entry.security).map(([scheme, sources]) =>
        readSecurity(scheme, listOf(sources), `${pointer}/security/${pointerToken(scheme)}`),
      ),
      open: entry.open === undefined ? [] : listOf(entry.open),
      mode: entry.mode,
      controls: resolveControls(entry.mode, entry.controls),
      prune: entry.prune ?? entry.mode,
      functions: functionsSection.read(entry.functions, `${pointer}/functions`, reading),
      objects: objectsSection.read(entry.objects, `${pointer}/objects`, reading),
      flows: flowSection.read(entry.flows, `${pointer}/flows`, reading),
      properties: propertiesSection.read(entry.properties, `${pointer}/properties`, reading),
      limits: limitsSection.read(entry.limits, `${pointer}/limits`, reading),
      priority: prioritySection.read(entry.priority, `${pointer}/priority`, reading),
      injection: injectionSection.read(entry.injection, `${pointer}/injection`, reading),
      content: withUsualTrust(
        entry,
        contentSection.read(entry.content, `${pointer}/content`, reading),
        pointer,
      ),
      mcp:
        entry.kind === 'mcp' ? mcpSection.read(entry.mcp ?? usualMcp, `${pointer}/mcp`, reading) : undefined,
      expose:
        entry.expose === undefined
          ? undefined
          : exposeSection.read(entry.expose, `${pointer}/expose`, reading),
      secrets: secretsSection.read(entry.secrets, `${pointer}/secrets`, reading),
      taint: taintSection.read(entry.taint, `${pointer}/taint`, reading),
      graphql: graphqlSection.read(entry.graphql, `${pointer}/graphql`, reading),
      detectors: detectorsSection.read(entry.detectors, `${pointer}/detectors`, reading),
      cors: entry.cors === undefined ? undefined : corsSection.read(entry.cors, `${pointer}/cors`, reading),
      websocket: entry.websocket === undefined ? [] : listOf(entry.websocket),
      bounds: boundsSection.read(entry.bounds, `${pointer}/bounds`, reading),
      pointer,
    }
  },
}

function readContract(entry: Static<typeof schema>, pointer: string, reading: Reading): string {
  if (entry.kind === 'mcp') {
    if (entry.expose !== undefined)
      reading.error(`${pointer}/expose`, 'config.mcp', 'an MCP server has tools of its own', 'remove it')
    if (entry.contract !== undefined)
      reading.error(
        `${pointer}/contract`,
        'config.mcp',
        'an MCP server has no contract of its own',
        'remove it, or write `kind: rest`',
      )
    if (entry.basePath === undefined)
      reading.error(pointer, 'config.mcp', 'an MCP server needs a `basePath`', 'write `basePath: /mcp`')
    return mcpContract
  }
  if (entry.mcp !== undefined)
    reading.error(
      `${pointer}/mcp`,
      'config.mcp',
      '`mcp` is for `kind: mcp`',
      'remove it, or write `kind: mcp`',
    )
  if (entry.contract !== undefined) return reading.file(entry.contract, `${pointer}/contract`)
  reading.error(pointer, 'config.required', '`contract` is missing', 'write `contract: openapi.yaml`')
  return ''
}

/** What tools return is written by others, unless a rule says it is not. */
function withUsualTrust(
  { kind }: Static<typeof schema>,
  rules: readonly ContentConfig[],
  pointer: string,
): readonly ContentConfig[] {
  if (kind !== 'mcp' || rules.length > 0) return rules
  return [
    {
      for: ['*'],
      trust: 'external',
      mode: 'mark',
      hosts: [],
      envelope: false,
      buffer: undefined,
      detector: undefined,
      pointer,
    },
  ]
}

function readSecurity(scheme: string, sources: readonly string[], pointer: string): SecurityConfig {
  return {
    scheme,
    issuers: sources.filter((source) => source !== 'public'),
    public: sources.includes('public'),
    pointer,
  }
}

/** What changes replies that were fine so far only watches until it is written. */
const watching: ReadonlySet<Control> = new Set(['secrets', 'response-schema'])

function resolveControls(
  mode: 'enforce' | 'observe',
  written: Static<typeof controls>,
): Readonly<Record<Control, Mode>> {
  const resolved = {} as Record<Control, Mode>
  for (const name of controlNames) {
    const fallback = watching.has(name) ? 'observe' : mode
    resolved[name] = written[name] ?? fallback
  }
  return resolved
}
