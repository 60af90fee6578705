import { readFileSync, statSync } from 'node:fs'
import { whyUnreadable } from '../kernel/unreadable-file.ts'
import { type ContractedApi, importConfig } from './import-config.ts'
import type { Imported, ImportNote } from './imported.ts'
import { readKong } from './read-kong.ts'
import { readKrakend } from './read-krakend.ts'
import { readNginx } from './read-nginx.ts'
import { readRouteList } from './read-route-list.ts'
import { isRecord, listOf, member, Notes, parseTree, unusable } from './reading.ts'
import { separateApis } from './separate-apis.ts'
import { contractSkeleton, nameRoutes } from './skeleton.ts'

export const importFormats = ['kong', 'krakend', 'nginx', 'routes'] as const

export type ImportFormat = (typeof importFormats)[number]

export interface ImportOptions {
  readonly file: string
  /** As it is shown. */
  readonly name: string
  /** Found from the content where it is left out. */
  readonly format?: ImportFormat
  /** Where an application of a route list is. */
  readonly upstream: string
  /** A contract that exists, relative to the configuration: it is named and no skeleton is written. */
  readonly contract?: string
}

export interface ImportResult {
  readonly format: ImportFormat
  /** `sallyport.yaml` */
  readonly config: string
  /** Contracts to write beside it, by name. */
  readonly contracts: ReadonlyMap<string, string>
  readonly notes: readonly ImportNote[]
  readonly operations: number
  /** A development issuer stands in for one that is not told. */
  readonly developmentKeys: boolean
}

const maxBytes = 16 * 1024 * 1024

/** Turns the configuration of another gateway, or a list of routes, into ours. Throws `Unusable`. */
export function importGateway(options: ImportOptions): ImportResult {
  const text = readBounded(options.file)
  const format = options.format ?? detect(text, options.file)
  const found = read(format, text, options)
  const notes = new Notes()
  const mounted = separateApis(found.apis, notes)
  const imported = { ...found, source: options.name, notes: [...found.notes, ...notes.list] }
  const apis = mounted.map((api): ContractedApi => {
    const contract = options.contract ?? `${api.name}.openapi.yaml`
    return { api, routes: nameRoutes(api.routes, api.basePath), contract }
  })
  if (apis.length === 0) throw unusable(options.file, 'no route that is passed on was found')
  if (options.contract !== undefined && apis.length > 1)
    throw unusable(options.file, `there are ${apis.length} upstreams: one contract cannot be that of all`)
  const contracts =
    options.contract === undefined
      ? new Map(
          apis.map(({ api, routes, contract }) => [
            contract,
            contractSkeleton(api, routes, imported.keyHeader),
          ]),
        )
      : new Map<string, string>()
  return {
    format,
    config: importConfig(imported, apis, options.contract !== undefined),
    contracts,
    notes: imported.notes,
    operations: apis.reduce((sum, { routes }) => sum + routes.length, 0),
    developmentKeys: imported.issuers.some(({ issuer }) => issuer === undefined || !/^https:/.test(issuer)),
  }
}

function read(format: ImportFormat, text: string, options: ImportOptions): Imported {
  switch (format) {
    case 'kong':
      return readKong(parseTree(text, options.file), options.name)
    case 'krakend':
      return readKrakend(parseTree(text, options.file), options.name)
    case 'nginx':
      return readNginx(text, options.file)
    default:
      return readRouteList(text, options.file, options.upstream)
  }
}

function detect(text: string, file: string): ImportFormat {
  const lines = text.split('\n').map((line) => line.trim())
  const said = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (said.some((line) => /^(?:server|http|location\b.{0,200}) ?\{/.test(line))) return 'nginx'
  if (/^(?:[[{]|---|- |"?[\w$-]+"?:)/.test(said[0] ?? '')) {
    let tree: unknown
    try {
      tree = parseTree(text, file)
    } catch {
      tree = undefined
    }
    if (isRecord(tree)) {
      if (member(tree, '_format_version') !== undefined || listOf(tree, 'services').length > 0) return 'kong'
      if (listOf(tree, 'endpoints').length > 0) return 'krakend'
    }
  }
  return 'routes'
}

function readBounded(file: string): string {
  try {
    if (statSync(file).size <= maxBytes) return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    throw unusable(file, `the file ${whyUnreadable(error).reason}`)
  }
  throw unusable(file, `the file is larger than ${maxBytes / 1_048_576} MiB`)
}
