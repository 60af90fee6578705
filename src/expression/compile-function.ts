import { RE2JS } from 're2js'
import { isRecord } from './compare.ts'
import { type Failure, isFailure, mistyped } from './failure.ts'
import type { Reader } from './reader.ts'

type TextTest = (text: string, other: string) => boolean
type TextMap = (text: string) => string

const tests: ReadonlyMap<string, TextTest> = new Map<string, TextTest>([
  ['startsWith', (text, other) => text.startsWith(other)],
  ['endsWith', (text, other) => text.endsWith(other)],
  ['contains', (text, other) => text.includes(other)],
])

// ASCII letters alone, as CEL defines them: no letter outside folds into one of them.
const maps: ReadonlyMap<string, TextMap> = new Map<string, TextMap>([
  ['lowerAscii', (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())],
  ['upperAscii', (text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())],
  ['trim', (text) => text.trim()],
])

function sizeOf(value: unknown): number | Failure {
  if (typeof value === 'string') {
    let count = 0
    for (const _ of value) count++
    return count
  }
  if (Array.isArray(value)) return value.length
  if (value instanceof Map) return value.size
  return isRecord(value) ? Object.keys(value).length : mistyped
}

function mapText(receiver: Reader, map: TextMap): Reader {
  return (call, scene) => {
    const value = receiver(call, scene)
    return typeof value === 'string' ? map(value) : isFailure(value) ? value : mistyped
  }
}

export function compileSize(receiver: Reader): Reader {
  return (call, scene) => {
    const value = receiver(call, scene)
    return isFailure(value) ? value : sizeOf(value)
  }
}

/** `text.matches('pattern')` in linear time (RE2): the library would hand the pattern to a backtracking engine. */
export function compileMatches(receiver: Reader, pattern: string): Reader {
  const compiled = RE2JS.compile(pattern)
  return (call, scene) => {
    const value = receiver(call, scene)
    return typeof value === 'string' ? compiled.matcher(value).find() : isFailure(value) ? value : mistyped
  }
}

/** A method of a string, list or map; undefined where the library has to do it. */
export function compileMethod(name: string, receiver: Reader, args: readonly Reader[]): Reader | undefined {
  const [argument] = args
  if (argument === undefined) {
    if (name === 'size') return compileSize(receiver)
    const map = maps.get(name)
    return map === undefined ? undefined : mapText(receiver, map)
  }
  const test = tests.get(name)
  if (test === undefined || args.length !== 1) return undefined
  return (call, scene) => {
    const value = receiver(call, scene)
    if (isFailure(value)) return value
    const other = argument(call, scene)
    if (isFailure(other)) return other
    return typeof value === 'string' && typeof other === 'string' ? test(value, other) : mistyped
  }
}
