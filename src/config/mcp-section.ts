import { fileURLToPath } from 'node:url'
import Type, { type Static } from 'typebox'
import type { McpConfig } from './config.ts'
import type { Section } from './reading.ts'
import { shape } from './shape.ts'
import { text } from './words.ts'

const tool = shape('Who may call a tool.', {
  scope: Type.Optional(text('Scopes that are needed, apart by blanks.')),
  roles: Type.Optional(
    Type.Array(text('Role.'), { minItems: 1, description: 'One of these roles is needed.' }),
  ),
  never: Type.Boolean({ description: 'Nobody may call it, and nobody sees it.', default: false }),
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
})

/** `apis.NAME.mcp`. */
export const mcpSection: Section<McpConfig> = {
  schema: mcp,
  read(raw) {
    const { tools, pins } = raw as Static<typeof mcp>
    return {
      pins,
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
export const mcpContract: string = fileURLToPath(new URL('./mcp.openapi.json', import.meta.url))
