import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml'
import type { Finding, Place } from '../../kernel/finding.ts'
import { Unusable } from '../../kernel/finding.ts'

/** A YAML file as plain values, with the place of each. Objects have no prototype. */
export interface YamlDocument {
  readonly file: string
  readonly value: unknown
  /** Place of the value at a pointer, or of the nearest ancestor that is written. */
  place(pointer: string): Place
  /** Place of the key of the value at a pointer. */
  keyPlace(pointer: string): Place
}

const maxBytes = 1_048_576
const maxNodes = 100_000
const maxDepth = 64
const maxAliases = 100
const refusedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Escapes one reference token of a JSON pointer (RFC 6901). */
export function pointerToken(key: string | number): string {
  return String(key).replaceAll('~', '~0').replaceAll('/', '~1')
}

interface Marks {
  readonly key: number | undefined
  readonly value: number
}

/** Reads one YAML 1.2 document; throws `Unusable` with every problem found, rule `config.syntax`. */
export function parseYaml(text: string, file: string): YamlDocument {
  if (Buffer.byteLength(text) > maxBytes)
    throw new Unusable([
      syntax({ file }, 'the file is larger than 1 MiB', 'split the policy, or move data out of it'),
    ])
  if (text.startsWith('\uFEFF')) text = text.slice(1)
  const lines = new LineCounter()
  const marks = new Map<string, Marks>()
  const findings: Finding[] = []
  const at = (offset: number, pointer?: string): Place => {
    const { line, col } = lines.linePos(offset)
    const place = { file, line: Math.max(line, 1), column: Math.max(col, 1) }
    return pointer === undefined ? place : { ...place, pointer }
  }
  const complain = (offset: number, message: string, fix?: string): undefined => {
    if (
      findings.length < 50 &&
      !findings.some((f) => f.message === message && f.place?.line === at(offset).line)
    )
      findings.push(syntax(at(offset), message, fix))
  }

  const root = compose(text, file, lines, complain)
  const anchors = new Map<string, Node>()
  const open = new Set<Node>()
  let nodes = 0
  let aliases = 0

  const walk = (
    node: unknown,
    pointer: string,
    depth: number,
    key: number | undefined,
    offset: number,
  ): unknown => {
    nodes += 1
    if (nodes > maxNodes)
      return nodes === maxNodes + 1 ? complain(offset, 'the file has too many values') : undefined
    if (depth > maxDepth) return complain(offset, `nested deeper than ${maxDepth}`)
    let target = node
    if (isAlias(target)) {
      aliases += 1
      offset = target.range?.[0] ?? offset
      if (aliases > maxAliases)
        return aliases === maxAliases + 1 ? complain(offset, 'more than 100 aliases') : undefined
      target = anchors.get(target.source)
      if (target === undefined) return complain(offset, 'an alias without an anchor before it')
      if (open.has(target as Node)) return complain(offset, 'an alias that contains itself')
    }
    const start = rangeStart(target) ?? offset
    // An alias stands where it is written, not where its anchor is.
    marks.set(pointer, { key, value: isAlias(node) ? offset : start })
    if (target === null || target === undefined) return null
    const tag = (target as Node & { tag?: string }).tag
    if (tag !== undefined && !isAlias(node))
      return complain(start, 'YAML tags are not allowed', 'write the value without `!tag`')
    const anchor = (target as { anchor?: string }).anchor
    if (anchor !== undefined && !isAlias(node)) anchors.set(anchor, target as Node)
    if (isScalar(target)) return scalar(target.value, start, complain)
    open.add(target as Node)
    const value = isMap(target)
      ? walkMap(target, pointer, depth, start)
      : isSeq(target)
        ? target.items.map((item, index) => walk(item, `${pointer}/${index}`, depth + 1, undefined, start))
        : complain(start, 'not a value')
    open.delete(target as Node)
    return value
  }

  const walkMap = (
    map: { items: readonly { key: unknown; value: unknown }[] },
    pointer: string,
    depth: number,
    start: number,
  ): unknown => {
    const object: Record<string, unknown> = Object.create(null)
    for (const pair of map.items) {
      const offset = rangeStart(pair.key) ?? start
      if (!isScalar(pair.key) || pair.key.tag !== undefined) {
        complain(offset, 'a key must be a plain word')
        continue
      }
      const name = String(pair.key.value)
      if (refusedKeys.has(name)) {
        complain(offset, `the key \`${name}\` is not allowed`, 'choose another name')
        continue
      }
      if (Object.hasOwn(object, name)) {
        complain(offset, `the key \`${name.slice(0, 64)}\` is written twice`, 'keep one of them')
        continue
      }
      object[name] = walk(pair.value, `${pointer}/${pointerToken(name)}`, depth + 1, offset, offset)
    }
    return object
  }

  const value = findings.length === 0 ? walk(root, '', 0, undefined, 0) : undefined
  if (findings.length > 0) throw new Unusable(findings)

  const marked = (pointer: string): Marks => {
    for (let p = pointer; ; p = p.slice(0, p.lastIndexOf('/'))) {
      const found = marks.get(p)
      if (found !== undefined) return found
      if (!p.includes('/')) return { key: undefined, value: 0 }
    }
  }
  return {
    file,
    value,
    place: (pointer) => at(marked(pointer).value, pointer),
    keyPlace: (pointer) => at(marked(pointer).key ?? marked(pointer).value, pointer),
  }
}

type Complain = (offset: number, message: string, fix?: string) => undefined

/** The root node of the only document; the library's own recursion is bounded by what the stack holds. */
function compose(text: string, file: string, lines: LineCounter, complain: Complain): unknown {
  let documents: ReturnType<typeof parseAllDocuments>
  try {
    documents = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
      schema: 'core',
      version: '1.2',
      merge: false,
      resolveKnownTags: false,
      uniqueKeys: false,
    })
  } catch {
    throw new Unusable([
      syntax({ file }, 'the file cannot be read as YAML: it is nested too deeply or broken'),
    ])
  }
  const [first, second] = documents as ReturnType<typeof parseAllDocuments> & unknown[]
  if (first === undefined) {
    complain(0, 'the file is empty', 'write at least `listen`, `issuers` and `apis`')
    return null
  }
  const document = first as {
    errors: readonly { pos: [number, number]; message: string }[]
    contents: unknown
  }
  for (const error of document.errors) complain(error.pos[0], firstLine(error.message))
  if (second !== undefined && document.errors.length === 0)
    complain(
      (second as { range?: [number, number, number] }).range?.[0] ?? 0,
      'the file holds more than one document',
      'keep one document',
    )
  return document.contents
}

/** The library quotes no values in the first line of its messages beyond the token that is wrong. */
function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? ''
  return line.startsWith('Maximum call stack') ? 'nested too deeply' : line.replace(/:$/, '').slice(0, 200)
}

function rangeStart(node: unknown): number | undefined {
  return (node as { range?: readonly number[] } | null | undefined)?.range?.[0]
}

function scalar(value: unknown, offset: number, complain: Complain): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return complain(offset, 'not a finite number')
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value
  return complain(offset, 'not a plain value')
}

function syntax(place: Place, message: string, fix?: string): Finding {
  const finding = { rule: 'config.syntax', severity: 'error' as const, message, place }
  return fix === undefined ? finding : { ...finding, fix }
}
