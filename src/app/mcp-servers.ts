import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { McpApi } from '../gateway/mcp/create-mcp.ts'
import type { PinStore, ToolPin } from '../gateway/mcp/tool-pins.ts'
import { compileToolPolicy } from '../gateway/mcp/tool-policy.ts'
import { Unusable } from '../kernel/finding.ts'
import type { PolicyApi } from './policy.ts'

/** MCP servers by `Operation.slot`. */
export function mcpServersOf(apis: readonly PolicyApi[]): readonly (McpApi | undefined)[] {
  const servers: (McpApi | undefined)[] = []
  for (const { config, contract } of apis) {
    const { mcp, name } = config
    if (mcp === undefined) continue
    const api: McpApi = { name, tools: compileToolPolicy(mcp.tools), pins: mcp.pins }
    for (const { slot } of contract.operations) servers[slot] = api
  }
  return servers
}

type Pins = Readonly<Record<string, Readonly<Record<string, ToolPin>>>>

/** Pins in a file of the state folder (0600), written whole or not at all. Throws `Unusable` where it cannot be read. */
export function createPinFile({ state }: Pick<Config, 'state'>): PinStore {
  const file = join(state, 'mcp-pins.json')
  return {
    read() {
      if (!existsSync(file)) return {}
      try {
        return (JSON.parse(readFileSync(file, 'utf8')) as { readonly servers: Pins }).servers
      } catch (error) {
        throw new Unusable([
          {
            rule: 'mcp.pins',
            severity: 'error',
            message: `cannot read the pins of tools in ${file}: ${error instanceof Error ? error.message : 'unknown'}`,
            fix: 'restore it from a backup, or remove it: every tool is then pinned anew at first sight',
          },
        ])
      }
    },
    write(servers) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      const draft = `${file}.${process.pid}`
      writeFileSync(draft, `${JSON.stringify({ version: 1, servers }, null, 2)}\n`, { mode: 0o600 })
      renameSync(draft, file)
    },
  }
}

/** Nothing is kept: for who only asks. */
export const noPins: PinStore = { read: () => ({}), write: () => {} }
