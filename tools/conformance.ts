// Runs the ports of the OpenID Foundation's conformance modules and writes docs/conformance.md from the results. Fails where
// a module fails, or where none of its name ran.
import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { basicOp, configOp, dpopNegatives } from '../test/conformance/modules.ts'
import { type ConformanceResult, renderConformancePage } from './conformance-page.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = new Set<string>([...basicOp, ...configOp].map(({ name }) => name))
const cases = new Set(dpopNegatives)

const results = new Map<string, ConformanceResult>()
const failures: string[] = []

/** The module or case that a test is; undefined for the others of the same files. */
function nameOf(test: string): string | undefined {
  if (modules.has(test)) return test
  const name = test.replace(/^R07: /, '')
  return cases.has(name) ? name : undefined
}

const files = [...globSync('test/conformance/*.test.ts', { cwd: root }), 'test/rfc/9449-dpop.test.ts']
const stream = run({
  cwd: root,
  files: files.map((file) => join(root, file)),
  concurrency: 2,
  timeout: 120_000,
})
for await (const { type, data } of stream) {
  if (type === 'test:pass') {
    const name = nameOf(data.name)
    if (name !== undefined && !results.has(name)) results.set(name, { result: 'passed' })
  } else if (type === 'test:fail') {
    const name = nameOf(data.name)
    if (name !== undefined) results.set(name, { result: 'failed' })
    failures.push(`${data.name}: ${data.details.error.message}`)
  } else if (type === 'test:diagnostic') {
    const [, name = '', result, why = ''] = /^(\S+): (warning|skipped): (.+)$/.exec(data.message) ?? []
    if (modules.has(name) && results.get(name)?.result !== 'failed')
      results.set(name, { result: result === 'warning' ? 'warning' : 'skipped', why })
  }
}

writeFileSync(join(root, 'docs/conformance.md'), renderConformancePage(results))
console.log(
  `wrote docs/conformance.md: ${results.size} of ${modules.size + cases.size} modules and cases ran`,
)
for (const failure of failures) console.error(failure)
if (failures.length > 0 || results.size < modules.size + cases.size) process.exitCode = 1
