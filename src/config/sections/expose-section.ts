import Type, { type Static } from 'typebox'
import { listOf, oneOrMore, text } from '../document/words.ts'
import type { Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { ExposeConfig } from '../types/api-config.ts'

const mcp = shape('Operations as tools for agents, over the Model Context Protocol (Streamable HTTP).', {
  path: Type.String({
    format: 'base-path',
    description: 'Where the tools are, below the base path of the API.',
    default: '/mcp',
  }),
  operations: Type.Optional(
    oneOrMore(
      'Selectors of the operations that are offered. Those that the contract marks with `x-sallyport: { expose: mcp }` are offered besides. No other is.',
    ),
  ),
  approvalScope: Type.Optional(
    text(
      'Scopes, apart by blanks, that destructive operations need besides their own: a person gave them to the agent. Every method but GET is destructive unless `safe` says it is not.',
      { examples: ['agent:approve'] },
    ),
  ),
  safe: Type.Optional(
    oneOrMore(
      'Selectors of offered operations that are not destructive although their method may change something: a search by POST.',
    ),
  ),
  pins: Type.Enum(['enforce', 'observe', 'off'] as ('enforce' | 'observe' | 'off')[], {
    description:
      'As for MCP servers: what an agent reads of an operation is pinned at first sight, and one whose contract changed is hidden and refused until `sallyport mcp approve NAME.mcp TOOL`.',
    default: 'enforce',
  }),
  instructions: Type.Optional(text('What agents are told of the API at the beginning.')),
})

const schema = Type.Union(
  [
    Type.Enum(['mcp'] as 'mcp'[]),
    shape('How operations are offered to agents.', {
      mcp,
    }),
  ],
  {
    description:
      'Offers operations to agents as tools: each call goes through all stages as the request it stands for. `mcp` alone offers those that the contract marks with `x-sallyport: { expose: mcp }`.',
  },
)

/** `apis.NAME.expose`. */
export const exposeSection: Section<ExposeConfig> = {
  schema,
  read(raw, pointer) {
    const written = raw as Static<typeof schema>
    const entry: Partial<Static<typeof mcp>> = typeof written === 'string' ? {} : written.mcp
    return {
      path: entry.path ?? '/mcp',
      operations: entry.operations === undefined ? [] : listOf(entry.operations),
      approval: (entry.approvalScope ?? '').split(' ').filter((one) => one !== ''),
      safe: entry.safe === undefined ? [] : listOf(entry.safe),
      pins: entry.pins ?? 'enforce',
      instructions: entry.instructions,
      pointer: typeof written === 'string' ? pointer : `${pointer}/mcp`,
    }
  },
}
