import type { InventoryReply } from '../admin/contract.ts'
import { paint } from '../report/paint.ts'
import { renderTable } from '../report/render-table.ts'
import { type Command, textOf } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import { withState } from './with-state.ts'

const formats: ReadonlySet<string> = new Set(['text', 'json', 'openapi'])

export const inventoryCommand: Command = {
  name: 'inventory',
  summary: 'operations seen, never called, deprecated and used, undeclared; with a draft for the contract',
  help: `
Usage: sallyport inventory [options]

What contracts declare beside what the gateway saw, as far as it is stored: a running gateway writes every half minute.
It holds names, types and counts, never values.

      --api NAME       only this API
      --shadow         only what no contract declares
      --format F       text (default), json, or openapi: the drafted path items of what no contract declares
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    api: { type: 'string' },
    shadow: { type: 'boolean', default: false },
    format: { type: 'string', default: 'text' },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run({ values, terminal }) {
    const format = textOf(values, 'format') ?? 'text'
    if (!formats.has(format)) throw new Misuse('inventory: --format takes text, json, openapi')
    const file = textOf(values, 'config') ?? ''
    const policy = await loadPolicy(file, terminal)
    const { inventoryOf } = await import('../app/admin/inventory-view.ts')
    const { createInventoryRepository } = await import('../repositories/inventory-repository.ts')
    const sightings = await withState(file, 'inventory', async ({ database }) =>
      database === undefined ? [] : createInventoryRepository(database.db).load(),
    )
    const whole = inventoryOf(policy.operations, sightings, Date.now())
    const view = only(whole, textOf(values, 'api'), values['shadow'] === true)
    if (format === 'json') terminal.out(`${JSON.stringify(view, null, 2)}\n`)
    else if (format === 'openapi') terminal.out(`${JSON.stringify(draftOf(view), null, 2)}\n`)
    else terminal.out(render(view, terminal.colourOut))
    return 0
  },
}

function only(view: InventoryReply, api: string | undefined, shadow: boolean): InventoryReply {
  const belongs = (one: { readonly api: string }): boolean => api === undefined || one.api === api
  return {
    ...view,
    items: view.items.filter((one) => belongs(one) && (!shadow || one.state === 'shadow')),
    operations: shadow ? [] : view.operations.filter(belongs),
    shadow: view.shadow.filter(belongs),
  }
}

/** Path items of one template belong together. */
function draftOf({ shadow }: InventoryReply): object {
  const paths = new Map<string, object>()
  for (const { draft } of shadow)
    for (const [template, item] of Object.entries(draft))
      paths.set(template, { ...paths.get(template), ...(item as object) })
  return {
    openapi: '3.1.0',
    info: { title: 'Drafted from traffic', version: '0' },
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        bearerAuth: { type: 'http', scheme: 'bearer' },
        basicAuth: { type: 'http', scheme: 'basic' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        mutualTLS: { type: 'mutualTLS' },
      },
    },
  }
}

function render(view: InventoryReply, colour: boolean): string {
  const { summary, operations, shadow } = view
  const parts: string[] = []
  if (operations.length > 0)
    parts.push(
      renderTable(
        ['operation', 'state', 'calls', 'callers', 'last seen', 'authentication', 'undocumented', 'data'],
        operations.map((one) => [
          `${one.method} ${one.template}`,
          one.state,
          String(one.calls),
          String(one.callers),
          one.lastSeen?.slice(0, 16) ?? '-',
          Object.keys(one.authentication).join(' ') || '-',
          one.undocumented.map(({ in: where, name }) => `${where}:${name}`).join(' ') || '-',
          [...new Set(one.data.map(({ class: kind }) => kind))].join(' ') || '-',
        ]),
      ),
    )
  if (shadow.length > 0)
    parts.push(
      renderTable(
        ['undeclared', 'likely', 'calls', 'callers', 'last seen', 'authentication', 'parameters'],
        shadow.map((one) => [
          `${one.method} ${one.template}`,
          one.likely,
          String(one.calls),
          String(one.callers),
          one.lastSeen?.slice(0, 16) ?? '-',
          Object.keys(one.authentication).join(' ') || '-',
          one.parameters.map(({ name, type }) => `${name}:${type}`).join(' ') || '-',
        ]),
      ),
    )
  const line =
    `${summary.declared} declared, ${summary.seen} seen, ${summary.neverCalled} never called, ` +
    `${summary.deprecatedInUse} deprecated and used, ${summary.shadow} undeclared`
  parts.push(paint(line, summary.deprecatedInUse + summary.shadow > 0 ? 'yellow' : 'green', colour))
  return `${parts.join('\n\n')}\n`
}
