import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LinearModel } from '../../src/stages/screen/context/detect/linear-model.ts'
import { createRandom } from '../../tools/train-context/random.ts'
import { makeReplies } from '../../tools/train-context/replies.ts'
import { type ContextRow, sourceOf } from '../../tools/train-context/rows.ts'
import { formatTable } from '../table.ts'
import { bury, flags, flagsReply, percent, shareOf } from './measures.ts'
import type { ModelOf } from './targets.ts'

const replies = 300

/** What is flagged of honest texts of domains that neither model nor threshold knew. */
export function printDomains(
  traffic: readonly ContextRow[],
  modelOf: ModelOf,
  print: (text: string) => void,
): void {
  const domains = [...Map.groupBy(traffic, sourceOf)].filter(([, rows]) => rows.length >= 12)
  const lines = domains.map(([domain, rows]) => {
    const model = modelOf(domain)
    const hits = rows.map(({ text }) => flags(model, text))
    const characters = rows.reduce((sum, { text }) => sum + text.length, 0)
    const made = makeReplies(rows, replies, createRandom(31))
    const flagged = made.map(({ leaves }) =>
      flagsReply(
        model,
        leaves.map(({ text }) => text),
      ),
    )
    const perMegabyte = (hits.filter((hit) => hit).length / characters) * 1_048_576
    return [
      domain,
      String(rows.length),
      percent(shareOf(hits)),
      percent(shareOf(flagged)),
      perMegabyte.toFixed(1),
    ]
  })
  print('\nHonest texts flagged, at 1 % of calibration replies, by domain (each unseen)')
  print(formatTable([['domain', 'texts', 'texts flagged', 'replies of 0.5–64 KB', 'flags per MB'], ...lines]))
}

/** AgentDojo's templates in replies of its own domain by size, and the same replies without. */
export function printBuried(
  rows: readonly ContextRow[],
  traffic: readonly ContextRow[],
  modelOf: ModelOf,
  print: (text: string) => void,
): void {
  const attacks = rows.filter(
    (row) =>
      sourceOf(row) === 'agentdojo' && row.injected !== undefined && row.category !== 'indirect_direct',
  )
  const own = traffic.filter((row) => sourceOf(row) === 'agentdojo')
  if (attacks.length === 0 || own.length === 0) return
  const model = modelOf('agentdojo')
  const random = createRandom(37)
  const lines = [0.5, 2, 8, 32, 64].map((kb) => {
    const size = kb * 1024
    const found = attacks.map((row) => flagsReply(model, bury(row, own, random, size)))
    const without = makeReplies(own, 200, random, size).map(({ leaves }) =>
      flagsReply(
        model,
        leaves.map(({ text }) => text),
      ),
    )
    return [String(kb), percent(shareOf(found)), percent(shareOf(without))]
  })
  print('\nAgentDojo templates at a random place of a reply of their own domain, by size')
  print(formatTable([['KB', 'found', 'flagged without'], ...lines]))
}

/** Replies that vendors publish as examples in their contracts: a domain that no model was trained on. */
export function printApis(folder: string, model: LinearModel, print: (text: string) => void): void {
  const file = join(folder, 'injection/openapi_examples_benign.jsonl')
  if (!existsSync(file)) return
  const bodies = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly category: string; readonly payload?: string })
    .filter(({ category, payload }) => category === 'benign_api_response_body' && payload !== undefined)
    .map(({ payload = '' }) => stringsOf(JSON.parse(payload)))
  const characters = bodies.flat().reduce((sum, leaf) => sum + leaf.length, 0)
  const flagged = bodies.filter((leaves) => flagsReply(model, leaves)).length
  print(
    `\nReplies from contracts of vendors (model that ships): ${flagged} of ${bodies.length} flagged, ${Math.round(characters / 1024)} KB of strings`,
  )
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsOf)
}
