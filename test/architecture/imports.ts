import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** One import as written, resolved where it is relative. */
export interface Import {
  /** Repository-relative path of the importing file. */
  readonly from: string
  /** Repository-relative path, `node:name` or a package name. */
  readonly to: string
  readonly typeOnly: boolean
  /** What is imported by name; empty for side effects, namespaces and dynamic imports. */
  readonly names: readonly string[]
}

const statement = /^\s*(?:import|export)\s+(type\s+)?(?:([^'"`;]*?)\sfrom\s+)?['"]([^'"]+)['"]/gm
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** Every import of the TypeScript files below `folder`, tests left out. */
export function readImports(root: string, folder: string): Import[] {
  const files = globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }).filter(
    (file) => !/\.test\.tsx?$/.test(file),
  )
  return files.flatMap((file) => importsOf(root, file, readFileSync(join(root, file), 'utf8')))
}

/** The imports of one source text that stands at `file`. */
export function importsOf(root: string, file: string, text: string): Import[] {
  const found: Import[] = []
  for (const match of text.matchAll(statement))
    found.push({
      from: file,
      to: target(root, file, match[3] as string),
      typeOnly: match[1] !== undefined,
      names: namesOf(match[2] ?? ''),
    })
  for (const match of text.matchAll(dynamic))
    found.push({ from: file, to: target(root, file, match[1] as string), typeOnly: false, names: [] })
  return found
}

/** `{ isIP, type A as B }` → `isIP`, `A`. */
function namesOf(clause: string): string[] {
  const list = /\{([^}]*)\}/.exec(clause)?.[1] ?? ''
  return list.split(',').flatMap(
    (name) =>
      name
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/)[0] || [],
  )
}

function target(root: string, file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  const path = resolve(root, dirname(file), specifier)
  if (!existsSync(path)) return `missing:${specifier}`
  return relative(root, path)
}
