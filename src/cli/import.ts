import { existsSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { displayPath } from '../report/display-path.ts'
import { printable } from '../report/printable.ts'
import { type Call, type Command, textOf } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { Misuse } from './misuse.ts'

export const importCommand: Command = {
  name: 'import',
  summary: 'write sallyport.yaml from Kong, KrakenD, nginx, or routes of Express or Fastify',
  help: `
Usage: sallyport import FILE [options]

Reads the configuration of another gateway, or a list of routes, and writes sallyport.yaml with a skeleton of a contract
for each upstream. What could not be carried over is printed, and stands at the end of the file. Routes that nothing
guards stay closed until they are opened.

  Kong        declarative configuration (YAML or JSON)
  KrakenD     krakend.json
  nginx       a file with \`server\` and \`location\` blocks
  routes      JSON of express-list-endpoints, Fastify's printRoutes(), lines \`METHOD /path\`, or the source

      --from F         kong, krakend, nginx or routes (default: by the content)
      --out FILE       file to write (default sallyport.yaml)
      --upstream URL   routes: where the application is (default http://127.0.0.1:3000)
      --contract FILE  a contract that exists; no skeleton is written
      --force          overwrite what is there
`,
  options: {
    from: { type: 'string' },
    out: { type: 'string', default: 'sallyport.yaml' },
    upstream: { type: 'string', default: 'http://127.0.0.1:3000' },
    contract: { type: 'string' },
    force: { type: 'boolean', default: false },
  },
  run: importOnce,
}

async function importOnce({ values, positionals, terminal }: Call): Promise<number> {
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new Misuse('import: write one file')
  const { importFormats, importGateway } = await import('../import/import-gateway.ts')
  const from = textOf(values, 'from')
  const format = importFormats.find((one) => one === from)
  if (from !== undefined && format === undefined)
    throw new Misuse(`import: --from takes ${importFormats.join(', ')}`)
  const upstream = textOf(values, 'upstream') ?? ''
  if (!/^https?:$/.test(URL.parse(upstream)?.protocol ?? ''))
    throw new Misuse('import: --upstream takes an http or https URL')
  const out = resolve(textOf(values, 'out') ?? 'sallyport.yaml')
  const folder = dirname(out)
  const contract = textOf(values, 'contract')
  const result = importGateway({
    file: resolve(file),
    name: basename(file),
    upstream,
    ...(format === undefined ? {} : { format }),
    ...(contract === undefined ? {} : { contract: relative(folder, resolve(contract)).split(sep).join('/') }),
  })
  const written = [
    [out, result.config] as const,
    ...[...result.contracts].map(([name, text]) => [join(folder, name), text] as const),
  ]
  const there = written.find(([path]) => existsSync(path))
  if (there !== undefined && values['force'] !== true)
    throw new Misuse(`import: ${displayPath(there[0])} is there already; --force overwrites it`)
  if (result.developmentKeys) {
    const { createDevKeys } = await import('./create-dev-keys.ts')
    await createDevKeys(join(folder, '.sallyport'))
  }
  for (const [path, text] of written) {
    writeFileSync(path, text)
    terminal.err(`sallyport: wrote ${displayPath(path)}\n`)
  }
  terminal.out(`${result.format}: ${result.operations} operations, ${result.notes.length} notes\n`)
  for (const { where, what, then } of result.notes)
    terminal.out(`${printable(`- ${where}: ${what}; ${then}`)}\n`)
  await loadPolicy(out, terminal)
  terminal.err(`sallyport: next, \`sallyport check --config ${displayPath(out)}\`\n`)
  return 0
}
