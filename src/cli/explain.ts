import { readFileSync } from 'node:fs'
import type { Explanation } from '../app/explain.ts'
import { type Paint, paint } from '../report/paint.ts'
import { printable } from '../report/printable.ts'
import { renderTable } from '../report/render-table.ts'
import { type Command, textOf, textsOf } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import { withProgress } from './progress.ts'

export const explainCommand: Command = {
  name: 'explain',
  summary: 'what would happen to a call, check by check, without forwarding it',
  help: `
Usage: sallyport explain METHOD PATH [options]

Runs the stages up to, and without, forward, and prints what each check said.
Exit code: 0 whatever the verdict, 2 where the policy cannot be loaded.

  -H, --header "N: V"  a header field; may be repeated
  -d, --data BODY      the body; @FILE reads one
      --address IP     the caller's address (default 127.0.0.1)
      --config FILE    configuration (default sallyport.yaml)
      --format F       text (default) or json
`,
  options: {
    header: { type: 'string', short: 'H', multiple: true },
    data: { type: 'string', short: 'd' },
    address: { type: 'string' },
    config: { type: 'string', default: 'sallyport.yaml' },
    format: { type: 'string', default: 'text' },
  },
  async run({ values, positionals, terminal }) {
    const [method, target, ...more] = positionals
    if (method === undefined || target === undefined || more.length > 0)
      throw new Misuse('explain: write METHOD and PATH, such as `explain GET /bookings`')
    if (!/^[A-Za-z]+$/.test(method)) throw new Misuse('explain: METHOD is a word such as GET')
    if (!target.startsWith('/')) throw new Misuse('explain: PATH begins with a slash')
    const format = textOf(values, 'format')
    if (format !== 'text' && format !== 'json') throw new Misuse('explain: --format takes text, json')
    const headers = textsOf(values, 'header').map(parseHeader)
    const body = readBody(textOf(values, 'data'))
    const address = textOf(values, 'address')
    const policy = await loadPolicy(textOf(values, 'config') ?? '', terminal)
    const explanation = await withProgress(terminal, 'asking key sources', async () => {
      const { explain } = await import('../app/explain.ts')
      return explain(policy, {
        method,
        target,
        headers: body === undefined ? headers : withBodyHeaders(headers, body),
        body,
        ...(address === undefined ? {} : { address }),
      })
    })
    if (format === 'json') terminal.out(`${JSON.stringify(explanation, null, 2)}\n`)
    else terminal.out(renderExplanation(explanation, terminal.colourOut))
    return 0
  },
}

function parseHeader(text: string): readonly [string, string] {
  const at = text.indexOf(':')
  const name = text.slice(0, at).trim()
  if (at < 1 || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    throw new Misuse('explain: -H takes "Name: value"')
  return [name, text.slice(at + 1).trim()]
}

function readBody(data: string | undefined): Uint8Array | undefined {
  if (data === undefined) return undefined
  if (!data.startsWith('@')) return Buffer.from(data)
  try {
    return readFileSync(data.slice(1))
  } catch {
    throw new Misuse('explain: the file after @ cannot be read')
  }
}

/** What an HTTP client would add. */
function withBodyHeaders(
  headers: readonly (readonly [string, string])[],
  body: Uint8Array,
): readonly (readonly [string, string])[] {
  const has = (name: string): boolean => headers.some(([written]) => written.toLowerCase() === name)
  const added: [string, string][] = []
  if (!has('content-type')) added.push(['content-type', 'application/json'])
  if (!has('content-length')) added.push(['content-length', String(body.length)])
  return [...headers, ...added]
}

const outcomes: Readonly<Record<Explanation['outcome'], readonly [string, Paint]>> = {
  forward: ['would be forwarded', 'green'],
  refuse: ['would be refused', 'red'],
  answer: ['would be answered by the gateway itself', 'cyan'],
}

function renderExplanation(explanation: Explanation, colour: boolean): string {
  const { outcome, status, code, reason, api, operation, principal, notes } = explanation
  const [verdict, style] = outcomes[outcome]
  const told = [status, code].filter((part) => part !== undefined).join(' ')
  const lines = [`${paint(verdict, style, colour)}${told === '' ? '' : `: ${told}`}`]
  if (reason !== undefined) lines.push(`reason     ${printable(reason)}`)
  if (operation !== undefined) lines.push(`operation  ${printable(`${api}: ${operation}`)}`)
  if (principal !== undefined)
    lines.push(
      `caller     ${principal.sub === '' ? 'anonymous' : printable(`${principal.sub} (issuer ${principal.issuer})`)}`,
    )
  const rows = notes.map((note) => [
    note.stage,
    note.check,
    note.observed ? `${note.verdict} (only watched)` : note.verdict,
    note.code ?? '',
    note.reason ?? '',
  ])
  const table =
    rows.length === 0
      ? ''
      : `\n${renderTable(['stage', 'check', 'verdict', 'code', 'reason'], rows, { colour })}`
  return `${lines.join('\n')}\n${table}`
}
