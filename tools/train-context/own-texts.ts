import { agentAttacks, agentWords } from './own-agent-attacks.ts'
import { agentHonest, honestWords } from './own-agent-honest.ts'
import { attacks } from './own-attacks.ts'
import { honest } from './own-honest.ts'
import { words } from './own-words.ts'
import { createRandom } from './random.ts'
import type { ContextRow } from './rows.ts'

const allWords = { ...words, ...agentWords, ...honestWords }

/** Texts of our own making from the grammar above; always the same. */
export function ownRows(): ContextRow[] {
  const random = createRandom(11)
  const rows: ContextRow[] = []
  const add = (label: 'attack' | 'benign', category: string, template: string, copies: number): void => {
    for (let n = 0; n < copies; n++) {
      const text = expand(template, random)
      rows.push({
        id: `own-${rows.length}`,
        suite: `own/${category}`,
        license: 'Apache-2.0',
        label,
        category,
        family: `${category} ${template}`,
        kind: 'document',
        text,
      })
    }
  }
  for (const [category, templates] of Object.entries(attacks))
    for (const template of templates) add('attack', category, template, copiesOf(template))
  for (const [category, templates] of Object.entries(honest))
    for (const template of templates) add('benign', category, template, Math.min(copiesOf(template), 10))
  // One of each: more would drown what bare tasks teach.
  for (const [category, templates] of Object.entries(agentAttacks))
    for (const template of templates) add('attack', category, template, 1)
  for (const [category, templates] of Object.entries(agentHonest))
    for (const template of templates) add('benign', category, template, 1)
  return rows
}

/** Templates with more to fill in give more texts. */
function copiesOf(template: string): number {
  if (/\{(?:deed|change|private)\}/.test(template)) return 40
  const places = template.match(/\{/g)?.length ?? 0
  return [3, 10, 14, 18][places] ?? 20
}

function expand(template: string, random: () => number): string {
  let text = template
  for (let depth = 0; depth < 6 && text.includes('{'); depth++)
    text = text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const choices = allWords[name]
      return choices === undefined ? whole : (choices[Math.floor(random() * choices.length)] ?? '')
    })
  const trimmed = text.trim().replace(/ {2,}/g, ' ')
  return trimmed.slice(0, 1).toUpperCase() + trimmed.slice(1)
}
