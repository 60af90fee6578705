import { fileURLToPath } from 'node:url'
import Type, { type Static } from 'typebox'
import { duration, text } from '../document/words.ts'
import { milliseconds, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { McpConfig } from '../types/api-config.ts'

const tool = shape('Who may call a tool.', {
  scope: Type.Optional(text('Scopes that are needed, apart by blanks.')),
  roles: Type.Optional(
    Type.Array(text('Role.'), { minItems: 1, description: 'One of these roles is needed.' }),
  ),
  never: Type.Boolean({ description: 'Nobody may call it, and nobody sees it.', default: false }),
})

const allowed = (description: string, by: 'allow' | 'refuse') =>
  Type.Enum(['allow', 'refuse'] as ('allow' | 'refuse')[], { description, default: by })

const requests = shape('What the server may ask of clients, and of the user in front of one.', {
  forms: allowed(
    'Forms that the user fills in (elicitation). One that asks for passwords, keys, tokens or cards is refused whatever this says.',
    'allow',
  ),
  urls: Type.Array(text('Host, or `*.example.com`.'), {
    description: 'Hosts whose pages the user may be sent to, over https. None unless written.',
    default: [],
  }),
  sampling: allowed('Texts that the client’s model is asked to continue.', 'refuse'),
  roots: allowed('The list of files that the client works on.', 'refuse'),
})

const mcp = shape('What is particular to an MCP server.', {
  tools: Type.Record(Type.String({ minLength: 1, maxLength: 128 }), tool, {
    description:
      'Who may call which tools, by name or pattern (`calendar_*`). The first that fits decides; where any is written, a tool that none fits is refused and not listed.',
    default: {},
  }),
  pins: Type.Enum(['enforce', 'observe', 'off'] as ('enforce' | 'observe' | 'off')[], {
    description:
      'What an agent reads of a tool is pinned at first sight. `enforce` hides and refuses a tool that changed until `sallyport mcp approve` is said; `observe` records it.',
    default: 'enforce',
  }),
  answerWithin: duration(
    'Until a stream of events must have come to the answer of a request; then the caller gets an error. Subscriptions have no such end.',
    '5min',
  ),
  requests: { ...requests, default: {} } as typeof requests,
})

/** `apis.NAME.mcp`. */
export const mcpSection: Section<McpConfig> = {
  schema: mcp,
  read(raw) {
    const { tools, pins, answerWithin, requests: asked } = raw as Static<typeof mcp>
    return {
      pins,
      answerWithin: milliseconds(answerWithin),
      requests: {
        forms: asked.forms === 'allow',
        urls: asked.urls.map((host) => host.toLowerCase()),
        sampling: asked.sampling === 'allow',
        roots: asked.roots === 'allow',
      },
      tools: Object.entries(tools).map(([name, { scope, roles = [], never }]) => ({
        name,
        scopes: (scope ?? '').split(' ').filter((one) => one !== ''),
        roles,
        never,
      })),
    }
  },
}

/** File of the contract that every MCP server has. */
export const mcpContract: string = fileURLToPath(new URL('../mcp.openapi.json', import.meta.url))
