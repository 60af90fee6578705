import { readFileSync, statSync } from 'node:fs'
import { CORE_SCHEMA, constructFromEvents, EVENT_ID, mergeTag, parseEvents, YAMLException } from 'js-yaml'
import { type Finding, type Place, Unusable } from '../../kernel/finding.ts'
import { whyUnreadable } from '../../kernel/unreadable-file.ts'
import { createLocate, type Locate, positionIn } from './locate.ts'

/** One file of a contract, parsed. */
export interface Source {
  /** As the user wrote it. */
  readonly file: string
  /** `contract://doc/…` below the document's folder; what relative references resolve against. */
  readonly uri: string
  readonly value: unknown
  /** Characters of the text. */
  readonly length: number
  place(pointer: string): Place
}

const maxBytes = 32 * 1024 * 1024
const maxDepth = 200
/** Values after every YAML alias is written out: what an alias bomb would become. */
const maxExpanded = 4_000_000
/** Separators in the text, an upper bound of its values: each takes some hundred bytes while it is read. */
const maxSeparators = 2_500_000
const maxAliases = 20_000
const yamlSchema = CORE_SCHEMA.withTags(mergeTag)

/**
 * Reads a JSON or YAML file. Bounded in bytes, depth and alias expansion; no duplicate key, no `__proto__`,
 * nothing but UTF-8. Throws `Unusable` with rule `contract.unreadable` or `contract.syntax`.
 */
export function readSource(path: string, file: string, uri: string): Source {
  return parseSource(readText(path, file), file, uri)
}

/** The same for a text at hand. */
export function parseSource(text: string, file: string, uri: string): Source {
  if (countSeparators(text) > maxSeparators)
    throw unusable(file, 'contract.unreadable', 'the file has too many values', 'split the contract')
  const value = text.trimStart().startsWith('{') ? parseJson(text, file) : parseYaml(text, file)
  const problem = assertPlain(value)
  if (problem !== undefined) throw unusable(file, 'contract.syntax', problem)
  const locate: Locate = createLocate(text, maxDepth)
  return { file, uri, value, length: text.length, place: (pointer) => lazyPlace(file, pointer, locate) }
}

function countSeparators(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // , : [ { line feed
    if (code === 44 || code === 58 || code === 91 || code === 123 || code === 10) count += 1
  }
  return count
}

/** A place whose line and column are found when somebody looks. */
function lazyPlace(file: string, pointer: string, locate: Locate): Place {
  return {
    file,
    pointer,
    get line() {
      return locate(pointer).line
    },
    get column() {
      return locate(pointer).column
    },
  }
}

function readText(path: string, file: string): string {
  let bytes: Buffer
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw unusable(file, 'contract.unreadable', 'the contract is not a regular file')
    if (stat.size > maxBytes)
      throw unusable(
        file,
        'contract.unreadable',
        `the file has ${Math.round(stat.size / 1048576)} MiB; contracts above ${maxBytes / 1048576} MiB are not read`,
        'split the contract, or leave examples out of it',
      )
    bytes = readFileSync(path)
  } catch (error) {
    if (error instanceof Unusable) throw error
    const { reason, fix } = whyUnreadable(error)
    throw unusable(file, 'contract.unreadable', `the file ${reason}`, fix)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unusable(file, 'contract.syntax', 'the file is not UTF-8', 'save it as UTF-8')
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    // JSON.parse keeps the last of two equal keys; the event reader names the place of the second.
    constructFromEvents(parseEvents(text, { maxDepth }), { source: text, schema: CORE_SCHEMA })
    return value
  } catch (error) {
    // YAML's flow style looks like JSON; what is neither is reported as YAML, which has the position.
    return parseYaml(text, file, error)
  }
}

function parseYaml(text: string, file: string, json?: unknown): unknown {
  try {
    const events = parseEvents(text, { maxDepth })
    const aliased = events.some((event) => event.type === EVENT_ID.ALIAS)
    const documents = constructFromEvents(events, {
      source: text,
      schema: yamlSchema,
      maxAliases,
      maxTotalMergeKeys: 100_000,
    })
    if (documents.length !== 1)
      throw unusable(
        file,
        'contract.syntax',
        documents.length === 0 ? 'the file is empty' : 'the file holds several YAML documents',
      )
    if (aliased) assertExpansion(documents[0], file)
    return documents[0]
  } catch (error) {
    if (error instanceof Unusable) throw error
    if (error instanceof YAMLException) {
      const offset = error.mark?.position ?? 0
      const { line, column } = positionIn(text, offset)
      const deep = /nesting|depth/i.test(error.reason)
      throw unusable(
        file,
        'contract.syntax',
        deep
          ? `nested deeper than ${maxDepth}`
          : `not ${json === undefined ? 'YAML' : 'JSON'}: ${error.reason.slice(0, 120)}`,
        undefined,
        { file, line, column },
      )
    }
    throw unusable(file, 'contract.syntax', 'the file is neither JSON nor YAML that can be read')
  }
}

/** Counts what the document would be with each alias written out. */
function assertExpansion(root: unknown, file: string): void {
  const sizes = new Map<object, number>()
  const measure = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 1
    const known = sizes.get(value)
    if (known !== undefined) {
      if (known === -1)
        throw unusable(file, 'contract.syntax', 'a YAML alias contains itself', 'use $ref for recursion')
      return known
    }
    sizes.set(value, -1)
    let size = 1
    for (const child of Object.values(value)) size += measure(child)
    sizes.set(value, size)
    if (size > maxExpanded)
      throw unusable(
        file,
        'contract.syntax',
        'YAML aliases expand without measure',
        'use $ref instead of aliases',
      )
    return size
  }
  measure(root)
}

function assertPlain(root: unknown): string | undefined {
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return 'the document is not an object'
  const seen = new Set<object>([root])
  for (const node of seen) {
    const list = Array.isArray(node)
    for (const key of Object.keys(node)) {
      if (!list && key === '__proto__') return 'the key `__proto__` is not allowed'
      const child = (node as Record<string, unknown>)[key]
      if (typeof child === 'object' && child !== null) seen.add(child)
    }
  }
  return undefined
}

function unusable(
  file: string,
  rule: string,
  message: string,
  fix?: string,
  place: Place = { file },
): Unusable {
  const finding: Finding = { rule, severity: 'error', message, place }
  return new Unusable([fix === undefined ? finding : { ...finding, fix }])
}
