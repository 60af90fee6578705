import { createPinFile } from '../app/policy/mcp-servers.ts'
import { renderTable } from '../report/render-table.ts'
import { type Call, type Command, textOf } from './command.ts'
import { readConfig } from './load-policy.ts'
import { Misuse } from './misuse.ts'

export const mcpCommand: Command = {
  name: 'mcp',
  summary: 'tools of MCP servers that are pinned: list, approve a changed one',
  help: `
Usage: sallyport mcp list [--json]
       sallyport mcp approve API TOOL

What an agent reads of a tool (name, title, description, schemas, annotations) is pinned at first sight. A tool that
changed is hidden and refused until it is approved; a running gateway knows with the next list of tools.

      --json           output as JSON
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    json: { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run(call) {
    const [action, ...rest] = call.positionals
    const { config } = await readConfig(textOf(call.values, 'config') ?? '')
    const store = createPinFile(config)
    if (action === 'list' && rest.length === 0) return list(call, store)
    if (action === 'approve' && rest.length === 2) return approve(call, store, rest[0] ?? '', rest[1] ?? '')
    throw new Misuse('mcp: write `mcp list` or `mcp approve API TOOL`')
  },
}

type Store = ReturnType<typeof createPinFile>

function list({ values, terminal }: Call, store: Store): number {
  const rows = Object.entries(store.read()).flatMap(([api, tools]) =>
    Object.entries(tools).map(([tool, pin]) => ({
      api,
      tool,
      state: pin.offered === undefined ? 'approved' : 'quarantine',
      since: new Date(pin.since).toISOString(),
      digest: pin.approved,
      ...(pin.offered !== undefined && { offered: pin.offered }),
    })),
  )
  if (values['json'] === true) terminal.out(`${JSON.stringify(rows, null, 2)}\n`)
  else
    terminal.out(
      renderTable(
        ['api', 'tool', 'state', 'since', 'digest'],
        rows.map(({ api, tool, state, since, digest }) => [api, tool, state, since, digest.slice(0, 16)]),
        { colour: terminal.colourOut },
      ),
    )
  return 0
}

function approve({ terminal }: Call, store: Store, api: string, tool: string): number {
  const pins = store.read()
  const pin = pins[api]?.[tool]
  if (pin === undefined)
    throw new Misuse('mcp approve: no such tool; `sallyport mcp list` names those that are known')
  if (pin.offered === undefined) {
    terminal.out('it is approved as it is\n')
    return 0
  }
  store.write({
    ...pins,
    [api]: { ...pins[api], [tool]: { ...pin, approved: pin.offered, offered: undefined, since: Date.now() } },
  })
  terminal.out(`approved ${pin.offered.slice(0, 16)} of ${tool} at ${api}\n`)
  return 0
}
