import { existsSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { type Finding, Unusable } from '../kernel/finding.ts'
import { displayPath } from '../report/display-path.ts'
import { renderFindings } from '../report/render-findings.ts'
import { type Command, textOf } from './command.ts'
import { draftConfig } from './draft-config.ts'
import { loadPolicy } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import { withProgress } from './progress.ts'
import { renderCoverage } from './render-coverage.ts'
import type { Terminal } from './terminal.ts'
import { uniqueFindings } from './unique-findings.ts'

export const initCommand: Command = {
  name: 'init',
  summary: 'write sallyport.yaml with the policy that an OpenAPI document implies',
  help: `
Usage: sallyport init OPENAPI [options]

Reads an OpenAPI document (2.0, 3.0, 3.1; YAML or JSON), writes a commented configuration with the rules that it
implies and a development issuer, and prints what is guarded by it and what is not.

      --upstream URL   where the API is (default: the first server of the document)
      --out FILE       file to write (default sallyport.yaml)
      --force          overwrite it where it is there
`,
  options: {
    upstream: { type: 'string' },
    out: { type: 'string', default: 'sallyport.yaml' },
    force: { type: 'boolean', default: false },
  },
  async run({ values, positionals, terminal }) {
    const [document, ...more] = positionals
    if (document === undefined || more.length > 0) throw new Misuse('init: write one OpenAPI document')
    const upstream = textOf(values, 'upstream')
    if (upstream !== undefined && !/^https?:$/.test(URL.parse(upstream)?.protocol ?? ''))
      throw new Misuse('init: write --upstream with an http or https URL')
    const out = resolve(textOf(values, 'out') ?? 'sallyport.yaml')
    if (existsSync(out) && values['force'] !== true)
      throw new Misuse(`init: ${displayPath(out)} is there already; --force overwrites it`)
    const text = await draft(resolve(document), out, upstream, terminal)
    const { createDevKeys } = await import('./create-dev-keys.ts')
    await createDevKeys(join(dirname(out), '.sallyport'))
    writeFileSync(out, text)
    terminal.err(`sallyport: wrote ${displayPath(out)}\n`)
    const policy = await loadPolicy(out, terminal)
    terminal.out(renderCoverage(policy.coverage(), terminal.colourOut))
    const loud = policy.findings.filter((finding) => finding.severity !== 'note')
    terminal.err(renderFindings(uniqueFindings(loud), 'text', { colour: terminal.colourErr }))
    terminal.err(`sallyport: next, \`sallyport serve --config ${displayPath(out)}\`\n`)
    return 0
  },
}

async function draft(
  document: string,
  out: string,
  upstream: string | undefined,
  terminal: Terminal,
): Promise<string> {
  const api = nameOf(document)
  const contract = await withProgress(terminal, 'reading the contract', async () => {
    const { loadContract } = await import('../contract/load-contract.ts')
    return loadContract({ file: document, api, firstSlot: 0 })
  })
  if (contract.operations.length === 0) throw new Unusable([nothingDeclared(document)])
  const where = upstream ?? contract.origin ?? usualUpstream
  if (upstream === undefined)
    terminal.err(
      contract.origin === undefined
        ? `sallyport: the document names no server; \`upstream\` is ${where} until you change it\n`
        : `sallyport: \`upstream\` is ${where}, the first server of the document\n`,
    )
  return draftConfig({
    api,
    contract: relative(dirname(out), document).split(sep).join('/'),
    upstream: where,
    operations: contract.operations,
    schemes: [...contract.schemes.values()],
    ids: contract.objectIds(),
  })
}

/** Where an API under development usually listens. */
const usualUpstream = 'http://127.0.0.1:3000'

/** `travel.openapi.yaml` → `travel`. */
function nameOf(document: string): string {
  const name = (basename(document).split('.')[0] ?? '')
    .replace(/[^A-Za-z0-9_-]/g, '-')
    .replace(/^[^A-Za-z]+/, '')
  return name === '' ? 'api' : name.slice(0, 64)
}

function nothingDeclared(file: string): Finding {
  return {
    rule: 'contract.empty',
    severity: 'error',
    message: 'the contract declares no operation',
    place: { file },
  }
}
