import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { threadId } from 'node:worker_threads'
import type { Config } from '../../config/config.ts'
import type { McpApi } from '../../gateway/mcp/create-mcp.ts'
import { refuseMcpOrigin } from '../../gateway/mcp/mcp-origin.ts'
import type { RestTool } from '../../gateway/mcp/rest/tool-target.ts'
import { createToolPins, type PinStore, type ToolPin, type ToolPins } from '../../gateway/mcp/tool-pins.ts'
import { compileToolPolicy, type ToolPolicy } from '../../gateway/mcp/tool-policy.ts'
import type { Identified, Matched } from '../../kernel/facts.ts'
import { type Finding, type Place, Unusable } from '../../kernel/finding.ts'
import { Trail } from '../../kernel/trail.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { Policy, PolicyApi } from './policy.ts'

/** MCP servers by `Operation.slot`. */
export function mcpServersOf(
  apis: readonly PolicyApi[],
  { sees, challenge }: McpJudges,
): readonly (McpApi | undefined)[] {
  const servers: (McpApi | undefined)[] = []
  for (const { config, contract, exposes } of apis) {
    const { mcp, name } = config
    if (mcp === undefined) continue
    const api: McpApi = {
      name,
      pins: mcp.pins,
      requests: mcp.requests,
      answerMs: mcp.answerWithin,
      trust: config.content[0]?.trust,
      challenge,
      ...(exposes === undefined
        ? { tools: compileToolPolicy(mcp.tools) }
        : { tools: approvalPolicy(exposes.tools), sees: seesTool(exposes.tools, sees) }),
    }
    for (const { slot } of contract.operations) servers[slot] = api
  }
  return servers
}

/** Refuses pages that may not speak to an MCP server. */
export function mcpOriginsOf(apis: readonly PolicyApi[]): (matched: Matched) => Denial | undefined {
  const rules = new Map(
    apis.flatMap(({ config }) =>
      config.mcp === undefined
        ? []
        : [[config.name, { origins: config.cors?.origins ?? [], named: config.host !== undefined }] as const],
    ),
  )
  return (matched) => {
    const rule = rules.get(matched.operation.api)
    return rule === undefined ? undefined : refuseMcpOrigin(rule, matched)
  }
}

/** What other stages say of a caller. */
export interface McpJudges {
  /** Undefined where the caller could call the operation. */
  sees(call: Identified): Denial | undefined
  challenge(call: Identified, denial: Denial, parameters: string): Denial
}

/** Destructive operations need what a person gave for them; whatever else they need is asked of the call itself. */
function approvalPolicy(tools: readonly RestTool[]): ToolPolicy {
  const byName = new Map(tools.map(({ name, approval }) => [name, approval]))
  return (principal, tool) => {
    const approval = byName.get(tool)
    // A name that is none is told so by the server.
    if (approval === undefined) return 'allowed'
    return approval.every((scope) => principal.scopes.includes(scope)) ? 'allowed' : approval
  }
}

function seesTool(
  tools: readonly RestTool[],
  sees: McpJudges['sees'],
): (call: Identified, tool: string) => boolean {
  const byName = new Map(tools.map(({ name, operation }) => [name, operation]))
  return (call, tool) => {
    const operation = byName.get(tool)
    return (
      operation !== undefined &&
      sees({ ...call, operation, method: operation.method, params: {}, pairs: [], trail: new Trail() }) ===
        undefined
    )
  }
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
      const draft = `${file}.${process.pid}.${threadId}`
      writeFileSync(draft, `${JSON.stringify({ version: 1, servers }, null, 2)}\n`, { mode: 0o600 })
      renameSync(draft, file)
    },
  }
}

/** Where pins are kept; who only asks keeps nothing. */
export function pinStoreOf(config: Pick<Config, 'state'>, passive: boolean): PinStore {
  const file = createPinFile(config)
  return passive ? { read: () => file.read(), write: () => {} } : file
}

/** What is offered to agents is known at start: one that is not what was approved is said then, and refused from then on. */
export function pinOffered(
  apis: readonly PolicyApi[],
  pins: ToolPins,
  place: (pointer: string) => Place | undefined,
): readonly Finding[] {
  return apis.flatMap(({ config, exposes }) => {
    if (exposes === undefined || config.mcp === undefined || config.mcp.pins === 'off') return []
    const { drifted } = pins.offered(
      config.name,
      exposes.tools.map(({ definition }) => definition),
      Date.now(),
    )
    return drifted.map((name): Finding => {
      const at = place(config.pointer)
      return {
        rule: 'mcp.pin',
        severity: 'warning',
        message: `tool \`${name}\` of ${config.name} is not what was approved: ${config.mcp?.pins === 'enforce' ? 'agents neither see nor call it' : 'agents see it all the same'}`,
        fix: `sallyport mcp approve ${config.name} ${name}`,
        ...(at !== undefined && { place: at }),
      }
    })
  })
}

/** The same for who only asks: nothing is pinned. Throws `Unusable` where pins cannot be read. */
export function driftOf({ loaded, apis }: Pick<Policy, 'loaded' | 'apis'>): readonly Finding[] {
  if (!apis.some(({ exposes }) => exposes !== undefined)) return []
  return pinOffered(apis, createToolPins(pinStoreOf(loaded.config, true)), loaded.place)
}
