import { wordClasses } from './lexicon.ts'
import { allCaps, type Tokens } from './tokens.ts'

/** Features of one token at most. */
export const maxFeatures = 7

/** Bits of a feature's number: the table has 2^17 weights of one byte. */
export const featureBits = 17
const shift = 32 - featureBits

/**
 * Features that end at token `i`: the word, the pair, the triple, the pair with a gap, capitals, and the pairs and triples
 * of word classes (`classes` and `previous` as the lexicon gives them). Writes their numbers to `out`, returns how many.
 */
export function featuresAt(tokens: Tokens, i: number, classes: Int32Array, out: Int32Array): number {
  const { hashes } = tokens
  const word = hashes[i] as number
  const one = i > 0 ? (hashes[i - 1] as number) : 0
  const two = i > 1 ? (hashes[i - 2] as number) : 0
  const pair = mix(one, word)
  out[0] = word >>> shift
  out[1] = pair >>> shift
  out[2] = mix(two, pair) >>> shift
  out[3] = mix(two ^ 0x5bd1e995, word) >>> shift
  let count = 4
  if (((tokens.flags[i] as number) & allCaps) !== 0) out[count++] = mix(0x2c1b3c6d, word) >>> shift
  const own = primary(classes[i] as number)
  if (own !== 0) {
    // The class tokens before this one, a few words back at most.
    let before = 0
    for (let k = i - 1, steps = 0; k >= 0 && steps < 6; k--, steps++) {
      const other = primary(classes[k] as number)
      if (other === 0) continue
      if (before === 0) {
        before = other
        out[count++] = mix(other ^ 0x297a2d39, own) >>> shift
      } else {
        out[count++] = mix(other ^ 0x7feb352d, mix(before, own)) >>> shift
        break
      }
    }
  }
  return count
}

function mix(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ b
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return hash ^ (hash >>> 15)
}

/** The first of a word's classes stands for it. */
function primary(bits: number): number {
  const own = bits & wordClasses
  return own & -own
}
