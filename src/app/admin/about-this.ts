import { readdir, readFile } from 'node:fs/promises'
import type { AboutReply } from '../../admin/contract.ts'

/** What a campaign found (`docs/figures/*.json`). */
interface Figures {
  readonly title?: unknown
  readonly held?: unknown
  readonly date?: unknown
}

interface Manifest {
  readonly version?: unknown
  readonly license?: unknown
  readonly dependencies?: Readonly<Record<string, string>>
}

const startedAt = new Date(Date.now() - performance.now()).toISOString()
let known: Promise<AboutReply> | undefined

/** This version and what it is made of; read once. */
export function aboutThis(): Promise<AboutReply> {
  known ??= read()
  return known
}

async function read(): Promise<AboutReply> {
  const root = new URL('../../..', import.meta.url)
  const own = await manifestAt(new URL('package.json', root))
  const names = Object.keys(own?.dependencies ?? {}).sort()
  const dependencies = await Promise.all(
    names.map(async (name) => {
      // In a checkout below it; where it is installed, beside it.
      const manifest =
        (await manifestAt(new URL(`node_modules/${name}/package.json`, root))) ??
        (await manifestAt(new URL(`../${name}/package.json`, root)))
      return {
        name,
        version: textOf(manifest?.version) ?? own?.dependencies?.[name] ?? 'unknown',
        licence: textOf(manifest?.license) ?? 'unknown',
      }
    }),
  )
  const assurance = await assuranceIn(new URL('docs/figures/', root))
  return {
    version: textOf(own?.version) ?? 'unknown',
    node: process.version,
    startedAt,
    dependencies,
    ...(assurance !== undefined && { assurance }),
  }
}

/** What campaigns claim, whether it held, and when that was seen; undefined where no figures lie beside the code. */
async function assuranceIn(folder: URL): Promise<AboutReply['assurance']> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort()
  const found: [string, string][] = []
  for (const name of names) {
    const figures = await readFile(new URL(name, folder), 'utf8')
      .then((text) => JSON.parse(text) as Figures)
      .catch(() => undefined)
    const title = textOf(figures?.title)
    const day = textOf(figures?.date)?.slice(0, 10)
    if (title === undefined || day === undefined || typeof figures?.held !== 'boolean') continue
    found.push([title, `${figures.held ? 'held' : 'did not hold'}, ${day}`])
  }
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

/** Undefined where there is none, as for a package that lies elsewhere. */
async function manifestAt(url: URL): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(url, 'utf8')) as Manifest
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
