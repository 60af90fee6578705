// Writes what is generated from the code: docs/configuration.md, docs/problems.md, docs/advisories.md, docs/audit-rules.md, docs/sallyport.1, schema/sallyport.schema.json.
// With --check it writes nothing and fails where a file is not what would be written.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { documentRules } from '../src/audit/rule-page.ts'
import { commands } from '../src/cli/commands.ts'
import { manPage } from '../src/cli/man-page.ts'
import { documentConfig } from '../src/config/document/document-config.ts'
import { editorSchema } from '../src/config/document/editor-schema.ts'
import { problems } from '../src/kernel/problem.ts'
import { documentAdvisories } from './advisories/advisory-page.ts'
import { testsByName } from './advisories/tests-by-name.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

function documentProblems(): string {
  const rows = Object.entries(problems).map(
    ([code, { status, title, close }]) =>
      `| \`${code}\` | ${status} | ${title} | ${close === true ? 'closed' : ''} |`,
  )
  return `${[
    '# Problems',
    'Every refusal Sallyport makes, as `application/problem+json` (RFC 9457). The word before the first underscore is the stage that refused. Codes are never renumbered and never reused. This page is generated from the table the gateway uses.',
    ['| code | status | title | connection |', '|---|---|---|---|', ...rows].join('\n'),
  ].join('\n\n')}\n`
}

const generated: readonly (readonly [string, string])[] = [
  ['docs/configuration.md', documentConfig()],
  ['docs/problems.md', documentProblems()],
  ['docs/advisories.md', documentAdvisories(testsByName(root))],
  ['docs/audit-rules.md', documentRules()],
  ['docs/sallyport.1', manPage(commands)],
  ['schema/sallyport.schema.json', `${JSON.stringify(editorSchema(), null, 2)}\n`],
]

const check = process.argv.includes('--check')
for (const [name, text] of generated) {
  const file = join(root, name)
  if (check) {
    if (read(file) === text) continue
    console.error(`${name} is not what the code says: run \`npm run docs\``)
    process.exitCode = 1
  } else {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    console.log(`wrote ${name}`)
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
