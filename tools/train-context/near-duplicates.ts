import { createRandom } from './random.ts'
import type { ContextRow } from './rows.ts'

/** MinHash values of a text, and how many of them share a bucket. */
const hashes = 32
const perBand = 4
/** Words of a shingle. */
const shingle = 3
/** Share of common shingles (Jaccard, estimated) from which two texts are one. */
const alike = 0.5

const seeds = Array.from({ length: hashes }, createSeed(createRandom(5)))

function createSeed(random: () => number): () => number {
  return () => Math.floor(random() * 2 ** 32) | 1
}

/** What two rows are compared by: an attack by what was injected, an honest text by itself. */
function comparedText({ injected, text }: ContextRow): string {
  return injected ?? text
}

function signatureOf(text: string): Uint32Array {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const signature = new Uint32Array(hashes).fill(0xffffffff)
  const last = Math.max(1, words.length - shingle + 1)
  for (let i = 0; i < last; i++) {
    const hash = hashText(words.slice(i, i + shingle).join(' '))
    for (let k = 0; k < hashes; k++) {
      let value = Math.imul(hash ^ (seeds[k] as number), 0x9e3779b1)
      value = (value ^ (value >>> 15)) >>> 0
      if (value < (signature[k] as number)) signature[k] = value
    }
  }
  return signature
}

function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

function similarity(a: Uint32Array, b: Uint32Array): number {
  let same = 0
  for (let k = 0; k < hashes; k++) if (a[k] === b[k]) same++
  return same / hashes
}

const signatures = new WeakMap<ContextRow, Uint32Array>()

function signatureOfRow(row: ContextRow): Uint32Array {
  let signature = signatures.get(row)
  if (signature === undefined) {
    signature = signatureOf(comparedText(row))
    signatures.set(row, signature)
  }
  return signature
}

/** The rows that are near-duplicates of none of `held` (MinHash over word triples): what may be learned from beside it. */
export function withoutNearDuplicates(
  rows: readonly ContextRow[],
  held: readonly ContextRow[],
): ContextRow[] {
  const buckets = new Map<string, Uint32Array[]>()
  for (const row of held) {
    const signature = signatureOfRow(row)
    for (const key of bandsOf(signature)) {
      const bucket = buckets.get(key)
      if (bucket === undefined) buckets.set(key, [signature])
      else if (bucket.length < 64) bucket.push(signature)
    }
  }
  return rows.filter((row) => {
    const signature = signatureOfRow(row)
    return !bandsOf(signature).some((key) =>
      buckets.get(key)?.some((other) => similarity(signature, other) >= alike),
    )
  })
}

/** One of each cluster of near-duplicates: the first. */
export function distinct(rows: readonly ContextRow[]): ContextRow[] {
  const buckets = new Map<string, Uint32Array[]>()
  return rows.filter((row) => {
    const signature = signatureOfRow(row)
    const keys = bandsOf(signature)
    if (keys.some((key) => buckets.get(key)?.some((other) => similarity(signature, other) >= alike)))
      return false
    for (const key of keys) {
      const bucket = buckets.get(key)
      if (bucket === undefined) buckets.set(key, [signature])
      else bucket.push(signature)
    }
    return true
  })
}

function bandsOf(signature: Uint32Array): string[] {
  const keys: string[] = []
  for (let k = 0; k < hashes; k += perBand) keys.push(`${k} ${signature.subarray(k, k + perBand).join()}`)
  return keys
}
