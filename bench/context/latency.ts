import {
  type ContextDetector,
  createContextDetector,
} from '../../src/stages/screen/context/detect/detector.ts'
import { quantile } from '../../tools/train-context/calibrate.ts'
import { createRandom } from '../../tools/train-context/random.ts'
import { makeReplies, pick } from '../../tools/train-context/replies.ts'
import type { ContextRow } from '../../tools/train-context/rows.ts'
import { formatTable } from '../table.ts'

const rounds = 30
const samples = 40

/** Time of all layers, by size. A sample is the quietest of three readings, so that other processes count less. */
export function printLatency(traffic: readonly ContextRow[], print: (text: string) => void): void {
  const detector = createContextDetector()
  const random = createRandom(41)
  const lines = [0.5, 2, 8, 32, 64].flatMap((kb) => {
    const size = kb * 1024
    const records = Array.from({ length: samples }, () => recordOf(size, random))
    const made = makeReplies(traffic, samples, random, size).map(({ leaves }) =>
      leaves.map(({ text }) => text),
    )
    return [row(`${kb} KB of records`, detector, records), row(`${kb} KB of articles`, detector, made)]
  })
  print('\nTime of all layers on honest replies')
  print(formatTable([['', 'p50', 'p99'], ...lines]))
  const prose = 'we met at the station before noon and walked along the river until dark, then had tea. '
    .repeat(12)
    .slice(0, 1024)
  print(`\nclean ASCII prose: ${(1000 * best(detector, [prose])).toFixed(1)} µs/KB`)
  print(`clean ASCII JSON of 2 KB: ${(1000 * best(detector, recordOf(2048, random))).toFixed(1)} µs`)
}

function row(name: string, detector: ContextDetector, replies: readonly (readonly string[])[]): string[] {
  const times: number[] = []
  for (let round = 0; round < rounds; round++)
    for (const leaves of replies) {
      const time = Math.min(once(detector, leaves), once(detector, leaves), once(detector, leaves))
      if (round > 2) times.push(time)
    }
  return [name, `${quantile(times, 0.5).toFixed(3)} ms`, `${quantile(times, 0.99).toFixed(3)} ms`]
}

function once(detector: ContextDetector, leaves: readonly string[]): number {
  const documentLength = leaves.reduce((sum, leaf) => sum + leaf.length, 0)
  const started = performance.now()
  for (const leaf of leaves) detector.scan(leaf, { documentLength })
  return performance.now() - started
}

function best(detector: ContextDetector, leaves: readonly string[]): number {
  let least = Number.POSITIVE_INFINITY
  for (let n = 0; n < 3000; n++) least = Math.min(least, once(detector, leaves))
  return least
}

const names = ['Ada Byron', 'Otto Falk', 'Ines Moreau', 'Leo Brandt', 'Mira Sand']
const places = ['Harbour Inn', 'Old Mill', 'Hotel Aurora', 'Lakeside Rooms', 'The Corner House']
const remarks = [
  'The room was quiet and clean, and breakfast started early enough for our train.',
  'Friendly staff, a bit far from the station. We would come again in summer.',
  'Heating took an hour to start; otherwise everything was as described.',
  'Great view of the bay. The lift was out of order on the second day.',
]

/** Strings of a reply as an API sends it: ids, dates, names, and a remark now and then. */
function recordOf(size: number, random: () => number): string[] {
  const leaves: string[] = []
  for (let length = 0; length < size; ) {
    const id = Math.floor(random() * 1e9).toString(36)
    const own = [
      `rsv_${id}`,
      '2026-11-24T10:15:00Z',
      pick(names, random),
      pick(places, random),
      `${id}@mail.example`,
      `https://api.example/v1/stays/${id}`,
      'confirmed',
      pick(remarks, random),
    ]
    leaves.push(...own)
    // Names of members, numbers and punctuation make up the rest of the reply.
    length += own.reduce((sum, leaf) => sum + leaf.length + 16, 0)
  }
  return leaves
}
