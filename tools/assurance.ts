// Writes docs/assurance.md from what the campaigns found (docs/figures/*.json): `npm run assurance`. With --check it writes
// nothing and fails where the page is not what would be written.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Campaign, type Figures, figuresFolder, readFigures } from './figures/figures.ts'

const campaigns: readonly (readonly [Campaign, string])[] = [
  ['chaos', 'npm run chaos'],
  ['differential', 'npm run differential'],
  ['limiter', 'npm run bench:limiter'],
  ['soak', 'npm run soak -- --minutes 5'],
  ['kill', 'npm run kill'],
]

const page = `# Assurance

What campaigns found that are too long for every test run. Each writes its figures to \`docs/figures/\`, and this page is made of
those by \`npm run assurance\`: nothing on it is written by hand. A part of each campaign runs with \`npm test\`. Figures of one
machine on one day; where its load average was above its cores, times say little, and counts say what they say.

| campaign | held | when | load average, cores |
|---|---|---|---|
${campaigns.map(([name, command]) => rowOf(readFigures(name), command)).join('\n')}

Beside these: [what the audit of contracts finds](audit-figures.md), [OpenID Connect](conformance.md),
[speed](../bench/README.md).

${campaigns.map(([name, command]) => sectionOf(readFigures(name), command)).join('\n')}`

const file = join(figuresFolder, '..', 'assurance.md')
if (!process.argv.includes('--check')) {
  writeFileSync(file, page)
  console.log('wrote docs/assurance.md')
} else if (readFileSync(file, 'utf8') !== page) {
  console.error('docs/assurance.md is not what the figures say: run `npm run assurance`')
  process.exitCode = 1
}

function rowOf(figures: Figures | undefined, command: string): string {
  if (figures === undefined) return `| \`${command}\` | **never run** | | |`
  const { title, held, date, load, machine } = figures
  return `| [${title}](#${title.toLowerCase().replaceAll(' ', '-')}) | ${held ? 'yes' : '**NO**'} | ${date.slice(0, 10)} | ${load.join(' to ')}, ${machine.split(' ')[0]} |`
}

function sectionOf(figures: Figures | undefined, command: string): string {
  if (figures === undefined) return `## ${command}\n\nNever run.\n`
  const [head = [], ...rows] = figures.table
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `## ${figures.title}

${sentence(figures.claim)}: **${figures.held ? 'held' : 'did not hold'}**.

${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}

${figures.notes.map((note) => `- ${note}`).join('\n')}
- \`${figures.command}\`, ended ${figures.date.slice(0, 16).replace('T', ' ')} UTC, load average ${figures.load.join(' to ')}; ${figures.machine}.
`
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
