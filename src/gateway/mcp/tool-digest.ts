import { createHash } from 'node:crypto'
import { isRecord } from './json-rpc.ts'

/** What an agent reads of a tool, and so what is pinned: every nested description, enum and default is in the schemas. */
const pinned = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const

/** SHA-256 over the canonical JSON of what is pinned, hex. */
export function toolDigest(tool: Readonly<Record<string, unknown>>): string {
  const kept = Object.fromEntries(pinned.filter((name) => name in tool).map((name) => [name, tool[name]]))
  return createHash('sha256').update(canonical(kept)).digest('hex')
}

/** JSON with sorted names and no white space. Bounded by the reply's own bounds. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (isRecord(value))
    return `{${Object.keys(value)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
      .join(',')}}`
  return JSON.stringify(value) ?? 'null'
}

/** Names that people and models take for one another have one skeleton. */
export function skeletonOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replaceAll('0', 'o')
    .replaceAll(/[1l]/g, 'i')
}
